#pragma once
// The strategies of a board against one of them that everybody knows, usually random search.

#include <optional>
#include <string>
#include <vector>

#include "experiments/analysis/leaderboard.h"

namespace tonne {

/// Mean of a search with the strategy less mean of a search with the baseline.
struct BaselineDifference {
  std::string strategy;
  double value = 0.0;      ///< positive: better, in the objective's unit
  double kilograms = 0.0;  ///< CO2e
  std::optional<double> dollars;  ///< none where no price is known
};
struct BaselineTable {
  std::string baseline;                  ///< label
  std::vector<BaselineDifference> rows;  ///< of the others, in the leaderboard's order
};

/// The label that the experiment names, else of the first strategy that is random search; empty: none.
[[nodiscard]] std::string baseline_label(const std::string& named,
                                         const std::vector<StoredStrategy>& strategies);

/// None where the board lacks the baseline or has no other strategy.
[[nodiscard]] std::optional<BaselineTable> against_baseline(const Leaderboard& board,
                                                            const std::string& baseline);

/// "+0.29", "-0.051", "0": a difference of two values, with its sign.
[[nodiscard]] std::string signed_difference(double difference, const std::string& unit);
/// "points" between percentages, "nats", "units of loss" where the objective has no unit.
[[nodiscard]] std::string difference_unit(const Leaderboard& board);
/// "Against random: tpe +0.29 points, -300 g CO2e, +0.02 USD; gp ...". Without dollars where no price is known.
[[nodiscard]] std::string baseline_sentence(const BaselineTable& table, const Leaderboard& board);

}  // namespace tonne
