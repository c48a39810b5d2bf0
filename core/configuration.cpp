#include "core/configuration.h"

#include <bit>

#include "core/random.h"

namespace tonne {

std::uint64_t Configuration::digest() const {
  const double* const value = values();
  std::uint64_t hash = mix_bits(size_);
  for (std::size_t i = 0; i < size_; ++i) {
    // The second term tells an inactive parameter from one whose value is 0.
    hash = mix_bits(hash ^ std::bit_cast<std::uint64_t>(value[i])) + (is_active(i) ? 1U : 0U);
  }
  return mix_bits(hash);
}

// With the size of `other` set already.
void Configuration::copy_many(const Configuration& other) {
  if (!other.many_) {
    many_.reset();
    return;
  }
  many_ = std::make_unique<double[]>(numbers());
  std::copy_n(other.many_.get(), numbers(), many_.get());
}

}  // namespace tonne
