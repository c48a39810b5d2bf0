// Curves over costs, on searches small enough to do by hand.

#include "experiments/analysis/anytime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <optional>

#include "experiments/results/store.h"
#include "tests/experiments/analysis/anytime_support.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::SizeIs;
using testing::board_of;
using testing::kCarbon;
using testing::nothing;
using testing::run_program;
using testing::search;
using testing::TemporaryFolder;

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
  EXPECT_EQ(search({{1.0, 5.0}}, 3.0).value_at(kCarbon, 0.9), std::nullopt);
  EXPECT_EQ(nothing(3.0, 80.0).value_at(kCarbon, 0.0), 80.0);  // the default configuration
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

TEST(MeanCurves, CountSearchesInWhichEverythingFailedWithTheDefault) {
  const MeanCurve curve =
      mean_curves({{search({{1.0, 5.0}}, 2.0), nothing(4.0, 1.0)}}, kCarbon, 3).strategies.front();
  EXPECT_EQ(curve.searches, 2U);
  EXPECT_THAT(curve.running, ElementsAre(2, 2, 1));
  EXPECT_EQ(curve.mean.back(), 3.0);
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

TEST(RankCurves, CountTheSeedsThatAllHave) {
  const BoardCurves curves = {
      {search({{1.0, 10.0}}, 8.0), search({{2.0, 1.0}}, 8.0), search({{1.0, 9.0}}, 8.0)},
      {search({{1.0, 8.0}}, 8.0), nothing(8.0)},
  };
  const auto table = rank_curves(board_of(curves), curves);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->seeds, 2U);
  EXPECT_EQ(table->mean[0].back(), 1.0);  // a search that found nothing ranks with the default, 0
  EXPECT_DOUBLE_EQ(table->kilograms.front(), 2.0);
}

TEST(RankCurves, AreNoneWithoutRivalsSeedsOrAStretchInCommon) {
  const auto one = [](SearchCurve curve) { return std::vector<SearchCurve>{std::move(curve)}; };
  const BoardCurves alone = {one(search({{1.0, 10.0}}, 8.0))};
  EXPECT_FALSE(rank_curves(board_of(alone), alone));
  BoardCurves others = {one(search({{1.0, 10.0}}, 8.0)), one(search({{1.0, 9.0}}, 8.0))};
  Board unlike = board_of(others);
  unlike.strategies[1].searches[0].seed = 7;
  EXPECT_FALSE(rank_curves(unlike, others));
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
