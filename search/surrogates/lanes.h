#pragma once
// Four doubles in a register, so that loops are vector instructions with every compiler and in a written
// order.

#include <cstddef>
#include <cstring>

namespace tonne {

inline constexpr std::size_t kLaneCount = 4;

/// Operators work by lane (vector extensions of g++ and clang); each lane rounds as a double does.
using Lanes = double __attribute__((vector_size(kLaneCount * sizeof(double))));

[[nodiscard]] inline Lanes lanes_at(const double* x) {
  Lanes lanes;
  std::memcpy(&lanes, x, sizeof lanes);
  return lanes;
}
inline void put_lanes(double* x, Lanes lanes) {
  std::memcpy(x, &lanes, sizeof lanes);
}

}  // namespace tonne
