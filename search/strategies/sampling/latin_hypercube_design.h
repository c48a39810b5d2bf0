#pragma once
// A Latin hypercube: the whole of one strategy, the beginning of others.

#include <cstdint>
#include <vector>

#include "core/random.h"
#include "core/search_space.h"

namespace tonne {

/// A design of N points (McKay, Beckman and Conover 1979): each of N strata of each parameter holds one
/// point, x_ij = (pi_j(i) + U_ij) / N with a random permutation pi_j for each parameter.
class LatinHypercubeDesign {
 public:
  /// Draws the permutations (Fisher and Yates' shuffle). Precondition: points >= 1.
  LatinHypercubeDesign(const SearchSpace& space, std::size_t points, Random random);
  [[nodiscard]] std::size_t size() const { return points_; }
  /// Point i < size(); its place within its strata is drawn.
  [[nodiscard]] Configuration point(std::size_t i, Random& random) const;

 private:
  const SearchSpace& space_;
  std::size_t points_;
  std::vector<std::vector<std::uint32_t>> permutations_;  // pi_j
};

}  // namespace tonne
