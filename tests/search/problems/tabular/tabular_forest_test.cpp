// A forest answers for what a table has no row of.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include "core/rank_correlation.h"
#include "tests/search/problems/tabular/tabular_fixture.h"

namespace tonne {
namespace {

using testing::configuration_of;

double smooth(double a, double b, double c) {
  return 50.0 + 3.0 * a - 0.5 * (b - 4.0) * (b - 4.0) + 2.0 * c;
}

// A third of a grid of 10 x 10 x 4, with two seeds whose values are 1 below and above their mean, and two
// fidelities.
class TabularForest : public testing::TabularFixture {
 protected:
  TabularForest() {
    std::string text = "a,b,c,y1_s0,y4_s0,y1_s1,y4_s1,sec,size,unknown\n";
    Random random(1);
    for (int a = 0; a < 10; ++a)
      for (int b = 0; b < 10; ++b)
        for (int c = 0; c < 4; ++c) {
          const bool is_kept = random.bernoulli(1.0 / 3.0);
          const double noise = random.uniform();
          if (!is_kept) continue;
          const double value = smooth(a, b, c);
          text += std::to_string(a) + "," + std::to_string(b) + ",c" + std::to_string(c) + "," +
                  std::to_string(value - 21) + "," + std::to_string(value - 1) + "," +
                  std::to_string(value - 19) + "," + std::to_string(value + 1) + "," +
                  std::to_string(10 * (a + 1)) + "," + std::to_string(a + b) + "," + std::to_string(noise) +
                  "\n";
          ++rows_;
        }
    write(text);
  }

  [[nodiscard]] static Configuration at(int a, int b, int c, const Problem& problem) {
    const auto& choices = std::get<Categorical>(problem.space()[2].domain).choices;
    const auto index = std::ranges::find(choices, "c" + std::to_string(c)) - choices.begin();
    return configuration_of({static_cast<double>(a), static_cast<double>(b), static_cast<double>(index)});
  }

