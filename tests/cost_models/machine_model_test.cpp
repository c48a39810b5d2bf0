#include "cost_models/machine_model.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "core/error.h"
#include "settings.h"

namespace tonne {
namespace {

using testing::plain_cluster;
using testing::training;

MachineCostModel model_of(const ClusterSettings& settings) {
  return MachineCostModel(resolve_machine(settings));
}

std::string refusal(const ClusterSettings& settings) {
  try {
    static_cast<void>(make_cost_model(settings));
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

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
  settings.startup = {};
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
  EXPECT_EQ(refusal(settings), "cluster.idle: the catalogue has no idle power for TPUv2: give cluster.idle");
  settings.idle = 50.0 * watt;
  EXPECT_NE(refusal(settings).find("cluster.embodied.device"), std::string::npos);
  settings.embodied.count = false;
  EXPECT_EQ(refusal(settings), "accepted");
  EXPECT_THROW(static_cast<void>(make_cost_model(settings)->charge(training(), {})), InputError);
  Workload half = training();
  half.precision = Precision::fp16;
  EXPECT_NO_THROW(static_cast<void>(make_cost_model(settings)->charge(half, {})));

  settings = {};
  settings.device = "K40";
  EXPECT_EQ(refusal(settings), "cluster.price: the catalogue has no price for K40: give cluster.price");
  settings.device = "T4";
  settings.spot = true;
  EXPECT_EQ(refusal(settings), "cluster.price: the catalogue has no spot price for T4: give cluster.price");
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
  EXPECT_TRUE(refusal(settings).starts_with("cluster.start: 'yesterday' is no UTC time"));
  settings = {};
  settings.idle = 400.0 * watt;
  EXPECT_TRUE(refusal(settings).starts_with("cluster.idle: 400 W idle exceeds the 300 W"));
  settings = plain_cluster();
  settings.own_grid.trace = "x.csv";
  EXPECT_TRUE(refusal(settings).starts_with("cluster.grid: a trace and an intensity"));
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
  EXPECT_TRUE(find("device.price.on_demand"));
  EXPECT_FALSE(find("device.price.spot"));
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

// --- Power limits, several devices, input

// A card of 250 W and 50 W idle; arithmetic draws all of the range, traffic half of it.
ClusterSettings capped_cluster(double limit) {
  ClusterSettings settings = plain_cluster();
  settings.peak = 1.0 * teraflop_per_second;
  settings.utilisation = 1.0;
  settings.bandwidth = 1000.0 * gigabyte_per_second;
  settings.bandwidth_utilisation = 1.0;
  settings.tdp = 250.0 * watt;
  settings.idle = 50.0 * watt;
  settings.activity = {1.0, 0.5, 0.0, 0.5};
  settings.startup = {};
  settings.step_overhead = {};
  settings.voltage_floor = 0.8;
  settings.power_limit = limit * watt;
  return settings;
}

double device_watts(const Charge& charge) {
  return (charge[Line::device_dynamic].energy + charge[Line::device_idle].energy) / charge.time / watt;
}

TEST(PowerLimit, SlowsArithmeticAlongTheVoltageCurve) {
  // 200 W of dynamic power; .9^3 of it is above the voltage floor, .5 * .8^2 below it.
  const Workload arithmetic = training(100e12, 0.0, 0);
  const Charge above = model_of(capped_cluster(50.0 + 200.0 * 0.729)).charge(arithmetic, {});
  EXPECT_NEAR(above.time / second, 100.0 / 0.9, 1e-9);
  EXPECT_NEAR(device_watts(above), 50.0 + 200.0 * 0.729, 1e-9);
  const Charge below = model_of(capped_cluster(50.0 + 200.0 * 0.32)).charge(arithmetic, {});
  EXPECT_NEAR(below.time / second, 200.0, 1e-9);
  EXPECT_NEAR(device_watts(below), 50.0 + 200.0 * 0.32, 1e-9);
}

TEST(PowerLimit, LeavesTheTimeOfTrafficAndAHighLimitChangesNothing) {
  const Workload traffic = training(0.0, 100e12, 0);
  EXPECT_DOUBLE_EQ(model_of(capped_cluster(100.0)).charge(traffic, {}).time / second, 100.0);
  EXPECT_NEAR(device_watts(model_of(capped_cluster(100.0)).charge(traffic, {})), 100.0, 1e-9);
  ClusterSettings free = capped_cluster(250.0);
  free.power_limit.reset();
  const Workload mixed = training(50e12, 50e12, 100);
  for (const double limit : {250.0, 400.0})
    EXPECT_EQ(model_of(capped_cluster(limit)).charge(mixed, {}), model_of(free).charge(mixed, {}));
}

// A cap of 175 W on a card of 250 W cost 6.7 % more time and saved 23.2 % of the energy (published; the job is not
// described). A half of arithmetic gives that time, but saves less; no mix saves so much (docs/validation.md).
TEST(PowerLimit, ThePublishedCapCostsItsTimeAndSavesLess) {
  ClusterSettings settings = capped_cluster(250.0);
  settings.voltage_floor = ClusterSettings{}.voltage_floor;
  settings.idle = 35.0 * watt;
  const auto both = [&](double arithmetic) {
    const Workload workload = training(arithmetic * 100e12, (1.0 - arithmetic) * 100e12, 0);
    settings.power_limit = 250.0 * watt;
    const Charge free = model_of(settings).charge(workload, {});
    settings.power_limit = 175.0 * watt;
    const Charge capped = model_of(settings).charge(workload, {});
    const double time = capped.time / free.time;
    return std::pair(time, time * device_watts(capped) / device_watts(free));
  };
  EXPECT_NEAR(both(0.5).first, 1.077, 0.001);
  EXPECT_NEAR(both(0.5).second, 0.878, 0.001);
  EXPECT_NEAR(both(1.0).first, 1.154, 0.001);
  EXPECT_NEAR(both(1.0).second, 0.808, 0.001);
}

TEST(PowerLimit, IsRefusedWhereItMeansNothing) {
  EXPECT_TRUE(refusal(capped_cluster(50.0)).starts_with("cluster.power_limit: 50 W is not above the 50 W"));
  Workload measured = training();
  measured.measured_time = hour;
  EXPECT_THROW(static_cast<void>(model_of(capped_cluster(100.0)).charge(measured, {})), InputError);
  EXPECT_NO_THROW(static_cast<void>(model_of(capped_cluster(250.0)).charge(measured, {})));
}

TEST(SeveralDevices, DivideTheWorkAndExchangeGradients) {
  ClusterSettings settings = capped_cluster(250.0);
  settings.devices_per_worker = 4;
  settings.interconnect = {10.0 * gigabyte_per_second, Duration::from_base(0.001), 0.0};
  Workload workload = training(100e12, 60e12, 100);
  workload.parameters = 1e8;
  // (100 + 60) s / 4; per step 1.5 * .4 GB / 10 GB/s + 6 ms.
  const Charge four = model_of(settings).charge(workload, {});
  EXPECT_NEAR(four.time / second, 40.0 + 100.0 * (0.06 + 0.006), 1e-9);
  settings.interconnect.overlap = 0.1;  // 4 s of the 6.6 hide
  EXPECT_NEAR(model_of(settings).charge(workload, {}).time / second, 42.6, 1e-9);
  settings.interconnect.overlap = 1.0;
  const Charge hidden = model_of(settings).charge(workload, {});
  EXPECT_NEAR(hidden.time / second, 40.0, 1e-9);

  settings.devices_per_worker = 1;
  const Charge one = model_of(settings).charge(workload, {});
  EXPECT_TRUE(hidden.total().energy / one.total().energy < 1.0 + 1e-12 &&
              hidden.total().energy / one.total().energy > 1.0 - 1e-12);
  EXPECT_NEAR(hidden.total().money / one.total().money, 1.0, 1e-12);
  EXPECT_NEAR(hidden.total().embodied / one.total().embodied, 1.0, 1e-12);
  settings.devices_per_worker = 4;
  const MachineCostModel both = model_of(settings);
  settings.devices_per_worker = 1;
  EXPECT_NEAR(both.charge_idle(hour, {}).total().carbon() /
                  model_of(settings).charge_idle(hour, {}).total().carbon(),
              4.0, 1e-12);
}

TEST(SeveralDevices, NeedParametersAndNoMeasuredTime) {
  ClusterSettings settings = plain_cluster();
  settings.devices_per_worker = 2;
  const MachineCostModel model = model_of(settings);
  Workload workload = training();
  EXPECT_THROW(static_cast<void>(model.charge(workload, {})), InputError);
  workload.parameters = 1e6;
  EXPECT_NO_THROW(static_cast<void>(model.charge(workload, {})));
  workload.measured_time = hour;
  EXPECT_THROW(static_cast<void>(model.charge(workload, {})), InputError);
}

TEST(SeveralDevices, HoldTheWeightsEachAndShareTheRest) {
  ClusterSettings settings = plain_cluster();  // 16 GB
  settings.devices_per_worker = 2;
  Workload workload = training();
  workload.parameters = 1e9;  // 12 GB in each
  workload.memory = 20.0 * gigabyte;
  EXPECT_TRUE(model_of(settings).fits(workload));
  workload.memory = 20.1 * gigabyte;
  EXPECT_FALSE(model_of(settings).fits(workload));
}

TEST(HostTime, InputAndStepsRunBesideTheDevice) {
  ClusterSettings settings = capped_cluster(250.0);
  settings.input_rate = 100.0;
  settings.step_overhead = Duration::from_base(0.1);
  Workload workload = training(50e12, 0.0, 100);
  workload.samples = 2000.0;  // 20 s of input, 10 s of steps, 50 s of arithmetic
  EXPECT_NEAR(model_of(settings).charge(workload, {}).time / second, 80.0, 1e-9);
  settings.step_overlap = 0.5;
  EXPECT_NEAR(model_of(settings).charge(workload, {}).time / second, 65.0, 1e-9);
  settings.step_overlap = 1.0;
  EXPECT_NEAR(model_of(settings).charge(workload, {}).time / second, 50.0, 1e-9);
  workload.samples = 9000.0;  // the host is the slower one
  EXPECT_NEAR(model_of(settings).charge(workload, {}).time / second, 100.0, 1e-9);
}

TEST(HostPower, MayFallWhileTheWorkerWaits) {
  ClusterSettings settings = plain_cluster();
  settings.host_idle_power = 10.0 * watt;
  const MachineCostModel model = model_of(settings);
  EXPECT_DOUBLE_EQ(model.charge_idle(hour, {})[Line::host].energy / watt_hour, 10.0);
  EXPECT_GT(model.charge(training(), {})[Line::host].energy / model.charge(training(), {}).time / watt, 10.0);
}

// --- Properties
// -------------------------------------------------------------------------------------------------

Workload any_workload() {
  Workload workload;
  workload.flops = std::pow(10.0, *rc::gen::inRange(60, 200) * 0.1) * flop;
  workload.traffic = std::pow(10.0, *rc::gen::inRange(60, 170) * 0.1) * byte;
  workload.steps = *rc::gen::inRange(0, 1'000'000);
  return workload;
}

bool close(double a, double b, double tolerance = 1e-12) {
  return std::abs(a - b) <= tolerance * std::max(std::abs(a), std::abs(b));
}

RC_GTEST_PROP(MachineCostModel, PowerStaysBetweenIdleAndTdp, ()) {
  ClusterSettings settings = plain_cluster();
  settings.overlap = *rc::gen::inRange(0, 101) * 0.01;
  settings.activity.compute = *rc::gen::inRange(0, 101) * 0.01;
  settings.activity.memory = *rc::gen::inRange(0, 101) * 0.01;
  const Charge charge = model_of(settings).charge(any_workload(), {});
  const double watts =
      (charge[Line::device_dynamic].energy + charge[Line::device_idle].energy) / charge.time / watt;
  RC_ASSERT(charge.time > Duration{});
  RC_ASSERT(watts >= 40.0 * (1 - 1e-12));
  RC_ASSERT(watts <= 300.0 * (1 + 1e-12));
}

RC_GTEST_PROP(PowerLimit, ALowerOneIsNeverFasterAndNeverExceeded, ()) {
  ClusterSettings settings = plain_cluster();
  const Workload workload = any_workload();
  const double limit = *rc::gen::inRange(41, 300);
  settings.power_limit = limit * watt;
  const Charge high = model_of(settings).charge(workload, {});
  RC_ASSERT(device_watts(high) <= limit * (1 + 1e-12));
  settings.power_limit = (40.0 + 0.7 * (limit - 40.0)) * watt;
  const Charge low = model_of(settings).charge(workload, {});
  RC_ASSERT(low.time >= high.time);
  RC_ASSERT(device_watts(low) <= device_watts(high) * (1 + 1e-12));
}

RC_GTEST_PROP(MachineCostModel, MoreOfAnythingCostsMore, ()) {
  const MachineCostModel model = model_of(plain_cluster());
  const Workload workload = any_workload();
  Workload more = workload;
  more.flops *= 1.0 + *rc::gen::inRange(0, 100) * 0.01;
  more.traffic *= 1.0 + *rc::gen::inRange(0, 100) * 0.01;
  more.steps *= 1.0 + *rc::gen::inRange(0, 100) * 0.01;
  const Charge a = model.charge(workload, {});
  const Charge b = model.charge(more, {});
  RC_ASSERT(b.time >= a.time);
  RC_ASSERT(b.total().energy >= a.total().energy * (1 - 1e-12));
  RC_ASSERT(b.total().money >= a.total().money);
}

RC_GTEST_PROP(MachineCostModel, CostIsMonotoneInPower, ()) {
  ClusterSettings settings = plain_cluster();
  const Workload workload = any_workload();
  const Usage before = model_of(settings).charge(workload, {}).total();
  settings.tdp = (300.0 + *rc::gen::inRange(0, 500)) * watt;
  settings.idle = (40.0 + *rc::gen::inRange(0, 200)) * watt;
  const Usage after = model_of(settings).charge(workload, {}).total();
  RC_ASSERT(after.energy >= before.energy * (1 - 1e-12));
  RC_ASSERT(after.operational >= before.operational * (1 - 1e-12));
  RC_ASSERT(after.embodied == before.embodied);
}

RC_GTEST_PROP(MachineCostModel, PueScalesTheFacilityAlone, ()) {
  ClusterSettings settings = plain_cluster();
  const Workload workload = any_workload();
  settings.facility.pue = 1.5;
  const Charge before = model_of(settings).charge(workload, {});
  const double factor = *rc::gen::inRange(0, 400) * 0.01;
  settings.facility.pue = 1.0 + 0.5 * factor;
  Charge after = model_of(settings).charge(workload, {});
  RC_ASSERT(
      close(after[Line::facility].energy / joule, factor * before[Line::facility].energy / joule, 1e-9));
  after[Line::facility] = before[Line::facility];
  RC_ASSERT(after == before);
}

RC_GTEST_PROP(MachineCostModel, TheGridChangesCarbonAlone, ()) {
  ClusterSettings settings = plain_cluster();
  const Workload workload = any_workload();
  const Charge before = model_of(settings).charge(workload, {});
  const double factor = *rc::gen::inRange(0, 400) * 0.01;
  settings.own_grid.intensity = factor * 500.0 * gram_per_kilowatt_hour;
  Charge after = model_of(settings).charge(workload, {});
  for (std::size_t i = 0; i < kLines; ++i) {
    RC_ASSERT(close(after.lines[i].operational / gram, factor * before.lines[i].operational / gram));
    after.lines[i].operational = before.lines[i].operational;
  }
  RC_ASSERT(after == before);
}

RC_GTEST_PROP(MachineCostModel, WorkAndTimeScaleTogether, ()) {
  ClusterSettings settings = plain_cluster();
  settings.startup = {};
  const MachineCostModel model = model_of(settings);
  const Workload workload = any_workload();
  Workload tenfold = workload;
  tenfold.flops *= 8.0;
  tenfold.traffic *= 8.0;
  tenfold.steps *= 8.0;
  const Charge once = model.charge(workload, {});
  const Charge eight = model.charge(tenfold, {});
  RC_ASSERT(close(eight.time / second, 8.0 * (once.time / second)));
  RC_ASSERT(close(eight.total().energy / joule, 8.0 * (once.total().energy / joule)));
  RC_ASSERT(close(eight.total().carbon() / gram, 8.0 * (once.total().carbon() / gram)));
}

}  // namespace
}  // namespace tonne
