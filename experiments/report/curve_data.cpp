#include "experiments/report/curve_data.h"

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <utility>

#include "core/json.h"
#include "experiments/report/chart_choices.h"

namespace tonne {
namespace {

// Seven digits are more than any chart shows; they halve the file.
Json rounded(double value) {
  return std::isfinite(value) ? Json(std::stod(fmt::format("{:.7g}", value))) : Json();
}
Json rounded(const std::optional<double>& value) {
  return value ? rounded(*value) : Json();
}
Json rounded_list(const auto& values) {
  Json list = Json::array();
  for (const auto& value : values) list.push_back(rounded(value));
  return list;
}

}  // namespace

Json curves_data(const BoardCurves& curves, double default_value) {
  Json axes = Json::object();
  for (std::size_t axis = 0; axis < kCostAxes; ++axis) {
    const CurveTable table = mean_curves(curves, static_cast<CostAxis>(axis));
    if (table.costs.size() < 2) continue;  // nothing of that was spent
    Json series = Json::array();
    for (const MeanCurve& curve : table.strategies)
      series.push_back({{"mean", rounded_list(curve.mean)},
                        {"low", rounded_list(curve.low)},
                        {"high", rounded_list(curve.high)},
                        {"running", curve.running},
                        {"seeds", curve.searches}});
    const AnytimeWindow window = anytime_window(table, default_value);
    axes[std::string(kCostAxisNames[axis])] = {{"x", rounded_list(table.costs)},
                                               {"series", series},
                                               {"window",
                                                {{"from", rounded(window.from)},
                                                 {"low", rounded(window.low)},
                                                 {"high", rounded(window.high)},
                                                 {"default", window.shows_default}}}};
  }
  return axes;
}

Json attainment_data(const Board& board, const BoardCurves& curves) {
  constexpr std::size_t kMostCorners = 150;
  Json strategies = Json::array();
  for (const auto& searches : curves) {
    Json levels = Json::array();
    for (const AttainmentLevel& level : attainment(board, searches)) {
      Json x = Json::array(), y = Json::array();
      const std::size_t stride = level.values.size() / kMostCorners + 1;
      for (std::size_t i = 0; i < level.values.size(); ++i) {
        if (i % stride != 0 && i + 1 != level.values.size()) continue;
        x.push_back(rounded(level.kilograms[i]));
        y.push_back(rounded(level.values[i]));
      }
      levels.push_back({{"part", level.part}, {"x", x}, {"y", y}});
    }
    strategies.push_back(std::move(levels));
  }
  return strategies;
}

Json ranks_data(const RankTable& ranks) {
  Json lines = Json::array();
  for (const auto& line : ranks.mean) lines.push_back(rounded_list(line));
  return {{"x", rounded_list(ranks.kilograms)}, {"mean", lines}};
}

}  // namespace tonne
