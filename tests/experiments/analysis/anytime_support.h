#pragma once
// Searches small enough to do by hand.

#include <optional>
#include <utility>
#include <vector>

#include "experiments/analysis/anytime.h"

namespace tonne::testing {

inline constexpr double kClose = 1e-12;
inline constexpr auto kCarbon = CostAxis::carbon;

/// A new best, after so many kilograms of CO2e.
struct Found {
  double kilograms, value;
};

/// Evaluations are counted; a kilogram takes 2 hours and 3 kWh, and costs nothing.
inline Costs costs_of(double count, double kilograms) {
  return {count, 2.0 * kilograms, 3.0 * kilograms, kilograms, 0.0};
}

/// What a search found until it ended.
inline SearchCurve search(std::vector<Found> found, double end) {
  SearchCurve curve;
  for (const Found& step : found)
    curve.points.push_back(
        {costs_of(static_cast<double>(curve.points.size()) + 1.0, step.kilograms), step.value});
  curve.end = costs_of(static_cast<double>(found.size()) + 1.0, end);
  return curve;
}

/// The default configuration stays in place.
inline SearchCurve nothing(double end, double in_place = 0.0) {
  SearchCurve curve = search({}, end);
  curve.in_place = in_place;
  return curve;
}

/// The board of these curves: seeds 0, 1, .. of each strategy, rows in the order given.
inline Board board_of(const BoardCurves& curves, Direction direction = Direction::maximise,
                      double start = 0.0, std::optional<double> optimum = std::nullopt) {
  Board board;
  board.traits.direction = direction;
  board.traits.default_true_value = start;
  board.traits.optimum = optimum;
  for (const auto& searches : curves) {
    BoardStrategy& strategy = board.strategies.emplace_back();
    LeaderboardRow& row = board.leaderboard.rows.emplace_back();
    std::vector<double> values;
    double kilograms = 0.0;
    for (const SearchCurve& curve : searches) {
      BoardSearch& cell = strategy.searches.emplace_back();
      cell.seed = strategy.searches.size() - 1;
      cell.kilograms = curve.end[3];
      if (!curve.points.empty()) cell.value = curve.points.back().value;
      row.outcomes.push_back({cell.seed, cell.value.value_or(start), cell.value.has_value()});
      row.without_winner += cell.value ? 0U : 1U;
      values.push_back(row.outcomes.back().value);
      kilograms += cell.kilograms;
    }
    row.seeds = searches.size();
    row.value = estimate_mean(values);
    row.search.operational = kilograms / static_cast<double>(searches.size()) * kilogram;
  }
  return board;
}

}  // namespace tonne::testing
