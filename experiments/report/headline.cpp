#include "experiments/report/headline.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "experiments/text/text_table.h"

namespace tonne {
namespace {

// Whether the best strategy's interval lies above what costs nothing.
bool beats_default(const Board& board) {
  const auto& value = board.leaderboard.rows.front().value;
  if (!value) return false;
  const double worst =
      value->low ? (board.traits.direction == Direction::maximise ? *value->low : *value->high) : value->mean;
  return gain(board, board.traits.default_true_value, worst) > 0.0;
}

// Of those that are not told apart, the one whose searches emit clearly less than the first's.
std::optional<std::size_t> cheaper_of(const Board& board, const std::vector<std::size_t>& level) {
  constexpr double kClearly = 0.95;
  const auto kilograms = [&](std::size_t s) { return board.leaderboard.rows[s].search.carbon() / kilogram; };
  const auto cheapest = *std::ranges::min_element(level, {}, kilograms);
  return kilograms(cheapest) < kClearly * kilograms(level.front()) ? std::optional(cheapest) : std::nullopt;
}

}  // namespace

std::string headline_text(const BoardFacts& facts) {
  const Board& board = facts.board;
  const LeaderboardRow& best = board.leaderboard.rows.front();
  if (!best.value) return "No strategy found a candidate that trains.";
  if (!beats_default(board))
    return fmt::format(
        "Not worth searching on this evidence: the best strategy, {}, reaches a mean of {} for {} kg CO2e "
        "per search, and the default configuration already gives {} at no cost.",
        best.strategy, value_with_unit(board, best.value->mean),
        significant_text(best.search.carbon() / kilogram),
        value_with_unit(board, board.traits.default_true_value));
  std::string text = fmt::format("Use {}. ", joined(labels(board, facts.comparison.level), "or"));
  text += fmt::format(
      "{} reaches a mean {} of {} for {} kg CO2e per search, {} better than the default configuration",
      best.strategy, board.traits.objective, value_with_unit(board, best.value->mean),
      significant_text(best.search.carbon() / kilogram),
      significant_text(gain(board, board.traits.default_true_value, best.value->mean)) + " " +
          difference_unit(board));
  if (best.overhead)
    text += fmt::format("; one search emits as much CO2e as training its winner {} times",
                        significant_text(*best.overhead));
  text += ".";
  if (facts.comparison.level.size() > 1) {
    text += fmt::format(" These seeds do not separate {}", joined(labels(board, facts.comparison.level)));
    if (const auto cheap = cheaper_of(board, facts.comparison.level))
      text += fmt::format("; of these, {} emits the least, {} kg per search", board.strategies[*cheap].label,
                          significant_text(board.leaderboard.rows[*cheap].search.carbon() / kilogram));
    text += ".";
  }
  return text;
}

}  // namespace tonne
