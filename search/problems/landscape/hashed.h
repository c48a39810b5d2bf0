#pragma once
// Numbers that are drawn by hashing: the same for the same name, in any order and on any machine.

#include <cstdint>

#include "core/random.h"

namespace tonne {

/// Uniform on [0, 1), named by `bits`.
[[nodiscard]] inline double hashed_uniform(std::uint64_t bits) {
  return static_cast<double>(mix_bits(bits) >> 11U) * 0x1.0p-53;
}
/// Uniform on (0, 1), named by `bits`.
[[nodiscard]] inline double hashed_open_uniform(std::uint64_t bits) {
  return (static_cast<double>(mix_bits(bits) >> 12U) + 0.5) * 0x1.0p-52;
}
/// Standard normal, named by `bits`.
[[nodiscard]] inline double hashed_normal(std::uint64_t bits) {
  return normal_quantile(hashed_open_uniform(bits));
}

}  // namespace tonne
