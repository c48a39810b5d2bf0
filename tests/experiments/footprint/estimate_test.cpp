// `tonne estimate`: published figures from published inputs, and what changes with what.

#include "experiments/footprint/estimate.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "cost_models/equivalents.h"
#include "cost_models/footprint.h"
#include "experiments/footprint/estimate_figures.h"
#include "experiments/footprint/estimate_paragraph.h"
#include "experiments/footprint/estimate_report.h"
#include "experiments/footprint/figure_text.h"
#include "tests/experiments/footprint/estimate_support.h"
#include "experiments/text/latex_text.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

using testing::estimate_of;
using testing::run_program;
using testing::TemporaryFolder;

EstimatedUse use_of(const std::string& yaml) {
  return estimate_of(yaml).use;
}

std::string refusal(const std::string& yaml) {
  try {
    (void)estimate_of(yaml);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

double relative(double value, double published) {
  return std::abs(value / published - 1.0);
}

// --- published figures --------------------------------------------------------------------------------

// Strubell et al. 2019, table 3: 12,041.51 W on 64 V100, 3.3 days (printed as 79 h), 1507 kWh, 1438 lb.
TEST(Estimate, StrubellsBertFromHoursAndWatts) {
  const EstimatedUse use = use_of(
      "{hours: 79.2, device: V100, devices: 64, watts: 188.1486, pue: 1.58, grid: {intensity: 0.954 "
      "lb/kWh}}");
  EXPECT_LT(relative(use.energy() / kilowatt_hour, 1507.0), 0.001);
  EXPECT_LT(relative(use.operational / pound, 1438.0), 0.001);
  EXPECT_LT(relative(*use.rent / dollar, 12571.0), 0.001);
}

// Patterson et al. 2021, table 4: the search of the Evolved Transformer, 7.5 MWh and 3.2 t (3.2187 by its
// inputs).
TEST(Estimate, PattersonsEvolvedTransformerSearchFromDaysAndWatts) {
  const EstimatedUse use = use_of(
      "{time: 6.8 days, device: TPUv2, devices: 200, power: 208 W, facility: Google-2021, intensity: 0.431 "
      "kg/kWh}");
  EXPECT_LT(relative(use.energy() / kilowatt_hour, 7500.0), 0.01);
  EXPECT_LT(relative(use.operational / tonne_co2e, 3.2187), 1e-4);
}

// The same table: GPT-3 takes 14.8 days, 1287 MWh and 552.1 t. From FLOPs and the measured 330 W per chip.
TEST(Estimate, PattersonsGpt3FromParametersAndTokens) {
  const std::string run =
      "parameters: 175e9, tokens: 300e9, device: V100, devices: 10000, utilisation: 0.197, facility: "
      "Azure-2020, grid: US-2020";
  const EstimatedUse use = use_of("{watts: 330, " + run + "}");
  EXPECT_LT(relative(use.time / day, 14.8), 0.002);
  EXPECT_LT(relative(use.energy() / kilowatt_hour, 1.287e6), 0.005);
  EXPECT_LT(relative(use.operational / tonne_co2e, 552.1), 0.005);
  // The power model does not know the 330 W; it must come near.
  EXPECT_LT(relative(use_of("{" + run + "}").energy() / kilowatt_hour, 1.287e6), 0.10);
}

// Zoph & Le 2017: 12,800 children on 800 K40 for 28 days, 22,400 GPU-days.
TEST(Estimate, ASearchIsItsTrainings) {
  const EstimatedUse use = use_of(
      "{hours: 42, trials: 12800, workers: 800, device: K40, share_of_tdp: 0.8, facility: Strubell-2019, "
      "grid: US-2018}");
  EXPECT_DOUBLE_EQ(use.device_time / day, 22400.0);
  EXPECT_DOUBLE_EQ(use.makespan / day, 28.0);
}

// The published tables are reckoned by footprint(); an estimate of the same run is the same.
TEST(Estimate, AgreesWithTheFootprintOfDeviceHours) {
  DeviceUse device_hours;
  device_hours.devices = 64.0;
  device_hours.time = 79.0 * hour;
  device_hours.power = 188.0 * watt;
  device_hours.pue = 1.58;
  device_hours.intensity = 432.7 * gram_per_kilowatt_hour;
  device_hours.price = 2.48 * dollar_per_hour;
  const Usage expected = footprint(device_hours);
  const EstimatedUse use =
      use_of("{hours: 79, device: V100, devices: 64, watts: 188, pue: 1.58, grid: US-2018}");
  EXPECT_NEAR(use.energy() / expected.energy, 1.0, 1e-12);
  EXPECT_NEAR(use.operational / expected.operational, 1.0, 1e-12);
  EXPECT_NEAR(*use.rent / expected.money, 1.0, 1e-12);
}

// --- what changes with what ---------------------------------------------------------------------------

constexpr const char* kRun = "device: V100, hours: 10, watts: 300, pue: 1.25, grid: {intensity: 400 g/kWh}";

TEST(Estimate, BothDirectionsAgree) {
  const EstimatedUse forward =
      use_of("{device: V100, flops: 1e20, utilisation: 0.3, pue: 1.25, grid: US-2018}");
  const EstimatedUse back =
      use_of(fmt::format("{{device: V100, hours: {}, watts: {}, pue: 1.25, grid: US-2018}}",
                         forward.time / hour, forward.power / watt));
  EXPECT_NEAR(back.energy() / forward.energy(), 1.0, 1e-12);
  EXPECT_NEAR(back.carbon() / forward.carbon(), 1.0, 1e-12);
}

TEST(Estimate, SplittingWorkOverDevicesTakesLessTimeAndTheSameEnergy) {
  const EstimatedUse one = use_of("{device: V100, flops: 1e20, startup: 0 s, pue: 1.25, grid: US-2018}");
  const EstimatedUse eight =
      use_of("{device: V100, flops: 1e20, startup: 0 s, devices: 8, pue: 1.25, grid: US-2018}");
  EXPECT_NEAR(one.time / eight.time, 8.0, 1e-9);
  EXPECT_NEAR(one.energy() / eight.energy(), 1.0, 1e-12);
}

TEST(Estimate, ABatchAddsOverhead) {
  const std::string run = "device: V100, parameters: 1e8, tokens: 1e9, pue: 1.25, grid: US-2018";
  const EstimatedUse plain = use_of("{" + run + "}");
  const EstimatedUse stepped = use_of("{" + run + ", batch: 1e5}");
  // 10^4 steps of 5 ms, 28 bytes a step and parameter at 57 % of 900 GB/s, and 12 FLOP at the V100's measured 20 %.
  const double extra = 1e4 * 0.005 + 1e4 * 1e8 * 28.0 / (0.57 * 900e9) + 1e4 * 1e8 * 12.0 / (0.20 * 125e12);
  EXPECT_NEAR((stepped.time - plain.time) / second, extra, 1e-6 * extra);
}

RC_GTEST_PROP(Estimate, PueScalesEnergyAndOperationalCarbonOnly, ()) {
  const double pue = 1.0 + *rc::gen::inRange(1, 400) / 100.0;
  const EstimatedUse base = use_of("{device: V100, hours: 10, watts: 300, pue: 1, grid: US-2018}");
  const EstimatedUse more =
      use_of(fmt::format("{{device: V100, hours: 10, watts: 300, pue: {}, grid: US-2018}}", pue));
  RC_ASSERT(std::abs(more.energy() / base.energy() - pue) < 1e-9);
  RC_ASSERT(std::abs(more.operational / base.operational - pue) < 1e-9);
  RC_ASSERT(*more.embodied == *base.embodied);
  RC_ASSERT(*more.rent == *base.rent);
  RC_ASSERT(more.time == base.time);
}

RC_GTEST_PROP(Estimate, DevicesAndTrialsScaleEverythingExtensive, ()) {
  const int devices = *rc::gen::inRange(1, 1000);
  const int trials = *rc::gen::inRange(1, 1000);
  const EstimatedUse one = use_of(fmt::format("{{{}}}", kRun));
  const EstimatedUse many = use_of(fmt::format("{{{}, devices: {}, trials: {}}}", kRun, devices, trials));
  const double copies = static_cast<double>(devices) * trials;
  RC_ASSERT(std::abs(many.energy() / one.energy() / copies - 1.0) < 1e-12);
  RC_ASSERT(std::abs(many.carbon() / one.carbon() / copies - 1.0) < 1e-12);
  RC_ASSERT(std::abs(*many.rent / *one.rent / copies - 1.0) < 1e-12);
  RC_ASSERT(many.power == one.power);
}

TEST(Estimate, TheGridChangesOperationalCarbonOnly) {
  const EstimatedUse dirty = use_of("{device: V100, hours: 10, watts: 300, pue: 1.25, grid: POL-2023}");
  const EstimatedUse clean = use_of("{device: V100, hours: 10, watts: 300, pue: 1.25, grid: SWE-2023}");
  EXPECT_NEAR(dirty.operational / clean.operational, 661.9 / 40.7, 1e-9);
  EXPECT_EQ(dirty.energy(), clean.energy());
  EXPECT_EQ(*dirty.embodied, *clean.embodied);
}

TEST(Estimate, ATraceIsWeighedOverTheWholeSearch) {
  const TemporaryFolder folder;
  folder.write("t.csv",
               "time,value\n2022-01-01T00:00Z,100\n2022-01-01T01:00Z,200\n2022-01-01T02:00Z,600\n2022-01-"
               "01T03:00Z,900\n");
  const std::string run = "device: V100, hours: 1, watts: 300, pue: 1, trace: t.csv";
  const auto intensity = [&](const std::string& more) {
    return estimate_of("{" + run + more + "}", folder.path()).use.intensity / gram_per_kilowatt_hour;
  };
  EXPECT_DOUBLE_EQ(intensity(""), 100.0);
  EXPECT_DOUBLE_EQ(intensity(", start: 2022-01-01T02:00Z"), 600.0);
  EXPECT_DOUBLE_EQ(intensity(", trials: 3"), 300.0);
  EXPECT_DOUBLE_EQ(intensity(", trials: 3, workers: 2"), 150.0);
  EXPECT_THROW((void)intensity(", trials: 5"), InputError);
}

TEST(Estimate, SystemPowerHasTheHostInIt) {
  EXPECT_DOUBLE_EQ(use_of("{device: V100, hours: 10, watts: 300, pue: 1, grid: US-2018}").power / watt,
                   300.0);
  EXPECT_DOUBLE_EQ(
      use_of("{device: V100, hours: 10, share_of_tdp: 0.5, host_power: 50 W, pue: 1, grid: US-2018}").power /
          watt,
      200.0);
}

TEST(Estimate, AMeasuredOrSharedPowerNeedsNoIdlePower) {
  EXPECT_DOUBLE_EQ(use_of("{device: TPUv2, hours: 1, watts: 208, pue: 1, grid: US-2018}").power / watt,
                   208.0);
  EXPECT_DOUBLE_EQ(
      use_of("{device: TPUv2, hours: 1, share_of_tdp: 0.5, host_power: 0 W, pue: 1, grid: US-2018}").power /
          watt,
      140.0);
}

// --- what is not known --------------------------------------------------------------------------------

TEST(Estimate, WhatNobodyPublishedIsAbsentAndSaid) {
  const Estimate bare = estimate_of("{hours: 10, watts: 300, pue: 1.25, grid: US-2018}");
  EXPECT_FALSE(bare.use.embodied || bare.use.money() || bare.use.water);
  EXPECT_EQ(bare.use.carbon(), bare.use.operational);
  const std::string text = estimate_text(bare);
  for (const char* note : {"Embodied emissions are not counted", "Cost is not counted", "Water is not counted"})
    EXPECT_NE(text.find(note), std::string::npos) << text;
  EXPECT_NE(text.find("The grid figure is direct (stack emissions only). With"), std::string::npos) << text;
  const auto json = nlohmann::json::parse(estimate_json(bare));
  EXPECT_TRUE(json["co2e_kg"]["embodied"].is_null() && json["usd"]["total"].is_null() &&
              json["water_l"].is_null());

  const Estimate full =
      estimate_of("{hours: 10, device: V100, watts: 300, pue: 1.25, wue: 1.8 L/kWh, grid: US-2018}");
  EXPECT_TRUE(full.use.embodied && full.use.money());
  EXPECT_NE(estimate_text(full).find(
                "is direct (stack emissions only), and is added to embodied emissions, which are life-cycle. With"),
            std::string::npos);
  EXPECT_DOUBLE_EQ(*full.use.water / litre, 3.0 * 1.8);
}

// 10 cm2 at 5 nm, ten packages and 192 GB come to 43.54 kg by ACT's tables; with a host of 312.5 kg, six years in service,
// .85 of them in use, 1,000 hours bear 7.964 kg.
TEST(Estimate, ManufactureMayComeFromWhatADeviceIsMadeOf) {
  const std::string rest =
      ", hours: 1000, pue: 1.1, intensity: 400 g/kWh, embodied: {act: {die_area: 10 cm2, node: 5, packages: 10, "
      "dram: 192 GB, dram_type: ddr4_10nm}}}";
  for (const std::string device : {"MI300X", "V100"}) {  // without a figure of its own, and with one
    const Estimate made = estimate_of("{device: " + device + rest);
    ASSERT_TRUE(made.use.embodied) << device;
    EXPECT_NEAR(*made.use.embodied / kilogram, 7.964, 0.001) << device;
    const auto named = [&](const char* key) { return std::ranges::find(made.factors, key, &EstimateFactor::key); };
    EXPECT_EQ(named("embodied.device"), made.factors.end());
    ASSERT_NE(named("embodied.act"), made.factors.end());
    EXPECT_NEAR(*named("embodied.act")->number, 43.54, 0.01);
  }
}

TEST(Estimate, WaterOnSiteAndAtThePowerStationsIsToldApart) {
  const std::string base = "{device: V100, hours: 1000, watts: 300, pue: 1.1, intensity: 400 g/kWh";
  EXPECT_FALSE(use_of(base + "}").water);
  // 330 kWh of the power stations, 300 kWh of the machines.
  EXPECT_NEAR(*use_of(base + ", grid_water: 3 L/kWh}").water / litre, 990.0, 1e-6);
  EXPECT_NEAR(*use_of(base + ", wue: 0.5 L/kWh}").water / litre, 150.0, 1e-6);
  const Estimate both = estimate_of(base + ", wue: 0.5 L/kWh, grid_water: 3 L/kWh}");
  EXPECT_NEAR(*both.use.water / litre, 1140.0, 1e-6);
  EXPECT_NE(estimate_text(both).find("Cooling uses 150 L of water, power generation 990 L."), std::string::npos)
      << estimate_text(both);
}

TEST(Estimate, EveryFactorIsGivenOrHasItsSource) {
  for (const char* yaml : {"{hours: 10, watts: 300, pue: 1.25, grid: US-2018}",
                           "{device: V100, hours: 1, facility: AWS-2024, grid: World-2023}",
                           "{device: A100-80GB, parameters: 1e9, tokens: 1e10, batch: 1e6, facility: "
                           "Uptime-2024, grid: FRA-2023}",
                           "{device: V100, forward: 4e9, samples: 1e6, precision: fp32, spot: true, pue: "
                           "1.2, intensity: 1 g/kWh}"}) {
    const Estimate answer = estimate_of(yaml);
    EXPECT_GE(answer.factors.size(), 4U);
    for (const EstimateFactor& factor : answer.factors) {
      EXPECT_FALSE(factor.value.empty()) << factor.key;
      if (!factor.provenance) continue;
      EXPECT_FALSE(factor.provenance->source.empty()) << yaml << " " << factor.key;
      EXPECT_GT(factor.provenance->published, 1900) << yaml << " " << factor.key;
    }
  }
}

TEST(Estimate, SaysWhatHasNoEffectAndWhatIsImplausible) {
  const std::string unused = estimate_text(
      estimate_of("{device: V100, hours: 1, watts: 300, utilisation: 0.5, pue: 1, grid: US-2018}"));
  EXPECT_NE(unused.find("without effect here: utilisation"), std::string::npos) << unused;
  const std::string all = estimate_text(
      estimate_of("{device: V100, hours: 1, watts: 12041, devices: 64, pue: 1, grid: US-2018}"));
  EXPECT_NE(all.find("far above the TDP"), std::string::npos) << all;
  const std::string small =
      estimate_text(estimate_of("{device: V100, parameters: 175e9, tokens: 1e9, pue: 1, grid: US-2018}"));
  EXPECT_NE(small.find("at least 175 devices are needed"), std::string::npos) << small;
}

// --- refusals -----------------------------------------------------------------------------------------

TEST(Estimate, RefusesWhatIsContradictoryOrTooLittle) {
  const struct {
    const char* yaml;
    const char* says;
  } cases[] = {
      {"{}", "needs the run"},
      {"{hours: 1, flops: 1e18, device: V100, pue: 1, grid: US-2018}", "both given"},
      {"{hours: 1, time: 1 h, device: V100, pue: 1, grid: US-2018}", "hours is given too"},
      {"{hours: 1, watts: 1, share_of_tdp: 0.5, device: V100, pue: 1, grid: US-2018}",
       "power is given in two ways"},
      {"{parameters: 1e9, device: V100, pue: 1, grid: US-2018}", "parameters: needs tokens too"},
      {"{forward: 1e9, device: V100, pue: 1, grid: US-2018}", "forward: needs samples too"},
      {"{parameters: 1e9, tokens: 1e9, forward: 1e9, samples: 3, device: V100, pue: 1, grid: US-2018}",
       "two ways"},
      {"{flops: 1e18, batch: 3, device: V100, pue: 1, grid: US-2018}", "batch"},
      {"{hours: 1, device: V100, grid: US-2018}", "needs the facility"},
      {"{hours: 1, device: V100, pue: 1}", "needs the grid"},
      {"{hours: 1, pue: 1, grid: US-2018}", "needs the device"},
      {"{hours: 1, device: V10O, pue: 1, grid: US-2018}", "Did you mean V100?"},
      {"{hours: 1, device: V100, facility: Azure, grid: US-2018}", "unknown facility"},
      {"{hours: 1, device: V100, pue: 1, grid: Mars}", "unknown grid"},
      {"{hours: 1, device: V100, pue: 1, grid: US-2018, intensity: 5 g/kWh}", "both given"},
      {"{hours: 0, device: V100, pue: 1, grid: US-2018}", "above 0"},
      {"{hours: 1, trials: 0.5, device: V100, pue: 1, grid: US-2018}", "at least 1"},
      {"{parameters: 1e300, tokens: 1e300, device: V100, pue: 1, grid: US-2018}", "the result overflows"},
      {"{hours: 3..1, device: V100, pue: 1, grid: US-2018}", "from a lower to a higher value"},
      {"{hours: 1, power: 2 kg..3 W, device: V100, pue: 1, grid: US-2018}", "is a mass"},
      {"{hours: 1, device: V100, pue: 1, grid: US-2018, uncertainty: {level: 0.8..0.9}}",
       "uncertainty.level: configures the draws"},
      {"{hours: 1, device: V100, pue: 0.9..1.1, grid: US-2018}",
       "e.yaml:1:31: facility.pue: '0.9..1.1' extends out of bounds: must be 1 to 10"},
      {"{hours: 1 kg, device: V100, pue: 1, grid: US-2018}", "is a mass"},
      {"{hours: 1, device: V100, pue: 1, grid: US-2018, gird: 3}", "Did you mean grid?"},
  };
  for (const auto& [yaml, says] : cases)
    EXPECT_NE(refusal(yaml).find(says), std::string::npos) << yaml << "\n" << refusal(yaml);
}

// --- what is printed ----------------------------------------------------------------------------------

TEST(Estimate, JsonIsTheSumOfItsParts) {
  const auto json =
      nlohmann::json::parse(estimate_json(estimate_of(fmt::format("{{{}, devices: 3}}", kRun))));
  EXPECT_DOUBLE_EQ(json["energy_kwh"]["total"], 10.0 * 0.3 * 3.0 * 1.25);
  EXPECT_DOUBLE_EQ(json["co2e_kg"]["operational"], 11.25 * 0.4);
  const double total = json["co2e_kg"]["total"];
  EXPECT_DOUBLE_EQ(total,
                   json["co2e_kg"]["operational"].get<double>() + json["co2e_kg"]["embodied"].get<double>());
  for (const auto& equivalent : json["equivalents"])
    EXPECT_DOUBLE_EQ(equivalent["value"].get<double>() * equivalent["kg_each"].get<double>(), total);
}

TEST(Estimate, LatexPrintsWhatTheUserWroteLiterally) {
  EXPECT_EQ(
      latex_escaped("50% of R&D_#1 {a}$ ~^\\ <b>\x01"),
      "50\\% of R\\&D\\_\\#1 \\{a\\}\\$ \\textasciitilde{}\\textasciicircum{}\\textbackslash{} $<$b$>$?");
  const std::string latex = estimate_latex(estimate_of(
      "{name: '100% R&D_x', parameters: 175e9, tokens: 300e9, device: V100, pue: 1.1, grid: US-2020}"));
  EXPECT_NE(latex.find("100\\% R\\&D\\_x performs $3.15 \\times 10^{23}$ FLOP"), std::string::npos) << latex;
  // Each cited key has its entry and no entry is idle.
  for (int i = 1; i < 12; ++i) {
    const std::string key = fmt::format("tonne:{}", i);
    const bool cited = latex.find(key + "}~") != std::string::npos ||
                       latex.find(key + ",") != std::string::npos ||
                       latex.find("," + key + "}") != std::string::npos ||
                       latex.find("\\cite{" + key + "}") != std::string::npos;
    EXPECT_EQ(cited, latex.find("\\bibitem{" + key + "}") != std::string::npos) << key << "\n" << latex;
  }
}

TEST(Estimate, FiguresReadWell) {
  EXPECT_EQ(figure_text(1287352.0), "1,287,000");
  EXPECT_EQ(figure_text(0.034567), "0.03457");
  EXPECT_EQ(figure_text(1234.0), "1,234");
  EXPECT_EQ(figure_text(999.96), "1,000");
  EXPECT_EQ(figure_text(3.15e23), "3.15e23");
  EXPECT_EQ(figure_text(12e-6), "1.2e-5");
  EXPECT_EQ(figure_text(0.0), "0");
  EXPECT_EQ(figure_text(274120.0, 7), "274,120");
  EXPECT_EQ(figure_text(188.1486, 7), "188.1486");
}

// --- the program --------------------------------------------------------------------------------------

TEST(EstimateProgram, OptionsAndFileAreTheSame) {
  const TemporaryFolder folder;
  folder.write("bert.yaml", "hours: 79\ndevice: V100\ndevices: 64\nwatts: 188\npue: 1.58\ngrid: US-2018\n");
  const auto by_options = run_program(
      "estimate --device V100 --hours 79 --devices 64 --watts 188 --pue 1.58 --grid US-2018", folder.path());
  const auto by_file = run_program("estimate bert.yaml", folder.path());
  EXPECT_EQ(by_options.exit_code, 0) << by_options.err;
  EXPECT_EQ(by_options.out, by_file.out);
  EXPECT_NE(by_file.out.find("1,502 kWh"), std::string::npos) << by_file.out;
  // An option stands instead of the file's value.
  const auto elsewhere =
      run_program("estimate bert.yaml --intensity '10 g/kWh' --format json", folder.path());
  EXPECT_EQ(elsewhere.exit_code, 0) << elsewhere.err;
  EXPECT_DOUBLE_EQ(nlohmann::json::parse(elsewhere.out)["grid_g_per_kwh"], 10.0);
}

TEST(EstimateProgram, MessagesNameTheOptionOrThePlace) {
  const TemporaryFolder folder;
  folder.write("e.yaml", "hours: 79\ndevice: V10O\npue: 1.58\ngrid: US-2018\n");
  const auto run = [&](const std::string& arguments) {
    return run_program("estimate " + arguments, folder.path());
  };
  EXPECT_EQ(run("e.yaml").err.find("e.yaml:2:9: device: unknown device 'V10O'"), 0U) << run("e.yaml").err;
  EXPECT_EQ(run("e.yaml --device V10").err.find("--device: unknown device 'V10'"), 0U)
      << run("e.yaml --device V10").err;
  EXPECT_EQ(run("e.yaml --pue .5").err.find("--pue: .5 is out of bounds"), 0U) << run("e.yaml --pue .5").err;
  EXPECT_EQ(run("e.yaml --trace no.csv").err.find("--trace: no such file"), 0U)
      << run("e.yaml --trace no.csv").err;
  EXPECT_EQ(run("e.yaml --trace no.csv").err.find("("), std::string::npos);
  EXPECT_NE(run("--gird US-2018").err.find("Did you mean --grid?"), std::string::npos);
  EXPECT_EQ(run("e.yaml").exit_code, 2);
  EXPECT_EQ(run("--gird US-2018").exit_code, 2);
  EXPECT_EQ(run("missing.yaml").exit_code, 2);
  EXPECT_EQ(run("--help").exit_code, 0);
}

}  // namespace
}  // namespace tonne
