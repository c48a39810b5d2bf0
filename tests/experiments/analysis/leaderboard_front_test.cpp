// Fronts of several objectives: which trials count, and which searches.

#include "experiments/analysis/leaderboard_front.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "experiments/analysis/leaderboard.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/results/store.h"
#include "experiments/run/runner.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

using Point = std::vector<double>;

Store searched(const testing::TemporaryFolder& folder, const std::string& text) {
  const Experiment experiment = parse_experiment(text, "e.yaml", folder.path());
  Store store = Store::create(folder / "r", experiment, {});
  Progress progress;
  EXPECT_TRUE(run_cells(experiment, {}, 1, store, progress));
  store.close();
  return Store::open(folder / "r");
}

std::vector<Point> points_of(const JointFront& front) {
  std::vector<Point> points;
  for (const FrontPoint& point : front.points) points.emplace_back(point.values.begin(), point.values.end());
  return points;
}

// After one epoch the first row looks better than any row after nine.
const std::string kCurves =
    "lr,err_e1,err_e9,lat,sec\n0.1,0.10,0.40,5,90\n0.01,0.30,0.20,9,90\n0.001,0.50,0.50,20,90\n1,0.60,0.55,"
    "30,90\n";
const std::string kCurvesProblem =
    "problems:\n  - tabular: {file: t.csv, decisions: [lr], objective: 'err_e{fidelity}', fidelities: [1, "
    "9], direction: "
    "minimise, time: sec, default: [0.01], further_objectives: {latency: {columns: lat, direction: "
    "minimise}}}\n";

TEST(LeaderboardFront, IsOfFullTrainingsOnly) {
  const testing::TemporaryFolder folder;
  folder.write("t.csv", kCurves);
  const Store store =
      searched(folder, "seeds: 5\n" + kCurvesProblem +
                           "strategies: [{nsga2: {population: 4}}, hyperband]\nbudget: {evaluations: 30}\n");
  bool partial = false;
  store.each_trial([&](const TrialRow& row) { partial = partial || row.fidelity < 9.0; });
  EXPECT_TRUE(partial);
  const Leaderboard board = leaderboards(store).at(0);
  ASSERT_TRUE(board.front);
  EXPECT_EQ(points_of(*board.front), (std::vector<Point>{{0.20, 9.0}, {0.40, 5.0}}));
  for (const LeaderboardRow& row : board.rows) {
    ASSERT_TRUE(row.front) << row.strategy;
    EXPECT_LE(row.front->size, 2.0) << row.strategy;
    EXPECT_LE(row.front->hypervolume.mean, 1.0 + 1e-12) << row.strategy;
  }
}

TEST(LeaderboardFront, OfPartialTrainingsAloneThereIsNone) {
  const testing::TemporaryFolder folder;
  folder.write("t.csv", kCurves);
  const Store store =
      searched(folder, kCurvesProblem + "strategies: {random: {fidelity: 1}}\nbudget: {evaluations: 10}\n");
  const Leaderboard board = leaderboards(store).at(0);
  EXPECT_FALSE(board.front);
  EXPECT_FALSE(board.rows.at(0).front);
}

// Most of the searches below find none of the four rows that did not fail.
TEST(LeaderboardFront, SearchesThatFindNothingCountAsZero) {
  const testing::TemporaryFolder folder;
  std::string table = "a,b,loss,e2,sec\n";
  for (int a = 0; a < 8; ++a)
    for (int b = 0; b < 8; ++b)
      table += fmt::format("{},{},{},60\n", a, b, a == b && a > 3 ? fmt::format("0.{},0.{}", a, 9 - a) : ",");
  folder.write("t.csv", table);
  const Store store = searched(folder,
                               "seeds: 12\nproblems:\n  - tabular: {file: t.csv, decisions: [a, b], "
                               "objective: loss, direction: minimise, time: sec, "
                               "further_objectives: {e2: {columns: e2, direction: minimise}}}\nstrategies: "
                               "[random, grid]\nbudget: {evaluations: 5}\n");
  std::map<std::string, std::map<std::size_t, std::vector<Point>>> found;  // by strategy and cell
  const auto strategies = store.strategies();
  const auto cells = store.cells();
  for (const CellRecord& cell : cells) found[strategies[cell.strategy].label][cell.index];
  store.each_trial([&](const TrialRow& row) {
    if (row.status == TrialStatus::completed)
      found[strategies[cells[row.cell].strategy].label][row.cell].push_back(
          {row.objectives.at(0), row.objectives.at(1)});
  });
  const Leaderboard board = leaderboards(store).at(0);
  ASSERT_TRUE(board.front);
  ASSERT_EQ(board.rows.size(), 2U);
  for (const LeaderboardRow& row : board.rows) {
    ASSERT_TRUE(row.front) << row.strategy;
    EXPECT_EQ(row.front->hypervolume.count, 12U) << row.strategy;
    std::size_t points = 0, empty = 0;
    for (const auto& [cell, own] : found[row.strategy]) {
      points += std::set<Point>(own.begin(), own.end()).size();  // no row dominates another
      empty += own.empty() ? 1U : 0U;
    }
    EXPECT_DOUBLE_EQ(row.front->size, static_cast<double>(points) / 12.0) << row.strategy;
    EXPECT_LE(row.front->hypervolume.mean, 1.0 - static_cast<double>(empty) / 12.0) << row.strategy;
    EXPECT_GT(empty, 0U) << row.strategy;
    EXPECT_LT(empty, 12U) << row.strategy;
  }
}

TEST(LeaderboardFront, AStrategyThatFindsNothingHasAHypervolumeOfZero) {
  const testing::TemporaryFolder folder;
  folder.write("t.csv", kCurves);
  const Store store = searched(
      folder, "seeds: 3\n" + kCurvesProblem +
                  "strategies: [random, random: {fidelity: 1, label: partial}]\nbudget: {evaluations: 10}\n");
  const Leaderboard board = leaderboards(store).at(0);
  ASSERT_TRUE(board.front);
  const auto partial = std::ranges::find(board.rows, "partial", &LeaderboardRow::strategy);
  ASSERT_NE(partial, board.rows.end());
  ASSERT_TRUE(partial->front);
  EXPECT_EQ(partial->front->hypervolume.mean, 0.0);
  EXPECT_EQ(partial->front->hypervolume.count, 3U);
  EXPECT_EQ(partial->front->size, 0.0);
}

// The cheapest result is chosen from the same front: a partial training must not push out the one that is as
// good as the default.
TEST(LeaderboardFront, TheCheapestIsAFullTraining) {
  const testing::TemporaryFolder folder;
  folder.write("t.csv", kCurves);
  const Store store =
      searched(folder, kCurvesProblem +
                           "strategies: hyperband\nbudget: {evaluations: 60}\ndeployment: {trainings: 10}\n");
  const auto cells = store.cells();
  ASSERT_EQ(cells.size(), 1U);
  ASSERT_TRUE(cells[0].payback);
  EXPECT_TRUE(cells[0].payback->cheapest);
}

}  // namespace
}  // namespace tonne
