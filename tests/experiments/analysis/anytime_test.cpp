// Curves over costs and what follows from them, on searches small enough to do by hand.

#include "experiments/analysis/anytime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <numbers>

#include "core/pareto.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;
using testing::run_program;
using ::testing::SizeIs;
using testing::TemporaryFolder;

constexpr double kClose = 1e-12;
constexpr auto kCarbon = CostAxis::carbon;

struct Found {
  double kilograms, value;
};

// Evaluations are counted; a kilogram takes 2 hours and 3 kWh, and costs nothing.
Costs costs_of(double count, double kilograms) {
  return {count, 2.0 * kilograms, 3.0 * kilograms, kilograms, 0.0};
}

SearchCurve search(std::vector<Found> found, double end) {
  SearchCurve curve;
  for (const Found& step : found)
    curve.points.push_back(
        {costs_of(static_cast<double>(curve.points.size()) + 1.0, step.kilograms), step.value});
  curve.end = costs_of(static_cast<double>(found.size()) + 1.0, end);
  return curve;
}

SearchCurve nothing(double end) {
  return search({}, end);
}

// The board of these curves: seeds 0, 1, .. of each strategy, rows in the order given.
Board board_of(const BoardCurves& curves, Direction direction = Direction::maximise, double start = 0.0,
               std::optional<double> optimum = std::nullopt) {
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
      if (cell.value) values.push_back(*cell.value);
      kilograms += cell.kilograms;
    }
    row.seeds = searches.size();
    if (!values.empty()) row.value = estimate_mean(values);
    row.search.operational = kilograms / static_cast<double>(searches.size()) * kilogram;
  }
  return board;
}

CarbonFigures figures_of(const std::vector<SearchCurve>& searches, const Board& board,
                         double threshold = 0.0) {
  return carbon_figures(board, {searches}, threshold).strategies.front();
}

// ---- One search ----

TEST(SearchCurve, HoldsNothingBeforeItsFirstCandidateAndTheLastOneForEver) {
  const SearchCurve curve = search({{1.0, 90.0}, {2.0, 92.0}}, 3.0);
  EXPECT_EQ(curve.value_at(kCarbon, 0.999), std::nullopt);
  EXPECT_EQ(curve.value_at(kCarbon, 1.0), 90.0);
  EXPECT_EQ(curve.value_at(kCarbon, 1.999), 90.0);
  EXPECT_EQ(curve.value_at(kCarbon, 2.0), 92.0);
  EXPECT_EQ(curve.value_at(kCarbon, 100.0), 92.0);
  EXPECT_EQ(curve.value_at(CostAxis::evaluations, 1.0), 90.0);
  EXPECT_EQ(curve.value_at(CostAxis::hours, 3.9), 90.0);
  EXPECT_EQ(curve.value_at(CostAxis::energy, 6.0), 92.0);
  EXPECT_EQ(nothing(3.0).value_at(kCarbon, 3.0), std::nullopt);
}

TEST(SearchCurve, OfSeveralAtOneCostTheLastCounts) {
  const SearchCurve curve = search({{1.0, 90.0}, {1.0, 91.0}, {1.0, 90.5}, {2.0, 92.0}}, 3.0);
  EXPECT_EQ(curve.value_at(kCarbon, 1.0), 90.5);
  EXPECT_EQ(curve.value_at(CostAxis::money, 0.0), 92.0);  // all of it was free
}

TEST(SearchCurve, AWorseCandidateThatLookedBetterStands) {
  EXPECT_EQ(search({{1.0, 93.0}, {2.0, 91.0}}, 3.0).value_at(kCarbon, 2.5), 91.0);
}

// ---- Means over searches ----

