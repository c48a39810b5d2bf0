// What the store says of its own content: each cell's digest, damage by name, and the copy for SQL.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/results/store.h"
#include "experiments/run/runner.h"
#include "tests/experiments/results/changed_store.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

using ::testing::HasSubstr;

// Something in every table: uncertain figures, stages, deployment, several objectives, sites.
const std::string kEverything =
    "name: everything\nseeds: 2\nproblems:\n  - cell_nas\n  - automl\n"
    "strategies: [random, {follow_the_sun: {strategy: local_search}}]\n"
    "cluster:\n  workers: 3\n  device: V100\n  facility: {pue: 1.1..1.58}\n  grid: {intensity: 400 g/kWh}\n"
    "  sites: {west: {grid: {intensity: 100 g/kWh}}}\n"
    "deployment: {inferences: 1000000}\nuncertainty: {draws: 4}\nbudget: {evaluations: 12}\nfinal: {retrain: winner}\n";

class StoredCells : public ::testing::Test {
 protected:
  Store run(const std::string& name, const std::string& text) {
    const Experiment experiment = parse_experiment(text, "e.yaml", folder_.path().string());
    Store store = Store::create(folder_ / name, experiment, {});
    Progress progress;
    EXPECT_TRUE(run_cells(experiment, {}, 1, store, progress));
    store.close();
    return Store::open(folder_ / name);
  }
  void change(const std::string& name, const std::string& sql) {
    testing::change_store(folder_ / name / Store::kFileName, sql);
  }

  const testing::TemporaryFolder folder_;
};

TEST_F(StoredCells, EveryCellAgreesWithItsDigestAndEveryChangeIsNoticed) {
  (void)run("r", kEverything);
  {
    const Store store = Store::open(folder_ / "r");
    for (std::size_t cell = 0; cell < store.planned_cells(); ++cell) EXPECT_EQ(store.damage_of_cell(cell), std::nullopt) << cell;
    EXPECT_EQ(store.damage_of_cell(99), "it has not finished");
  }
  for (const char* harm :
       {"UPDATE cells SET trained=trained*2", "UPDATE accounts SET worker_s=worker_s+1 WHERE account='idle'",
        "UPDATE ledger SET usd=usd+1 WHERE line='rental'", "DELETE FROM ledger WHERE line='host'", "DELETE FROM trial_blocks",
        "UPDATE incumbents SET true_value=true_value+1", "UPDATE variants SET energy_j=0", "UPDATE payback SET trained_to=1",
        "UPDATE stages SET usd=77", "UPDATE cells SET winner_true_value=NULL"}) {
    std::filesystem::copy(folder_ / "r", folder_ / "harmed");
    change("harmed", harm);
    EXPECT_EQ(Store::open(folder_ / "harmed").damage_of_cell(5), "its content is not what was written") << harm;
    std::filesystem::remove_all(folder_ / "harmed");
  }
}

TEST_F(StoredCells, AFlippedByteIsNamedByFileCellAndBlock) {
  (void)run("r", "seeds: 3\nproblems: [cell_nas]\nstrategies: [random]\nbudget: {evaluations: 5000}\n");
  change("r", "UPDATE trial_blocks SET data=substr(data, 1, 40) || x'ff' || substr(data, 42) WHERE cell=1 AND first_trial=4096");
  const Store store = Store::open(folder_ / "r");
  std::size_t read = 0;
  try {
    store.each_trial([&](const TrialRow&) { ++read; });
    FAIL() << "the block was read";
  } catch (const StoreError& error) {
    EXPECT_THAT(error.what(), HasSubstr("r/results.sqlite: is damaged: the block of trials from 4096 on, of cell 1"));
  }
  EXPECT_EQ(read, 5000U + 4096U) << "of cell 0, and of the first block of cell 1";
  EXPECT_EQ(store.damage_of_cell(0), std::nullopt);
  EXPECT_THAT(store.damage_of_cell(1).value_or(""), HasSubstr("the block of trials from 4096 on, of cell 1"));
  EXPECT_EQ(store.damage_of_cell(2), std::nullopt);
  std::size_t of_last = 0;
  store.each_trial(2, [&](const TrialRow& row) { of_last += row.cell == 2 ? 1U : 0U; });
  EXPECT_EQ(of_last, 5000U);
}

TEST_F(StoredCells, TheCopyForSqlHasARowForEachTrial) {
  const Store store = run("r", kEverything);
  store.write_rows(folder_ / "rows.sqlite");
  const SQLite::Database copy((folder_ / "rows.sqlite").string());
  SQLite::Statement query(copy, "SELECT cell, trial, end_s, objective, status, site, usd, configuration FROM trials ORDER BY cell, trial");
  std::size_t moved = 0;
  store.each_trial([&](const TrialRow& row) {
    ASSERT_TRUE(query.executeStep());
    EXPECT_EQ(static_cast<std::size_t>(query.getColumn(0).getInt64()), row.cell);
    EXPECT_EQ(static_cast<std::uint64_t>(query.getColumn(1).getInt64()), row.trial);
    EXPECT_EQ(query.getColumn(2).getDouble(), row.end_s);
    EXPECT_EQ(query.getColumn(3).isNull(), !row.objective());
    EXPECT_EQ(query.getColumn(4).getString(), to_string(row.status));
    EXPECT_EQ(query.getColumn(5).isNull(), row.site.empty());
    EXPECT_EQ(query.getColumn(6).getDouble(), row.usd);
    moved += row.site.empty() ? 0U : 1U;
  });
  EXPECT_FALSE(query.executeStep());
  EXPECT_GT(moved, 0U);
  EXPECT_EQ(SQLite::Statement(copy, "SELECT 1 FROM cells").executeStep(), true);
  EXPECT_FALSE(copy.tableExists("trial_blocks"));
  EXPECT_THROW((void)Store::open(folder_ / "rows.sqlite"), StoreError);
}

}  // namespace
}  // namespace tonne
