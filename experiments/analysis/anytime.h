#pragma once
// What searches had found by a cost, and what follows from it: curves with bands, ranks, cost to a target,
// attainment, areas. docs/metrics.md has the formulas and pitfalls.

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "experiments/analysis/board.h"
#include "experiments/analysis/statistics.h"

namespace tonne {

enum class CostAxis : std::uint8_t { evaluations, hours, energy, carbon, money };
inline constexpr std::size_t kCostAxes = 5;
inline constexpr std::array<std::string_view, kCostAxes> kCostAxisNames = {"evaluations", "hours", "energy",
                                                                           "carbon", "money"};
/// Of one search, by axis: evaluations, simulated hours, kWh, kg CO2e (operational and embodied), US dollars.
using Costs = std::array<double, kCostAxes>;

/// One search: the true value of what it held, from each cost on. A later incumbent may be worse in true
/// value: it looked better, and a searcher knows no better. Nothing before the first point; the last one
/// holds for ever.
struct SearchCurve {
  struct Point {
    Costs costs{};  ///< of what had ended by then
    double value = 0.0;
  };
  std::vector<Point> points;      ///< costs do not fall; empty where the search found nothing
  Costs end{};                    ///< of the whole search
  std::optional<double> in_place; ///< the default configuration's value, of a search that found nothing
  [[nodiscard]] bool found() const { return !points.empty(); }
  /// None before the first incumbent of a search that finds something.
  [[nodiscard]] std::optional<double> value_at(CostAxis axis, double cost) const;
};

/// curves[strategy][search], beside Board::strategies and their searches.
using BoardCurves = std::vector<std::vector<SearchCurve>>;
/// One for each board. Throws StoreError.
[[nodiscard]] std::vector<BoardCurves> read_curves(const Store& store, const std::vector<Board>& boards);

/// Means over the searches of one strategy on a grid of costs, with their 95 % t intervals as in the
/// leaderboard. Absent where a search of those that find something has nothing yet; one that finds nothing leaves
/// the default configuration in place throughout.
struct MeanCurve {
  std::vector<std::optional<double>> mean, low, high;
  std::vector<std::size_t> running;  ///< those that spent as much or more
  std::size_t searches = 0;
};
struct CurveTable {
  std::vector<double> costs;  ///< even in the logarithm
  std::vector<MeanCurve> strategies;
};
/// From the least cost at which a strategy's curve begins to the end of the longest search; for curves that
/// begin at no cost at all, from the least cost above it. No costs where no search has a winner, or nothing
/// was spent. `costs` >= 2.
[[nodiscard]] CurveTable mean_curves(const BoardCurves& curves, CostAxis axis, std::size_t costs = 60);

/// Mean rank of each strategy over the seeds at equal CO2e; 1 is best. Seeds are paired: only those in which
/// every strategy has a search count.
struct RankTable {
  std::vector<double> kilograms;
  std::vector<std::vector<double>> mean;  ///< [strategy][cost]
  std::size_t seeds = 0;
};
/// None for fewer than two strategies, or where they have no seed or no stretch of cost in common.
[[nodiscard]] std::optional<RankTable> rank_curves(const Board& board, const BoardCurves& curves);

/// The value that half of the board's searches with a winner end with or better, rounded to the easier side
/// at the size of their interquartile range; finer, and at last not at all, where the default configuration
/// reaches that for nothing. None where no search has a winner.
[[nodiscard]] std::optional<double> typical_target(const Board& board);
/// kg CO2e to the first incumbent whose true value reaches the target, for each strategy.
[[nodiscard]] std::vector<ExpectedCost> carbon_to(const Board& board, const BoardCurves& curves,
                                                  double target);

/// The value that a part of a strategy's searches have or better by a cost in kg CO2e: empirical attainment
/// surfaces (Fonseca, Guerreiro, Lopez-Ibanez and Paquete 2011) of a value and a cost. Of each search the
/// best until then counts.
struct AttainmentLevel {
  double part = 0.0;
  std::vector<double> kilograms, values;  ///< corners of the step curve
};
/// Of the parts 1/4, 1/2 and 3/4; an empty curve where fewer searches have anything.
[[nodiscard]] std::array<AttainmentLevel, 3> attainment(const Board& board,
                                                        const std::vector<SearchCurve>& curves);

struct CarbonFigures {
  /// Mean over ln(kg) of the value, mean of the searches, between the costs that all strategies
  /// of the board share: from where the last curve begins to where the first search ends. None where these
  /// cross.
  std::optional<double> log_area;
  std::optional<IntervalEstimate> log_area_over_seeds;  ///< the same, with its BCa interval
  /// Part of the rectangle between nothing and the board's dearest search (kg) and between the default
  /// configuration and the best value (the optimum where it is known) that a search dominates, mean of all:
  /// the hypervolume of value and CO2e.
  std::optional<double> hypervolume;
  std::optional<IntervalEstimate> hypervolume_over_seeds;
  /// kg CO2e at which the mean curve's gain over the default configuration, less the threshold times the kg,
  /// is greatest: whatever is spent after it gains less than the threshold per kg. None where that is nowhere
  /// above nothing.
  std::optional<double> worth_until;
};
struct CarbonFigureTable {
  double from = 0.0, to = 0.0;  ///< kg of log_area; 0 both where there is no such stretch
  double threshold = 0.0;       ///< value per kg
  std::vector<CarbonFigures> strategies;
};
/// `threshold` 0: a tenth of what the strategy with the best mean gains over the default per kg, and still 0
/// where it gains nothing.
[[nodiscard]] CarbonFigureTable carbon_figures(const Board& board, const BoardCurves& curves,
                                               double threshold = 0.0);

}  // namespace tonne
