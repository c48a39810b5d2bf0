#pragma once
// A board's curves over cost as the JSON that stands in report.html (assets/report.js draws it).

#include <optional>

#include "core/json_fwd.h"
#include "experiments/analysis/anytime.h"

namespace tonne {

/// Mean incumbent by cost, for each cost axis on which anything was spent, and what of it a chart shows.
[[nodiscard]] Json curves_data(const BoardCurves& curves, double default_value);
/// Attainment surfaces: [strategy][level] of points, thinned to what a chart shows.
[[nodiscard]] Json attainment_data(const Board& board, const BoardCurves& curves);
/// Mean rank by CO2e.
[[nodiscard]] Json ranks_data(const RankTable& ranks);

}  // namespace tonne