TEST(MeanCurves, MeanAndStudentsIntervalOfTwoSearches) {
  // Both have something from 2 kg on; the grid is 2, 4, 8, 16, 32.
  const BoardCurves curves = {{search({{2.0, 10.0}, {8.0, 14.0}}, 8.0), search({{1.0, 12.0}}, 32.0)}};
  const CurveTable table = mean_curves(curves, kCarbon, 5);
  ASSERT_THAT(table.costs, SizeIs(5));
  for (int i = 0; i < 5; ++i) EXPECT_NEAR(table.costs[static_cast<std::size_t>(i)], std::exp2(i + 1), 1e-9);
  EXPECT_EQ(table.costs.back(), 32.0);
  const MeanCurve& curve = table.strategies.front();
  EXPECT_EQ(curve.searches, 2U);
  EXPECT_THAT(curve.running, ElementsAre(2, 2, 2, 1, 1));
  EXPECT_EQ(curve.mean.front(), 11.0);
  EXPECT_EQ(curve.mean.back(), 13.0);
  // Two values, 2 apart: the standard error is 1, Student's quantile with one degree of freedom
  // tan(.475 pi).
  const double half = std::tan(0.475 * std::numbers::pi);
  EXPECT_THAT(curve.low.front(), Optional(DoubleNear(11.0 - half, 1e-9)));
  EXPECT_THAT(curve.high.back(), Optional(DoubleNear(13.0 + half, 1e-9)));
}

TEST(MeanCurves, AreAbsentUntilEverySearchHasSomething) {
  const BoardCurves curves = {{search({{1.0, 5.0}}, 16.0)},
                              {search({{1.0, 5.0}}, 16.0), search({{4.0, 7.0}}, 16.0)}};
  const CurveTable table = mean_curves(curves, kCarbon, 5);  // 1, 2, 4, 8, 16
  EXPECT_EQ(table.strategies[0].mean.front(), 5.0);
  EXPECT_EQ(table.strategies[1].mean[1], std::nullopt);
  EXPECT_EQ(table.strategies[1].low[1], std::nullopt);
  EXPECT_EQ(table.strategies[1].mean[3], 6.0);
}

TEST(MeanCurves, OneSearchHasNoInterval) {
  const MeanCurve curve = mean_curves({{search({{1.0, 5.0}}, 2.0)}}, kCarbon).strategies.front();
  EXPECT_EQ(curve.mean.back(), 5.0);
  EXPECT_EQ(curve.low.back(), std::nullopt);
  EXPECT_EQ(curve.high.back(), std::nullopt);
}

TEST(MeanCurves, LeaveOutSearchesInWhichEverythingFailed) {
  const MeanCurve curve =
      mean_curves({{search({{1.0, 5.0}}, 2.0), nothing(4.0)}}, kCarbon, 3).strategies.front();
  EXPECT_EQ(curve.searches, 1U);
  EXPECT_THAT(curve.running, ElementsAre(1, 1, 0));
  EXPECT_EQ(curve.mean.back(), 5.0);
}

TEST(MeanCurves, HaveNoCostsWhereNothingWasFoundOrSpent) {
  EXPECT_THAT(mean_curves({{nothing(4.0)}, {nothing(2.0)}}, kCarbon).costs, IsEmpty());
  EXPECT_THAT(mean_curves({{search({{1.0, 5.0}, {2.0, 6.0}}, 4.0)}}, CostAxis::money).costs, IsEmpty());
  EXPECT_THAT(mean_curves({}, kCarbon).costs, IsEmpty());
}

TEST(MeanCurves, ThatBeginAtNoCostBeginAtTheLeastAboveIt) {
  const BoardCurves curves = {{search({{0.0, 5.0}, {0.5, 6.0}}, 8.0)}, {search({{2.0, 3.0}}, 4.0)}};
  const CurveTable table = mean_curves(curves, kCarbon, 3);
  EXPECT_DOUBLE_EQ(table.costs[0], 0.5);
  EXPECT_EQ(table.strategies[0].mean[0], 6.0);
  EXPECT_EQ(table.strategies[1].mean[0], std::nullopt);
  const CurveTable from_end = mean_curves({{search({{0.0, 5.0}}, 8.0)}}, kCarbon, 3);
  EXPECT_THAT(from_end.costs, ElementsAre(8.0));
}

// ---- Ranks ----

