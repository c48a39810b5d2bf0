// What follows from curves over costs, on searches small enough to do by hand.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <numbers>
#include <optional>

#include "core/pareto.h"
#include "experiments/analysis/anytime.h"
#include "tests/experiments/analysis/anytime_support.h"

namespace tonne {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::SizeIs;
using testing::board_of;
using testing::Found;
using testing::kClose;
using testing::nothing;
using testing::search;

CarbonFigures figures_of(const std::vector<SearchCurve>& searches, const Board& board,
                         double threshold = 0.0) {
  return carbon_figures(board, {searches}, threshold).strategies.front();
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
  EXPECT_EQ(table.strategies[2].hypervolume, 0.0);  // not even one search found anything
}

RC_GTEST_PROP(Hypervolume, IsThatOfTheParetoFront, ()) {
  const std::vector<SearchCurve> searches = arbitrary_searches();
  const Board board = board_of({searches}, Direction::maximise, 0.0, 10.0);
  double width = 0.0, volume = 0.0;
  for (const SearchCurve& curve : searches) width = std::max(width, curve.end[3]);
  for (const SearchCurve& curve : searches) {
    std::vector<Objectives> points;
    for (const SearchCurve::Point& point : curve.points) points.push_back({-point.value, point.costs[3]});
    volume += hypervolume(points, {0.0, width}) / (10.0 * width);
  }
  const auto figures = figures_of(searches, board);
  RC_ASSERT(figures.hypervolume.has_value() == (width > 0.0));
  if (width > 0.0) RC_ASSERT(std::abs(*figures.hypervolume - volume / static_cast<double>(searches.size())) < kClose);
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
  EXPECT_THAT(table.strategies[2].log_area, Optional(DoubleNear(0.0, kClose)));  // the default stays in place
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
  // Means of all three: 2 by 2 kg, 10 / 3 by 4 kg; at 1 kg one has nothing yet, and one never has more than the default.
  const std::vector<SearchCurve> searches = {search({{1.0, 96.0}}, 8.0),
                                             search({{2.0, 90.0}, {4.0, 94.0}}, 8.0),
                                             nothing(8.0, 90.0)};
  const Board board = board_of({searches}, Direction::maximise, 90.0);
  EXPECT_EQ(figures_of(searches, board, 0.8).worth_until, 2.0);
  EXPECT_EQ(figures_of(searches, board, 0.5).worth_until, 4.0);
  const std::vector<SearchCurve> losses = {searches[0], searches[1], nothing(8.0, 100.0)};
  const Board down = board_of({losses}, Direction::minimise, 100.0);
  EXPECT_EQ(figures_of(losses, down, 1.0).worth_until, 2.0);
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

}  // namespace
}  // namespace tonne
