#include "experiments/report/report_charts.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "experiments/report/report_data.h"
#include "experiments/report/svg.h"

namespace tonne {
namespace {

constexpr std::size_t kMostBands = 6;

std::string value_name(const Board& board) {
  return board.traits.objective + (board.traits.unit.empty() ? "" : ", " + board.traits.unit);
}

std::string anytime_svg(const Board& board, const BoardCurves& curves) {
  const CurveTable table = mean_curves(curves, CostAxis::carbon);
  LineChart chart;
  chart.title = "What a search has found by a cost: " + board.traits.label;
  chart.x_label = "kg CO2e";
  chart.y_label = value_name(board);
  chart.log_x = true;
  chart.lines = {{board.traits.default_true_value, "default configuration"}};
  double low = board.traits.default_true_value, high = low;
  for (std::size_t s = 0; s < table.strategies.size(); ++s) {
    const MeanCurve& curve = table.strategies[s];
    ChartSeries& series = chart.series.emplace_back();
    series.name = board.strategies[s].label;
    // Many bands are one grey.
    const bool bands = curve.searches > 1 && table.strategies.size() <= kMostBands;
    for (std::size_t c = 0; c < table.costs.size(); ++c) {
      if (!curve.mean[c]) continue;
      series.x.push_back(table.costs[c]);
      series.y.push_back(*curve.mean[c]);
      if (bands) {
        series.low.push_back(*curve.low[c]);
        series.high.push_back(*curve.high[c]);
      }
      if (table.costs[c] < 0.1 * table.costs.back())
        continue;  // as in the page: the beginning would flatten all else
      low = std::min(low, *curve.mean[c]);
      high = std::max(high, *curve.mean[c]);
    }
  }
  const double pad = 0.15 * (high > low ? high - low : std::max(1e-9, std::abs(high)));
  chart.y_low = low - pad;
  chart.y_high = high + pad;
  return line_chart_svg(chart);
}

std::string pareto_svg(const Board& board) {
  ScatterChart chart;
  chart.title = "What a search ended with, and what that cost: " + board.traits.label;
  chart.x_label = "kg CO2e of a search, mean";
  chart.y_label = value_name(board);
  chart.higher_is_better = board.traits.direction == Direction::maximise;
  for (const LeaderboardRow& row : board.leaderboard.rows)
    if (row.value)
      chart.points.push_back(
          {row.strategy, row.search.carbon() / kilogram, row.value->mean, row.value->low, row.value->high});
  return scatter_chart_svg(chart);
}

std::string carbon_svg(const Board& board) {
  BarChart chart;
  chart.title = "Where the carbon comes from: " + board.traits.label;
  chart.x_label = "kg CO2e of a search, mean";
  const auto shown = static_cast<std::ptrdiff_t>(shown_breakdown_lines(board));
  chart.parts.assign(kBreakdownLines.begin(), kBreakdownLines.begin() + shown);
  for (const BoardStrategy& strategy : board.strategies) {
    chart.rows.push_back(strategy.label);
    const auto kilograms = carbon_breakdown(strategy);
    chart.values.emplace_back(kilograms.begin(), kilograms.begin() + shown);
  }
  return bar_chart_svg(chart);
}

}  // namespace

std::optional<std::string> ranking_svg(const Board& board, const Comparison& comparison) {
  if (!comparison.ranking) return std::nullopt;
  RankChart chart;
  chart.title = "Mean ranks over the seeds: " + board.traits.label;
  for (const BoardStrategy& strategy : board.strategies) chart.names.push_back(strategy.label);
  chart.mean_ranks = comparison.ranking->mean_ranks;
  chart.groups = comparison.groups;
  chart.critical_difference = comparison.critical_difference;
  return rank_chart_svg(chart);
}

std::vector<ChartFile> board_charts(const std::string& id, const Board& board, const BoardCurves& curves,
                                    const Comparison& comparison) {
  std::vector<ChartFile> charts;
  charts.push_back({id + "-anytime.svg", anytime_svg(board, curves)});
  charts.push_back({id + "-pareto.svg", pareto_svg(board)});
  charts.push_back({id + "-carbon.svg", carbon_svg(board)});
  if (auto ranking = ranking_svg(board, comparison))
    charts.push_back({id + "-ranking.svg", std::move(*ranking)});
  return charts;
}

}  // namespace tonne
