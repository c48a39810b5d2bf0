// Experiments with several sites, from the file to the tables: figures by hand, and the same bytes however
// they are run.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/sites.h"
#include "experiments/exports/exports.h"
#include "experiments/exports/summary.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/plan/variants.h"
#include "experiments/results/merge.h"
#include "experiments/results/store.h"
#include "experiments/results/trial_collector.h"
#include "experiments/run/runner.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

// Trials of an hour at 1 kW, nothing beside. One file of local times serves two sites half a day apart: 100
// g/kWh before noon, 500 after it.
class SitedRun : public ::testing::Test {
 protected:
  SitedRun() {
    std::string rows = "time,g\n";
    for (int d = 1; d <= 20; ++d)
      for (int h = 0; h < 24; ++h) {
        char row[64];
        std::snprintf(row, sizeof row, "2022-01-%02dT%02d:00,%d\n", d, h, h < 12 ? 100 : 500);
        rows += row;
      }
    folder_.write("local.csv", rows);
  }

  [[nodiscard]] static std::string text(const std::string& strategies, const std::string& more = kTwoSites,
                                        const std::string& rules = "seeds: 2\nbudget: {evaluations: 24}\n") {
    return "name: sun\nproblems: [{function: {function: branin, flops: 3600 TFLOP}}]\nstrategies: [" +
           strategies + "]\n" + rules +
           "cluster:\n  peak: 1 TFLOP/s\n  utilisation: 1\n  startup: 0 s\n  step_overhead: 0 s\n  tdp: 1000 "
           "W\n"
           "  idle: 0 W\n  host_power: 0 W\n  activity: {compute: 1}\n  facility: {pue: 1}\n  embodied: "
           "{count: false}\n"
           "  idle_workers: none\n" +
           more;
  }

  [[nodiscard]] Experiment experiment(const std::string& text) const {
    return parse_experiment(text, "e.yaml", folder_.path());
  }

  [[nodiscard]] Store run(const std::string& name, const Experiment& experiment, unsigned threads = 1,
                          const Shard& shard = {}) const {
    Store store = Store::create(folder_ / name, experiment, shard);
    go_on(store, experiment, threads, shard);
    return Store::open(folder_ / name);
  }

  static void go_on(Store& store, const Experiment& experiment, unsigned threads, const Shard& shard = {}) {
    Progress progress;
    EXPECT_TRUE(run_cells(experiment, shard, threads, store, progress));
    store.close();
  }

  static constexpr const char* kTwoSites =
      "  start: 2022-01-03\n  grid: {trace: local.csv, time_zone: UTC}\n"
      "  sites: {west: {grid: {trace: local.csv, time_zone: '-12:00'}}}\n"
      "  transfer: {data: 10 GB, kwh_per_gb: 0.01, delay: 0 s}\n";

  testing::TemporaryFolder folder_;
};

TEST_F(SitedRun, ChargesEachTrialAtItsSite) {
  const Store store = run("r", experiment(text("random, follow_the_sun")));
  for (const CellRecord& cell : store.cells()) {
    const bool moves = cell.strategy == 1;
    // 1.2 kg for the clean half of the day at home; in the other half 0.5 kg there, or 0.1 kg and the
    // transfer's 0.1 kWh at the mean of 100 and 500 g/kWh.
    EXPECT_NEAR(cell.search.carbon() / kilogram, 1.2 + 12 * (moves ? 0.13 : 0.5), 1e-9);
    EXPECT_NEAR(cell.search.energy / kilowatt_hour, moves ? 25.2 : 24.0, 1e-9);
    EXPECT_NEAR(cell.makespan / hour, 24.0, 1e-9);
  }
  std::size_t away = 0;
  store.each_trial([&](const TrialRow& row) {
    const bool expected = row.cell >= 2 && row.trial >= 12;
    EXPECT_EQ(row.site, expected ? "west" : "");
    EXPECT_NEAR(row.energy_j[4] * joule / kilowatt_hour, expected ? 0.1 : 0.0, 1e-12);
    if (expected) ++away;
  });
  EXPECT_EQ(away, 24U);
}

TEST_F(SitedRun, TablesSayWhere) {
  const Store store = run("r", experiment(text("random, follow_the_sun")));
  write_exports(store, folder_ / "r", true);
  const std::string trials = testing::read_file(folder_ / "r" / "trials.csv");
  EXPECT_NE(trials.find(",constraints,site,transfer_j,configuration\n"), std::string::npos);
  EXPECT_NE(trials.find(",home,0,"), std::string::npos);
  EXPECT_NE(trials.find(",west,360000,"), std::string::npos);
  const auto json = nlohmann::json::parse(summary_json(store));
  EXPECT_NE(json["leaderboards"][0]["cluster"].get<std::string>().find(", or at west: PUE 1, local.csv"),
            std::string::npos);
  const auto& accounts = json["ledger"][1]["accounts"]["search"];
  EXPECT_NEAR(accounts["transfer"]["co2e_kg"].get<double>(), 12 * 0.03, 1e-9);
  EXPECT_FALSE(json["ledger"][0]["accounts"]["search"].contains("transfer"));
}

TEST_F(SitedRun, AFileWithoutSitesHasNoTraceOfThem) {
  const Store store = run("r", experiment(text("random", "  grid: FRA-2023\n")));
  EXPECT_FALSE(store.has_sites());
  write_exports(store, folder_ / "r", true);
  EXPECT_EQ(testing::read_file(folder_ / "r" / "trials.csv").find("site"), std::string::npos);
  store.each_ledger_row([](const LedgerRow& row) { EXPECT_NE(row.line, "transfer"); });
}

