#include "core/configuration.h"

#include <bit>

#include "core/random.h"

namespace tonne {

std::uint64_t Configuration::digest() const {
  const double* const value = values();
  std::uint64_t hash = mix_bits(size_);
  // The second term tells an inactive parameter from one whose value is 0.
  const auto take = [&](std::size_t i, std::uint64_t active) {
    hash = mix_bits(hash ^ std::bit_cast<std::uint64_t>(value[i])) + active;
  };
  std::uint64_t active = active_;
  for (std::size_t i = 0; i < std::min(size_, kBits); ++i, active >>= 1U) take(i, active & 1U);
  for (std::size_t i = kBits; i < size_; ++i) take(i, is_active(i) ? 1 : 0);
  return mix_bits(hash);
}

void Configuration::copy_many(const Configuration& other) {
  if (!other.many_) {
    many_.reset();
    return;
  }
  auto copy = std::make_unique<double[]>(other.numbers());
  std::copy_n(other.many_.get(), other.numbers(), copy.get());
  many_ = std::move(copy);
}

}  // namespace tonne
