#include "experiments/report/report_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <ranges>
#include <utility>

#include "experiments/report/board_facts.h"
#include "experiments/report/chart_choices.h"
#include "experiments/report/report_data.h"
#include "experiments/report/svg.h"
#include "experiments/report/svg_charts.h"
#include "experiments/results/imported.h"

namespace tonne {
namespace {

constexpr std::size_t kMostBands = 6;

std::string anytime_svg(const Board& board, const BoardCurves& curves, double width) {
  const CurveTable table = mean_curves(curves, CostAxis::carbon);
  LineChart chart;
  chart.width = width;
  chart.title = "Incumbent against cost: " + board.traits.label;
  chart.x_label = "kg CO2e";
  chart.y_label = value_heading(board);
  chart.log_x = true;
  chart.lines = {{board.traits.default_true_value, "default configuration"}};
  if (!table.costs.empty()) {
    const AnytimeWindow window = anytime_window(table, board.traits.default_true_value);
    chart.x_low = window.from;
    chart.y_low = window.low;
    chart.y_high = window.high;
    if (!window.shows_default) chart.lines.clear();
  }
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
    }
  }
  return line_chart_svg(chart);
}

struct CostLabel {
  double value = 0.0;
  const char* name = "";
};
const char* hours_name(const Board& board) {
  return imported_search(board.traits) ? "hours" : "simulated hours";
}

CostLabel cost_label(const Board& board, const LeaderboardRow& row, CostAxis axis) {
  switch (axis) {
    case CostAxis::evaluations:
      return {row.evaluations, "evaluations"};
    case CostAxis::hours:
      return {row.makespan / hour, hours_name(board)};
    case CostAxis::energy:
      return {row.search.energy / kilowatt_hour, "kWh"};
    case CostAxis::carbon:
      return {row.search.carbon() / kilogram, "kg CO2e"};
    case CostAxis::money:
      return {row.money.value_or(Money{}) / dollar, "US dollars"};
  }
  return {};
}

// Against a cost in which the strategies differ; where they spend the same of all, their values one below the
// other.
std::string pareto_svg(const Board& board, double width) {
  const std::vector<CostAxis> costs = costs_that_differ(board);
  if (costs.empty()) {
    ForestChart values;
    values.title = "Final values, all at the same cost: " + board.traits.label;
    values.x_label = value_heading(board);
    values.width = width;
    for (const LeaderboardRow& row : board.leaderboard.rows)
      values.rows.push_back({row.strategy, row.value.mean, row.value.low.value_or(row.value.mean),
                             row.value.high.value_or(row.value.mean)});
    return forest_chart_svg(values);
  }
  ScatterChart chart;
  chart.title = "Final value against cost: " + board.traits.label;
  chart.x_label =
      fmt::format("{} per search, mean", cost_label(board, board.leaderboard.rows.front(), costs.front()).name);
  chart.y_label = value_heading(board);
  chart.higher_is_better = board.traits.direction == Direction::maximise;
  chart.width = width;
  for (const LeaderboardRow& row : board.leaderboard.rows)
    chart.points.push_back(
        {row.strategy, cost_label(board, row, costs.front()).value, row.value.mean, row.value.low, row.value.high});
  return scatter_chart_svg(chart);
}

std::string carbon_svg(const Board& board, double width) {
  BarChart chart;
  chart.width = width;
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

std::string waterfall_svg(const Board& board, double width) {
  const BoardStrategy& best = board.strategies.front();
  WaterfallChart chart;
  chart.width = width;
  chart.title = fmt::format("CO2e of a search step by step: {} on {}", best.label, board.traits.label);
  chart.x_label = "kg CO2e per search, mean";
  chart.total_name = "total";
  for (const CarbonStep& step : carbon_steps(best)) chart.steps.push_back({step.name, step.kilograms});
  return waterfall_chart_svg(chart);
}

std::optional<std::string> forest_svg(const Board& board, const Comparison& comparison, double width) {
  ForestChart chart;
  chart.width = width;
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
std::optional<std::string> profile_svg(const Board& board, double width) {
  const bool up = board.traits.direction == Direction::maximise;
  std::optional<double> best = board.traits.optimum;
  const auto better = [&](double value) { return !best || (up ? value > *best : value < *best); };
  for (const BoardStrategy& strategy : board.strategies)
    for (const BoardSearch& search : strategy.searches)
      if (search.value && better(*search.value)) best = search.value;
  if (!best) return std::nullopt;
  ProfileChart chart;
  chart.width = width;
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

std::string timeline_svg(const Board& board, const Timeline& timeline, double width) {
  TimelineChart chart;
  chart.width = width;
  chart.title = fmt::format("One search on the cluster: {} on {}, seed {}", timeline.strategy,
                            board.traits.label, timeline.seed);
  chart.x_label = hours_name(board);
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

std::optional<std::string> ranking_svg(const Board& board, const Comparison& comparison, double width) {
  if (!comparison.ranking) return std::nullopt;
  RankChart chart;
  chart.width = width;
  chart.title = "Mean rank over seeds: " + board.traits.label;
  for (const BoardStrategy& strategy : board.strategies) chart.names.push_back(strategy.label);
  chart.mean_ranks = comparison.ranking->mean_ranks;
  chart.groups = comparison.groups;
  chart.critical_difference = comparison.critical_difference;
  return rank_chart_svg(chart);
}

std::vector<ChartFile> board_charts(const std::string& file, const Board& board, const BoardCurves& curves,
                                    const Comparison& comparison, const TrialDigest& digest,
                                    const ChartColumn& column) {
  std::vector<ChartFile> charts;
  const auto add = [&](const char* name, const std::optional<std::string>& svg) {
    if (svg) charts.push_back({fmt::format("{}-{}.svg", file, name), sized_svg(*svg, column.millimetres)});
  };
  add("anytime", anytime_svg(board, curves, column.width));
  add("pareto", pareto_svg(board, column.width));
  add("carbon", carbon_svg(board, column.width));
  add("waterfall", waterfall_svg(board, column.width));
  add("ranking", ranking_svg(board, comparison, column.width));
  add("forest", forest_svg(board, comparison, column.width));
  add("profile", profile_svg(board, column.width));
  if (digest.timeline) add("timeline", timeline_svg(board, *digest.timeline, column.width));
  return charts;
}

}  // namespace tonne