// A site that is never cleaner: the trials are those of the plain run, to the bit.
TEST_F(SitedRun, WithNowhereBetterItIsThePlainRun) {
  const Store plain = run("plain", experiment(text("random", "  grid: {intensity: 100 g/kWh}\n")));
  const Store moved = run("moved", experiment(text("follow_the_sun",
                                                   "  grid: {intensity: 100 g/kWh}\n"
                                                   "  sites: {b: {grid: {intensity: 100 g/kWh}}}\n")));
  ASSERT_EQ(plain.cells().size(), moved.cells().size());
  for (std::size_t i = 0; i < plain.cells().size(); ++i) {
    EXPECT_EQ(plain.cells()[i].search, moved.cells()[i].search);
    EXPECT_EQ(plain.cells()[i].makespan, moved.cells()[i].makespan);
  }
}

TEST_F(SitedRun, IsTheSameHoweverItIsRun) {
  const Experiment e =
      experiment(text("random, {follow_the_sun: {strategy: local_search}}, {follow_the_sun: {label: b}}",
                      std::string("  workers: 3\n") + kTwoSites));
  const std::string digest = run("one", e).content_digest();
  EXPECT_EQ(run("three", e, 3).content_digest(), digest);

  // Resumed after a kill within a cell, whose rows are left behind.
  {
    Store killed = Store::create(folder_ / "killed", e, {});
    TrialRow row;
    row.configuration = Configuration(2);
    row.site = "west";
    TrialCollector trials([&](const TrialBlock& block) { killed.append_trials(4, block); });
    trials.add(row);
    trials.finish();
  }
  Store resumed = Store::resume(folder_ / "killed", e, {});
  go_on(resumed, e, 2);
  EXPECT_EQ(resumed.content_digest(), digest);

  (void)run("half-1", e, 1, {1, 2});
  (void)run("half-2", e, 1, {2, 2});
  EXPECT_EQ(merge_shards({folder_ / "half-1", folder_ / "half-2"}, folder_ / "both").content_digest(),
            digest);
}

// All trials run in the west, whose intensity is uncertain: each draw prices them there, and half of each
// transfer.
TEST_F(SitedRun, AnUncertainSiteIsPricedAgain) {
  const Experiment e = experiment(text("follow_the_sun",
                                       "  grid: {intensity: 500 g/kWh}\n"
                                       "  sites: {west: {grid: {intensity: 50..150 g/kWh}}}\n"
                                       "  transfer: {data: 10 GB, kwh_per_gb: 0.01}\n"));
  const Store store = run("r", e);
  const auto values = variant_values(e.scenarios[0].uncertain, e.uncertainty);
  std::size_t variants = 0;
  store.each_variant([&](const VariantRow& row) {
    ++variants;
    const double west = Intensity::from_base(values[row.variant][0]) / kilogram_per_kilowatt_hour;
    EXPECT_NEAR(row.search.carbon() / kilogram, 24.0 * (west + 0.05 * (0.5 + west)), 1e-9);
  });
  EXPECT_EQ(variants, 2 * values.size());
  EXPECT_EQ(e.scenarios[0].uncertain[0].key, "cluster.sites.west.grid.intensity");
}

TEST_F(SitedRun, ListsWithinSitesMakeScenarios) {
  const Experiment e =
      experiment(text("random", "  grid: FRA-2023\n  sites: {b: {grid: [DEU-2023, SWE-2023]}}\n"));
  ASSERT_EQ(e.scenarios.size(), 2U);
  EXPECT_EQ(e.scenarios[0].label, "grid=DEU-2023");
  EXPECT_NE(e.scenarios[0].settings, e.scenarios[1].settings);
}

TEST_F(SitedRun, ASharedClockNeedsAStart) {
  const std::string two = kTwoSites;
  const std::string without = two.substr(two.find('\n') + 1);
  try {
    (void)experiment(text("random", without));
    FAIL() << "nothing is refused";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("e.yaml:19:10: cluster.sites"), std::string::npos)
        << error.what();
    EXPECT_NE(std::string(error.what()).find("give cluster.start"), std::string::npos) << error.what();
  }
}

TEST_F(SitedRun, TheProgramPrintsThem) {
  folder_.write("e.yaml", text("random, follow_the_sun"));
  const auto validated = testing::run_program("validate e.yaml", folder_.path());
  EXPECT_EQ(validated.exit_code, 0) << validated.err;
  EXPECT_NE(
      validated.out.find(
          "  site home: PUE 1, local.csv (average, direct, mean 300 g/kWh)\n  site west: PUE 1, local.csv"),
      std::string::npos)
      << validated.out;
  const auto json = nlohmann::json::parse(testing::run_program("validate e.yaml --json", folder_.path()).out);
  EXPECT_EQ(json["scenarios"][0]["sites"][1]["name"], "west");

  folder_.write("e.yaml", text("follow_the_sun"));
  ASSERT_EQ(testing::run_program("run e.yaml --quiet --out r", folder_.path()).exit_code, 0);
  ASSERT_EQ(testing::run_program("report r --out page.html", folder_.path()).exit_code, 0);
  const std::string page = testing::read_file(folder_ / "page.html");
  EXPECT_NE(page.find("\"site\":\"west\""), std::string::npos);
  EXPECT_NE(page.find("data transfer between sites"), std::string::npos);
}

TEST_F(SitedRun, ASingleClusterHasNowhereToGo) {
  EXPECT_THROW((void)experiment(text("follow_the_sun", "  grid: FRA-2023\n")), InputError);
}

}  // namespace
}  // namespace tonne