TEST(RankCurves, AreMeansOverPairedSeedsWithTiesShared) {
  // Seed 0: the first leads until the second passes at 4 kg. Seed 1: level, then the first leads.
  const BoardCurves curves = {
      {search({{1.0, 10.0}}, 16.0), search({{1.0, 10.0}, {4.0, 11.0}}, 16.0)},
      {search({{1.0, 9.0}, {4.0, 12.0}}, 16.0), search({{1.0, 10.0}}, 16.0)},
  };
  const auto table = rank_curves(board_of(curves), curves);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->seeds, 2U);
  EXPECT_DOUBLE_EQ(table->kilograms.front(), 1.0);
  EXPECT_EQ(table->kilograms.back(), 16.0);
  EXPECT_DOUBLE_EQ(table->mean[0].front(), (1.0 + 1.5) / 2.0);
  EXPECT_DOUBLE_EQ(table->mean[1].front(), (2.0 + 1.5) / 2.0);
  EXPECT_DOUBLE_EQ(table->mean[0].back(), (2.0 + 1.0) / 2.0);
  EXPECT_DOUBLE_EQ(table->mean[1].back(), (1.0 + 2.0) / 2.0);
  const auto losses = rank_curves(board_of(curves, Direction::minimise), curves);
  EXPECT_DOUBLE_EQ(losses->mean[0].front(), (2.0 + 1.5) / 2.0);
}

TEST(RankCurves, CountOnlySeedsInWhichAllHaveSomething) {
  const BoardCurves curves = {
      {search({{1.0, 10.0}}, 8.0), search({{2.0, 1.0}}, 8.0), search({{1.0, 9.0}}, 8.0)},
      {search({{1.0, 8.0}}, 8.0), nothing(8.0)},
  };
  const auto table = rank_curves(board_of(curves), curves);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->seeds, 1U);
  EXPECT_EQ(table->mean[0].back(), 1.0);
  EXPECT_DOUBLE_EQ(table->kilograms.front(), 2.0);
}

TEST(RankCurves, AreNoneWithoutRivalsSeedsOrAStretchInCommon) {
  const auto one = [](SearchCurve curve) { return std::vector<SearchCurve>{std::move(curve)}; };
  const BoardCurves alone = {one(search({{1.0, 10.0}}, 8.0))};
  EXPECT_FALSE(rank_curves(board_of(alone), alone));
  const BoardCurves failed = {one(search({{1.0, 10.0}}, 8.0)), one(nothing(8.0))};
  EXPECT_FALSE(rank_curves(board_of(failed), failed));
  // The second begins after the first has ended.
  const BoardCurves apart = {one(search({{1.0, 10.0}}, 2.0)), one(search({{3.0, 10.0}}, 8.0))};
  EXPECT_FALSE(rank_curves(board_of(apart), apart));
}

TEST(RankCurves, ThatBeginAtNoCostBeginAtTheLeastAboveIt) {
  const BoardCurves curves = {{search({{0.0, 10.0}}, 8.0)}, {search({{0.0, 9.0}, {0.5, 11.0}}, 8.0)}};
  const auto table = rank_curves(board_of(curves), curves);
  ASSERT_TRUE(table);
  EXPECT_DOUBLE_EQ(table->kilograms.front(), 0.5);
  EXPECT_EQ(table->mean[1].front(), 1.0);
}

// ---- A target ----

BoardCurves ending_at(const std::vector<double>& values) {
  BoardCurves curves(1);
  for (const double value : values) curves.front().push_back(search({{1.0, value}}, 2.0));
  return curves;
}

TEST(TypicalTarget, IsWhatHalfTheSearchesReachRoundedToTheEasierSide) {
  // Middle 94.27, quartiles .35 apart: steps of .1.
  const Board up = board_of(ending_at({93.81, 94.08, 94.27, 94.43, 94.61}));
  EXPECT_EQ(typical_target(up), 94.2);
  const Board down = board_of(ending_at({3.81, 4.08, 4.27, 4.43, 4.61}), Direction::minimise, 10.0);
  EXPECT_EQ(typical_target(down), 4.3);
  // Of an even number, half and not one more.
  EXPECT_EQ(typical_target(board_of(ending_at({10.0, 20.0, 30.0, 40.0}))), 30.0);
  EXPECT_EQ(typical_target(board_of(ending_at({10.0, 20.0, 30.0, 40.0}), Direction::minimise, 90.0)), 20.0);
}

TEST(TypicalTarget, LeavesARoundMiddleAlone) {
  EXPECT_EQ(typical_target(board_of(ending_at({93.8, 94.0, 94.1, 94.2, 94.4}))), 94.1);
  EXPECT_EQ(typical_target(board_of(ending_at({0.21, 0.23, 0.29, 0.31, 0.4}), Direction::minimise, 1.0)),
            0.29);
  EXPECT_EQ(typical_target(board_of(ending_at({2100.0, 2500.0, 3000.0, 4000.0, 5000.0}))), 3000.0);
}

