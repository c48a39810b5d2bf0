// `reference` and `baseline` of the experiment file.

#include "experiments/plan/published_figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"

namespace tonne {
namespace {

const std::string kPlain =
    "problems: [cell_nas]\n"
    "strategies: [random, {tpe: {label: other}}]\n"
    "budget: {evaluations: 5}\n";

Experiment parse(const std::string& more) { return parse_experiment(kPlain + more, "e.yaml", "."); }

std::string error_of(const std::string& more) {
  try {
    (void)parse(more);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(PublishedFigures, OneOrAListInTheUnitsOfTheTables) {
  const auto one = parse("reference: {figure: co2e, value: 626155 lb, source: a paper}\n").published;
  ASSERT_EQ(one.size(), 1U);
  EXPECT_NEAR(one[0].value, 284019.13, 0.01);
  const auto list = parse(
                        "reference:\n"
                        "  - {figure: energy, value: 7.5 MWh, source: a}\n"
                        "  - {figure: hours, value: 2 days, source: b, strategy: other}\n"
                        "  - {figure: epochs, value: 979e6, source: c}\n"
                        "  - {figure: overhead, value: 3000, source: d}\n")
                        .published;
  ASSERT_EQ(list.size(), 4U);
  EXPECT_DOUBLE_EQ(list[0].value, 7500.0);
  EXPECT_DOUBLE_EQ(list[1].value, 48.0);
  EXPECT_EQ(list[1].strategy, "other");
  EXPECT_DOUBLE_EQ(list[2].value, 979e6);
  EXPECT_EQ(list[3].figure, "overhead");
}

TEST(PublishedFigures, DecideNoResult) {
  const std::string digest = parse("").digest;
  EXPECT_EQ(parse("baseline: other\nreference: {figure: co2e, value: 1 t, source: a}\n").digest, digest);
  EXPECT_EQ(parse("").baseline, "");
  EXPECT_EQ(parse("baseline: other\n").baseline, "other");
}

TEST(PublishedFigures, ErrorsNameThePlaceAndWhatIsAllowed) {
  using ::testing::HasSubstr;
  EXPECT_EQ(error_of("baseline: randon\n"),
            "e.yaml:4:11: baseline: unknown 'randon'. Did you mean random? Allowed: random, other");
  EXPECT_THAT(error_of("reference: {figure: co2, value: 1 t, source: a}\n"),
              HasSubstr("e.yaml:4:21: reference.figure: unknown 'co2'. Did you mean co2e? Allowed: co2e, energy"));
  EXPECT_THAT(error_of("reference: {figure: co2e, value: 1 km, source: a}\n"), HasSubstr("is a length"));
  EXPECT_THAT(error_of("reference: {figure: co2e, value: 1 t}\n"), HasSubstr("reference.source: is missing"));
  EXPECT_THAT(error_of("reference: {figure: co2e, source: a}\n"), HasSubstr("reference.value: is missing"));
  EXPECT_THAT(error_of("reference: [{figure: co2e, value: 1 t, source: a, strategy: x}]\n"),
              HasSubstr("reference[0].strategy: unknown 'x'. Allowed: random, other"));
  EXPECT_THAT(error_of("reference: {figure: co2e, value: 1 t, source: a, page: 3}\n"), HasSubstr("unknown key"));
  EXPECT_THAT(error_of("reference: 284 t\n"), HasSubstr("e.yaml:4:12: reference: found '284 t', expected {figure"));
  EXPECT_THAT(error_of("baseline: [random]\n"), HasSubstr("baseline"));
}

TEST(PublishedFigures, AreKeptAndReadBack) {
  const std::vector<PublishedFigure> figures = {{"co2e", 284019.12678485, "Strubell, \"2019\"", ""},
                                                {"steps", 979e6, "So", "hurdles"}};
  const auto read = decode_published_figures(encode_published_figures(figures));
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ((*read)[0].value, figures[0].value);
  EXPECT_EQ((*read)[0].source, figures[0].source);
  EXPECT_EQ((*read)[1].strategy, "hurdles");
  EXPECT_FALSE(decode_published_figures("{}"));
  EXPECT_FALSE(decode_published_figures("[{\"figure\": 3}]"));
  EXPECT_FALSE(decode_published_figures("[{\"figure\":\"co2e\",\"value\":1e999,\"source\":\"\",\"strategy\":\"\"}]"));
}

}  // namespace
}  // namespace tonne
