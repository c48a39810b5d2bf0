#include "experiments/analysis/baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "experiments/text/quantity.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

std::string with_sign(double value, const std::string& magnitude) {
  return (value == 0.0 ? "" : value > 0.0 ? "+" : "-") + magnitude;
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
  const bool up = board.direction == Direction::maximise;
  BaselineTable table{baseline, {}};
  for (const LeaderboardRow& row : board.rows) {
    if (&row == &*base) continue;
    table.rows.push_back({row.strategy,
                          up ? difference_of(row.value.mean, base->value.mean)
                             : difference_of(base->value.mean, row.value.mean),
                          difference_of(row.search.carbon() / kilogram, base->search.carbon() / kilogram),
                          row.money && base->money
                              ? std::optional(difference_of(*row.money / dollar, *base->money / dollar))
                              : std::nullopt});
  }
  return table;
}

std::string signed_difference(double difference, const std::string& unit) {
  if (difference == 0.0) return "0";
  const double size = std::abs(difference);
  return with_sign(difference, size < 0.1 ? fmt::format("{:.2g}", size) : value_text(size, unit));
}

std::string difference_unit(const Leaderboard& board) {
  if (board.unit == "%") return "points";
  return board.unit.empty() ? "units of " + board.objective : board.unit;
}

std::string baseline_sentence(const BaselineTable& table, const Leaderboard& board) {
  std::string text;
  for (const BaselineDifference& row : table.rows) {
    text += (text.empty() ? "Against " + table.baseline + ": " : "; ") + row.strategy;
    text +=
        fmt::format(" {} {}, {} CO2e", signed_difference(row.value, board.unit), difference_unit(board),
                    with_sign(row.kilograms, mass_text(std::abs(row.kilograms) * kilogram)));
    if (row.dollars) text += ", " + with_sign(*row.dollars, money_text(std::abs(*row.dollars) * dollar));
  }
  return text + ".";
}

}  // namespace tonne
