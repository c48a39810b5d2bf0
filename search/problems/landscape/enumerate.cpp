#include "search/problems/landscape/enumerate.h"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace tonne {

void for_each_configuration(const SearchSpace& space,
                            const std::function<void(const Configuration&)>& visit) {
  Configuration all(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) all.set(i, 0.0);
  for (std::size_t i = 0; i < space.size();) {
    visit(all);
    for (i = 0; i < space.size(); ++i) {
      if (all[i] + 1.0 < static_cast<double>(*cardinality(space[i].domain))) {
        all.set(i, all[i] + 1.0);
        break;
      }
      all.set(i, 0.0);
    }
  }
}

double lowest_true_value(const Problem& problem) {
  double best = std::numeric_limits<double>::infinity();
  for_each_configuration(problem.space(), [&](const Configuration& configuration) {
    best = std::min(best, problem.true_value(configuration));
  });
  return best;
}

}  // namespace tonne
