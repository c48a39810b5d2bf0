// Work of a training from what papers tell, and what a mass of CO2e is comparable with.

#include "cost_models/training_work.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "cost_models/equivalents.h"

namespace tonne {
namespace {

TrainingWork gpt3() {
  TrainingWork training;
  training.parameters = 175e9;
  training.samples = 300e9;
  return training;
}

TEST(TrainingWork, IsSixPerParameterAndToken) {
  const Workload work = training_workload(gpt3());
  EXPECT_DOUBLE_EQ(work.flops / flop, 6.0 * 175e9 * 300e9);
  // Patterson et al. 2021, table 4.
  EXPECT_NEAR(work.flops / flop, 3.14e23, 0.005 * 3.14e23);
  EXPECT_EQ(work.steps, 0.0);
  EXPECT_EQ(work.traffic, Bytes{});
}

TEST(TrainingWork, ThreeForwardPassesPerSampleAndEpoch) {
  TrainingWork training;
  training.forward = 8.2 * gigaflop;
  training.samples = 1.28e6;
  training.epochs = 90.0;
  EXPECT_DOUBLE_EQ(training_workload(training).flops / flop, 3.0 * 8.2e9 * 1.28e6 * 90.0);
  EXPECT_DOUBLE_EQ(training_workload(training).samples, 1.28e6 * 90.0);
}

TEST(TrainingWork, ABatchAddsStepsAndTheOptimiser) {
  TrainingWork training = gpt3();
  training.batch = 3.2e6;
  const Workload work = training_workload(training);
  EXPECT_DOUBLE_EQ(work.steps, 300e9 / 3.2e6);
  const double update = 12.0 * work.steps * 175e9;
  EXPECT_NEAR((work.flops - passes_work(training)) / flop, update, 1e-6 * update);
  EXPECT_DOUBLE_EQ(work.traffic / byte, 28.0 * work.steps * 175e9);
}

TEST(TrainingWork, AdamOccupiesSixteenBytesPerParameter) {
  // Rajbhandari et al. 2020, section 3.1: a model of 1.5 billion parameters needs 24 GB at least.
  EXPECT_DOUBLE_EQ(1.5e9 * (optimizer_cost(Optimizer::adam, Precision::fp16).memory / gigabyte), 24.0);
  EXPECT_DOUBLE_EQ(optimizer_cost(Optimizer::adam, Precision::fp32).memory / byte, 16.0);
  EXPECT_DOUBLE_EQ(optimizer_cost(Optimizer::sgd, Precision::fp32).memory / byte, 8.0);
}

TEST(TrainingWork, RicherOptimisersCostMore) {
  for (const Precision precision : {Precision::fp32, Precision::fp16, Precision::int8}) {
    const OptimizerCost sgd = optimizer_cost(Optimizer::sgd, precision);
    const OptimizerCost momentum = optimizer_cost(Optimizer::momentum, precision);
    const OptimizerCost adam = optimizer_cost(Optimizer::adam, precision);
    EXPECT_LT(sgd.flops, momentum.flops);
    EXPECT_LT(momentum.flops, adam.flops);
    EXPECT_DOUBLE_EQ((momentum.traffic - sgd.traffic) / byte, 8.0);
    EXPECT_DOUBLE_EQ((adam.traffic - momentum.traffic) / byte, 8.0);
    EXPECT_DOUBLE_EQ((adam.memory - momentum.memory) / byte, 4.0);
  }
}

TEST(Equivalents, AreSourcedAndDistinct) {
  std::set<std::string_view> keys;
  for (const Equivalent& equivalent : equivalents()) {
    EXPECT_GT(equivalent.each, Carbon{}) << equivalent.key;
    EXPECT_FALSE(equivalent.source.empty()) << equivalent.key;
    EXPECT_GT(equivalent.year, 2000) << equivalent.key;
    EXPECT_TRUE(keys.insert(equivalent.key).second) << equivalent.key;
  }
}

TEST(Equivalents, FiveCarsAreStrubellsSearch) {
  for (const Equivalent& equivalent : equivalents())
    if (equivalent.key == "car_lifetimes") {
      EXPECT_NEAR(626155.0 * pound / equivalent.each, 4.97, 0.005);
    }
}

// EPA's calculator prints 0.0000124 t; 8.22 g is an older edition's.
TEST(Equivalents, APhonesChargeIsTheEpasOfToday) {
  const auto charge = std::ranges::find(equivalents(), "smartphone_charges", &Equivalent::key);
  ASSERT_NE(charge, equivalents().end());
  EXPECT_NEAR(1e-3 * kilogram / charge->each, 1.0 / 12.4, 1e-12);
  EXPECT_TRUE(charge->verified);
}

}  // namespace
}  // namespace tonne
