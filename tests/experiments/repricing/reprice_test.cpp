#include "experiments/repricing/reprice.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "core/error.h"
#include "experiments/repricing/choices.h"
#include "experiments/results/records.h"
#include "experiments/results/store.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

using testing::TemporaryFolder;

std::string experiment(const std::string& cluster, const std::string& rules) {
  return "name: searches\nseeds: 2\nproblems: [{cell_nas: {task: cifar10}}]\nstrategies: [random, tpe, asha]\ncluster: {" + cluster + "}\n" + rules;
}

// A store of a run of that file.
Store searched(const TemporaryFolder& folder, const std::string& name, const std::string& text) {
  folder.write(name + ".yaml", text);
  const auto ran = testing::run_program("run " + name + ".yaml --quiet --out " + name, folder.path());
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  return Store::open(folder / name);
}

Elsewhere elsewhere(std::vector<ClusterChange> changes) { return {"there", std::move(changes)}; }

std::map<std::string, RepricedSearch> by_strategy(const Repricing& repricing) {
  std::map<std::string, RepricedSearch> rows;
  for (const RepricedSearch& row : repricing.rows) rows[row.strategy] = row;
  return rows;
}

constexpr const char* kEvaluations = "budget: {evaluations: 12}\n";

void expect_unchanged(const Store& store) {
  const std::vector<Elsewhere> places = {elsewhere({})};
  const Repricing same = reprice(store, places);
  ASSERT_EQ(same.rows.size(), 3U);
  EXPECT_TRUE(same.doubts.empty());
  for (const RepricedSearch& row : same.rows) {
    EXPECT_EQ(row.after.energy, row.before.energy);
    EXPECT_EQ(row.after.operational, row.before.operational);
    EXPECT_EQ(row.after.embodied, row.before.embodied);
    EXPECT_EQ(row.after.money, row.before.money);
    EXPECT_EQ(row.after.water, row.before.water);
    EXPECT_EQ(row.time_after, row.time_before);
  }
}

TEST(Reprice, UnchangedSettingsGiveTheRecordedTotalToTheLastDigit) {
  const TemporaryFolder folder;
  expect_unchanged(searched(folder, "one", experiment("device: V100", kEvaluations)));
  expect_unchanged(searched(folder, "eight", experiment("device: V100, workers: 8", "budget: {co2e: 2 kg}\novershoot: deny\n")));
  expect_unchanged(searched(folder, "spot", experiment("device: V100, preemption: {interval: 2 h}", kEvaluations)));
}

TEST(Reprice, OneWorkerWithABudgetOfEvaluationsCostsWhatARunThereCosts) {
  const TemporaryFolder folder;
  const Store here = searched(folder, "here", experiment("device: V100, grid: US-2018", kEvaluations));
  const Store there = searched(folder, "there", experiment("device: A100-40GB, grid: FRA-2023, facility: {pue: 1.1}", kEvaluations));
  const std::vector<Elsewhere> places = {
      elsewhere({{"device", "A100-40GB"}, {"grid", "FRA-2023"}, {"facility", "{pue: 1.1}"}})};
  const Repricing moved = reprice(here, places);
  EXPECT_TRUE(moved.doubts.empty());
  const std::vector<Elsewhere> unchanged = {elsewhere({})};
  const auto ran = by_strategy(reprice(there, unchanged));
  for (const auto& [strategy, row] : by_strategy(moved)) {
    const Usage& expected = ran.at(strategy).before;
    EXPECT_NEAR(row.after.energy / expected.energy, 1.0, 1e-12) << strategy;
    EXPECT_NEAR(row.after.operational / expected.operational, 1.0, 1e-12) << strategy;
    EXPECT_NEAR(row.after.embodied / expected.embodied, 1.0, 1e-12) << strategy;
    EXPECT_NEAR(row.after.money / expected.money, 1.0, 1e-12) << strategy;
    EXPECT_NEAR(row.time_after / ran.at(strategy).time_before, 1.0, 1e-12) << strategy;
    EXPECT_LT(row.after.carbon(), row.before.carbon());
    EXPECT_TRUE(row.same_order);
  }
}

TEST(Reprice, SaysWhereTheSearchCouldHaveGoneAnotherWay) {
  const TemporaryFolder folder;
  const Store eight = searched(folder, "eight", experiment("device: V100, workers: 8", kEvaluations));
  const std::vector<Elsewhere> device = {elsewhere({{"device", "A100-40GB"}})};
  const Repricing faster = reprice(eight, device);
  ASSERT_EQ(faster.doubts.size(), 1U);
  EXPECT_NE(faster.doubts.front().find("8 workers"), std::string::npos);
  const std::vector<Elsewhere> grid = {elsewhere({{"grid", "FRA-2023"}})};
  EXPECT_TRUE(reprice(eight, grid).doubts.empty());
  const Store carbon = searched(folder, "carbon", experiment("device: V100", "budget: {co2e: 1 kg}\n"));
  EXPECT_FALSE(reprice(carbon, grid).doubts.empty());
  const auto told = testing::run_program("reprice carbon --grid FRA-2023", folder.path());
  EXPECT_NE(told.out.find("tonne run"), std::string::npos) << told.out << told.err;
}

TEST(Reprice, RefusesWhatItCannotTell) {
  const TemporaryFolder folder;
  const Store store = searched(folder, "one", experiment("device: V100", kEvaluations));
  const std::vector<Elsewhere> workers = {elsewhere({{"workers", "2"}})};
  EXPECT_THROW((void)reprice(store, workers), InputError);
  const std::vector<Elsewhere> unknown = {elsewhere({{"colour", "red"}})};
  EXPECT_THROW((void)reprice(store, unknown), InputError);
  const std::vector<Elsewhere> device = {elsewhere({{"device", "abacus"}})};
  EXPECT_THROW((void)reprice(store, device), InputError);
}

TEST(RepriceChoices, ListsPartAtCommasOutsideOfBraces) {
  EXPECT_EQ(list_parts("a, {b: 1, c: 2},,d"), (std::vector<std::string>{"a", "{b: 1, c: 2}", "d"}));
  EXPECT_EQ(starts_in("2022-06-01..2022-06-01T12:00", "6 h").size(), 3U);
  EXPECT_THROW((void)starts_in("2022-06-02..2022-06-01", "6 h"), InputError);
  EXPECT_EQ(combined({{"grid", {"a", "b"}}, {"device", {"c", "d", "e"}}, {"host", {}}}).size(), 6U);
}

}  // namespace
}  // namespace tonne
