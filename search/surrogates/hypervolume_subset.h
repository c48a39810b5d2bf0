#pragma once
// Which of some points of a front stand for it.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/problem.h"

namespace tonne {

struct HypervolumeSubset {
  std::vector<std::uint32_t> chosen;  ///< indices of points, in the order of choice
  double operations =
      0.0;  ///< floating-point operations, by formula: 8 m s log2(s + 1) for a volume of s points
};

/// The points that greedily, one by one, add the most hypervolume below the reference (Guerreiro, Fonseca and
/// Paquete 2016, "Greedy Hypervolume Subset Selection in Low Dimensions": at least 1 - 1/e of the best
/// subset's volume); the first among equals. What a point adds never grows with what is chosen, so most
/// points need no new volume (Minoux 1978). With a reference that is not finite: the first points.
/// Precondition: count <= points.
[[nodiscard]] HypervolumeSubset hypervolume_subset(std::span<const Objectives> points, std::size_t count,
                                                   const Objectives& reference);

/// A reference point a tenth behind the worst of each objective (Optuna: MOTPE, and NSGA-III's sampler).
[[nodiscard]] Objectives reference_behind(std::span<const Objectives> points);

}  // namespace tonne
