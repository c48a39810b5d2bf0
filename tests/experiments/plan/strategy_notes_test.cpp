#include "experiments/plan/strategy_notes.h"

#include <gtest/gtest.h>

#include "experiments/plan/experiment_file.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

std::vector<std::string> notes_of(const std::string& problems, const std::string& strategies) {
  const testing::TemporaryFolder folder;
  return strategy_notes(read_experiment(
      folder.write("e.yaml", "name: notes\nseeds: 2\nproblems: " + problems + "\nstrategies: " + strategies +
                                 "\ncluster: {device: V100}\nbudget: {evaluations: 5}\n")));
}

TEST(StrategyNotes, SayWhereThereIsNothingToStopEarly) {
  const auto notes = notes_of("[nk, cell_nas]", "[asha, tpe]");
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0].rfind("asha decides how long candidates are trained, but nk", 0), 0U) << notes[0];
  EXPECT_EQ(notes[0].find("cell_nas"), std::string::npos);
}

TEST(StrategyNotes, SayItOfWrappedOnesAndOfTheLeastFidelityToo) {
  EXPECT_EQ(notes_of("[nk]", "[{carbon_budget: {strategy: hyperband, amount: 1 g, per: 1 h}}]").size(), 1U);
  EXPECT_EQ(notes_of("[cell_nas]", "[{asha: {fidelity: 1}}]").size(), 1U);
  EXPECT_TRUE(notes_of("[cell_nas]", "[asha, bohb, pasha]").empty());
  EXPECT_TRUE(notes_of("[nk]", "[random, gp, {one_shot: {rank_correlation: 0.5}}]").empty());
}

// Once for a strategy, not once for a search.
TEST(StrategyNotes, ReachTheUser) {
  const testing::TemporaryFolder folder;
  folder.write("e.yaml",
               "name: notes\nseeds: 3\nproblems: [nk]\nstrategies: [asha]\ncluster: {device: V100}\n"
               "budget: {evaluations: 5}\n");
  const std::string sentence = "asha decides how long candidates are trained";
  const auto validated = testing::run_program("validate e.yaml", folder.path());
  EXPECT_NE(validated.out.find(sentence), std::string::npos) << validated.out << validated.err;
  const auto run = testing::run_program("run e.yaml --quiet", folder.path());
  const auto first = run.err.find(sentence);
  ASSERT_NE(first, std::string::npos) << run.err;
  EXPECT_EQ(run.err.find(sentence, first + 1), std::string::npos);
  EXPECT_NE(testing::run_program("validate e.yaml --json", folder.path()).out.find(sentence), std::string::npos);
}

// What a portfolio chose stands with the results: before the run, and in every form of them.
TEST(StrategyNotes, TellWhatAPortfolioChose) {
  const testing::TemporaryFolder folder;
  folder.write("e.yaml",
               "name: notes\nseeds: 2\nproblems: [{function: {function: hartmann6}}]\nstrategies: [random, auto]\n"
               "cluster: {device: V100}\nbudget: [{evaluations: 12}, {evaluations: 4000}]\n");
  const std::string few = "auto (budget=12): runs gp, because of about 12 full trainings";
  const std::string many = "auto (budget=4000): runs cma_es,";
  const auto validated = testing::run_program("validate e.yaml", folder.path());
  EXPECT_NE(validated.out.find(few), std::string::npos) << validated.out << validated.err;
  EXPECT_NE(validated.out.find(many), std::string::npos) << validated.out;
  const auto run = testing::run_program("run e.yaml --quiet --out r", folder.path());
  EXPECT_NE(run.out.find("runs gp,"), std::string::npos) << run.out << run.err;
  for (const char* format : {"text", "md", "json"}) {
    const auto report = testing::run_program(std::string("report r --format ") + format, folder.path());
    EXPECT_NE(report.out.find("runs gp,"), std::string::npos) << format << ": " << report.err;
  }
}

}  // namespace
}  // namespace tonne