TEST(TypicalTarget, IsNotRoundedToWhatTheDefaultHas) {
  EXPECT_EQ(
      typical_target(board_of(ending_at({93.81, 94.08, 94.27, 94.43, 94.61}), Direction::maximise, 94.25)),
      94.27);
}

TEST(TypicalTarget, IsRoundedFinerWhereTheRoundValueIsHadForNothing) {
  EXPECT_EQ(
      typical_target(board_of(ending_at({93.81, 94.08, 94.277, 94.43, 94.61}), Direction::maximise, 94.25)),
      94.27);
}

TEST(TypicalTarget, OfEqualSearchesIsTheirValueAndOfNoneNone) {
  EXPECT_EQ(typical_target(board_of(ending_at({94.27, 94.27, 94.27}))), 94.27);
  EXPECT_EQ(typical_target(board_of(ending_at({94.27}))), 94.27);
  EXPECT_EQ(typical_target(board_of({{nothing(1.0)}})), std::nullopt);
}

RC_GTEST_PROP(TypicalTarget, IsReachedByHalfTheSearches, (bool up)) {
  const auto hundredths =
      *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(-9999, 9999)));
  std::vector<double> values;
  for (const int value : hundredths) values.push_back(value / 100.0);
  const Board board =
      board_of(ending_at(values), up ? Direction::maximise : Direction::minimise, up ? -100 : 100);
  const double target = *typical_target(board);
  const auto reached =
      std::ranges::count_if(values, [&](double v) { return up ? v >= target : v <= target; });
  RC_ASSERT(2 * static_cast<std::size_t>(reached) >= values.size());
}

TEST(CarbonTo, IsAllThatWasSpentOverTheSuccesses) {
  // Reached at 2, missed with 10 spent, reached at 3 exactly (and lost again: once is enough).
  const BoardCurves curves = {{search({{1.0, 90.0}, {2.0, 95.0}}, 10.0), search({{1.0, 93.9}}, 10.0),
                               search({{3.0, 94.0}, {4.0, 93.0}}, 10.0)},
                              {nothing(5.0), search({{0.0, 93.0}}, 7.0)}};
  const auto costs = carbon_to(board_of(curves), curves, 94.0);
  ASSERT_THAT(costs, SizeIs(2));
  EXPECT_EQ(costs[0].searches, 3U);
  EXPECT_EQ(costs[0].successes, 2U);
  EXPECT_DOUBLE_EQ(costs[0].cost->value, (2.0 + 10.0 + 3.0) / 2.0);
  EXPECT_EQ(costs[0].median_of_reached, 2.5);
  EXPECT_EQ(costs[1].searches, 2U);
  EXPECT_EQ(costs[1].successes, 0U);
  EXPECT_FALSE(costs[1].cost);
  const auto down = carbon_to(board_of(curves, Direction::minimise, 100.0), curves, 93.0);
  EXPECT_EQ(down[0].successes, 2U);
  EXPECT_DOUBLE_EQ(down[0].cost->value, (1.0 + 10.0 + 4.0) / 2.0);
  EXPECT_DOUBLE_EQ(down[1].cost->value, 5.0 + 0.0);
}

// ---- Attainment ----

TEST(Attainment, CornersOfFourSearches) {
  // Half of four are two: by 2 kg the second best is 90, by 3 kg 91, by 4 kg 92.
  const std::vector<SearchCurve> searches = {search({{1.0, 90.0}, {4.0, 92.0}}, 8.0),
                                             search({{2.0, 93.0}}, 8.0), search({{3.0, 91.0}}, 8.0),
                                             nothing(8.0)};
  const auto levels = attainment(board_of({searches}), searches);
  EXPECT_EQ(levels[0].part, 0.25);
  EXPECT_THAT(levels[0].kilograms, ElementsAre(1.0, 2.0));
  EXPECT_THAT(levels[0].values, ElementsAre(90.0, 93.0));
  EXPECT_EQ(levels[1].part, 0.5);
  EXPECT_THAT(levels[1].kilograms, ElementsAre(2.0, 3.0, 4.0));
  EXPECT_THAT(levels[1].values, ElementsAre(90.0, 91.0, 92.0));
  EXPECT_EQ(levels[2].part, 0.75);
  EXPECT_THAT(levels[2].kilograms, ElementsAre(3.0, 4.0));
  EXPECT_THAT(levels[2].values, ElementsAre(90.0, 91.0));
  // Smaller is better: by 3 kg the three have 90, 93 and 91.
  const auto down = attainment(board_of({searches}, Direction::minimise), searches);
  EXPECT_THAT(down[0].values, ElementsAre(90.0));
  EXPECT_THAT(down[1].values, ElementsAre(93.0, 91.0));
  EXPECT_THAT(down[2].values, ElementsAre(93.0));
}

