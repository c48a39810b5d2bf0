#include "search/problems/networks/cell_basins.h"

#include <cstddef>

namespace tonne::cell_nas {
namespace {

/// The best of a cell's neighbours and itself.
std::size_t best_around(const CellSet& cells, const std::vector<double>& values, std::size_t i) {
  std::size_t best = i;
  cells.for_each_neighbour(i, [&](std::size_t j) {
    if (values[j] > values[best]) best = j;
  });
  return best;
}

}  // namespace

Basins basins_of(const CellSet& cells, const std::vector<double>& values,
                 const std::vector<std::size_t>& ascending) {
  const std::size_t n = cells.size();
  const double best = values[ascending.back()];
  const auto top = static_cast<std::size_t>(0.99 * static_cast<double>(n));
  Basins result;
  std::vector<std::size_t> end(n);
  // From the best downwards: the end of a better cell's ascent is known.
  for (std::size_t k = n; k-- > 0;) {
    const std::size_t i = ascending[k];
    const std::size_t next = best_around(cells, values, i);
    end[i] = next == i ? i : end[next];
    if (next == i) result.local_optima += 1.0;
    if (k >= top) result.gain += (values[next] - values[i]) / static_cast<double>(n - top);
    const double regret = best - values[end[i]];
    const double share = 1.0 / static_cast<double>(n);
    result.regret += regret * share;
    if (end[i] == ascending.back()) result.ascents += share;
    if (regret <= 0.25) result.within_quarter += share;
    if (regret <= 0.5) result.within_half += share;
  }
  const double least = values[ascending[top]];
  cells.for_each_neighbour(ascending.back(), [&](std::size_t j) {
    if (values[j] >= least) result.neighbours += 1.0 / static_cast<double>(cells.neighbours());
  });
  return result;
}

}  // namespace tonne::cell_nas
