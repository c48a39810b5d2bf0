// tonne plan: known cases, each simulated in a second or two.

#include "experiments/advice/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::Finished;
using testing::run_program;
using testing::TemporaryFolder;

SearchPlan plan(PlanRequest request) {
  request.threads = 2;
  return plan_search(request, [](const std::string&) {});
}

PlanRequest on_cells() {
  PlanRequest request;
  request.problem = "cell_nas";
  request.strategies = {"random", "tpe"};
  request.workers = {"4"};
  request.carbon = "20 kg";
  return request;
}

TEST(Plan, TakesTheStrategyThatFindsMoreAndSaysWhatToExpect) {
  const SearchPlan made = plan(on_cells());
  EXPECT_EQ(made.advice, PlanAdvice::search);
  ASSERT_TRUE(made.expected.has_value());
  EXPECT_EQ(made.expected->strategy, "tpe");
  EXPECT_GT(*made.expected->low, made.default_value);
  EXPECT_LE(made.expected->kilograms, 20.0);
  EXPECT_GT(*made.chance_of_gain, 0.7);
  ASSERT_EQ(made.ladder.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_LE(made.ladder[i].kilograms, 20.0 * (i == 0 ? 0.25 : i == 1 ? 0.5 : 1.0));
  EXPECT_THAT(plan_text(made), HasSubstr("Use tpe (4 workers): expect a mean accuracy of 94."));
}

// What is expected comes from other seeds than the choice.
TEST(Plan, ExpectationIsOfFreshSeeds) {
  const SearchPlan made = plan(on_cells());
  EXPECT_NE(made.options[*made.chosen].values_by_seed, made.expected->values_by_seed);
  EXPECT_EQ(made.expected->values_by_seed.size(), 20U);
}

TEST(Plan, TheSameRequestGivesTheSameWords) { EXPECT_EQ(plan_json(plan(on_cells())), plan_json(plan(on_cells()))); }

TEST(Plan, ACleanerGridBuysMore) {
  PlanRequest request = on_cells();
  request.strategies = {"tpe"};
  request.carbon = "3 kg";
  request.grids = {"POL-2023", "SWE-2023"};
  const SearchPlan made = plan(request);
  ASSERT_TRUE(made.chosen.has_value());
  EXPECT_EQ(made.options[*made.chosen].grid, "SWE-2023");
}

// Direct and life-cycle grams are not one quantity, as `tonne compare` has it.
TEST(Plan, WarnsOfGridsOfDifferentKinds) {
  PlanRequest request = on_cells();
  request.strategies = {"random"};
  request.carbon = "1 kg";
  request.grids = {"US-2018", "FRA-2023"};
  const SearchPlan mixed = plan(request);
  EXPECT_THAT(mixed.warning, HasSubstr("average, direct, location; average, life_cycle, location"));
  EXPECT_THAT(plan_text(mixed), HasSubstr("are of different kinds"));
  request.grids = {"USA-2023", "FRA-2023"};
  EXPECT_EQ(plan(request).warning, "");
}

TEST(Plan, NamesTheGridThatACodeOrARegionMeans) {
  PlanRequest request = on_cells();
  request.strategies = {"random"};
  request.carbon = "1 kg";
  request.grids = {"fr", "aws:us-east-1"};
  const SearchPlan mixed = plan(request);
  EXPECT_THAT(plan_text(mixed), AllOf(HasSubstr("grid FRA-2023"), HasSubstr("grid aws-us-east-1-2024")));
  EXPECT_THAT(mixed.warning, HasSubstr("average, direct, location; average, life_cycle, location"));
}

// Where nothing of the machines was to be chosen, they stand once above the tables.
TEST(Plan, MachinesWithoutAChoiceAreNamedOnce) {
  PlanRequest request = on_cells();
  request.workers.clear();
  request.carbon = "5 kg";
  const std::string text = plan_text(plan(request));
  EXPECT_THAT(text, HasSubstr("  On 1 x V100, PUE 1.58, US-2018 (432.7 g/kWh), water not counted:\n"));
  EXPECT_EQ(text.find("machines"), std::string::npos) << text;
}

TEST(Plan, ADeadlineWantsWorkers) {
  PlanRequest request = on_cells();
  request.strategies = {"tpe"};
  request.workers = {"1", "16"};
  request.carbon.clear();
  request.deadline = "8 hours";
  const SearchPlan made = plan(request);
  ASSERT_TRUE(made.chosen.has_value());
  EXPECT_EQ(made.options[*made.chosen].workers, "16");
  EXPECT_LE(made.expected->hours, 8.0);
}

TEST(Plan, SaysWhenNotToSearch) {
  PlanRequest request = on_cells();
  request.carbon = "10 g";
  EXPECT_EQ(plan(request).advice, PlanAdvice::too_little);
  request.carbon = "2 kg";  // behind the default configuration
  request.strategies = {"random"};
  const SearchPlan made = plan(request);
  EXPECT_EQ(made.advice, PlanAdvice::no_gain);
  EXPECT_THAT(plan_text(made), HasSubstr("Do not search"));
  PlanRequest once = on_cells();
  once.trainings = 1.0;  // a better network, used once, saves nothing
  EXPECT_EQ(plan(once).advice, PlanAdvice::no_payback);
}

TEST(Plan, BadRequestsAreOneSentence) {
  const TemporaryFolder folder;
  const auto error_of = [&](const std::string& arguments) {
    const Finished made = run_program("plan " + arguments, folder.path());
    EXPECT_EQ(made.exit_code, 2) << arguments;
    EXPECT_EQ(std::ranges::count(made.err, '\n'), 1) << made.err;
    return made.err;
  };
  EXPECT_THAT(error_of("cell_nas"), HasSubstr("a plan needs a limit"));
  EXPECT_THAT(error_of("cell_nas --limit '5 km'"), HasSubstr("is a length, expected a mass"));
  EXPECT_THAT(error_of("cell_nas --limit '5 kg' --grid XX"), HasSubstr("unknown grid 'XX'"));
  EXPECT_THAT(error_of("cell_nass --limit '5 kg'"), HasSubstr("Did you mean cell_nas?"));
  EXPECT_THAT(error_of("cell_nas --limit '5 kg' --strategies 'tpe: {startup: 5, gama: 1}'"), HasSubstr("gama"));
  EXPECT_THAT(error_of("cell_nas --limit '5 kg' --strategies 'external: {command: [touch, x]}'"), HasSubstr("runs a command"));
  EXPECT_FALSE(std::filesystem::exists(folder / "x"));
}

TEST(Plan, JsonSaysTheSame) {
  const TemporaryFolder folder;
  const Finished made = run_program("plan cell_nas --limit '1 kg' --strategies random --seeds 6 --fresh-seeds 3 --json", folder.path());
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const auto json = nlohmann::json::parse(made.out);
  EXPECT_EQ(json["options"].size(), 1U);
  EXPECT_EQ(json["ladder"].size(), 3U);
}

}  // namespace
}  // namespace tonne
