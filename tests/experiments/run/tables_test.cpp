// Searches on real public tables, as a user runs them: they must show what is published of these tables.
// The tables stand beside the checkout or not at all; without them these tests skip, openly. The configurations name invented
// tables of the same columns; here the real ones take their place, as docs/how-to.md does it.

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "experiments/analysis/leaderboard.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/results/store.h"
#include "experiments/run/runner.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;

fs::path data(const std::string& name) { return fs::path(TONNE_SOURCE_DIR) / "../shared/data" / name; }

Experiment on_real_tables(const std::string& name) {
  const fs::path config = fs::path(TONNE_SOURCE_DIR) / "configs" / (name + ".yaml");
  std::string text = testing::read_file(config);
  for (const auto& [invented, real] : std::map<std::string, std::string>{
           {"data/synthetic_" + name + ".csv", data(name + ".csv").string()},
           {"data/synthetic_hourly_carbon_2022.csv, column: east_g", data("carbon_hourly_2021_2023_4zones.csv").string() + ", column: ES_direct_g"}})
    if (const std::size_t at = text.find(invented); at != std::string::npos) text.replace(at, invented.size(), real);
  return parse_experiment(text, config.string(), config.parent_path());
}

// Mean regret of the true value of the incumbent after so many evaluations, by strategy.
std::map<std::string, std::map<std::uint64_t, double>> regrets(const Store& store, const std::vector<std::uint64_t>& after) {
  const auto cells = store.cells();
  const auto strategies = store.strategies();
  const auto problem = store.problems().at(0);
  std::map<std::size_t, std::map<std::uint64_t, double>> of_cell;
  store.each_incumbent([&](const IncumbentRow& row) {
    for (const std::uint64_t n : after)
      if (row.evaluations <= n) of_cell[row.cell][n] = std::abs(*problem.optimum - row.true_value);
  });
  std::map<std::string, std::map<std::uint64_t, double>> means;
  std::map<std::string, double> count;
  for (const CellRecord& cell : cells) count[strategies[cell.strategy].label] += 1.0;
  for (const auto& [cell, by_n] : of_cell)
    for (const auto& [n, regret] : by_n) {
      const std::string& label = strategies[cells[cell].strategy].label;
      means[label][n] += regret / count[label];
    }
  return means;
}

// Published for this table (regret in points of accuracy): random .41/.33/.18, evolution 50-10 .41/.17/.07 after
// 50/100/500 evaluations. 200 searches with sd about .2 give a standard error of .014; the tolerance is three of them.
TEST(Tables, RegretOnNasBenchMacroIsThePublishedOne) {
  if (!fs::exists(data("nasbench_macro.csv"))) GTEST_SKIP() << "nasbench_macro.csv does not stand beside the checkout";
  const testing::TemporaryFolder folder;
  Experiment experiment = on_real_tables("nasbench_macro");
  experiment.strategies.resize(2);
  Store store = Store::create(folder / "r", experiment, {});
  Progress progress;
  ASSERT_TRUE(run_cells(experiment, {}, 2, store, progress));
  const auto means = regrets(store, {50, 100, 500});
  constexpr double kTolerance = 0.042;
  EXPECT_NEAR(means.at("random").at(50), 0.41, kTolerance);
  EXPECT_NEAR(means.at("random").at(100), 0.33, kTolerance);
  EXPECT_NEAR(means.at("random").at(500), 0.18, kTolerance);
  EXPECT_NEAR(means.at("regularized_evolution").at(50), 0.41, kTolerance);
  EXPECT_NEAR(means.at("regularized_evolution").at(100), 0.17, kTolerance);
  EXPECT_NEAR(means.at("regularized_evolution").at(500), 0.07, kTolerance);
}

// On the real landscape too, a spring noon costs less than a winter's night, and nothing else changes.
TEST(Tables, TheHourOfTheStartChangesOnlyTheCarbon) {
  if (!fs::exists(data("fcnet_protein.csv"))) GTEST_SKIP() << "fcnet_protein.csv does not stand beside the checkout";
  const testing::TemporaryFolder folder;
  Experiment experiment = on_real_tables("fcnet_protein");
  experiment.seeds.resize(5);
  Store store = Store::create(folder / "r", experiment, {});
  Progress progress;
  ASSERT_TRUE(run_cells(experiment, {}, 2, store, progress));
  const auto boards = leaderboards(store);
  ASSERT_EQ(boards.size(), 2U);
  for (std::size_t i = 0; i < boards[0].rows.size(); ++i) {
    const LeaderboardRow& winter = boards[0].rows[i];
    const LeaderboardRow& spring = boards[1].rows[i];
    EXPECT_EQ(winter.value.mean, spring.value.mean);
    EXPECT_NEAR(winter.search.energy / joule, spring.search.energy / joule, 1e-6 * (winter.search.energy / joule));
    EXPECT_GT(winter.search.operational / kilogram, 1.2 * (spring.search.operational / kilogram));
    EXPECT_EQ(winter.search.embodied, spring.search.embodied);
  }
}

}  // namespace
}  // namespace tonne