  int rows_ = 0;
};

const std::string kSettings =
    "file: t.csv\ndecisions: [a, b, c]\nobjective: ['y{fidelity}_s0', 'y{fidelity}_s1']\nfidelities: [1, 4]\n"
    "direction: maximise\nname: score\ntime: sec\nconstraints: {size: {column: size, at_most: 12}}\n"
    "inference: {flops: size}\n";

TEST_F(TabularForest, AnswersEveryConfigurationNearTheTruth) {
  const auto problem = make(kSettings + "surrogate: random_forest\n");
  const auto without = make(kSettings);
  std::vector<double> truth;
  std::vector<double> answers;
  for (int a = 0; a < 10; ++a)
    for (int b = 0; b < 10; ++b)
      for (int c = 0; c < 4; ++c) {
        const Configuration candidate = at(a, b, c, *problem);
        const Outcome outcome = problem->evaluate({candidate, 0.0, 4.0, 0, 7}, Random(1));
        ASSERT_FALSE(outcome.failure);
        const Outcome row = without->evaluate({candidate, 0.0, 4.0, 0, 7}, Random(1));
        if (!row.failure) {  // what is measured stays
          EXPECT_EQ(outcome.objectives[0], row.objectives[0]);
          EXPECT_EQ(outcome.workload.measured_time, row.workload.measured_time);
          EXPECT_EQ(problem->true_value(candidate), without->true_value(candidate));
          continue;
        }
        truth.push_back(smooth(a, b, c));
        answers.push_back(problem->true_value(candidate));
        EXPECT_LE(answers.back(), *std::ranges::max_element(truth) + 40.0);
        EXPECT_NEAR(*outcome.workload.measured_time / second, 10.0 * (a + 1), 7.0 * (a + 1));
        EXPECT_NEAR(outcome.constraints[0], (a + b) / 12.0 - 1.0, 0.5);
        EXPECT_GT(problem->inference(candidate)->flops / flop, 0.0);
      }
  EXPECT_EQ(static_cast<int>(truth.size()) + rows_, 400);
  EXPECT_GT(kendall_tau(truth, answers), 0.8);
  double squares = 0.0;
  for (std::size_t i = 0; i < truth.size(); ++i) squares += (truth[i] - answers[i]) * (truth[i] - answers[i]);
  EXPECT_LT(std::sqrt(squares / static_cast<double>(truth.size())), 4.0);  // their sd is about 12
}

// What the notes say of its error must be near what it is, of the rows that were held back from the table.
TEST_F(TabularForest, TheCrossValidatedErrorIsTheError) {
  const auto problem = make(kSettings + "surrogate: random_forest\n");
  const auto without = make(kSettings);
  double squares = 0.0;
  double count = 0.0;
  for (int a = 0; a < 10; ++a)
    for (int b = 0; b < 10; ++b)
      for (int c = 0; c < 4; ++c) {
        const Configuration candidate = at(a, b, c, *problem);
        if (!without->evaluate({candidate, 0.0, 4.0, 0, 7}, Random(1)).failure) continue;
        const double error = problem->true_value(candidate) - smooth(a, b, c);
        squares += error * error;
        ++count;
      }
  const auto& notes = problem->traits().notes;
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_TRUE(notes[0].starts_with(std::to_string(rows_) + " configurations have a row")) << notes[0];
  const std::string& text = notes[1];
  const std::string before = "Cross-validated in 5 folds: score: root mean square error ";
  ASSERT_TRUE(text.starts_with(before)) << text;
  const double said = std::stod(text.substr(before.size()));
  const double measured = std::sqrt(squares / count);
  EXPECT_NEAR(said / measured, 1.0, 0.25) << text << " but " << measured;  // it was fitted to a fifth less
}

TEST_F(TabularForest, NoiseIsThatOfTheSeeds) {
  const std::string settings = kSettings + "surrogate: random_forest\n";
  const auto problem = make(settings);
  const auto without = make(kSettings);
  Configuration missing;
  for (int a = 0; a < 10 && missing.size() == 0; ++a)
    if (without->evaluate({at(a, 5, 0, *problem), 0.0, 4.0, 0, 0}, Random(1)).failure)
      missing = at(a, 5, 0, *problem);
  ASSERT_GT(missing.size(), 0U);
  const double truth = problem->true_value(missing);
  for (std::uint64_t run = 0; run < 20; ++run) {
    // Each row's seeds lie 1 from their mean; two of them have an sd of the square root of 2.
    const double first = problem->evaluate({missing, 0.0, 4.0, 0, run}, Random(1)).objectives[0] - truth;
    const double next = problem->evaluate({missing, 0.0, 4.0, 1, run}, Random(1)).objectives[0] - truth;
    EXPECT_NEAR(std::abs(first), std::sqrt(2.0), 1e-6);
    EXPECT_NEAR(first + next, 0.0, 1e-6);
  }
  const auto quiet = make(kSettings + "surrogate: {random_forest: {noise: 0}}\n");
  EXPECT_EQ(quiet->evaluate({missing, 0.0, 4.0, 0, 3}, Random(1)).objectives[0], quiet->true_value(missing));
  // A shorter training is worse by 20, and costs what a row's does.
  EXPECT_NEAR(quiet->evaluate({missing, 0.0, 1.0, 0, 3}, Random(1)).objectives[0], truth - 20.0, 1.0);
  const Duration whole = *quiet->evaluate({missing, 0.0, 4.0, 0, 3}, Random(1)).workload.measured_time;
  EXPECT_DOUBLE_EQ(*quiet->evaluate({missing, 0.0, 1.0, 0, 3}, Random(1)).workload.measured_time / whole,
                   0.25);
  EXPECT_DOUBLE_EQ(*quiet->evaluate({missing, 1.0, 4.0, 0, 3}, Random(1)).workload.measured_time / whole,
                   0.75);
}

TEST_F(TabularForest, TheSameTableGivesTheSameAnswers) {
  const auto one = make(kSettings + "surrogate: random_forest\n");
  const auto two = make(kSettings + "surrogate: {random_forest: {trees: 16}}\n");
  Random random(5);
  for (int i = 0; i < 100; ++i) {
    const Configuration candidate = one->space().sample(random);
    EXPECT_EQ(one->true_value(candidate), two->true_value(candidate));
  }
  EXPECT_EQ(one->traits().notes, two->traits().notes);
}

TEST_F(TabularForest, APoorFitIsWarnedOf) {
  const auto problem = make(
      "file: t.csv\ndecisions: [a, b, c]\nobjective: unknown\ndirection: minimise\ntime: sec\nsurrogate: "
      "random_forest\n");
  ASSERT_EQ(problem->traits().notes.size(), 3U);
  EXPECT_TRUE(problem->traits().notes[2].starts_with("Beware: the forest ranks objective poorly"))
      << problem->traits().notes[2];
}

TEST_F(TabularForest, WhatCannotBeFittedIsRefused) {
  EXPECT_EQ(error_of(kSettings + "missing: error\nsurrogate: random_forest\n"),
            "e.yaml:10:10: tabular.missing: is 'error', which leaves nothing for a surrogate to predict");
  EXPECT_EQ(error_of(kSettings + "surrogate: kriging\n"),
            "e.yaml:10:12: tabular.surrogate: unknown 'kriging'. Allowed: none, random_forest");
  EXPECT_EQ(error_of(kSettings + "surrogate: {random_forest: {trees: 0}}\n").substr(0, 59),
            "e.yaml:10:36: tabular.surrogate.random_forest.trees: 0 is o");
  std::string large = "a,b,y\n";
  for (int row = 0; row < 200'000; ++row)
    large += std::to_string(row % 1000) + "," + std::to_string(row / 1000) + ".5,1\n";
  write(large + "5,1000,1\n");
  EXPECT_EQ(
      error_of("file: t.csv\ndecisions: [a, b]\nobjective: y\ndirection: minimise\nevaluation_time: 1 "
               "s\nsurrogate: "
               "{random_forest: {trees: 1000, folds: 50}}\n"),
      "surrogate: would take about 18 minutes to fit 200001 rows: reduce trees, folds, fidelities or rows");
  write("a,y\n1,2\n2,3\n3,4\n");
  const std::string few =
      "file: t.csv\ndecisions: [a]\nobjective: y\ndirection: minimise\nevaluation_time: 1 s\n";
  EXPECT_EQ(error_of(few + "surrogate: random_forest\n"), "no error");  // nothing is missing
  EXPECT_TRUE(make(few + "surrogate: random_forest\n")->traits().notes.empty());
  write("a,b,y\n1,1,2\n2,2,3\n3,3,4\n");
  EXPECT_EQ(error_of("file: t.csv\ndecisions: [a, b]\nobjective: y\ndirection: minimise\nevaluation_time: 1 "
                     "s\nsurrogate: "
                     "random_forest\n"),
            "surrogate: needs at least 20 configurations with results to fit, found 3");
}

}  // namespace
}  // namespace tonne
