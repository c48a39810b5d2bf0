#include "search/problems/landscape/enumerate.h"

#include <algorithm>
#include <cstddef>

namespace tonne {

double lowest_true_value(const Problem& problem) {
  const SearchSpace& space = problem.space();
  Configuration all(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) all.set(i, 0.0);
  double best = problem.true_value(all);
  for (std::size_t i = 0; i < space.size();) {
    best = std::min(best, problem.true_value(all));
    for (i = 0; i < space.size(); ++i) {
      if (all[i] + 1.0 < static_cast<double>(*cardinality(space[i].domain))) {
        all.set(i, all[i] + 1.0);
        break;
      }
      all.set(i, 0.0);
    }
  }
  return best;
}

}  // namespace tonne
