// How sure an estimate is: ranges in, intervals out.

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "experiments/footprint/estimate.h"
#include "experiments/footprint/estimate_report.h"
#include "tests/experiments/footprint/estimate_support.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

using testing::estimate_of;
using testing::TemporaryFolder;

constexpr const char* kKnown = "device: V100, hours: 10, watts: 300, grid: {intensity: 400 g/kWh}";

TEST(EstimateSpread, IsAbsentWithoutRanges) {
  EXPECT_FALSE(estimate_of(fmt::format("{{{}, pue: 1.5}}", kKnown)).spread);
}

TEST(EstimateSpread, FollowsTheOneUncertainFactor) {
  const Estimate answer = estimate_of(fmt::format("{{{}, pue: 1.0..2.0}}", kKnown));
  EXPECT_DOUBLE_EQ(answer.use.energy() / kilowatt_hour, 4.5);  // at the median
  const EstimateSpread& spread = *answer.spread;
  // 1,000 draws place the 2.5 % quantile of a uniform within four standard errors, .005 each.
  EXPECT_NEAR(spread.energy.low / kilowatt_hour, 3.0 * 1.025, 3.0 * 0.02);
  EXPECT_NEAR(spread.energy.high / kilowatt_hour, 3.0 * 1.975, 3.0 * 0.02);
  EXPECT_NEAR(spread.operational.low / spread.energy.low / kilogram_per_kilowatt_hour, 0.4, 1e-12);
  EXPECT_EQ(spread.time.low, spread.time.high);
  EXPECT_EQ(spread.money->low, spread.money->high);
}

TEST(EstimateSpread, NoFactorShiftsTheDrawsOfAnother) {
  const EstimateSpread alone = *estimate_of(fmt::format("{{{}, pue: 1.0..2.0}}", kKnown)).spread;
  const EstimateSpread joined =
      *estimate_of(fmt::format("{{price: 1..9 USD/h, {}, pue: 1.0..2.0}}", kKnown)).spread;
  EXPECT_EQ(alone.energy.low, joined.energy.low);
  EXPECT_EQ(alone.energy.high, joined.energy.high);
  EXPECT_LT(joined.money->low, joined.money->high);
  const EstimateSpread other =
      *estimate_of(fmt::format("{{{}, pue: 1.0..2.0, uncertainty: {{seed: 1}}}}", kKnown)).spread;
  EXPECT_NE(alone.energy.low, other.energy.low);
}

TEST(EstimateSpread, TheTornadoRanksByWhatEachMoves) {
  const Estimate answer = estimate_of(
      "{device: V100, hours: 10, watts: 295..305, pue: 1.2..1.3, intensity: 200..600 g/kWh, price: 1..9 "
      "USD/h}");
  const std::vector<Swing>& swings = answer.spread->swings;
  ASSERT_EQ(swings.size(), 4U);
  EXPECT_EQ(swings[0].key, "grid.intensity");
  EXPECT_EQ(swings[1].key, "facility.pue");
  EXPECT_EQ(swings[2].key, "watts");
  EXPECT_EQ(swings[3].key, "price");
  EXPECT_EQ(swings[3].at_low, swings[3].at_high);
  // 90 % of the range of the intensity, at the medians of the others.
  EXPECT_NEAR((swings[0].at_high - swings[0].at_low) / kilogram, 0.9 * 0.4 * 10.0 * 0.3 * 1.25, 1e-9);
}

TEST(EstimateSpread, WiderLevelsHoldNarrowerOnes) {
  const auto at = [](double level) {
    return estimate_of(
               fmt::format("{{{}, pue: 1.0..2.0, uncertainty: {{level: {}, draws: 200}}}}", kKnown, level))
        .spread->energy;
  };
  EXPECT_LT(at(0.95).low, at(0.5).low);
  EXPECT_GT(at(0.95).high, at(0.5).high);
}

TEST(EstimateSpread, TakesEveryShape) {
  const Estimate answer = estimate_of(
      "{device: V100, hours: 'normal(10, 1)', power: 'lognormal(300 W, 1.2)', pue: 'triangular(1.1, 1.2, "
      "1.6)', "
      "intensity: 300 g/kWh..500 g/kWh, embodied: {count: false}}");
  ASSERT_EQ(answer.spread->swings.size(), 4U);
  EXPECT_EQ(answer.spread->swings[0].key, "power");
  EXPECT_NEAR((answer.spread->swings[0].at_high / answer.spread->swings[0].at_low),
              std::pow(1.2, 2.0 * 1.6448536), 1e-6);
  EXPECT_NEAR(answer.use.time / hour, 10.0, 1e-9);
}

TEST(EstimateSpread, ATraceIsMetByEveryDraw) {
  const TemporaryFolder folder;
  folder.write("t.csv", "time,value\n2022-01-01T00:00Z,100\n2022-01-01T01:00Z,300\n");
  const Estimate answer = estimate_of("{hours: 1..2, watts: 300, pue: 1, trace: t.csv}", folder.path());
  const Interval<Carbon> carbon = answer.spread->operational;
  EXPECT_NEAR(carbon.low / gram, 0.3 * (100.0 + 0.025 * 300.0), 2.0);
  EXPECT_NEAR(carbon.high / gram, 0.3 * (100.0 + 0.975 * 300.0), 2.0);
  EXPECT_THROW((void)estimate_of("{hours: 1..3, watts: 300, pue: 1, trace: t.csv}", folder.path()),
               InputError);
}

TEST(EstimateSpread, IsPrintedAndWritten) {
  const Estimate answer = estimate_of(fmt::format("{{{}, pue: 1.0..2.0}}", kKnown));
  const std::string text = estimate_text(answer);
  for (const char* part :
       {"95 % interval", "sensitivity", "1.5 (1.0..2.0)", "(1000 draws); the emissions are most sensitive to facility.pue"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  const auto json = nlohmann::json::parse(estimate_json(answer));
  EXPECT_EQ(json["uncertainty"]["tornado"].size(), 1U);
  EXPECT_LT(json["uncertainty"]["co2e_kg"][0], json["co2e_kg"]["total"]);
  EXPECT_GT(json["uncertainty"]["co2e_kg"][1], json["co2e_kg"]["total"]);
}

}  // namespace
}  // namespace tonne
