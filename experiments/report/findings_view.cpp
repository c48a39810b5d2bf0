#include "experiments/report/findings_view.h"

#include <fmt/format.h>

#include <cmath>

#include "experiments/text/text_table.h"

namespace tonne {
namespace {

std::string signed_number(double value) {
  return (value > 0.0 ? "+" : "") + significant_text(value);
}

// Against a baseline that emits or costs nothing there is no percentage.
std::string percent(double difference, double base) {
  const double percent = base > 0.0 ? 100.0 * difference / base : 0.0;
  if (!(base > 0.0)) return "-";
  return std::abs(percent) < 0.05 ? "0" : fmt::format("{:+.1f}", percent);
}

TextTable baseline_table(const Leaderboard& board, const BaselineTable& differences) {
  TextTable table;
  table.head = {"strategy", "value, " + difference_unit(board), "kg CO2e", "CO2e, %", "USD"};
  double base = 0.0;
  for (const LeaderboardRow& row : board.rows)
    if (row.strategy == differences.baseline) base = row.search.carbon() / kilogram;
  for (const BaselineDifference& row : differences.rows)
    table.rows.push_back({row.strategy, signed_difference(row.value, board.unit),
                          signed_number(row.kilograms), percent(row.kilograms, base),
                          row.dollars ? signed_number(*row.dollars) : "not known"});
  table.caption = fmt::format(
      "Mean of a search less mean of a search with {}. Value: positive is better, whatever the "
      "direction. CO2e and USD: negative is less.",
      differences.baseline);
  return table;
}

}  // namespace

void set_findings(BoardView& view, const Board& board, const BoardFindings& findings) {
  const Leaderboard& table = board.leaderboard;
  if (const auto& best = findings.best)
    view.best_configuration =
        BestView{finder_text(*best, table), configuration_yaml(best->space, best->configuration)};
  if (findings.differences) {
    view.baseline = baseline_table(table, *findings.differences);
    view.baseline_name = findings.differences->baseline;
  }
}

std::vector<ReportFigure> finding_figures(const Board& board, const BoardFindings& findings) {
  std::vector<ReportFigure> list;
  const auto add = [&](const std::string& strategy, const std::string& metric, const std::string& unit,
                       double value) {
    list.push_back(
        {board.traits.label, board.place.label, strategy, metric, unit, value, std::nullopt, std::nullopt});
  };
  if (findings.differences)
    for (const BaselineDifference& row : findings.differences->rows) {
      const std::string from = " from " + findings.differences->baseline;
      // As in report_figures.cpp: of percentages, a difference is in points.
      add(row.strategy, "gain" + from, board.traits.unit == "%" ? "points" : board.traits.unit, row.value);
      add(row.strategy, "co2e difference" + from, "kg", row.kilograms);
      if (row.dollars) add(row.strategy, "money difference" + from, "USD", *row.dollars);
    }
  for (const PublishedMatch& match : findings.published) {
    add(match.strategy, "published " + match.figure, match.unit, match.published);
    add(match.strategy, "simulated " + match.figure, match.unit, match.simulated);
  }
  return list;
}

}  // namespace tonne
