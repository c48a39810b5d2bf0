#pragma once
// Where steepest ascents on a space of cells end.

#include <vector>

#include "search/problems/networks/cell_set.h"

namespace tonne::cell_nas {

struct Basins {
  double local_optima = 0.0;    ///< cells that no edit improves, those of the lowest value included
  double ascents = 0.0;         ///< share of the cells from which the steepest ascent ends at the best
  double within_quarter = 0.0;  ///< .. within 0.25 of it, in the values' unit
  double within_half = 0.0;
  double regret = 0.0;      ///< mean of the ends'
  double neighbours = 0.0;  ///< share of the best cell's neighbours in the top 1 %
  double gain = 0.0;        ///< mean gain of the best neighbour among the top 1 %, 0 at an optimum
};

/// `ascending`: the cells' numbers in the order of their values.
[[nodiscard]] Basins basins_of(const CellSet& cells, const std::vector<double>& values,
                               const std::vector<std::size_t>& ascending);

}  // namespace tonne::cell_nas