TEST(Attainment, StepsOnceAtEqualCost) {
  const std::vector<SearchCurve> searches = {search({{1.0, 90.0}, {1.0, 91.0}}, 8.0),
                                             search({{1.0, 92.0}}, 8.0)};
  const auto levels = attainment(board_of({searches}), searches);
  EXPECT_THAT(levels[1].kilograms, ElementsAre(1.0));
  EXPECT_THAT(levels[1].values, ElementsAre(92.0));
  EXPECT_THAT(levels[2].values, ElementsAre(91.0));
}

TEST(Attainment, OfOneSearchIsItsBestSoFar) {
  const std::vector<SearchCurve> searches = {search({{1.0, 92.0}, {2.0, 91.0}, {3.0, 93.0}}, 8.0)};
  for (const AttainmentLevel& level : attainment(board_of({searches}), searches)) {
    EXPECT_THAT(level.kilograms, ElementsAre(1.0, 3.0));
    EXPECT_THAT(level.values, ElementsAre(92.0, 93.0));
  }
}

TEST(Attainment, OfSearchesWithoutWinnersIsEmpty) {
  const std::vector<SearchCurve> searches = {nothing(8.0), nothing(8.0)};
  for (const AttainmentLevel& level : attainment(board_of({searches}), searches))
    EXPECT_THAT(level.values, IsEmpty());
}

std::vector<SearchCurve> arbitrary_searches() {
  std::vector<SearchCurve> searches;
  const int count = *rc::gen::inRange(1, 8);
  for (int k = 0; k < count; ++k) {
    std::vector<Found> found;
    double kilograms = 0.0;
    for (const auto& [step, value] : *rc::gen::container<std::vector<std::pair<int, int>>>(
             rc::gen::pair(rc::gen::inRange(0, 4), rc::gen::inRange(-3, 9))))
      found.push_back({kilograms += step, static_cast<double>(value)});
    searches.push_back(search(std::move(found), kilograms + 1.0));
  }
  return searches;
}

RC_GTEST_PROP(Attainment, IsWhatAPartOfTheSearchesHasReached, ()) {
  const std::vector<SearchCurve> searches = arbitrary_searches();
  const double kilograms = *rc::gen::inRange(0, 40), value = *rc::gen::inRange(-3, 9);
  const auto has = [&](const SearchCurve& curve) {
    return std::ranges::any_of(curve.points, [&](const SearchCurve::Point& point) {
      return point.costs[3] <= kilograms && point.value >= value;
    });
  };
  const auto part =
      static_cast<double>(std::ranges::count_if(searches, has)) / static_cast<double>(searches.size());
  for (const AttainmentLevel& level : attainment(board_of({searches}), searches)) {
    bool attained = false;
    for (std::size_t i = 0; i < level.values.size(); ++i)
      attained = attained || (level.kilograms[i] <= kilograms && level.values[i] >= value);
    RC_ASSERT(attained == (part >= level.part));
  }
}

// ---- Hypervolume ----

TEST(Hypervolume, IsThePartOfTheRectangleThatASearchDominates) {
  // Up to 10 kg and from 90 to the best, 94: 2 * (10 - 2) + 2 * (10 - 5) of 40.
  const std::vector<SearchCurve> searches = {search({{2.0, 92.0}, {5.0, 94.0}}, 10.0)};
  const Board board = board_of({searches}, Direction::maximise, 90.0);
  EXPECT_DOUBLE_EQ(*figures_of(searches, board).hypervolume, 26.0 / 40.0);
  // With a known optimum of 98 the rectangle is twice as high.
  EXPECT_DOUBLE_EQ(*figures_of(searches, board_of({searches}, Direction::maximise, 90.0, 98.0)).hypervolume,
                   26.0 / 80.0);
  // From 100 down to 92: 8 from 2 kg on.
  EXPECT_DOUBLE_EQ(*figures_of(searches, board_of({searches}, Direction::minimise, 100.0)).hypervolume, 0.8);
}

