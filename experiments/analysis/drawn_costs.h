#pragma once
// What the searches of a board emit at each draw of what is uncertain. The draws are common to the
// strategies: draw k is one grid and one machine for all of them.

#include <string>
#include <vector>

#include "experiments/analysis/leaderboard.h"

namespace tonne {

class Store;

/// Of one board; empty where none of its figures is uncertain.
struct DrawnCosts {
  /// kilograms[row][draw]: mean CO2e of a search, rows as in the leaderboard.
  std::vector<std::vector<double>> kilograms;
  [[nodiscard]] std::size_t draws() const { return kilograms.empty() ? 0 : kilograms.front().size(); }
};

/// Beside leaderboards(store), which are `boards`. Throws StoreError when variants are missing.
[[nodiscard]] std::vector<DrawnCosts> drawn_costs(const Store& store, const std::vector<Leaderboard>& boards);

/// Parts of the draws, 0 to 1.
struct OrderOfDraws {
  std::size_t cheapest = 0;    ///< the row that emits least with all figures at their medians
  double cheapest_in = 0.0;    ///< in how many of the draws it does too
  double same_order_in = 0.0;  ///< in how many the order of all rows by CO2e is that of the medians
  std::size_t most_gain = 0;   ///< the row with the largest gain per tonne
  double most_gain_in = 0.0;   ///< in how many of the draws it has it too
  std::size_t gaining = 0;     ///< rows that have a gain per tonne at all
};
/// Preconditions: as many rows as the leaderboard, two or more, and draws.
[[nodiscard]] OrderOfDraws order_of_draws(const DrawnCosts& costs, const Leaderboard& board);

}  // namespace tonne
