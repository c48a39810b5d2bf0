#pragma once
// A board's curves over cost as the JSON that stands in report.html (assets/report.js draws it).

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "experiments/analysis/anytime.h"

namespace tonne {

/// Mean incumbent by cost, for each cost axis on which anything was spent.
[[nodiscard]] nlohmann::ordered_json curves_data(const BoardCurves& curves);
/// Attainment surfaces: [strategy][level] of points, thinned to what a chart shows.
[[nodiscard]] nlohmann::ordered_json attainment_data(const Board& board, const BoardCurves& curves);
/// Mean rank by CO2e.
[[nodiscard]] nlohmann::ordered_json ranks_data(const RankTable& ranks);

}  // namespace tonne
