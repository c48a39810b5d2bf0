#pragma once
// One point of a search space: a flat vector of values, small, hashable, cheap to copy.

#include <boost/container/small_vector.hpp>
#include <cassert>
#include <cstddef>
#include <cstdint>

namespace tonne {

/// The value of each parameter, in the order of the search space. A real or integer parameter holds its number,
/// a categorical or ordinal one the index of its choice. An inactive parameter (its condition does not hold) is
/// marked as such and its value reads 0; it takes no part in equality or digest beyond being inactive.
class Configuration {
 public:
  Configuration() = default;
  /// All parameters inactive.
  explicit Configuration(std::size_t size) : values_(size, 0.0), active_(size, std::uint8_t{0}) {}

  [[nodiscard]] std::size_t size() const { return values_.size(); }
  [[nodiscard]] bool is_active(std::size_t i) const { return active_[i] != 0; }
  [[nodiscard]] double operator[](std::size_t i) const { return values_[i]; }
  /// The index of the choice of an active categorical or ordinal parameter.
  [[nodiscard]] std::size_t index(std::size_t i) const {
    assert(is_active(i));
    return static_cast<std::size_t>(values_[i]);
  }

  void set(std::size_t i, double value) {
    values_[i] = value + 0.0;  // -0 and +0 are one value
    active_[i] = 1;
  }
  void deactivate(std::size_t i) {
    values_[i] = 0.0;
    active_[i] = 0;
  }

  /// 64-bit digest of values and activity; equal configurations have equal digests on every machine.
  [[nodiscard]] std::uint64_t digest() const;

  friend bool operator==(const Configuration& a, const Configuration& b) {
    return a.values_ == b.values_ && a.active_ == b.active_;
  }

 private:
  boost::container::small_vector<double, 8> values_;
  boost::container::small_vector<std::uint8_t, 8> active_;
};

}  // namespace tonne
