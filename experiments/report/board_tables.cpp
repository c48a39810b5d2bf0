#include "experiments/report/board_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "experiments/text/quantity.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

std::string overhead_interval(const LeaderboardRow& row) {
  if (!row.overhead_over_seeds || !row.overhead_over_seeds->low) return "-";
  return fmt::format("{}x .. {}x", significant_text(std::max(0.0, *row.overhead_over_seeds->low)),
                     significant_text(*row.overhead_over_seeds->high));
}

}  // namespace

TextTable leaderboard_table(const BoardFacts& facts) {
  const Board& board = facts.board;
  const bool failures = std::ranges::any_of(board.leaderboard.rows,
                                            [](const LeaderboardRow& row) { return row.failures > 0.0; });
  const bool fruitless = std::ranges::any_of(
      board.leaderboard.rows, [](const LeaderboardRow& row) { return row.without_winner > 0; });
  TextTable table;
  table.head = {"strategy",
                board.traits.objective + (board.traits.unit.empty() ? "" : " " + board.traits.unit),
                "95 % interval"};
  if (board.traits.optimum) table.head.push_back("regret");
  table.head.push_back("seeds");
  if (fruitless) table.head.push_back("found");
  table.head.push_back("evals");
  if (failures) table.head.push_back("failed");
  table.head.insert(table.head.end(), {"hours", "device-h", "kWh", "kg CO2e", "USD"});
  if (facts.target) table.head.push_back("kg to " + target_text(board, *facts.target));
  table.head.insert(table.head.end(), {"gain/t", "overhead"});
  for (std::size_t s = 0; s < board.strategies.size(); ++s) {
    const LeaderboardRow& row = board.leaderboard.rows[s];
    std::vector<std::string> cells{
        row.strategy, board_value(board, row.value.mean),
        row.value.low ? board_value(board, *row.value.low) + " .. " + board_value(board, *row.value.high)
            : "-"};
    if (board.traits.optimum) cells.push_back(row.regret ? significant_text(*row.regret) : "-");
    cells.push_back(std::to_string(row.seeds));
    if (fruitless) cells.push_back(fmt::format("{} of {}", row.seeds - row.without_winner, row.seeds));
    cells.push_back(grouped(row.evaluations));
    if (failures) cells.push_back(fmt::format("{:.3g}", row.failures));
    for (const double value : {row.makespan / hour, row.worker_time / hour, row.search.energy / kilowatt_hour,
                               row.search.carbon() / kilogram})
      cells.push_back(significant_text(value));
    cells.push_back(dollars_text(row.money));
    if (facts.target) {
      const ExpectedCost& cost = facts.to_target[s];
      cells.push_back(cost.cost ? significant_text(cost.cost->value) : "not reached");
    }
    cells.push_back(row.gain_per_tonne ? significant_text(*row.gain_per_tonne) : "-");
    cells.push_back(row.overhead ? significant_text(*row.overhead) + "x" : "-");
    table.rows.push_back(std::move(cells));
  }
  table.caption =
      "evals: trials trained, including failures; hours: start to end; device-h: hours billed for all "
      "workers; gain/t: improvement over the default configuration per tonne of CO2e; overhead: CO2e of the "
      "search divided by that of training its winner once.";
  if (fruitless)
    table.caption += " found: searches that found a candidate that trains; the others leave the default in place and "
                     "count with its value.";
  return table;
}

TextTable target_table(const BoardFacts& facts) {
  const Board& board = facts.board;
  TextTable table;
  table.caption =
      "Expected: the CO2e that all searches spent, up to the target where they reached it, divided by the "
      "number that did; on average, the cost of restarting until a search succeeds. A mean over the "
      "successful searches alone would look too good.";
  table.head = {"strategy", "reached", "expected kg CO2e", "95 % interval", "median kg when reached"};
  for (std::size_t s = 0; s < board.strategies.size(); ++s) {
    const ExpectedCost& cost = facts.to_target[s];
    const auto text = [](double value) {
      return std::isinf(value) ? std::string("unbounded") : significant_text(value);
    };
    table.rows.push_back({board.strategies[s].label, fmt::format("{} of {}", cost.successes, cost.searches),
                          cost.cost ? significant_text(cost.cost->value) : "not reached",
                          cost.cost ? interval_text(*cost.cost, text) : "-",
                          cost.median_of_reached ? significant_text(*cost.median_of_reached) : "-"});
  }
  return table;
}

TextTable metrics_table(const BoardFacts& facts) {
  const Board& board = facts.board;
  const bool payback = board.leaderboard.deployment.given();
  TextTable table;
  table.caption = fmt::format(
      "Interquartile mean: mean of the middle half of the searches. Over ln kg: {}. Dominated: share of the "
      "CO2e-value rectangle beyond the default configuration that a search dominates. Worth until: kg CO2e "
      "after which the mean curve gains less than {} {} per kg.",
      facts.figures.to > 0.0
          ? fmt::format("mean of the curve over the logarithm of the spend, from {} to {} kg",
                        significant_text(facts.figures.from), significant_text(facts.figures.to))
          : "the strategies have no cost range in common",
      significant_text(facts.figures.threshold), difference_unit(board));
  table.head = {"strategy",      "interquartile mean", "95 % interval",  "over ln kg",
                "95 % interval", "dominated",          "95 % interval",  "worth until, kg",
                "overhead",      "95 % interval",      "kg per training"};
  if (payback) table.head.push_back("pays back after");
  for (std::size_t s = 0; s < board.strategies.size(); ++s) {
    const IntervalEstimate& middle = facts.middles[s];
    const CarbonFigures& figures = facts.figures.strategies[s];
    const LeaderboardRow& row = board.leaderboard.rows[s];
    std::vector<std::string> cells{row.strategy};
    const auto value = [&](double v) { return board_value(board, v); };
    cells.push_back(value(middle.value));
    cells.push_back(interval_text(middle, value));
    const auto part = [](double v) { return fmt::format("{:.3f}", v); };
    cells.push_back(figures.log_area ? value(*figures.log_area) : "-");
    cells.push_back(figures.log_area_over_seeds ? interval_text(*figures.log_area_over_seeds, value) : "-");
    cells.push_back(figures.hypervolume ? part(*figures.hypervolume) : "-");
    cells.push_back(figures.hypervolume_over_seeds ? interval_text(*figures.hypervolume_over_seeds, part)
                                                   : "-");
    cells.push_back(figures.worth_until ? significant_text(*figures.worth_until) : "-");
    cells.push_back(row.overhead ? significant_text(*row.overhead) + "x" : "-");
    cells.push_back(overhead_interval(row));
    cells.push_back(row.overhead && *row.overhead > 0.0
                        ? significant_text(row.search.carbon() / kilogram / *row.overhead)
                        : "-");
    if (payback)
      cells.push_back(row.payback ? break_even_text(*row.payback, board.leaderboard.deployment) : "unknown");
    table.rows.push_back(std::move(cells));
  }
  return table;
}

}  // namespace tonne