TEST(Hypervolume, CountsTheBestSoFarAndNothingBelowTheDefault) {
  const std::vector<SearchCurve> searches = {search({{1.0, 80.0}, {2.0, 94.0}, {5.0, 91.0}}, 10.0),
                                             nothing(4.0)};
  const auto figures = figures_of(searches, board_of({searches}, Direction::maximise, 90.0));
  EXPECT_DOUBLE_EQ(*figures.hypervolume, 0.8 / 2.0);  // a search that found nothing dominates nothing
  EXPECT_FALSE(figures.hypervolume_over_seeds->low);  // two searches are too few
  EXPECT_FALSE(figures_of(searches, board_of({searches}, Direction::maximise, 95.0)).hypervolume);
}

TEST(Hypervolume, OfAllStrategiesIsInOneRectangle) {
  const BoardCurves curves = {{search({{2.0, 92.0}}, 20.0)}, {search({{2.0, 94.0}}, 10.0)}, {nothing(5.0)}};
  const auto table = carbon_figures(board_of(curves, Direction::maximise, 90.0), curves);
  EXPECT_DOUBLE_EQ(*table.strategies[0].hypervolume, 0.5 * 0.9);
  EXPECT_DOUBLE_EQ(*table.strategies[1].hypervolume, 0.9);
  EXPECT_FALSE(table.strategies[2].hypervolume);
}

RC_GTEST_PROP(Hypervolume, IsThatOfTheParetoFront, ()) {
  const std::vector<SearchCurve> searches = arbitrary_searches();
  const Board board = board_of({searches}, Direction::maximise, 0.0, 10.0);
  double width = 0.0, volume = 0.0;
  bool any = false;
  for (const SearchCurve& curve : searches) {
    width = std::max(width, curve.end[3]);
    any = any || !curve.points.empty();
  }
  for (const SearchCurve& curve : searches) {
    std::vector<Objectives> points;
    for (const SearchCurve::Point& point : curve.points) points.push_back({-point.value, point.costs[3]});
    volume += hypervolume(points, {0.0, width}) / (10.0 * width);
  }
  const auto figures = figures_of(searches, board);
  RC_ASSERT(figures.hypervolume.has_value() == any);
  if (any) RC_ASSERT(std::abs(*figures.hypervolume - volume / static_cast<double>(searches.size())) < kClose);
}

TEST(Hypervolume, HasAnIntervalOverSearches) {
  std::vector<SearchCurve> searches;
  for (const double kilograms : {2.0, 3.0, 4.0, 5.0, 6.0})
    searches.push_back(search({{kilograms, 94.0}}, 10.0));
  const auto figures = figures_of(searches, board_of({searches}, Direction::maximise, 90.0));
  EXPECT_THAT(figures.hypervolume, Optional(DoubleNear(0.6, kClose)));
  const IntervalEstimate& interval = *figures.hypervolume_over_seeds;
  EXPECT_EQ(interval.value, figures.hypervolume);
  ASSERT_TRUE(interval.low && interval.high);
  EXPECT_LT(*interval.low, 0.55);
  EXPECT_GT(*interval.high, 0.65);
  EXPECT_GE(*interval.low, 0.4 - kClose);
  EXPECT_LE(*interval.high, 0.8 + kClose);
}

// ---- Mean over ln kg ----

TEST(LogArea, IsExactForStepsInTheLogarithm) {
  // From e on 1, from e^2 on 3, until e^4: (1 + 3 * 2) / 3.
  const double e = std::numbers::e;
  const BoardCurves curves = {{search({{e, 1.0}, {e * e, 3.0}}, std::exp(4.0))}};
  const auto table = carbon_figures(board_of(curves), curves);
  EXPECT_DOUBLE_EQ(table.from, e);
  EXPECT_DOUBLE_EQ(table.to, std::exp(4.0));
  EXPECT_THAT(table.strategies[0].log_area, Optional(DoubleNear(7.0 / 3.0, kClose)));
  EXPECT_FALSE(table.strategies[0].log_area_over_seeds->low);
}

