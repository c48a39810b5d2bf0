#include "core/configuration.h"

#include <bit>

#include "core/random.h"

namespace tonne {

std::uint64_t Configuration::digest() const {
  std::uint64_t hash = mix_bits(size());
  for (std::size_t i = 0; i < size(); ++i) {
    // The second term tells an inactive parameter from one whose value is 0.
    hash = mix_bits(hash ^ std::bit_cast<std::uint64_t>(values_[i])) + active_[i];
  }
  return mix_bits(hash);
}

}  // namespace tonne
