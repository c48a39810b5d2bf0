// tonne plan: known cases, each simulated in a second or two.

#include "experiments/advice/planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "experiments/advice/plan_text.h"
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
  PlanProgress progress;
  return plan_search(request, progress);
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

TEST(Plan, CountsItsSteps) {
  PlanRequest request = on_cells();
  request.carbon = "1 kg";
  request.workers = {"1", "4"};
  request.threads = 2;
  PlanProgress progress;
  (void)plan_search(request, progress);
  const PlanProgress::Now now = progress.now();
  EXPECT_EQ(now.steps, 7U) << "two strategies on two numbers of workers, and three parts of the limit";
  EXPECT_EQ(now.step, now.steps);
  EXPECT_EQ(now.cells_done, 20U);
  EXPECT_EQ(now.cells_total, 20U);
  EXPECT_GT(now.evaluations, 0U);
}

// An experiment on a trace and with a catalogue, in a folder below.
class PlanFile : public ::testing::Test {
 protected:
  PlanFile() {
    std::filesystem::create_directory(folder_ / "below");
    folder_.write("below/hours.csv", "datetime_utc,g\n2022-01-01 00:00,100\n2022-06-01 00:00,300\n2022-11-01 00:00,300\n2023-03-01 00:00,300\n");
    folder_.write("below/mine.yaml", "devices:\n  my-V100:\n    like: V100\n");
    folder_.write("below/e.yaml",
                  "name: e\nseeds: 3\nproblems: [cell_nas]\nbaseline: plain\n"
                  "strategies: [{random: {label: plain}}, {tpe: {startup: 5}}]\n"
                  "cluster:\n  catalogue: mine.yaml\n  device: my-V100\n  workers: [4, 8]\n  grid: {trace: hours.csv, gaps: hold, kind: average, scope: direct}\n"
                  "  start: 2022-01-01\nbudget: {co2e: 4 kg, evaluations: 60}\n");
  }
  [[nodiscard]] Finished plan(const std::string& arguments) const {
    return run_program("plan " + arguments + " --seeds 6 --fresh-seeds 2", folder_.path());
  }
  TemporaryFolder folder_;
};

TEST_F(PlanFile, ItsListsAreTheChoicesAndItsLimitsHold) {
  const Finished made = plan("below/e.yaml --json");
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const auto json = nlohmann::json::parse(made.out);
  ASSERT_EQ(json["options"].size(), 4U);
  for (const auto& option : json["options"]) {
    EXPECT_LE(option["evaluations"], 60.0);
    EXPECT_THAT(option["place"].get<std::string>(), AllOf(HasSubstr("my-V100"), HasSubstr("hours.csv")));
  }
  EXPECT_LE(json["ladder"][0]["evaluations"], 15.0) << "a quarter of 60";
}

// What it says to paste, and what it writes elsewhere, runs.
TEST_F(PlanFile, ItsCommandRuns) {
  const Finished pasted = plan("below/e.yaml");
  ASSERT_EQ(pasted.exit_code, 0) << pasted.err;
  const std::size_t at = pasted.out.find("cat >plan.yaml");
  ASSERT_NE(at, std::string::npos) << pasted.out;
  std::string script = pasted.out.substr(at);
  script.replace(script.rfind("\ntonne ") + 1, 5, "'" TONNE_PROGRAM "'");
  folder_.write("paste.sh", script);
  EXPECT_EQ(std::system(("cd '" + folder_.path().string() + "' && sh paste.sh >/dev/null 2>&1").c_str()), 0) << script;
  EXPECT_TRUE(std::filesystem::exists(folder_ / "results/plan/results.sqlite"));

  std::filesystem::create_directory(folder_ / "else where");
  const Finished written = plan("below/e.yaml --strategies 'tpe: {startup: 5}' --workers 4 --write 'else where/my plan.yaml'");
  ASSERT_EQ(written.exit_code, 0) << written.err;
  EXPECT_THAT(written.out, HasSubstr("tonne run 'else where/my plan.yaml'"));
  const std::string text = testing::read_file(folder_ / "else where/my plan.yaml");
  EXPECT_THAT(text, AllOf(HasSubstr("name: plan\n"), HasSubstr("../below/hours.csv"), HasSubstr("../below/mine.yaml"), HasSubstr("workers: 4\n")));
  const Finished ran = run_program("run 'else where/my plan.yaml' --quiet --out r", folder_.path());
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
}

TEST_F(PlanFile, PathsOfOptionsStartWhereTheUserStands) {
  const Finished made = plan("below/e.yaml --trace 'trace: below/hours.csv, gaps: hold, kind: average, scope: direct' --catalogue below/mine.yaml --json");
  EXPECT_EQ(made.exit_code, 0) << made.err;
}

TEST_F(PlanFile, PricesAndSpotAreThoseOfTheCluster) {
  const auto dollars = [&](const std::string& more) {
    const Finished made = plan("cell_nas --limit '1 kg' --strategies random --json " + more);
    EXPECT_EQ(made.exit_code, 0) << made.err;
    return nlohmann::json::parse(made.out)["options"][0]["usd"].get<double>();
  };
  const double twice = dollars("--price '4 USD/h'");
  EXPECT_NEAR(twice, 2.0 * dollars("--price '2 USD/h'"), 1e-9 * twice);
  EXPECT_LT(dollars("--spot"), dollars(""));
  const Finished own = plan("cell_nas --limit '1 kg' --strategies random --catalogue below/mine.yaml --device my-V100 --json");
  EXPECT_EQ(own.exit_code, 0) << own.err;
}

TEST_F(PlanFile, BadFilesAreOneSentence) {
  const auto error_of = [&](const std::string& arguments) {
    const Finished made = plan(arguments);
    EXPECT_EQ(made.exit_code, 2) << arguments << made.out;
    EXPECT_EQ(std::ranges::count(made.err, '\n'), 1) << made.err;
    return made.err;
  };
  folder_.write("two.yaml", "problems: [cell_nas, tiny_ml]\nstrategies: random\nbudget: {evaluations: 3}\n");
  EXPECT_THAT(error_of("two.yaml"), HasSubstr("two.yaml: a plan covers one problem, but this file has 2"));
  folder_.write("bad.yaml", "problems: [cell_nas]\nstrategies: random\nbudgt: {evaluations: 3}\n");
  EXPECT_THAT(error_of("bad.yaml"), HasSubstr("bad.yaml:"));
  EXPECT_THAT(error_of("none.yaml"), HasSubstr("none.yaml"));
  EXPECT_THAT(error_of("below/e.yaml --write below/e.yaml"), HasSubstr("is the experiment that is planned"));
  folder_.write("many.yaml", "problems: [cell_nas]\nstrategies: random\ncluster: {facility: {pue: [1.1, 1.2]}}\nbudget: {evaluations: 3}\n");
  EXPECT_THAT(error_of("many.yaml"), HasSubstr("but this makes 2: lists may stand in strategies, device, grid, workers and start"));
  EXPECT_THAT(error_of("cell_nas --limit '1 kg' --price '2 kg'"), HasSubstr("price"));
}

}  // namespace
}  // namespace tonne