TEST(LogArea, LiesWhereAllStrategiesHaveBegunAndNoneHasEnded) {
  const BoardCurves curves = {{search({{1.0, 5.0}, {4.0, 7.0}}, 16.0), search({{2.0, 9.0}}, 64.0)},
                              {search({{1.0, 6.0}, {16.0, 100.0}}, 64.0)},
                              {nothing(1.0)}};
  const auto table = carbon_figures(board_of(curves), curves);
  EXPECT_EQ(table.from, 2.0);
  EXPECT_EQ(table.to, 16.0);
  // From 2 to 4 kg 5, from 4 to 16 kg 7: (5 + 2 * 7) / 3; the other 9.
  EXPECT_THAT(table.strategies[0].log_area, Optional(DoubleNear(((5.0 + 14.0) / 3.0 + 9.0) / 2.0, kClose)));
  EXPECT_THAT(table.strategies[1].log_area, Optional(DoubleNear(6.0, kClose)));
  EXPECT_FALSE(table.strategies[2].log_area);
}

TEST(LogArea, IsNoneWithoutACommonStretch) {
  const BoardCurves apart = {{search({{1.0, 5.0}}, 2.0)}, {search({{3.0, 6.0}}, 4.0)}};
  const auto table = carbon_figures(board_of(apart), apart);
  EXPECT_FALSE(table.strategies[0].log_area);
  EXPECT_EQ(table.from, 0.0);
  EXPECT_EQ(table.to, 0.0);
  const BoardCurves failed = {{nothing(2.0)}};
  EXPECT_EQ(carbon_figures(board_of(failed), failed).to, 0.0);
  const BoardCurves free = {{search({{0.0, 5.0}}, 0.0)}};
  EXPECT_FALSE(carbon_figures(board_of(free), free).strategies[0].log_area);
  EXPECT_FALSE(carbon_figures(board_of(free), free).strategies[0].hypervolume);
}

TEST(LogArea, OfCurvesThatBeginAtNoCostBeginsAtTheLeastAboveIt) {
  const BoardCurves curves = {{search({{0.0, 5.0}, {1.0, 6.0}}, 4.0)},
                              {search({{0.0, 3.0}, {2.0, 9.0}}, 4.0)}};
  const auto table = carbon_figures(board_of(curves), curves);
  EXPECT_EQ(table.from, 1.0);
  EXPECT_THAT(table.strategies[0].log_area, Optional(DoubleNear(6.0, kClose)));
  EXPECT_THAT(table.strategies[1].log_area, Optional(DoubleNear(6.0, kClose)));
}

TEST(LogArea, HasAnIntervalOverSearches) {
  const auto interval_of = [](const std::vector<double>& values) {
    BoardCurves curves(1);
    for (const double value : values) curves.front().push_back(search({{1.0, value}}, 4.0));
    return *carbon_figures(board_of(curves), curves).strategies[0].log_area_over_seeds;
  };
  const IntervalEstimate equal = interval_of({5.0, 5.0, 5.0, 5.0, 5.0});
  EXPECT_THAT(equal.low, Optional(DoubleNear(5.0, kClose)));
  EXPECT_THAT(equal.high, Optional(DoubleNear(5.0, kClose)));
  const IntervalEstimate spread = interval_of({3.0, 4.0, 5.0, 6.0, 7.0});
  EXPECT_NEAR(spread.value, 5.0, kClose);
  ASSERT_TRUE(spread.low && spread.high);
  EXPECT_LT(*spread.low, 4.5);
  EXPECT_GT(*spread.high, 5.5);
}

// ---- What more kilograms bring ----

TEST(WorthUntil, IsWhereTheGainLessItsPriceIsGreatest) {
  // Gains of 4 by 1 kg, 6 by 2 kg, 7 by 4 kg, 7.5 by 16 kg.
  const std::vector<SearchCurve> searches = {
      search({{1.0, 94.0}, {2.0, 96.0}, {4.0, 97.0}, {16.0, 97.5}}, 20.0)};
  const Board board = board_of({searches}, Direction::maximise, 90.0);
  EXPECT_EQ(figures_of(searches, board, 5.0).worth_until, std::nullopt);
  EXPECT_EQ(figures_of(searches, board, 3.0).worth_until, 1.0);
  EXPECT_EQ(figures_of(searches, board, 1.0).worth_until, 2.0);
  EXPECT_EQ(figures_of(searches, board, 0.25).worth_until, 4.0);
  EXPECT_EQ(figures_of(searches, board, 0.03125).worth_until, 16.0);
  // Of equal ones the cheaper: .5 a kg for the step from 2 to 4 kg.
  EXPECT_EQ(figures_of(searches, board, 0.5).worth_until, 2.0);
}

