#pragma once
// One point of a search space: a flat vector of values, small, hashable, cheap to copy.

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace tonne {

/// The value of each parameter, in the order of the search space. A real or integer parameter holds its number,
/// a categorical or ordinal one the index of its choice. An inactive parameter (its condition does not hold) is
/// marked as such and its value reads 0; it takes no part in equality or digest beyond being inactive.
///
/// Up to 8 parameters stand in the object itself. One that was moved from is empty.
class Configuration {
 public:
  Configuration() = default;
  /// All parameters inactive.
  explicit Configuration(std::size_t size) : size_(size) {
    if (size > kFew) many_ = std::make_unique<double[]>(numbers());
  }
  /// All parameters active, with what `value_of` gives for each number, in their order.
  template <class Function>
  [[nodiscard]] static Configuration filled(std::size_t size, Function&& value_of) {
    Configuration configuration(size);
    double* const value = configuration.values();
    for (std::size_t i = 0; i < size; ++i) value[i] = value_of(i) + 0.0;
    configuration.active_ = size < kBits ? (std::uint64_t{1} << size) - 1 : ~std::uint64_t{0};
    std::fill(value + size, value + std::max(size, configuration.numbers()), 1.0);
    return configuration;
  }
  Configuration(const Configuration& other) : size_(other.size_), active_(other.active_), few_(other.few_) {
    if (other.many_) copy_many(other);
  }
  Configuration(Configuration&& other) noexcept
      : size_(std::exchange(other.size_, 0)),
        active_(std::exchange(other.active_, 0)),
        few_(other.few_),
        many_(std::move(other.many_)) {}
  Configuration& operator=(const Configuration& other) {
    if (this == &other) return *this;
    if (many_ && size_ == other.size_)
      std::copy_n(other.many_.get(), numbers(), many_.get());
    else if (many_ || other.many_)
      copy_many(other);  // may throw: nothing has changed then
    size_ = other.size_;
    active_ = other.active_;
    few_ = other.few_;
    return *this;
  }
  Configuration& operator=(Configuration&& other) noexcept {
    if (this == &other) return *this;
    size_ = std::exchange(other.size_, 0);
    active_ = std::exchange(other.active_, 0);
    few_ = other.few_;
    if (many_ || other.many_) many_ = std::move(other.many_);
    return *this;
  }
  ~Configuration() = default;

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool is_active(std::size_t i) const {
    return i < kBits ? ((active_ >> i) & 1U) != 0 : many_[size_ + i - kBits] != 0.0;
  }
  [[nodiscard]] double operator[](std::size_t i) const { return values()[i]; }
  /// The index of the choice of an active categorical or ordinal parameter.
  [[nodiscard]] std::size_t index(std::size_t i) const {
    assert(is_active(i));
    return static_cast<std::size_t>(static_cast<std::int64_t>(values()[i]));  // signed: one instruction
  }

  void set(std::size_t i, double value) {
    values()[i] = value + 0.0;  // -0 and +0 are one value
    if (i < kBits)
      active_ |= std::uint64_t{1} << i;
    else
      many_[size_ + i - kBits] = 1.0;
  }
  void deactivate(std::size_t i) {
    values()[i] = 0.0;
    if (i < kBits)
      active_ &= ~(std::uint64_t{1} << i);
    else
      many_[size_ + i - kBits] = 0.0;
  }

  /// 64-bit digest of values and activity; equal configurations have equal digests on every machine.
  [[nodiscard]] std::uint64_t digest() const;

  friend bool operator==(const Configuration& a, const Configuration& b) {
    if (a.size_ != b.size_ || a.active_ != b.active_) return false;
    return a.many_ ? std::equal(a.many_.get(), a.many_.get() + a.numbers(), b.many_.get()) : a.few_ == b.few_;
  }

 private:
  static constexpr std::size_t kFew = 8;
  static constexpr std::size_t kBits = 64;

  [[nodiscard]] const double* values() const { return many_ ? many_.get() : few_.data(); }
  [[nodiscard]] double* values() { return many_ ? many_.get() : few_.data(); }
  // In many_: the values, then 1 or 0 for each parameter after the first 64, active or not.
  [[nodiscard]] std::size_t numbers() const { return size_ + (size_ > kBits ? size_ - kBits : 0); }
  void copy_many(const Configuration& other);

  std::size_t size_ = 0;
  std::uint64_t active_ = 0;  // a bit for each of the first 64 parameters
  std::array<double, kFew> few_{};
  std::unique_ptr<double[]> many_;  // of more than 8 parameters
};

}  // namespace tonne
