// What a device takes for uses of a trained network: fixed times of operations and passes, batches, measured
// power.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "cost_models/catalogue.h"
#include "cost_models/machine_model.h"
#include "cost_models/used_factors.h"
#include "tests/cost_models/machine_model_helpers.h"

namespace tonne {
namespace {

using testing::model_of;
using testing::plain_cluster;

// On a device of round figures: 1 ms of arithmetic and 1 ms of traffic, a fifth of it weights.
Workload use_of(double operations) {
  Workload use;
  use.inference = true;
  use.samples = 1.0;
  use.operations = operations;
  use.flops = 5e9 * flop;
  use.traffic = 50e6 * byte;
  use.shared_traffic = 10e6 * byte;
  use.memory = 50e6 * byte;
  use.parameters = 2.5e6;
  return use;
}

ClusterSettings round_figures(const std::string& device) {
  ClusterSettings settings = plain_cluster();
  settings.device = device;
  settings.peak = 10.0 * teraflop_per_second;
  settings.utilisation = 0.5;
  settings.bandwidth = 100.0 * gigabyte_per_second;
  settings.bandwidth_utilisation = 0.5;
  settings.tdp = 300.0 * watt;
  settings.idle = 100.0 * watt;
  settings.facility.pue = 1.0;
  settings.host_power = Power{};
  settings.startup = 10.0 * second;
  settings.step_overhead = 1.0 * second;
  settings.inference.figures.launch = Duration::from_base(20e-6);
  settings.inference.figures.call = Duration::from_base(1e-3);
  return settings;
}

double milliseconds(const ClusterSettings& settings, const Workload& use) {
  return model_of(settings).charge(use, {}).time / second * 1e3;
}

// A GPU's launches run ahead of its work, so only what of them is longer counts; a processor's come on top.
TEST(Inference, LaunchesCostWhatTheWorkDoesNotHide) {
  EXPECT_NEAR(milliseconds(round_figures("V100"), use_of(50)), 1.0 + 2.0, 1e-9);
  EXPECT_NEAR(milliseconds(round_figures("V100"), use_of(500)), 1.0 + 10.0, 1e-9);
  EXPECT_NEAR(milliseconds(round_figures("EPYC-7763"), use_of(50)), 1.0 + 2.0 + 1.0, 1e-9);
  EXPECT_NEAR(milliseconds(round_figures("EPYC-7763"), use_of(500)), 1.0 + 2.0 + 10.0, 1e-9);
}

TEST(Inference, ABatchSharesCallLaunchesAndWeights) {
  ClusterSettings settings = round_figures("V100");
  settings.inference.batch = 10;
  // 1 ms of arithmetic and .82 of traffic, more than a tenth of 10 ms of launches; a tenth of a call.
  EXPECT_NEAR(milliseconds(settings, use_of(500)), 1.0 + 0.82 + 0.1, 1e-9);
  EXPECT_EQ(model_of(settings).uses_per_pass(), 10.0);
  // Of 50 MB are 10 weights: 410 MB for ten.
  settings.memory = 0.41 * gigabyte;
  EXPECT_TRUE(model_of(settings).fits(use_of(1)));
  settings.memory = 0.4 * gigabyte;
  EXPECT_FALSE(model_of(settings).fits(use_of(1)));
}

TEST(Inference, WaitsAtThePowerBetweenKernels) {
  ClusterSettings settings = round_figures("V100");
  settings.activity = {1.0, 0.5, 0.1, 0.5};
  const Charge charge = model_of(settings).charge(use_of(500), {});
  // 200 W above idle over 1 ms, half of it over another, a tenth over the 9 ms that are left.
  EXPECT_NEAR(charge[Line::device_dynamic].energy / joule, 0.2 + 0.1 + 0.02 * 9.0, 1e-9);
  EXPECT_NEAR(charge[Line::device_idle].energy / joule, 100.0 * 11e-3, 1e-9);
}

TEST(Inference, AMeasuredPowerStandsForIdleAndDynamic) {
  ClusterSettings settings = round_figures("EPYC-7763");
  settings.inference.figures.power = 2.0 * watt;
  settings.inference.figures.call_energy = Energy::from_base(0.005);
  settings.inference.batch = 2;
  const Charge charge = model_of(settings).charge(use_of(50), {});
  EXPECT_EQ(charge[Line::device_idle].energy, Energy{});
  EXPECT_NEAR(charge[Line::device_dynamic].energy / joule, 2.0 * (charge.time / second) + 0.0025, 1e-12);
  Workload training = use_of(50);
  training.inference = false;
  EXPECT_GT(model_of(settings).charge(training, {})[Line::device_idle].energy, Energy{});
}

// What is said of inference leaves trainings as they are.
TEST(Inference, ItsFiguresTouchNoTraining) {
  const Workload training = testing::training(1e15, 1e12, 100);
  const ClusterSettings plain = plain_cluster();
  ClusterSettings settings = plain;
  settings.inference.batch = 64;
  settings.inference.figures = {0.9, 0.9, 1.0 * second, 1.0 * second, 5.0 * watt, 1.0 * joule};
  const Charge charge = model_of(settings).charge(training, {});
  const Charge expected = model_of(plain).charge(training, {});
  EXPECT_EQ(charge.time, expected.time);
  EXPECT_EQ(charge.total().energy, expected.total().energy);
  EXPECT_EQ(charge.total().carbon(), expected.total().carbon());
  EXPECT_EQ(model_of(settings).fits(training), model_of(plain).fits(training));
}

TEST(Inference, TheUsersFiguresComeFirstThenTheRowsThenTheKinds) {
  const auto catalogue = Catalogue::with_text(
      "devices:\n  Mine:\n    like: T4\n    inference:\n"
      "      - {work: any, precision: any, launch: 7 us, source: mine, year: 2026, verified: true}\n"
      "      - {work: convolution, precision: fp32, utilisation: 0.7, source: mine, year: 2026, verified: "
      "true}\n",
      "mine.yaml");
  const Device& mine = catalogue->device("Mine");
  ClusterSettings settings;
  const auto figures = [&] {
    return inference_figures(settings, mine, WorkKind::convolution, Precision::fp32);
  };
  EXPECT_EQ(figures().utilisation, 0.7);
  EXPECT_EQ(figures().bandwidth_utilisation, 0.57);
  EXPECT_EQ(figures().launch, Duration::from_base(7e-6));
  EXPECT_EQ(figures().call, Duration::from_base(3e-3));
  EXPECT_FALSE(figures().power);
  settings.utilisation = 0.4;
  EXPECT_EQ(figures().utilisation, 0.4);
  settings.inference.figures.utilisation = 0.5;
  EXPECT_EQ(figures().utilisation, 0.5);
}

TEST(Inference, EveryFigureOfAUseIsListedWithItsSource) {
  ClusterSettings settings = plain_cluster();
  settings.device = "Raspberry-Pi-5";
  Workload use = use_of(100);
  use.kind = WorkKind::narrow_convolution;
  const std::array works = {use};
  const auto has = [&](const std::string& key) {
    const std::vector<Factor> list = used_factors(settings, {}, works, false);
    return std::ranges::find(list, key, &Factor::key) != list.end();
  };
  EXPECT_TRUE(has("device.inference.any/any.launch"));
  EXPECT_TRUE(has("device.inference.any/any.power"));
  EXPECT_TRUE(has("device.inference.narrow_convolution/fp32.utilisation"));
  EXPECT_TRUE(has("cluster.inference.batch"));
  for (const char* key :
       {"cluster.startup", "cluster.step_overhead", "cluster.activity.compute", "cluster.utilisation"})
    EXPECT_FALSE(has(key)) << key;
  settings.device = "V100";
  EXPECT_TRUE(has("cluster.inference.launch"));
  EXPECT_TRUE(has("cluster.utilisation"));
  settings.inference.figures.utilisation = 0.3;
  EXPECT_TRUE(has("cluster.inference.utilisation"));
  EXPECT_FALSE(has("cluster.utilisation"));
}

}  // namespace
}  // namespace tonne
