#pragma once
// What uncertain figures leave open: intervals below the leaderboard's rows, a tornado, and whether the
// answer would turn.

#include <optional>

#include "experiments/analysis/drawn_costs.h"
#include "experiments/report/report_view.h"

namespace tonne {

/// Puts a line below each row that has a spread: in the columns of energy, CO2e, money, gain per tonne and
/// overhead the interval that holds most of the draws.
void add_intervals(TextTable& leaderboard, const Leaderboard& board);

/// Of the leading strategy, whose tornado stands for the others'; none where no figure is uncertain. `costs`
/// is empty where the draws are not at hand: then the sentence speaks of intervals alone.
[[nodiscard]] std::optional<SpreadView> spread_view(const Leaderboard& board, const DrawnCosts& costs);

/// "with all figures at their medians random emits least; it does too in 93 % of 256 draws": whether ranks by
/// CO2e and gain per tonne, payback, or search against default would be others.
[[nodiscard]] std::string turning_text(const Leaderboard& board, const DrawnCosts& costs);

}  // namespace tonne
