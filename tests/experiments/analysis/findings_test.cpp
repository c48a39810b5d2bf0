// The configuration to copy, differences from the baseline, published figures, the order at common draws.

#include "experiments/analysis/findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/yaml.h"
#include "experiments/analysis/drawn_costs.h"

namespace tonne {
namespace {

using ::testing::HasSubstr;

LeaderboardRow row(const std::string& name, double value, double kilograms, double dollars) {
  LeaderboardRow made;
  made.strategy = name;
  made.value.mean = value;
  made.search.operational = kilograms * kilogram;
  made.search.money = dollars * dollar;
  made.money = made.search.money;
  return made;
}

Leaderboard board(Direction direction, const std::string& unit) {
  Leaderboard made;
  made.objective = "accuracy";
  made.unit = unit;
  made.direction = direction;
  made.rows = {row("tpe", 94.5, 9.5, 101.0), row("random", 94.0, 10.0, 100.0)};
  return made;
}

TEST(YamlText, WhateverANameIsItReadsBackAsThatText) {
  for (const std::string text :
       {"plain", "nor_conv_3x3", "a/b.c-d", "", " ", "3", "0x1f", "1e5", ".5", "-", "- a", "no", "Yes", "NULL", "~", "true",
        "a: b", "a #b", "#", "\"", "'", "\\", "a\nb", "a\tb", "\x1b[31m", "{a}", "[a]", "*a", "&a", "!a", "|", ">", "%", "@", "`",
        "grün", "\xE2\x80\xA8", "\xC2\x85", "\x7f", "?", ": ", "<<", "=", "2022-01-01", "nan", "Inf", "é: è"}) {
    const YamlNode node = parse_yaml(yaml_text(text) + ": " + yaml_text(text) + "\n", "x.yaml");
    ASSERT_TRUE(node.is_map()) << text;
    ASSERT_EQ(node.entries.size(), 1U) << text;
    EXPECT_EQ(node.entries[0].key, text);
    EXPECT_EQ(node.entries[0].value.text, text);
    EXPECT_EQ(yaml_text(text).find('\n'), std::string::npos);
  }
  EXPECT_EQ(yaml_text("nor_conv_3x3"), "nor_conv_3x3");
  EXPECT_EQ(yaml_text("64"), "\"64\"");
  EXPECT_EQ(yaml_text("\xff"), "\"\xEF\xBF\xBD\"");
}

TEST(BestConfiguration, TypedForProgramsAndReadableForPeople) {
  const SearchSpace space({{.name = "on", .domain = Categorical{{"8", "yes", "relu"}}},
                           {.name = "width", .domain = Integer{1, 512}},
                           {.name = "rate", .domain = Real{1e-6, 1.0, Scale::log}},
                           {.name = "lr", .domain = Ordinal{{"0.10", "1e-3"}}},
                           {.name = "size", .domain = Ordinal{{"s", "10"}}},
                           {.name = "unused", .domain = Integer{0, 1}}});
  Configuration configuration(space.size());
  configuration.set(0, 0.0);
  configuration.set(1, 64.0);
  configuration.set(2, 1e-5);
  configuration.set(3, 0.0);
  configuration.set(4, 1.0);
  EXPECT_EQ(configuration_yaml(space, configuration), "\"on\": \"8\"\nwidth: 64\nrate: 1.0e-05\nlr: 0.1\nsize: \"10\"\n");
  const Json json = configuration_json(space, configuration);
  EXPECT_EQ(json["on"], "8");
  EXPECT_TRUE(json["width"].is_number_integer());
  EXPECT_EQ(json["rate"], 1e-5);
  EXPECT_EQ(json["lr"], 0.1);
  EXPECT_EQ(json["size"], "10");
  EXPECT_FALSE(json.contains("unused"));
}

TEST(BestConfiguration, OfEqualsTheOneThatEmittedLessThenTheLowerSeed) {
  BestConfiguration a{"a", 3, 94.0, 2.0, {}, {}}, b = a;
  EXPECT_FALSE(is_better(a, b, Direction::maximise));
  b.kilograms = 3.0;
  EXPECT_TRUE(is_better(a, b, Direction::maximise));
  b = a;
  b.seed = 4;
  EXPECT_TRUE(is_better(a, b, Direction::minimise));
  b.value = 93.0;
  EXPECT_TRUE(is_better(a, b, Direction::maximise));
  EXPECT_FALSE(is_better(a, b, Direction::minimise));
}

TEST(Baseline, DifferencesArePositiveWhereTheValueIsBetter) {
  const auto up = against_baseline(board(Direction::maximise, "%"), "random");
  ASSERT_TRUE(up);
  ASSERT_EQ(up->rows.size(), 1U);
  EXPECT_DOUBLE_EQ(up->rows[0].value, 0.5);
  EXPECT_DOUBLE_EQ(up->rows[0].kilograms, -0.5);
  EXPECT_EQ(baseline_sentence(*up, board(Direction::maximise, "%")),
            "Against random: tpe +0.50 points, -500 g CO2e, +1 USD.");
  const auto down = against_baseline(board(Direction::minimise, ""), "random");
  EXPECT_DOUBLE_EQ(down->rows[0].value, -0.5);
  EXPECT_THAT(baseline_sentence(*down, board(Direction::minimise, "")), HasSubstr("tpe -0.5000 units of accuracy"));
  EXPECT_FALSE(against_baseline(board(Direction::minimise, ""), "gp"));
  EXPECT_EQ(signed_difference(0.0, "%"), "0");
}

TEST(Baseline, IsTheFirstRandomSearchWhereNoneIsNamed) {
  const std::vector<StoredStrategy> strategies = {{"tpe", "tpe", ""}, {"by chance", "random", ""}, {"again", "random", ""}};
  EXPECT_EQ(baseline_label("", strategies), "by chance");
  EXPECT_EQ(baseline_label("tpe", strategies), "tpe");
  EXPECT_EQ(baseline_label("", {{"tpe", "tpe", ""}}), "");
}

TEST(PublishedMatch, SaysWhatWasPublishedAndByHowMuchTheSimulationDiffers) {
  Leaderboard made = board(Direction::maximise, "%");
  made.rows[0].search.operational = 291.0 * tonne_co2e;
  const auto trained = [](const std::string&) { return 1.135e9; };
  const auto matches = match_published({{"co2e", 284e3, "a paper", ""},
                                        {"steps", 979e6, "b", ""},
                                        {"epochs", 3.0, "another problem's", ""},
                                        {"overhead", 3.0, "not known here", ""},
                                        {"co2e", 1.0, "c", "random"}},
                                       made, "steps", trained);
  ASSERT_EQ(matches.size(), 3U);
  EXPECT_EQ(published_sentence(matches[0]),
            "CO2e of a search with tpe: published: 284 t (a paper) / simulated: 291 t (2.5 % more)");
  EXPECT_EQ(published_sentence(matches[1]),
            "All trainings of a search with tpe: published: 979 million steps (b) / simulated: 1,140 million steps (16 % more)");
  EXPECT_THAT(published_sentence(matches[2]), HasSubstr("simulated: 10 kg (10.0 times as much)"));
}

TEST(DrawnCosts, OrderAtCommonDraws) {
  Leaderboard made = board(Direction::maximise, "%");
  made.rows[0].gain_per_tonne = 100.0;
  made.rows[1].gain_per_tonne = 90.0;
  const DrawnCosts costs{{{9.0, 9.5, 12.0, 9.6}, {10.0, 10.0, 10.0, 9.7}}};
  const OrderOfDraws order = order_of_draws(costs, made);
  EXPECT_EQ(order.cheapest, 0U);
  EXPECT_DOUBLE_EQ(order.cheapest_in, 0.75);
  EXPECT_DOUBLE_EQ(order.same_order_in, 0.75);
  EXPECT_EQ(order.most_gain, 0U);
  EXPECT_DOUBLE_EQ(order.most_gain_in, 0.75);  // the third: 950 / 12 against 900 / 10
  EXPECT_EQ(order.gaining, 2U);
}

}  // namespace
}  // namespace tonne