TEST(WorthUntil, PassesOverAFlatStretchThatALaterGainPaysFor) {
  const std::vector<SearchCurve> searches = {search({{1.0, 91.0}, {10.0, 99.0}}, 20.0)};
  EXPECT_EQ(figures_of(searches, board_of({searches}, Direction::maximise, 90.0), 0.5).worth_until, 10.0);
}

TEST(WorthUntil, GoesByTheMeanFromWhereAllHaveSomething) {
  // Means: 3 by 2 kg, 5 by 4 kg; at 1 kg one of the two has nothing yet.
  const std::vector<SearchCurve> searches = {search({{1.0, 96.0}}, 8.0),
                                             search({{2.0, 90.0}, {4.0, 94.0}}, 8.0), nothing(8.0)};
  const Board board = board_of({searches}, Direction::maximise, 90.0);
  EXPECT_EQ(figures_of(searches, board, 1.25).worth_until, 2.0);
  EXPECT_EQ(figures_of(searches, board, 0.75).worth_until, 4.0);
  const Board down = board_of({searches}, Direction::minimise, 100.0);
  EXPECT_EQ(figures_of(searches, down, 1.0).worth_until, 2.0);
}

TEST(WorthUntil, TakesATenthOfWhatTheBestStrategyGainsPerKilogram) {
  // The best ends 8 above the default for 20 kg. The other's ratio is ten times as high and sets nothing.
  const BoardCurves curves = {{search({{1.0, 94.0}, {10.0, 98.0}}, 20.0)}, {search({{0.25, 91.0}}, 0.25)}};
  EXPECT_DOUBLE_EQ(carbon_figures(board_of(curves, Direction::maximise, 90.0), curves).threshold, 0.04);
  EXPECT_EQ(carbon_figures(board_of(curves, Direction::maximise, 90.0), curves, 0.7).threshold, 0.7);
  const auto beaten = carbon_figures(board_of(curves, Direction::maximise, 99.0), curves);
  EXPECT_EQ(beaten.threshold, 0.0);
  EXPECT_FALSE(beaten.strategies[0].worth_until);
}

// ---- From a store ----

TEST(ReadCurves, AreWhatTheSearchesRecorded) {
  const TemporaryFolder folder;
  folder.write("e.yaml",
               "name: curves\n"
               "seeds: 3\n"
               "problems: [{cell_nas: {task: cifar10}}]\n"
               "strategies: [random, tpe]\n"
               "cluster: {device: V100, workers: 2, grid: US-2018, price: 2 USD/h}\n"
               "budget: {evaluations: 40}\n");
  const auto finished = run_program("run e.yaml --quiet --out r", folder.path());
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const Store store = Store::open(folder.path() / "r");
  const std::vector<Board> boards = read_boards(store);
  const std::vector<BoardCurves> curves = read_curves(store, boards);
  std::size_t rows = 0, points = 0;
  store.each_incumbent([&](const IncumbentRow&) { ++rows; });
  ASSERT_THAT(curves, SizeIs(1));
  ASSERT_THAT(curves[0], SizeIs(2));
  for (std::size_t s = 0; s < 2; ++s) {
    ASSERT_THAT(curves[0][s], SizeIs(3));
    for (std::size_t k = 0; k < 3; ++k) {
      const SearchCurve& curve = curves[0][s][k];
      const BoardSearch& cell = boards[0].strategies[s].searches[k];
      points += curve.points.size();
      EXPECT_EQ(curve.points.back().value, cell.value);
      EXPECT_EQ(curve.end[0], 40.0);
      EXPECT_EQ(curve.end[3], cell.kilograms);
      for (std::size_t axis = 0; axis < kCostAxes; ++axis) {
        EXPECT_GT(curve.points.front().costs[axis], 0.0);
        for (std::size_t i = 1; i < curve.points.size(); ++i)
          EXPECT_GE(curve.points[i].costs[axis], curve.points[i - 1].costs[axis]);
        EXPECT_GE(curve.end[axis], curve.points.back().costs[axis]);
      }
    }
  }
  EXPECT_EQ(points, rows);
}

}  // namespace
}  // namespace tonne
