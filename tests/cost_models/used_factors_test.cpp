// Which figures charges rest on: what entered, with its source, and nothing else.

#include "cost_models/used_factors.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cost_models/catalogue.h"
#include "cost_models/training_figures.h"

namespace tonne {
namespace {

Workload work_of(WorkKind kind, Precision precision) {
  Workload work;
  work.flops = 1e15 * flop;
  work.traffic = 1e12 * byte;
  work.steps = 100.0;
  work.kind = kind;
  work.precision = precision;
  return work;
}

std::vector<Factor> factors(const ClusterSettings& settings, const std::vector<Workload>& works) {
  return used_factors(settings, {}, works, true);
}

// Empty: not listed.
std::string value_of(const std::vector<Factor>& list, const std::string& key) {
  const auto at = std::ranges::find(list, key, &Factor::key);
  return at == list.end() ? "" : at->value;
}

std::string source_of(const std::vector<Factor>& list, const std::string& key) {
  const auto at = std::ranges::find(list, key, &Factor::key);
  return at == list.end() ? "" : at->provenance.source;
}

TEST(UsedFactors, OnlyThePeakAndTheRowsOfTheWorkAtHand) {
  const auto convolutions = factors({}, {work_of(WorkKind::convolution, Precision::fp32)});
  EXPECT_EQ(value_of(convolutions, "device.specification.fp32"), "15.7 TFLOP/s");
  EXPECT_EQ(value_of(convolutions, "device.specification.fp16"), "");
  EXPECT_EQ(value_of(convolutions, "device.training.transformer/fp16.utilisation"), "");
  EXPECT_EQ(value_of(convolutions, "cluster.utilisation"), "");
  EXPECT_EQ(value_of(convolutions, "device.training.convolution/fp32.utilisation"), "0.82 (0.64 to 0.92)");
  EXPECT_EQ(value_of(factors({}, {work_of(WorkKind::narrow_convolution, Precision::fp32)}), "cluster.utilisation"),
            "0.275");

  const auto transformers = factors({}, {work_of(WorkKind::transformer, Precision::fp16)});
  EXPECT_EQ(value_of(transformers, "device.specification.fp32"), "");
  EXPECT_EQ(value_of(transformers, "device.training.transformer/fp16.utilisation"), "0.2");
  EXPECT_EQ(value_of(transformers, "cluster.utilisation"), "");
  EXPECT_EQ(value_of(transformers, "cluster.step_overhead"), "5 ms");

  const auto both = factors({}, {work_of(WorkKind::other, Precision::fp32), work_of(WorkKind::transformer, Precision::fp16)});
  EXPECT_EQ(value_of(both, "device.training.transformer/fp16.utilisation"), "0.2");
  EXPECT_EQ(value_of(both, "cluster.utilisation"), "0.275");
}

// A TPUv3 multiplies fp32 in bf16; a V100 runs what it is told to.
TEST(UsedFactors, PrecisionIsTheOneInWhichTheDeviceRuns) {
  ClusterSettings settings;
  const std::vector<Workload> works{work_of(WorkKind::convolution, Precision::fp32)};
  settings.precision = Precision::fp16;
  EXPECT_NE(value_of(factors(settings, works), "device.specification.fp16"), "");
  EXPECT_EQ(value_of(factors(settings, works), "device.specification.fp32"), "");
  settings.precision.reset();
  settings.device = "TPUv3";
  EXPECT_NE(value_of(factors(settings, works), "device.specification.bf16"), "");
}

TEST(UsedFactors, WhatTheUserGivesStandsForItself) {
  ClusterSettings settings;
  settings.utilisation = 0.4;
  settings.embodied.lifetime = 4.0 * year;
  const auto list = factors(settings, {work_of(WorkKind::transformer, Precision::fp16)});
  EXPECT_EQ(value_of(list, "cluster.utilisation"), "0.4");
  EXPECT_EQ(source_of(list, "cluster.utilisation"), "given in the experiment");
  EXPECT_EQ(value_of(list, "device.training.transformer/fp16.utilisation"), "");
  EXPECT_EQ(source_of(list, "cluster.embodied.lifetime"), "given in the experiment");
  EXPECT_EQ(source_of(list, "cluster.embodied.use"), service_life_provenance().source);
  EXPECT_EQ(source_of(list, "cluster.step_overhead"), fitted_provenance().source);
  EXPECT_EQ(source_of(list, "cluster.activity.waiting"), "assumed");
}

TEST(UsedFactors, RulesStandOnlyWhereTheyApply) {
  ClusterSettings settings;
  const std::vector<Workload> works{work_of(WorkKind::convolution, Precision::fp32)};
  const auto plain = factors(settings, works);
  for (const char* key : {"cluster.voltage_floor", "cluster.interconnect.latency", "cluster.preemption.restart"})
    EXPECT_EQ(value_of(plain, key), "") << key;
  EXPECT_NE(value_of(plain, "cluster.embodied.use"), "");
  EXPECT_NE(value_of(plain, "host.computing.rate"), "");
  settings.power_limit = 200.0 * watt;
  settings.devices_per_worker = 2;
  settings.preemption.interval = 5.0 * hour;
  settings.embodied.count = false;
  settings.host_power = 50.0 * watt;
  const auto other = used_factors(settings, {}, works, false);
  for (const char* key : {"cluster.voltage_floor", "cluster.interconnect.latency", "cluster.preemption.restart"})
    EXPECT_NE(value_of(other, key), "") << key;
  for (const char* key : {"cluster.embodied.use", "host.computing.rate", "host.embodied.carbon", "host.shape.slots",
                          "device.embodied.carbon"})
    EXPECT_EQ(value_of(other, key), "") << key;
}

TEST(UsedFactors, OfMeasuredRunsNoRateCounts) {
  Workload measured = work_of(WorkKind::convolution, Precision::fp32);
  measured.measured_time = 1.0 * hour;
  measured.measured_energy = 1.0 * kilowatt_hour;
  const auto list = factors({}, {measured});
  for (const char* key : {"device.specification.fp32", "device.specification.bandwidth", "cluster.utilisation",
                          "cluster.overlap", "cluster.activity.measured"})
    EXPECT_EQ(value_of(list, key), "") << key;
  Workload timed;
  timed.measured_time = 1.0 * hour;
  EXPECT_EQ(value_of(factors({}, {timed}), "cluster.activity.measured"), "0.65");
  EXPECT_EQ(value_of(factors({}, {timed}), "cluster.utilisation"), "");
}

TEST(UsedFactors, UnknownWorkLeavesEveryRow) {
  const auto list = factors({}, {});
  EXPECT_NE(value_of(list, "device.training.transformer/fp16.utilisation"), "");
  EXPECT_NE(value_of(list, "device.specification.fp16"), "");
  EXPECT_EQ(value_of(list, "cluster.utilisation"), "");
}

// The rows are found again from their names; the charges find them otherwise.
TEST(UsedFactors, ListsWhatTheCostModelTakes) {
  std::size_t rows = 0;
  for (const Device& device : Catalogue::shipped()->devices()) {
    ClusterSettings settings;
    settings.device = device.name;
    settings.price = 1.0 * dollar_per_hour;
    settings.embodied.count = false;
    for (std::size_t k = 0; k < kWorkKinds; ++k)
      for (std::size_t p = 0; p < kPrecisions; ++p) {
        if (!device.peak[p]) continue;
        const auto kind = static_cast<WorkKind>(k);
        const auto precision = static_cast<Precision>(p);
        settings.precision = precision;
        const TrainingFigures taken = training_figures(settings, device, kind, precision);
        const auto list = factors(settings, {work_of(kind, precision)});
        for (const auto& [name, value] : {std::pair("utilisation", *taken.utilisation),
                                          {"bandwidth_utilisation", *taken.bandwidth_utilisation}}) {
          std::vector<std::string> found;
          for (const Factor& factor : list)
            if (factor.key == fmt::format("cluster.{}", name) ||
                (factor.key.starts_with("device.training.") && factor.key.ends_with(fmt::format(".{}", name))))
              found.push_back(factor.value.substr(0, factor.value.find(' ')));
          rows += list.size() > 0 && value_of(list, fmt::format("cluster.{}", name)).empty();
          EXPECT_EQ(found, std::vector<std::string>{fmt::format("{:.12g}", value)})
              << device.name << ", " << kWorkKindNames[k] << ", " << kPrecisionNames[p] << ", " << name;
        }
      }
  }
  EXPECT_GE(rows, 10U);
}

}  // namespace
}  // namespace tonne
