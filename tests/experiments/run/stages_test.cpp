// The ledger by stage, from the simulator to the table.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "experiments/analysis/leaderboard.h"
#include "experiments/exports/summary.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/results/store.h"
#include "experiments/run/runner.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

class Stages : public ::testing::Test {
 protected:
  [[nodiscard]] Store run(const std::string& problem) const {
    const Experiment experiment =
        parse_experiment("problems: [" + problem +
                             "]\nstrategies: [random, {in_sequence: {evaluations: [4]}}]\n"
                             "seeds: 3\nbudget: {evaluations: 20}\n",
                         "e.yaml", ".");
    Store store = Store::create(folder_ / "r", experiment, {});
    Progress progress;
    EXPECT_TRUE(run_cells(experiment, {}, 1, store, progress));
    store.close();
    return Store::open(folder_ / "r");
  }

  testing::TemporaryFolder folder_;
};

// One worker and strategies that compute nothing: all of the bill is the trials'.
TEST_F(Stages, TheyAreTheWholeBillOfTheTrials) {
  const Store store = run("automl: {epochs: 5}");
  for (const CellRecord& cell : store.cells()) {
    ASSERT_EQ(cell.stages.size(), 4U);
    Carbon sum{};
    for (const StageUsage& stage : cell.stages) {
      EXPECT_GT(stage.usage.carbon(), Carbon{}) << stage.stage;
      sum += stage.usage.carbon();
    }
    EXPECT_NEAR(sum / cell.search.carbon(), 1.0, 1e-9);
  }
}

TEST_F(Stages, TablesShowThem) {
  const Store store = run("automl: {epochs: 5}");
  const auto boards = leaderboards(store);
  const std::string text = format_leaderboards(boards);
  EXPECT_NE(text.find("CO2e by stage"), std::string::npos);
  EXPECT_NE(text.find("hyper-parameters"), std::string::npos);
  const auto json = nlohmann::json::parse(summary_json(store));
  const auto& row = json["leaderboards"][0]["rows"][0];
  ASSERT_EQ(row["stages"].size(), 4U);
  EXPECT_EQ(row["stages"][0]["stage"], "features");
  double sum = 0.0;
  for (const auto& stage : row["stages"]) sum += stage["usage"]["co2e_kg"].get<double>();
  EXPECT_NEAR(sum, row["search"]["co2e_kg"].get<double>(), 1e-9 * sum);
}

TEST_F(Stages, ProblemsWithoutThemShowNothing) {
  const Store store = run("cell_nas");
  for (const CellRecord& cell : store.cells()) EXPECT_TRUE(cell.stages.empty());
  EXPECT_EQ(format_leaderboards(leaderboards(store)).find("by stage"), std::string::npos);
  EXPECT_FALSE(nlohmann::json::parse(summary_json(store))["leaderboards"][0]["rows"][0].contains("stages"));
}

}  // namespace
}  // namespace tonne
