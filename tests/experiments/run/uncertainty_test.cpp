#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "experiments/analysis/leaderboard.h"
#include "experiments/exports/exports.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/plan/variants.h"
#include "experiments/results/merge.h"
#include "experiments/results/store.h"
#include "experiments/run/runner.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

std::string search_with(const std::string& cluster, const std::string& more = "") {
  return "name: u\nseeds: 3\nproblems: [cell_nas]\nstrategies: [random]\nbudget: {evaluations: 12}\n" + more +
         "cluster:\n  device: V100\n  workers: 4\n" + cluster;
}

Experiment parse_uncertain(const std::string& text) {
  return parse_experiment(text, "e.yaml", ".");
}

std::string uncertain_refusal(const std::string& text) {
  try {
    (void)parse_uncertain(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

class UncertainRun : public ::testing::Test {
 protected:
  struct Outcome {
    std::vector<CellRecord> cells;
    std::vector<VariantRow> variants;
    std::vector<Leaderboard> boards;
    std::string digest;

    // By cell, then by variant.
    [[nodiscard]] const VariantRow& at(std::size_t cell, std::size_t variant) const {
      return variants.at(cell * variants.size() / cells.size() + variant);
    }
  };

  Outcome run(const std::string& text, unsigned threads = 1) {
    const Experiment experiment = parse_uncertain(text);
    const auto folder = folder_ / std::to_string(++runs_);
    Store store = Store::create(folder, experiment, {});
    Progress progress;
    EXPECT_TRUE(run_cells(experiment, {}, threads, store, progress));
    store.close();
    write_exports(store, folder, true);
    Outcome outcome{store.cells(), {}, leaderboards(store), store.content_digest()};
    store.each_variant([&](const VariantRow& row) { outcome.variants.push_back(row); });
    return outcome;
  }
  [[nodiscard]] const testing::TemporaryFolder& folder() const { return folder_; }

 private:
  testing::TemporaryFolder folder_;
  int runs_ = 0;
};

TEST_F(UncertainRun, NothingIsDrawnWhereNothingIsUncertain) {
  const Outcome plain = run(search_with("  facility: {pue: 1.5}\n"));
  EXPECT_TRUE(plain.variants.empty());
  EXPECT_FALSE(plain.boards[0].rows[0].spread);
  EXPECT_FALSE(std::filesystem::exists(folder() / "1" / "uncertainty.csv"));
}

TEST_F(UncertainRun, CarbonIsProportionalToTheIntensity) {
  const std::string text = search_with("  grid: {intensity: 100..700 g/kWh}\n");
  const Outcome outcome = run(text);
  const ScenarioPlan scenario = parse_uncertain(text).scenarios[0];
  const auto values = variant_values(scenario.uncertain, {.draws = 256});
  ASSERT_EQ(outcome.variants.size(), 3U * (256U + 2U));
  for (const VariantRow& row : outcome.variants) {
    const Usage& median = outcome.cells[row.cell].search;
    EXPECT_NEAR(row.search.energy / median.energy, 1.0, 1e-12);
    EXPECT_NEAR(row.search.embodied / median.embodied, 1.0, 1e-12);
    EXPECT_NEAR(row.search.money / median.money, 1.0, 1e-12);
    const Intensity intensity = Intensity::from_base(values[row.variant][0]);
    EXPECT_NEAR(row.search.operational / (row.search.energy * intensity), 1.0, 1e-12);
  }
}

TEST_F(UncertainRun, EnergyIsProportionalToThePueAndItsIntervalKnown) {
  const Outcome outcome = run(search_with("  facility: {pue: 1.0..2.0}\n"));
  const LeaderboardRow& row = outcome.boards[0].rows[0];
  const double it_kwh = row.search.energy / kilowatt_hour / 1.5;
  // Strata of 1/256 of the probability hold one draw each.
  EXPECT_NEAR(row.spread->energy.low / kilowatt_hour / it_kwh, 1.025, 1.5 / 256.0);
  EXPECT_NEAR(row.spread->energy.high / kilowatt_hour / it_kwh, 1.975, 1.5 / 256.0);
  ASSERT_EQ(row.spread->tornado.size(), 1U);
  const TornadoBar& bar = row.spread->tornado[0];
  EXPECT_EQ(bar.low_value, "1.05");
  EXPECT_NEAR((bar.at_high - bar.at_low) / row.search.operational, 0.9 / 1.5, 1e-9);
}

// A slower device works longer, and its neighbours wait longer, by the same factor.
TEST_F(UncertainRun, TimeScalesWorkAndWaiting) {
  const Outcome outcome =
      run(search_with("  price: 2 USD/h\n  startup: 0 s\n  step_overhead: 0 s\n  peak: 10..30 TFLOP/s\n  "
                      "bandwidth: 1e9 GB/s\n",
                      "charge_strategy: false\n"));
  const auto values = variant_values(
      parse_uncertain(search_with("  peak: 10..30 TFLOP/s\n")).scenarios[0].uncertain, {.draws = 256});
  const double median = (20.0 * teraflop_per_second).base();
  for (const VariantRow& row : outcome.variants)
    EXPECT_NEAR(row.search.money / outcome.cells[row.cell].search.money, median / values[row.variant][0],
                1e-5);
}

TEST_F(UncertainRun, LossesByPreemptionArePricedWithTheRest) {
  const Outcome outcome = run(search_with(
      "  grid: {intensity: 100..700 g/kWh}\n  preemption: {interval: 30 min, checkpoint: 5 min}\n"));
  for (std::size_t cell = 0; cell < 3; ++cell) {
    const Usage& median = outcome.cells[cell].search;
    for (std::size_t k = 0; k < 256; ++k)
      EXPECT_NEAR(outcome.at(cell, k).search.energy / median.energy, 1.0, 1e-12);
    const double low = outcome.at(cell, 256).search.operational / kilogram;
    const double high = outcome.at(cell, 257).search.operational / kilogram;
    EXPECT_NEAR(high / low, 670.0 / 130.0, 1e-9);
  }
}

TEST_F(UncertainRun, TheTornadoRanksByWhatEachMoves) {
  const Outcome outcome =
      run(search_with("  price: 1..9 USD/h\n  facility: {pue: 1.2..1.3}\n  grid: {intensity: 200..600 "
                      "g/kWh}\n  tdp: 290 W..310 W\n"));
  const auto& tornado = outcome.boards[0].rows[0].spread->tornado;
  ASSERT_EQ(tornado.size(), 4U);
  EXPECT_EQ(tornado[0].key, "cluster.grid.intensity");
  EXPECT_EQ(tornado[1].key, "cluster.facility.pue");
  EXPECT_EQ(tornado[2].key, "cluster.tdp");
  EXPECT_EQ(tornado[3].key, "cluster.price");
  EXPECT_EQ(tornado[3].at_low, tornado[3].at_high);
  EXPECT_EQ(tornado[0].low_value, "220 g/kWh");
  const std::string table = format_leaderboards(outcome.boards);
  EXPECT_NE(table.find("95 % of 256 draws"), std::string::npos) << table;
  EXPECT_LT(table.find("cluster.grid.intensity"), table.find("cluster.facility.pue")) << table;
}

// Every draw meets the hours of the trace, and one that outlasts it is told.
TEST_F(UncertainRun, DrawsMeetTheTrace) {
  std::string csv = "time,value\n";
  for (int h = 0; h < 24; ++h)
    csv += "2022-01-01T" + std::string(h < 10 ? "0" : "") + std::to_string(h) + ":00Z," +
           (h < 12 ? "100" : "300") + "\n";
  const std::string trace = "  grid: {trace: " + folder().write("t.csv", csv).string() + "}\n";
  const Outcome outcome = run(search_with(trace + "  facility: {pue: 1.0..2.0}\n"));
  const Usage& median = outcome.cells[0].search;
  for (std::size_t k = 0; k < 256; ++k) {
    const Usage& drawn = outcome.at(0, k).search;
    EXPECT_NEAR(drawn.operational / median.operational, drawn.energy / median.energy, 1e-9);
  }
  const auto outlast = [&] { (void)run(search_with(trace + "  utilisation: 0.001..0.5\n  overlap: 0\n")); };
  try {
    outlast();
    FAIL() << "a day is enough for a search 500 times as slow";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("uncertain figures at other values"), std::string::npos)
        << error.what();
  }
}

// The search is the one at the medians; the ratio to a training of its winner moves little, for both move
// together.
TEST_F(UncertainRun, WhatIsCorrelatedMovesTogether) {
  const Outcome outcome =
      run(search_with("  grid: {intensity: 100..700 g/kWh}\n  embodied: {count: false}\n"));
  const LeaderboardRow& row = outcome.boards[0].rows[0];
  EXPECT_GT(row.spread->carbon.high / row.spread->carbon.low, 3.0);
  EXPECT_NEAR(row.spread->overhead->low, *row.overhead, 1e-9 * *row.overhead);
  EXPECT_NEAR(row.spread->overhead->high, *row.overhead, 1e-9 * *row.overhead);
}

TEST_F(UncertainRun, NeitherThreadsNorOtherFiguresMoveTheDraws) {
  const std::string pue = "  facility: {pue: 1.1..1.9}\n";
  const std::string tdp = "  tdp: 250..320 W\n";
  const std::string price = "  price: 1..9 USD/h\n";
  const Outcome one = run(search_with(pue + tdp));
  EXPECT_EQ(one.digest, run(search_with(pue + tdp), 4).digest);
  const Outcome swapped = run(search_with(tdp + pue));
  const Outcome joined = run(search_with(price + tdp + pue));
  for (std::size_t cell = 0; cell < 3; ++cell)
    for (std::size_t k = 0; k < 256; ++k) {
      EXPECT_EQ(one.at(cell, k).search, swapped.at(cell, k).search);
      EXPECT_EQ(one.at(cell, k).search.energy, joined.at(cell, k).search.energy);
    }
  EXPECT_NE(one.at(0, 0).search.energy,
            run(search_with(pue + tdp, "uncertainty: {seed: 1}\n")).at(0, 0).search.energy);
  EXPECT_EQ(run(search_with(pue, "uncertainty: {draws: 20, level: 0.5}\n")).variants.size(), 3U * 22U);
}

// What the catalogue knows as ranges: one unknown each, of the device's own rows.
TEST_F(UncertainRun, ACatalogueOfRangesIsUncertain) {
  const testing::TemporaryFolder folder;
  folder.write("mine.yaml",
               "devices:\n  mine:\n    like: V100\n    idle: {power: 40 W, power_low: 30 W, power_high: 53 W}\n"
               "    training:\n      - {work: narrow_convolution, precision: fp32, utilisation: 0.3, "
               "utilisation_low: 0.25, utilisation_high: 0.36}\n"
               "      - {work: transformer, precision: fp16, utilisation: 0.2, utilisation_low: 0.1, "
               "utilisation_high: 0.4}\n");
  const std::string cluster = "  device: mine\n  catalogue: " + (folder / "mine.yaml").string() + "\n";
  const std::string plain = "name: u\nseeds: 3\nproblems: [cell_nas]\nstrategies: [random]\nbudget: {evaluations: 12}\n"
                            "cluster:\n  workers: 4\n" + cluster;
  const Experiment experiment = parse_uncertain(plain + "  catalogue_ranges: true\n");
  const auto& uncertain = experiment.scenarios[0].uncertain;
  ASSERT_EQ(uncertain.size(), 2U);  // not the transformer's row
  EXPECT_EQ(uncertain[0].key, "device.idle.power");
  EXPECT_EQ(uncertain[1].key, "device.training.narrow_convolution/fp32.utilisation");
  EXPECT_NEAR(uncertain[1].distribution.quantile(0.05), 0.25, 1e-3);
  EXPECT_NEAR(uncertain[1].distribution.quantile(0.95), 0.36, 1e-3);
  const Outcome certain = run(plain);
  const Outcome ranged = run(plain + "  catalogue_ranges: true\n");
  EXPECT_EQ(certain.cells[0].search.energy, ranged.cells[0].search.energy);
  EXPECT_FALSE(ranged.variants.empty());
  EXPECT_NE(uncertain_refusal(search_with("  catalogue_ranges: true\n  embodied: {count: false}\n")
                                  .replace(0, 0, "")).find("knows no figure of V100 that counts here as a range"),
            std::string::npos);
}

// A range is the 90 % interval wherever the figure lies in it, and no draw leaves what the device can be.
TEST_F(UncertainRun, RangesOfTheCatalogueOfAnyForm) {
  const testing::TemporaryFolder folder;
  const auto uncertain = [&](const std::string& idle, const std::string& training) {
    folder.write("mine.yaml", "devices:\n  mine:\n    like: V100\n    idle: {" + idle +
                                  "}\n    training: [{work: any, precision: any, " + training + "}]\n");
    const std::string text = "name: u\nseeds: 1\nproblems: [cell_nas]\nstrategies: [random]\n"
                             "budget: {evaluations: 4}\ncluster:\n  device: mine\n  catalogue: " +
                             (folder / "mine.yaml").string() + "\n  catalogue_ranges: true\n";
    const std::string refusal = uncertain_refusal(text);
    EXPECT_EQ(refusal, "no error");
    return refusal == "no error" ? parse_uncertain(text).scenarios[0].uncertain : std::vector<UncertainSetting>{};
  };
  const auto at_end = uncertain("power: 100 W, power_low: 100 W, power_high: 200 W", "utilisation: 0.3");
  ASSERT_EQ(at_end.size(), 1U);
  EXPECT_NEAR(at_end[0].distribution.quantile(0.05), 100.0, 0.1);
  EXPECT_NEAR(at_end[0].distribution.quantile(0.95), 200.0, 0.5);
  // Up to the TDP, where no draw may pass it.
  const auto wide = uncertain("power: 100 W, power_low: 20 W, power_high: 290 W", "utilisation: 0.3");
  ASSERT_EQ(wide.size(), 1U);
  EXPECT_LE(wide[0].distribution.quantile(0.999), 300.0);
  // From zero, where no lognormal begins.
  const auto zero = uncertain("power: 100 W", "waiting: 0.1, waiting_low: 0, waiting_high: 0.3");
  ASSERT_EQ(zero.size(), 1U);
  EXPECT_EQ(zero[0].text, "triangular(0, 0.1, 0.3)");
  // A range that rounding makes is none.
  EXPECT_EQ(uncertain("power: 100 W, power_low: 99.99999 W, power_high: 100.00001 W",
                      "waiting: 0.1, waiting_low: 0.05, waiting_high: 0.3")
                .size(),
            1U);
}

TEST_F(UncertainRun, ShardsJoinToTheWhole) {
  const std::string text = search_with("  facility: {pue: 1.1..1.9}\n");
  const Outcome whole = run(text);
  const Experiment experiment = parse_uncertain(text);
  std::vector<std::filesystem::path> shards;
  for (const std::size_t number : {1U, 2U}) {
    shards.push_back(folder() / ("shard" + std::to_string(number)));
    Store store = Store::create(shards.back(), experiment, {number, 2});
    Progress progress;
    ASSERT_TRUE(run_cells(experiment, {number, 2}, 1, store, progress));
    store.close();
  }
  EXPECT_EQ(merge_shards(shards, folder() / "merged").content_digest(), whole.digest);
}

TEST_F(UncertainRun, ExportsCarryEveryVariant) {
  (void)run(search_with("  facility: {pue: 1.1..1.9}\n", "uncertainty: {draws: 4}\n"));
  const std::string csv = testing::read_file(folder() / "1" / "uncertainty.csv");
  EXPECT_EQ(std::ranges::count(csv, '\n'), 1 + 3 * 6);
  EXPECT_NE(csv.find(",draw,3,,"), std::string::npos) << csv;
  EXPECT_NE(csv.find(",high,,cluster.facility.pue,"), std::string::npos) << csv;
  const std::string json = testing::read_file(folder() / "1" / "summary.json");
  EXPECT_NE(json.find("\"tornado\""), std::string::npos);
}

TEST(UncertainExperiment, AnotherDistributionIsAnotherExperiment) {
  const auto digest = [](const std::string& cluster, const std::string& more = "") {
    return parse_uncertain(search_with(cluster, more)).digest;
  };
  EXPECT_EQ(digest("  tdp: 200..300 W\n"), digest("  tdp: 0.2 kW .. 0.3 kW\n"));
  EXPECT_NE(digest("  tdp: 200..300 W\n"), digest("  tdp: 210..290 W\n"));
  EXPECT_NE(digest("  tdp: 200..300 W\n"), digest("  tdp: 250 W\n"));
  EXPECT_NE(digest("  tdp: 200..300 W\n"), digest("  tdp: 200..300 W\n", "uncertainty: {seed: 1}\n"));
  EXPECT_EQ(digest("  tdp: 250 W\n"), digest("  tdp: 250 W\n", "uncertainty: {seed: 1}\n"));
}

TEST(UncertainExperiment, AListOfRangesIsAGrid) {
  const Experiment e = parse_uncertain(search_with("  facility: {pue: [1.1..1.3, 1.5]}\n"));
  ASSERT_EQ(e.scenarios.size(), 2U);
  EXPECT_EQ(e.scenarios[0].variants.size(), 258U);
  EXPECT_TRUE(e.scenarios[1].variants.empty());
  EXPECT_EQ(e.scenarios[0].label, "pue=1.1..1.3");
}

TEST(UncertainExperiment, RefusesWhereADistributionMeansNothing) {
  const std::string cluster = "  facility: {pue: 1.5}\n";
  EXPECT_NE(uncertain_refusal(search_with("  preemption: {interval: 1..2 h}\n"))
                .find("decides how the search runs"),
            std::string::npos);
  EXPECT_NE(uncertain_refusal(search_with("  memory: 16..32 GB\n")).find("decides which candidates fit"),
            std::string::npos);
  EXPECT_NE(uncertain_refusal(search_with("  workers: 1..4\n")).find("appears twice"), std::string::npos);
  const std::string together = uncertain_refusal(search_with("  tdp: 100..300 W\n  idle: 50..200 W\n"));
  EXPECT_NE(together.find("cannot all take such values together"), std::string::npos) << together;
  EXPECT_TRUE(together.starts_with("e.yaml:")) << together;
  std::string budget = search_with(cluster);
  budget.replace(budget.find("evaluations: 12"), 15, "co2e: 1..2 kg");
  EXPECT_NE(uncertain_refusal(budget).find("only figures of the cluster"), std::string::npos);
  std::string strategy = search_with(cluster);
  strategy.replace(strategy.find("[random]"), 8, "[random: {fidelity: 1..2}]");
  EXPECT_NE(uncertain_refusal(strategy).find("only figures of the cluster"), std::string::npos)
      << uncertain_refusal(strategy);
}

}  // namespace
}  // namespace tonne
