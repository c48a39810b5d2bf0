#include "search/strategies/sampling/latin_hypercube_design.h"

#include <numeric>
#include <utility>

#include "search/strategies/sampling/moves.h"

namespace tonne {

LatinHypercubeDesign::LatinHypercubeDesign(const SearchSpace& space, std::size_t points, Random random)
    : space_(space), points_(points), permutations_(space.size(), std::vector<std::uint32_t>(points)) {
  for (auto& permutation : permutations_) {
    std::iota(permutation.begin(), permutation.end(), 0U);
    for (std::size_t i = points_; i > 1; --i) std::swap(permutation[i - 1], permutation[random.below(i)]);
  }
}

Configuration LatinHypercubeDesign::point(std::size_t i, Random& random) const {
  std::vector<double> u(permutations_.size());
  for (std::size_t j = 0; j < u.size(); ++j)
    u[j] = (static_cast<double>(permutations_[j][i]) + random.uniform()) / static_cast<double>(points_);
  return configuration_at(space_, u);
}

}  // namespace tonne
