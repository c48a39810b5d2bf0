#include "experiments/report/report_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <ranges>
#include <utility>

#include "experiments/report/board_facts.h"
#include "experiments/report/report_data.h"
#include "experiments/report/svg.h"
#include "experiments/report/svg_charts.h"

namespace tonne {
namespace {

constexpr std::size_t kMostBands = 6;

std::string anytime_svg(const Board& board, const BoardCurves& curves) {
  const CurveTable table = mean_curves(curves, CostAxis::carbon);
  LineChart chart;
  chart.title = "Incumbent against cost: " + board.traits.label;
  chart.x_label = "kg CO2e";
  chart.y_label = value_heading(board);
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
  chart.title = "Final value against cost: " + board.traits.label;
  chart.x_label = "kg CO2e per search, mean";
  chart.y_label = value_heading(board);
  chart.higher_is_better = board.traits.direction == Direction::maximise;
  for (const LeaderboardRow& row : board.leaderboard.rows)
    chart.points.push_back(
        {row.strategy, row.search.carbon() / kilogram, row.value.mean, row.value.low, row.value.high});
  return scatter_chart_svg(chart);
}

std::string carbon_svg(const Board& board) {
  BarChart chart;
  chart.title = "Where the carbon comes from: " + board.traits.label;
  chart.x_label = "kg CO2e per search, mean";
  const auto shown = static_cast<std::ptrdiff_t>(shown_breakdown_lines(board));
  for (const BreakdownLine& line : kBreakdownLines | std::views::take(shown))
    chart.parts.emplace_back(line.label);
  for (const BoardStrategy& strategy : board.strategies) {
    chart.rows.push_back(strategy.label);
    const auto kilograms = carbon_breakdown(strategy);
    chart.values.emplace_back(kilograms.begin(), kilograms.begin() + shown);
  }
  return bar_chart_svg(chart);
}

std::string waterfall_svg(const Board& board) {
  const BoardStrategy& best = board.strategies.front();
  WaterfallChart chart;
  chart.title = fmt::format("CO2e of a search step by step: {} on {}", best.label, board.traits.label);
  chart.x_label = "kg CO2e per search, mean";
  chart.total_name = "total";
  for (const CarbonStep& step : carbon_steps(best)) chart.steps.push_back({step.name, step.kilograms});
  return waterfall_chart_svg(chart);
}

std::optional<std::string> forest_svg(const Board& board, const Comparison& comparison) {
  ForestChart chart;
  chart.title =
      fmt::format("{} against the other strategies: {}", board.strategies.front().label, board.traits.label);
  chart.x_label = fmt::format("{}: {} in favour of {}", board.traits.objective, difference_unit(board),
                              board.strategies.front().label);
  chart.reference = 0.0;
  for (const Rivalry& rival : comparison.rivals)
    if (rival.difference.low)
      chart.rows.push_back({board.strategies[rival.other].label, rival.difference.value,
                            *rival.difference.low, *rival.difference.high});
  return chart.rows.empty() ? std::nullopt : std::optional(forest_chart_svg(chart));
}

// How far below the best each search ends: of the space where that is known, else of all searches.
std::optional<std::string> profile_svg(const Board& board) {
  const bool up = board.traits.direction == Direction::maximise;
  std::optional<double> best = board.traits.optimum;
  const auto better = [&](double value) { return !best || (up ? value > *best : value < *best); };
  for (const BoardStrategy& strategy : board.strategies)
    for (const BoardSearch& search : strategy.searches)
      if (search.value && better(*search.value)) best = search.value;
  if (!best) return std::nullopt;
  ProfileChart chart;
  chart.title = "Reliability: " + board.traits.label;
  chart.x_label = fmt::format("{}: {} from the best {}", board.traits.objective, difference_unit(board),
                              board.traits.optimum ? "in the space" : "found");
  chart.y_label = "share of searches";
  for (const BoardStrategy& strategy : board.strategies) {
    ProfileSeries& series = chart.series.emplace_back();
    series.name = strategy.label;
    for (const BoardSearch& search : strategy.searches)
      series.values.push_back(std::abs(*best - search.value.value_or(board.traits.default_true_value)));
  }
  return profile_chart_svg(chart);
}

std::string timeline_svg(const Board& board, const Timeline& timeline) {
  TimelineChart chart;
  chart.title = fmt::format("One search on the cluster: {} on {}, seed {}", timeline.strategy,
                            board.traits.label, timeline.seed);
  chart.x_label = "simulated hours";
  chart.below_label = "g CO2e/kWh";
  chart.workers = timeline.workers;
  chart.below_x = timeline.intensity_hours;
  chart.below_y = timeline.intensity_grams;
  for (const TimelineBar& bar : timeline.bars) {
    auto status = std::ranges::find(chart.statuses, bar.status);
    if (status == chart.statuses.end()) status = chart.statuses.insert(status, bar.status);
    chart.spans.push_back({bar.worker, bar.start_hours, bar.end_hours,
                           static_cast<std::size_t>(status - chart.statuses.begin())});
  }
  return timeline_chart_svg(chart);
}

}  // namespace

std::optional<std::string> ranking_svg(const Board& board, const Comparison& comparison) {
  if (!comparison.ranking) return std::nullopt;
  RankChart chart;
  chart.title = "Mean rank over seeds: " + board.traits.label;
  for (const BoardStrategy& strategy : board.strategies) chart.names.push_back(strategy.label);
  chart.mean_ranks = comparison.ranking->mean_ranks;
  chart.groups = comparison.groups;
  chart.critical_difference = comparison.critical_difference;
  return rank_chart_svg(chart);
}

std::vector<ChartFile> board_charts(const std::string& id, const Board& board, const BoardCurves& curves,
                                    const Comparison& comparison, const TrialDigest& digest) {
  std::vector<ChartFile> charts;
  const auto add = [&](const char* name, std::optional<std::string> svg) {
    if (svg) charts.push_back({fmt::format("{}-{}.svg", id, name), std::move(*svg)});
  };
  add("anytime", anytime_svg(board, curves));
  add("pareto", pareto_svg(board));
  add("carbon", carbon_svg(board));
  add("waterfall", waterfall_svg(board));
  add("ranking", ranking_svg(board, comparison));
  add("forest", forest_svg(board, comparison));
  add("profile", profile_svg(board));
  if (digest.timeline) add("timeline", timeline_svg(board, *digest.timeline));
  return charts;
}

}  // namespace tonne
