#pragma once
// What the charts of a report show, on the page and in files alike, and what the files are called.

#include <string>
#include <vector>

#include "experiments/analysis/anytime.h"
#include "experiments/analysis/board.h"

namespace tonne {

/// The part of the curves over a cost that is worth looking at.
struct AnytimeWindow {
  double from = 0.0;             ///< cost
  double low = 0.0, high = 0.0;  ///< value
  bool shows_default = false;    ///< the default configuration's value lies inside
};
/// Values: those from a tenth of the cost on, since a first random candidate may be so bad that all else
/// would be one line; and the default configuration unless that, too, would flatten the rest. Costs: from
/// where every strategy has begun and the first curve comes into sight, but at least the last decade. The
/// table has costs.
[[nodiscard]] AnytimeWindow anytime_window(const CurveTable& table, double default_value);

/// The costs in which the strategies differ, for a chart of values against a cost: not what the budget names,
/// which all of them spend, nor what is proportional to it. Empty: they spend the same of everything. In the
/// order of preference.
[[nodiscard]] std::vector<CostAxis> costs_that_differ(const Board& board);

/// For each board the beginning of its charts' file names: "cell_nas-cifar10". Letters, digits and "._-"
/// only, and all of them different, even where upper and lower case are one.
[[nodiscard]] std::vector<std::string> chart_names(const std::vector<Board>& boards);

}  // namespace tonne
