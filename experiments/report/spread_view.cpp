#include "experiments/report/spread_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "experiments/report/svg_overview.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

std::string range_text(double low, double high) {
  return significant_text(low) + " .. " + significant_text(high);
}

std::string range_text(const std::optional<Interval<double>>& interval) {
  return interval ? range_text(interval->low, interval->high) : "-";
}

// The line below a row, by the heads of the table's columns.
std::vector<std::string> interval_cells(const std::vector<std::string>& head,
                                        const LeaderboardSpread& spread) {
  std::vector<std::string> cells(head.size());
  const auto set = [&](std::string_view column, const std::string& text) {
    const auto at = std::ranges::find(head, column);
    if (at != head.end()) cells[static_cast<std::size_t>(at - head.begin())] = text;
  };
  cells.front() = fmt::format("{:.4g} % of {} draws", 100.0 * spread.level, spread.draws);
  set("kWh", range_text(spread.energy.low / kilowatt_hour, spread.energy.high / kilowatt_hour));
  set("kg CO2e", range_text(spread.carbon.low / kilogram, spread.carbon.high / kilogram));
  if (spread.money) set("USD", range_text(spread.money->low / dollar, spread.money->high / dollar));
  set("gain/t", range_text(spread.gain_per_tonne));
  set("overhead", range_text(spread.overhead));
  return cells;
}

Drawing tornado_drawing(const LeaderboardRow& row) {
  TornadoChart chart;
  chart.title = "What moves the CO2e of a search most";
  chart.x_label = "kg CO2e per search, " + row.strategy;
  chart.middle = row.search.carbon() / kilogram;
  TextTable figures{"",
                    {"uncertain figure", "as given", "5th percentile", "95th percentile", "kg CO2e at 5th",
                     "kg CO2e at 95th"},
                    {}};
  for (const TornadoBar& bar : row.spread->tornado) {
    const double low = bar.at_low / kilogram, high = bar.at_high / kilogram;
    chart.rows.push_back({bar.key, bar.low_value, bar.high_value, low, high});
    figures.rows.push_back({bar.key, bar.distribution, bar.low_value, bar.high_value, significant_text(low),
                            significant_text(high)});
  }
  return {tornado_chart_svg(chart),
          "One figure at a time at its 5th and its 95th percentile (the texts at the ends), all others at "
          "their medians; "
          "the widest first. Line: all at their medians. Of " +
              row.strategy + "; the others' bars are much the same.",
          std::move(figures)};
}

std::string share(double part) {
  return part >= 1.0   ? "all"
         : part <= 0.0 ? "none"
                       : fmt::format("{:.0f} %", std::clamp(100.0 * part, 1.0, 99.0));
}

// The costs of the strategies at the same draws: whether one would rank them otherwise.
std::string order_text(const Leaderboard& board, const DrawnCosts& costs) {
  if (costs.draws() == 0 || board.rows.size() < 2) return "";
  const OrderOfDraws order = order_of_draws(costs, board);
  const std::string& cheapest = board.rows[order.cheapest].strategy;
  std::string text =
      order.same_order_in >= 1.0 ? fmt::format(
                                       "The ranking by CO2e would not turn: {} emits least and the order is "
                                       "the same in all {} draws. ",
                                       cheapest, costs.draws())
      : order.cheapest_in >= 1.0
          ? fmt::format("{} emits least in all {} draws; the order of the others is the same in {} of them. ",
                        cheapest, costs.draws(), share(order.same_order_in))
          : fmt::format(
                "The ranking by CO2e may turn: {} emits least with all figures at their medians, but only in "
                "{} of the "
                "{} draws. ",
                cheapest, share(order.cheapest_in), costs.draws());
  if (order.gaining >= 2)
    text += fmt::format("Gain per tonne: {} leads at the medians and in {} of the draws. ",
                        board.rows[order.most_gain].strategy, share(order.most_gain_in));
  return text;
}

// What the search cost at the interval's ends against what its result saves.
std::string payback_text(const LeaderboardRow& row) {
  if (!row.payback) return "";
  if (!row.payback->break_even) return "Whether it pays back does not turn: it never does. ";
  const double median = row.search.carbon() / kilogram;
  if (!(median > 0.0)) return "";
  const double low = *row.payback->break_even * (row.spread->carbon.low / kilogram) / median;
  const double high = *row.payback->break_even * (row.spread->carbon.high / kilogram) / median;
  return fmt::format(
      "The search is paid back after {} of the planned trainings and uses, savings at the medians: {}. ",
      fmt::format("{:.3g} to {:.3g} %", 100.0 * low, 100.0 * high),
      low <= 1.0 && high > 1.0 ? "whether the plan is enough turns within the interval"
                               : "that does not turn within the interval");
}

}  // namespace

void add_intervals(TextTable& leaderboard, const Leaderboard& board) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t r = 0; r < leaderboard.rows.size(); ++r) {
    rows.push_back(std::move(leaderboard.rows[r]));
    if (r < board.rows.size() && board.rows[r].spread)
      rows.push_back(interval_cells(leaderboard.head, *board.rows[r].spread));
  }
  const bool uncertain = rows.size() > leaderboard.rows.size();
  leaderboard.rows = std::move(rows);
  if (uncertain)
    leaderboard.caption +=
        " Below each row: the interval that holds so many of the draws of the uncertain figures, for "
        "the searches as they ran with all of them at their medians.";
}

std::optional<SpreadView> spread_view(const Leaderboard& board, const DrawnCosts& costs) {
  const LeaderboardRow& best = board.rows.front();
  if (!best.spread || best.spread->tornado.empty()) return std::nullopt;
  return SpreadView{turning_text(board, costs), tornado_drawing(best)};
}

std::string turning_text(const Leaderboard& board, const DrawnCosts& costs) {
  const LeaderboardRow& best = board.rows.front();
  const LeaderboardSpread& spread = *best.spread;
  std::string text = fmt::format(
      "A search with {} emits {} kg CO2e with all figures at their medians, and {} in {:.4g} % of {} draws. ",
      best.strategy, significant_text(best.search.carbon() / kilogram),
      range_text(spread.carbon.low / kilogram, spread.carbon.high / kilogram), 100.0 * spread.level,
      spread.draws);
  text += order_text(board, costs) + payback_text(best);
  if (!spread.tornado.empty()) text += "The figure to know better is " + spread.tornado.front().key + ". ";
  return text +
         "The values found, and whether they beat the default configuration, rest on none of these figures: "
         "each "
         "search ran once, at the medians.";
}

}  // namespace tonne
