#include "core/uncertainty.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/random.h"
#include "core/yaml.h"

#include <rapidcheck/gtest.h>

namespace tonne {
namespace {

struct UncertainSample {
  double pue = 1.5;
  std::optional<double> share;
  std::optional<Power> power;
  Duration time = 1.0 * hour;
  std::int64_t count = 1;
  std::string name = "shipped";
  std::optional<Intensity> intensity;

  void visit(SettingsVisitor& v) {
    v.number("pue", pue, Bounds::between(1.0, 10.0), "");
    v.optional_number("share", share, Bounds{0.0, 1.0, true}, "");
    v.quantity("power", power, Bounds::above(0.0), "");
    v.integer("count", count, Bounds::at_least(1), "");
    v.group("inner", "", [this](SettingsVisitor& g) { g.quantity("time", time, Bounds::above(0.0), ""); });
    v.name_or_group("grid", name, "", [this](SettingsVisitor& g) {
      g.quantity("intensity", intensity, Bounds::at_least(0.0), "");
    });
  }
};

UncertainSample read_sample(const std::string& text, std::vector<UncertainSetting>* uncertain) {
  const YamlNode root = parse_yaml(text, "a.yaml");
  const YamlSource source{"a.yaml", "."};
  UncertainSample sample;
  SettingsReader reader(root, source, "cluster", uncertain);
  sample.visit(reader);
  reader.finish();
  return sample;
}

std::string refusal_of(const std::string& text, bool allowed = true) {
  std::vector<UncertainSetting> uncertain;
  try {
    (void)read_sample(text, allowed ? &uncertain : nullptr);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

Distribution parsed(const std::string& text, std::optional<QuantityKind> kind = std::nullopt,
                    Bounds bounds = {}) {
  return *Distribution::parse(text, kind, bounds);
}

TEST(Uncertainty, ReadsEveryShapeAndSetsTheMedian) {
  std::vector<UncertainSetting> uncertain;
  const UncertainSample sample = read_sample(
      "pue: 1.1..1.5\nshare: normal(0.4, 0.05)\npower: lognormal(250 W, 1.4)\n"
      "inner: {time: 'triangular(1 h, 90 min, 2 h)'}\ngrid: {intensity: 20..60 gCO2e/kWh}\n",
      &uncertain);
  ASSERT_EQ(uncertain.size(), 5U);
  EXPECT_EQ(uncertain[0].key, "cluster.pue");
  EXPECT_EQ(uncertain[0].where.line, 1);
  EXPECT_EQ(uncertain[3].key, "cluster.inner.time");
  EXPECT_EQ(uncertain[4].key, "cluster.grid.intensity");
  EXPECT_DOUBLE_EQ(sample.pue, 1.3);
  EXPECT_NEAR(*sample.share, 0.4, 1e-12);  // the upper bound cuts 12 standard deviations away
  EXPECT_DOUBLE_EQ(*sample.power / watt, 250.0);
  EXPECT_DOUBLE_EQ(sample.time / minute, 90.0);
  EXPECT_DOUBLE_EQ(*sample.intensity / gram_per_kilowatt_hour, 40.0);
  EXPECT_EQ(uncertain[4].distribution.unit(), "gCO2e/kWh");
  EXPECT_DOUBLE_EQ(uncertain[4].distribution.unit_size(), gram_per_kilowatt_hour.base());
}

TEST(Uncertainty, UnitsStandOnceOrAtEachNumber) {
  for (const char* text : {"200..350 W", "200 W..350 W", "200 W .. 350", "0.2 kW..350 W",
                           "uniform(200 W, 350 W)", "uniform(200, 350 W)"}) {
    const Distribution power = parsed(text, QuantityKind::power);
    EXPECT_EQ(power.canonical(), "uniform(200, 350)") << text;
  }
  EXPECT_EQ(parsed("$1..$3", QuantityKind::money).canonical(), "uniform(1, 3)");
}

TEST(Uncertainty, WhatIsNoDistributionIsNone) {
  for (const char* text : {"1.5", "350 W", "../grid.csv", "a..b", "V100", "", "1..", ".."})
    EXPECT_FALSE(Distribution::parse(text, std::nullopt, {})) << text;
}

TEST(Uncertainty, RefusesWithPlaceAndReason) {
  struct Case {
    const char* text;
    const char* reason;
  };
  for (const Case& c : std::vector<Case>{
           {"pue: 1.5..1.1", "must go from a lower to a higher value"},
           {"pue: 0.9..1.2", "extends out of bounds: must be 1 to 10"},
           {"share: 0..0.5", "extends out of bounds"},
           {"pue: triangular(1.2, 1.1, 1.3)", "low through mode to high"},
           {"pue: triangular(1.2, 1.3)", "has 2 numbers, expected triangular(low, mode, high)"},
           {"pue: normal(1.2, 0)", "positive standard deviation"},
           {"pue: lognormal(1.2, 0.9)", "geometric standard deviation above 1"},
           {"pue: lognormal(-1, 2)", "positive median"},
           {"pue: unifrom(1, 2)", "Did you mean uniform?"},
           {"power: 200..350", "has no unit"},
           {"power: 200..350 kg", "expected a power"},
           {"power: lognormal(250 W, 1.4 W)", "has no unit"},
           {"power: 0..350 W", "must be more than zero"},
           {"pue: 1.1..1.5 W", "is not a number"},
           {"{pue: triangular(1.1, 1.2, 1.3)}", "must be quoted"},
           {"count: 1..4", "expected a whole number"},
       }) {
    const std::string refusal = refusal_of(c.text);
    EXPECT_NE(refusal.find(c.reason), std::string::npos) << c.text << " -> " << refusal;
    EXPECT_TRUE(refusal.starts_with("a.yaml:1:")) << refusal;
  }
  EXPECT_NE(refusal_of("pue: 1.1..1.5", false).find("only figures of the cluster or of an estimate"),
            std::string::npos);
}

TEST(Uncertainty, QuantilesAgreeWithClosedForms) {
  EXPECT_DOUBLE_EQ(parsed("2..4").quantile(0.25), 2.5);
  const Distribution triangular = parsed("triangular(0, 1, 4)");
  for (const double p : {0.01, 0.25, 0.5, 0.99}) {
    const double x = triangular.quantile(p);
    const double cdf = x < 1.0 ? x * x / 4.0 : 1.0 - (4.0 - x) * (4.0 - x) / 12.0;
    EXPECT_NEAR(cdf, p, 1e-14);
  }
  EXPECT_NEAR(parsed("normal(10, 2)").quantile(0.975), 10.0 + 2.0 * 1.959963984540054, 1e-12);
  EXPECT_NEAR(parsed("lognormal(10, 2)").quantile(0.841344746068543), 20.0, 1e-12);
  // Half of a normal distribution is left: its median is the three quarters quantile of the whole.
  const Distribution half = parsed("normal(1, 0.5)", std::nullopt, Bounds::at_least(1.0));
  EXPECT_NEAR(half.median(), 1.0 + 0.5 * 0.6744897501960817, 1e-12);
  EXPECT_NEAR(parsed("lognormal(1, 2)", std::nullopt, Bounds::between(1.0, 1e9)).median(),
              std::exp(std::log(2.0) * 0.6744897501960817), 1e-7);
}

RC_GTEST_PROP(Uncertainty, QuantilesRiseAndKeepToTheBounds, ()) {
  const Bounds bounds = Bounds::between(0.0, 1.0);
  const std::vector<std::string> texts = {"0.1..0.9", "triangular(0, 0.1, 1)", "normal(0.9, 0.4)",
                                          "lognormal(0.8, 2.5)"};
  const Distribution distribution = parsed(*rc::gen::elementOf(texts), std::nullopt, bounds);
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  const double a = random.uniform(1e-12, 1.0 - 1e-12);
  const double b = random.uniform(1e-12, 1.0 - 1e-12);
  const double low = distribution.quantile(std::min(a, b));
  const double high = distribution.quantile(std::max(a, b));
  RC_ASSERT(low <= high);
  RC_ASSERT(low >= 0.0);
  RC_ASSERT(high <= 1.0);
}

TEST(Uncertainty, ValuesAreSetByKeyWhereverTheyStand) {
  std::vector<UncertainSetting> uncertain;
  UncertainSample sample = read_sample(
      "power: 200..350 W\ninner: {time: 1..2 h}\ngrid: {intensity: 20..60 g/kWh}\nshare: 0.2..0.4\n",
      &uncertain);
  const double pue = sample.pue;
  std::vector<double> values;
  for (const UncertainSetting& setting : uncertain) values.push_back(setting.distribution.quantile(0.1));
  set_values([&](SettingsVisitor& v) { sample.visit(v); }, "cluster", uncertain, values);
  EXPECT_DOUBLE_EQ(*sample.power / watt, 215.0);
  EXPECT_DOUBLE_EQ(sample.time / hour, 1.1);
  EXPECT_DOUBLE_EQ(*sample.intensity / gram_per_kilowatt_hour, 24.0);
  EXPECT_DOUBLE_EQ(*sample.share, 0.22);
  EXPECT_EQ(sample.pue, pue);
}

TEST(Uncertainty, DrawsAreNamedByKeyAndFillEachStratumOnce) {
  const auto probabilities = stratified_probabilities(7, "cluster.pue", 64);
  std::vector<bool> hit(64, false);
  for (const double p : probabilities) {
    ASSERT_GT(p, 0.0);
    ASSERT_LT(p, 1.0);
    hit[static_cast<std::size_t>(p * 64.0)] = true;
  }
  EXPECT_TRUE(std::ranges::all_of(hit, [](bool h) { return h; }));
  EXPECT_EQ(probabilities, stratified_probabilities(7, "cluster.pue", 64));
  EXPECT_NE(probabilities, stratified_probabilities(8, "cluster.pue", 64));
  EXPECT_NE(probabilities, stratified_probabilities(7, "cluster.tdp", 64));
  EXPECT_FALSE(std::ranges::is_sorted(probabilities));
}

TEST(Uncertainty, SampleQuantilesAreLinearBetweenOrderStatistics) {
  const std::vector<double> sorted{1.0, 2.0, 4.0, 8.0, 16.0};
  EXPECT_DOUBLE_EQ(quantile_of_sorted(sorted, 0.5), 4.0);
  EXPECT_DOUBLE_EQ(quantile_of_sorted(sorted, 0.125), 1.5);
  EXPECT_DOUBLE_EQ(quantile_of_sorted(sorted, 1.0), 16.0);
}

}  // namespace
}  // namespace tonne
