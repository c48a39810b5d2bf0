#include "cost_models/machine_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "core/error.h"
#include "tests/cost_models/machine_model_helpers.h"

namespace tonne {
namespace {

using testing::model_of;
using testing::plain_cluster;
using testing::refusal;
using testing::training;

// By hand, for a device of round figures.
TEST(MachineCostModel, AChargeByHand) {
  ClusterSettings settings = plain_cluster();
  settings.peak = 10.0 * teraflop_per_second;
  settings.utilisation = 0.5;
  settings.bandwidth = 100.0 * gigabyte_per_second;
  settings.bandwidth_utilisation = 0.5;
  settings.tdp = 300.0 * watt;
  settings.idle = 100.0 * watt;
  settings.host_power = 50.0 * watt;
  settings.facility.pue = 1.5;
  settings.facility.wue = 2.0 * litre / kilowatt_hour;
  settings.step_overhead = Duration::from_base(0.01);
  settings.startup = 10.0 * second;
  settings.activity = {1.0, 0.5, 0.0, 0.5};
  settings.price = 2.0 * dollar_per_hour;
  settings.electricity_price = 0.5 * dollar / kilowatt_hour;
  settings.embodied = {true, 100.0 * kilogram, 100.0 * kilogram, 1000.0 * hour, 0.5};

  // 100 s of arithmetic, 40 s of traffic, 1000 steps of 10 ms, 10 s of start-up: 160 s.
  Workload workload = training(5e14, 2e12, 1000);
  const Charge charge = model_of(settings).charge(workload, {});
  EXPECT_DOUBLE_EQ(charge.time / second, 160.0);
  // Dynamic: 200 W over 100 s, 100 W over 40 s.
  EXPECT_DOUBLE_EQ(charge[Line::device_dynamic].energy / joule, 20'000.0 + 4'000.0);
  EXPECT_DOUBLE_EQ(charge[Line::device_idle].energy / joule, 16'000.0);
  EXPECT_DOUBLE_EQ(charge[Line::host].energy / joule, 8'000.0);
  EXPECT_DOUBLE_EQ(charge[Line::facility].energy / joule, 24'000.0);
  EXPECT_DOUBLE_EQ(charge[Line::facility].water / litre, 48'000.0 / 3.6e6 * 2.0);
  EXPECT_DOUBLE_EQ(charge.total().operational / gram, 72'000.0 / 3.6e6 * 500.0);
  EXPECT_DOUBLE_EQ(charge.total().money / dollar, 160.0 / 3600.0 * 2.0 + 72'000.0 / 3.6e6 * 0.5);
  EXPECT_DOUBLE_EQ(charge.total().embodied / kilogram, 200.0 / 500.0 * 160.0 / 3600.0);

  settings.overlap = 1.0;  // the roofline: the traffic hides behind the arithmetic
  EXPECT_DOUBLE_EQ(model_of(settings).charge(workload, {}).time / second, 120.0);

  workload.measured_time = 100.0 * second;
  workload.measured_energy = 25'000.0 * joule;
  const Charge measured = model_of(settings).charge(workload, {});
  EXPECT_EQ(measured.time, 100.0 * second);
  EXPECT_DOUBLE_EQ(measured[Line::device_idle].energy / joule, 10'000.0);
  EXPECT_DOUBLE_EQ(measured[Line::device_dynamic].energy / joule, 15'000.0);
}

Power system_power(const std::string& device, double flops, double bytes) {
  ClusterSettings settings = plain_cluster();
  settings.device = device;
  settings.startup = Duration{};
  const Charge charge = model_of(settings).charge(training(flops, bytes, 0), {});
  return (charge.total().energy - charge[Line::facility].energy) / charge.time;
}

// Whole systems drew 325 W per V100 and 271 W per P100 while training (Patterson et al. 2021): between what
// the model draws when memory traffic and when arithmetic is the limit.
TEST(MachineCostModel, BusySystemsDrawWhatWasMeasured) {
  EXPECT_LT(system_power("V100", 0.0, 1e15) / watt, 325.0);
  EXPECT_GT(system_power("V100", 1e18, 0.0) / watt, 325.0);
  EXPECT_LT(system_power("P100", 0.0, 1e15) / watt, 271.0);
  EXPECT_GT(system_power("P100", 1e18, 0.0) / watt, 271.0);
}

TEST(MachineCostModel, IdleDevicesDrawIdlePowerAndRent) {
  const MachineCostModel model = model_of(plain_cluster());
  const Charge charge = model.charge_idle(hour, {});
  EXPECT_DOUBLE_EQ(charge[Line::device_idle].energy / watt_hour, 40.0);
  EXPECT_EQ(charge[Line::device_dynamic].energy, Energy{});
  EXPECT_GT(charge[Line::host].energy, Energy{});
  EXPECT_DOUBLE_EQ(charge.total().money / dollar, 2.48);
  EXPECT_GT(charge[Line::embodied].embodied, Carbon{});
}

TEST(MachineCostModel, ComputingIsChargedToTheHostAlone) {
  const MachineCostModel model = model_of(plain_cluster());
  const Charge charge = model.charge_computing(model.parameters().computing_rate * hour, {});
  EXPECT_DOUBLE_EQ(charge.time / hour, 1.0);
  EXPECT_DOUBLE_EQ(charge[Line::host].energy / watt_hour, model.parameters().computing_power / watt);
  for (const Line line : {Line::device_dynamic, Line::device_idle, Line::embodied, Line::rental})
    EXPECT_EQ(charge[line], Usage{});
  EXPECT_GT(charge[Line::facility].energy, Energy{});
}

TEST(MachineCostModel, AWorkloadFitsUpToTheMemory) {
  const MachineCostModel model = model_of(plain_cluster());
  Workload workload = training();
  EXPECT_TRUE(model.fits(workload));
  workload.memory = 16.0 * gigabyte;
  EXPECT_TRUE(model.fits(workload));
  workload.memory = 16.1 * gigabyte;
  EXPECT_FALSE(model.fits(workload));
}

TEST(MachineCostModel, WhatIsMissingIsNamedWithItsSetting) {
  ClusterSettings settings;
  settings.device = "TPUv2";
  EXPECT_EQ(refusal(settings), "accepted");
  EXPECT_NO_THROW(static_cast<void>(make_cost_model(settings)->charge(training(), {})));  // in bf16
  settings.precision = Precision::fp32;
  EXPECT_EQ(refusal(settings),
            "cluster.precision: the catalogue has no fp32 peak for TPUv2 (it has bf16): give cluster.peak, or "
            "another precision");
  settings.precision.reset();
  Workload half = training();
  half.precision = Precision::fp16;
  EXPECT_NO_THROW(static_cast<void>(make_cost_model(settings)->charge(half, {})));
}

TEST(MachineCostModel, BadSettingsAreRefusedUnderTheirKey) {
  ClusterSettings settings;
  settings.device = "V10O";
  EXPECT_TRUE(refusal(settings).starts_with("cluster.device: unknown device 'V10O'. Did you mean V100?"));
  settings = {};
  settings.grid = "US-2108";
  EXPECT_TRUE(refusal(settings).starts_with("cluster.grid: unknown grid 'US-2108'. Did you mean US-2018?"));
  settings = {};
  settings.host = "Xeon8";
  EXPECT_TRUE(refusal(settings).starts_with("cluster.host: unknown host 'Xeon8'. Did you mean Xeon-8?"));
  settings = {};
  settings.facility.name = "x";
  EXPECT_TRUE(refusal(settings).starts_with("cluster.facility: unknown facility 'x' (known: "));
  settings = {};
  settings.start = "yesterday";
  EXPECT_TRUE(refusal(settings).starts_with("cluster.start: 'yesterday' is not a UTC time"));
  settings = {};
  settings.idle = 400.0 * watt;
  EXPECT_TRUE(refusal(settings).starts_with("cluster.idle: 400 W idle exceeds the 300 W"));
  settings = plain_cluster();
  settings.own_grid.trace = "x.csv";
  EXPECT_TRUE(refusal(settings).starts_with("cluster.grid: both a trace and an intensity"));
  settings.own_grid.intensity.reset();
  EXPECT_EQ(refusal(settings), "x.csv: no such file");
}

TEST(ContentDigest, FollowsTheContentThatSettingsName) {
  const auto file = std::filesystem::temp_directory_path() / "tonne_content_digest.csv";
  ClusterSettings settings;
  const std::uint64_t plain = content_digest(settings);
  EXPECT_EQ(plain, content_digest(settings));
  settings.device = "P100";
  EXPECT_NE(plain, content_digest(settings));
  settings.own_grid.trace = file;
  std::ofstream(file) << "time_utc,value\n2021-01-01,1\n2021-01-02,1\n";
  const std::uint64_t before = content_digest(settings);
  std::ofstream(file) << "time_utc,value\n2021-01-01,1\n2021-01-02,2\n";
  EXPECT_NE(before, content_digest(settings));
  std::filesystem::remove(file);
}

TEST(ContentDigest, FollowsTheBytesOfTheOwnCatalogue) {
  const auto file = std::filesystem::temp_directory_path() / "tonne_own_catalogue.yaml";
  ClusterSettings settings;
  const std::uint64_t shipped = content_digest(settings);
  settings.catalogue = file;
  std::ofstream(file) << "devices: {K40: {price: {on_demand: 1 USD/h}}}\n";
  const std::uint64_t before = content_digest(settings);
  EXPECT_NE(before, shipped);
  settings.device = "K40";
  EXPECT_DOUBLE_EQ(resolve_machine(settings).price / dollar_per_hour, 1.0);
  settings.device = "V100";
  std::ofstream(file) << "devices: {K40: {price: {on_demand: 2 USD/h}}}\n";
  EXPECT_NE(content_digest(settings), before);
  std::filesystem::remove(file);
}

TEST(MachineCostModel, ACarbonPriceTaxesAllTheCarbonOfACharge) {
  ClusterSettings settings = plain_cluster();
  const Charge untaxed = model_of(settings).charge(training(), {});
  settings.carbon_price = 80.0 * dollar / tonne_co2e;
  const MachineCostModel model = model_of(settings);
  const Charge charge = model.charge(training(), {});
  EXPECT_EQ(untaxed[Line::carbon_tax], Usage{});
  EXPECT_GT(charge.total().embodied, Carbon{});
  EXPECT_DOUBLE_EQ(charge[Line::carbon_tax].money / dollar, charge.total().carbon() / tonne_co2e * 80.0);
  EXPECT_EQ(charge[Line::carbon_tax].energy, Energy{});
  EXPECT_DOUBLE_EQ(charge.total().money / dollar,
                   untaxed.total().money / dollar + charge[Line::carbon_tax].money / dollar);
  EXPECT_GT(model.charge_idle(hour, {})[Line::carbon_tax].money, Money{});
  EXPECT_GT(model.charge_computing(1e15 * flop, {})[Line::carbon_tax].money, Money{});
}

TEST(MachineCostModel, WaitingWorkersAreChargedAsTheSwitchSays) {
  ClusterSettings settings = plain_cluster();
  const Charge full = model_of(settings).charge_idle(hour, {});
  settings.idle_workers = IdleCharge::device_only;
  const Charge device = model_of(settings).charge_idle(hour, {});
  settings.idle_workers = IdleCharge::none;
  const Charge none = model_of(settings).charge_idle(hour, {});

  EXPECT_EQ(device[Line::device_idle], full[Line::device_idle]);
  EXPECT_EQ(device[Line::rental], full[Line::rental]);
  EXPECT_EQ(device[Line::host], Usage{});
  EXPECT_DOUBLE_EQ(device[Line::facility].energy / watt_hour, 0.58 * 40.0);
  // 150 kg of device beside 2500 / 8 kg of host.
  EXPECT_NEAR(device[Line::embodied].embodied / full[Line::embodied].embodied, 150.0 / 462.5, 1e-12);
  EXPECT_EQ(none.total(), Usage{});
  EXPECT_EQ(none.time, full.time);
}

TEST(MachineCostModel, PowerStationsAddTheirWaterToEveryLine) {
  ClusterSettings settings = plain_cluster();
  EXPECT_EQ(model_of(settings).charge(training(), {}).total().water, Water{});
  settings.grid_water = 3.0 * litre / kilowatt_hour;
  const Charge off_site = model_of(settings).charge(training(), {});
  EXPECT_DOUBLE_EQ(off_site.total().water / litre, 3.0 * (off_site.total().energy / kilowatt_hour));
  settings.facility.wue = 0.5 * litre / kilowatt_hour;
  const Charge both = model_of(settings).charge(training(), {});
  EXPECT_NEAR((both.total().water - off_site.total().water) / litre,
              0.5 * (both.total().energy / kilowatt_hour / 1.58), 1e-9);
}

TEST(ClusterSummary, SaysWhichWaterIsCounted) {
  ClusterSettings settings;
  EXPECT_EQ(settings.summary(), "1 x V100, PUE 1.58, US-2018 (432.7 g/kWh), water not counted");
  settings.facility.name = "AWS-2024";
  EXPECT_TRUE(settings.summary().ends_with(", water on site only"));
  settings.grid = "US-2020";
  EXPECT_TRUE(settings.summary().ends_with("US-2020 (429 g/kWh)"));
  settings.facility.name = "Uptime-2024";
  settings.spot = true;
  EXPECT_EQ(settings.summary(), "1 x V100 (spot), PUE 1.56, US-2020 (429 g/kWh), water of the power stations only");
}

TEST(MachineCostModel, EmbodiedCarbonFollowsWhatADeviceIsMadeOf) {
  ClusterSettings settings = plain_cluster();
  settings.embodied.host = Carbon{};
  settings.embodied.act.die_area = 815.0 * square_millimetre;
  settings.embodied.act.node = 14;
  settings.embodied.act.packages = 5.0;
  settings.embodied.act.dram = 16.0 * gigabyte;
  settings.embodied.act.dram_type = "ddr4_10nm";
  // Per cm2: 583 * 1.2 + (200 + 125) / 2 + 500 g; both divided by the yield of .875.
  const double expected = (8.15 * (583.0 * 1.2 + 162.5 + 500.0) + 16.0 * 65.0) / 0.875 / 1e3 + 5 * 0.15;
  EXPECT_NEAR(settings.embodied.act.carbon() / kilogram, expected, 1e-12);
  const Duration life = settings.embodied.lifetime * settings.embodied.use;
  EXPECT_NEAR(resolve_machine(settings).embodied * life / kilogram, expected, 1e-12);
}

TEST(Factors, TraceEveryFigureToItsSource) {
  ClusterSettings settings;
  settings.tdp = 250.0 * watt;
  settings.carbon_price = 80.0 * dollar / tonne_co2e;
  const std::vector<Factor> factors = factors_of(settings);
  const auto find = [&](const std::string& key) -> const Factor* {
    const auto found = std::ranges::find(factors, key, &Factor::key);
    return found == factors.end() ? nullptr : &*found;
  };
  ASSERT_TRUE(find("cluster.tdp"));
  EXPECT_EQ(find("cluster.tdp")->value, "250 W");
  EXPECT_EQ(find("cluster.tdp")->provenance.source, "given in the experiment");
  EXPECT_FALSE(find("device.specification.tdp"));
  EXPECT_EQ(find("cluster.carbon_price")->value, "80 USD/t");
  EXPECT_EQ(find("grid.intensity")->value, "0.4327 kgCO2e/kWh");
  EXPECT_EQ(find("grid.intensity")->provenance.published, 2019);
  EXPECT_TRUE(find("device.prices.google/device/on_demand.price"));
  EXPECT_FALSE(find("device.prices.google/device/spot.price"));
  EXPECT_FALSE(find("device.prices.aws/instance/on_demand.price"));
  for (const Factor& factor : factors) EXPECT_FALSE(factor.provenance.source.empty()) << factor.key;
}

TEST(MachineCostModel, PreemptionIsPassedOn) {
  ClusterSettings settings;
  EXPECT_FALSE(make_cost_model(settings)->preemption());
  settings.preemption.interval = 20.0 * hour;
  settings.preemption.checkpoint = hour;
  const auto preemption = make_cost_model(settings)->preemption();
  ASSERT_TRUE(preemption);
  EXPECT_EQ(preemption->interval, 20.0 * hour);
  EXPECT_EQ(preemption->restart, 2.0 * minute);
  EXPECT_EQ(preemption->checkpoint, hour);
  settings.devices_per_worker = 4;  // the training stops when any of its devices is taken
  EXPECT_EQ(make_cost_model(settings)->preemption()->interval, 5.0 * hour);
}

}  // namespace
}  // namespace tonne
