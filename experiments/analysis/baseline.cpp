#include "experiments/analysis/baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "experiments/text/text_table.h"

namespace tonne {
namespace {

std::string with_sign(double value, const std::string& magnitude) {
  if (value == 0.0) return "0";
  return (value > 0.0 ? "+" : "-") + magnitude;
}

// `a - b`; 0 where they differ by the rounding of their sums alone.
double difference_of(double a, double b) {
  constexpr double kRounding = 1e-12;
  return std::abs(a - b) <= kRounding * std::max(std::abs(a), std::abs(b)) ? 0.0 : a - b;
}

}  // namespace

std::string baseline_label(const std::string& named, const std::vector<StoredStrategy>& strategies) {
  if (!named.empty()) return named;
  const auto at = std::ranges::find(strategies, "random", &StoredStrategy::name);
  return at == strategies.end() ? "" : at->label;
}

std::optional<BaselineTable> against_baseline(const Leaderboard& board, const std::string& baseline) {
  const auto base = std::ranges::find(board.rows, baseline, &LeaderboardRow::strategy);
  if (base == board.rows.end() || board.rows.size() < 2) return std::nullopt;
  BaselineTable table{baseline, {}};
  for (const LeaderboardRow& row : board.rows) {
    if (&row == &*base) continue;
    BaselineDifference difference{
        row.strategy, std::nullopt,
        difference_of(row.search.carbon() / kilogram, base->search.carbon() / kilogram),
        difference_of(row.search.money / dollar, base->search.money / dollar)};
    const auto mine = mean_value(row), other = mean_value(*base);
    if (mine && other)
      difference.value = board.direction == Direction::maximise ? difference_of(*mine, *other)
                                                                : difference_of(*other, *mine);
    table.rows.push_back(std::move(difference));
  }
  return table;
}

std::string signed_difference(double difference, const std::string& unit) {
  const double size = std::abs(difference);
  return with_sign(difference, size < 0.1 ? fmt::format("{:.2g}", size) : value_text(size, unit));
}

std::string signed_kilograms(double kilograms) {
  const double size = std::abs(kilograms);
  return size >= 1000.0 ? with_sign(kilograms, significant_text(size / 1000.0)) + " t"
                        : with_sign(kilograms, significant_text(size)) + " kg";
}

std::string difference_unit(const Leaderboard& board) {
  if (board.unit == "%") return "points";
  return board.unit.empty() ? "units of " + board.objective : board.unit;
}

std::string baseline_sentence(const BaselineTable& table, const Leaderboard& board) {
  std::string text;
  for (const BaselineDifference& row : table.rows) {
    text += (text.empty() ? "Against " + table.baseline + ": " : "; ") + row.strategy;
    text += row.value
                ? fmt::format(" {} {}", signed_difference(*row.value, board.unit), difference_unit(board))
                : " found nothing to compare";
    text += fmt::format(", {} CO2e, {} USD", signed_kilograms(row.kilograms),
                        with_sign(row.dollars, significant_text(std::abs(row.dollars))));
  }
  return text + ".";
}

}  // namespace tonne
