#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "tests/support/recipes.h"

namespace tonne {
namespace {

std::shared_ptr<const Problem> make(const std::string& settings) {
  return testing::problem_recipe("pipeline", settings)->make();
}

// With the given choices, and everything that they activate at its default.
Configuration with(const Problem& problem, const std::map<std::string, std::string>& choices) {
  const SearchSpace& space = problem.space();
  Configuration configuration(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (!space.should_be_active(i, configuration)) continue;
    configuration.set(i, *space[i].default_value);
    const auto choice = choices.find(space[i].name);
    if (choice == choices.end()) continue;
    const auto* categorical = std::get_if<Categorical>(&space[i].domain);
    if (!categorical) {
      configuration.set(i, std::stod(choice->second));
      continue;
    }
    for (std::size_t c = 0; c < categorical->choices.size(); ++c)
      if (categorical->choices[c] == choice->second) configuration.set(i, static_cast<double>(c));
  }
  EXPECT_TRUE(space.contains(configuration));
  return configuration;
}

Outcome run(const Problem& problem, const Configuration& configuration, double share = 1.0) {
  return problem.evaluate({configuration, 0.0, share, 0, 5}, Random(1));
}

TEST(Pipeline, TheTreeIsWide) {
  const auto problem = make("{}");
  EXPECT_EQ(problem->space().size(), 34U);
  std::size_t conditional = 0;
  for (const Parameter& parameter : problem->space().parameters())
    conditional += parameter.active_when ? 1U : 0U;
  EXPECT_EQ(conditional, 28U);
}

TEST(Pipeline, MissingCellsFailModelsThatRefuseThem) {
  const auto problem = make("{}");
  for (const char* model : {"linear", "random_forest", "mlp", "knn"}) {
    const Outcome outcome = run(*problem, with(*problem, {{"imputation", "none"}, {"model", model}}));
    EXPECT_EQ(outcome.failure, Failure::invalid) << model;
    EXPECT_EQ(outcome.stage_shares.at(0), 1.0) << model;  // the features are made by then
  }
  EXPECT_FALSE(
      run(*problem, with(*problem, {{"imputation", "none"}, {"model", "gradient_boosting"}})).failure);
  const auto complete = make("{missing: 0}");
  EXPECT_FALSE(run(*complete, with(*complete, {{"imputation", "none"}, {"model", "linear"}})).failure);
}

TEST(Pipeline, LargeTablesRunOutOfMemory) {
  const auto problem = make("{}");
  const Configuration cubes = with(*problem, {{"generated", "polynomial"}, {"degree", "1"}});
  // 20 numeric columns and 8 of 12 indicators: 116 columns, so 116 + 6,786 + 266,916 with squares and cubes.
  EXPECT_FALSE(run(*problem, cubes).failure);  // 43.8 GB
  EXPECT_EQ(run(*make("{memory: 43 GB}"), cubes).failure, Failure::out_of_memory);
  EXPECT_FALSE(run(*make("{memory: 44 GB}"), cubes).failure);
}

TEST(Pipeline, GreedyLearningRatesDiverge) {
  const auto problem = make("{}");
  EXPECT_EQ(run(*problem, with(*problem, {{"model", "mlp"}, {"learning_rate", "0.2"}})).failure,
            Failure::diverged);
  EXPECT_FALSE(run(*problem, with(*problem, {{"model", "mlp"}, {"learning_rate", "0.05"}})).failure);
  EXPECT_EQ(run(*problem, with(*problem, {{"model", "mlp"}, {"learning_rate", "0.05"}, {"scaling", "none"}}))
                .failure,
            Failure::diverged);
}

TEST(Pipeline, WorkFollowsTheAlgorithms) {
  const auto problem = make("{}");
  const auto flops = [&](const std::map<std::string, std::string>& choices, double share = 1.0) {
    return run(*problem, with(*problem, choices), share).workload.flops.base();
  };
  // Nearest neighbours, as imputation and as model, are quadratic in the rows; trees and forests all but
  // linear.
  EXPECT_NEAR(flops({{"imputation", "nearest"}}) / flops({{"imputation", "nearest"}}, 0.5), 3.9, 0.15);
  EXPECT_NEAR(flops({{"model", "knn"}}) / flops({{"model", "knn"}}, 0.5), 4.0, 0.1);
  EXPECT_NEAR(flops({{"model", "gradient_boosting"}}) / flops({{"model", "gradient_boosting"}}, 0.5), 2.0,
              0.05);
  // Columns after selection are what models pay for.
  EXPECT_LT(flops({{"model", "gradient_boosting"}, {"selection", "univariate"}, {"kept", "0.1"}}),
            0.2 * flops({{"model", "gradient_boosting"}}));
}

TEST(Pipeline, EffectsAreThoseOfTheTraits) {
  const auto value = [](const std::string& settings, const std::map<std::string, std::string>& choices) {
    const auto problem = make(settings);
    return problem->true_value(with(*problem, choices));
  };
  // On a nonlinear table boosting beats a line by far; generated features help the line.
  EXPECT_GT(value("{}", {{"model", "gradient_boosting"}}), value("{}", {{"model", "linear"}}) + 10.0);
  EXPECT_GT(value("{}", {{"model", "linear"}, {"generated", "random"}}),
            value("{}", {{"model", "linear"}}) + 3.0);
  // On a small linear table the line wins.
  const std::string small = "{rows: 500, nonlinearity: 0}";
  EXPECT_GT(value(small, {{"model", "linear"}}), value(small, {{"model", "gradient_boosting"}}));
  // Neighbours need scales, trees do not.
  EXPECT_LT(value("{}", {{"model", "knn"}, {"scaling", "none"}}), value("{}", {{"model", "knn"}}) - 3.0);
  EXPECT_EQ(value("{}", {{"scaling", "none"}}), value("{}", {}));
  // An order among categories harms a line more than a forest.
  const double line =
      value("{}", {{"model", "linear"}}) - value("{}", {{"model", "linear"}, {"encoding", "ordinal"}});
  const double forest = value("{}", {}) - value("{}", {{"encoding", "ordinal"}});
  EXPECT_GT(line, forest);
}

// The freer model gains more from more rows.
TEST(Pipeline, CurvesOverTheRowsCross) {
  const auto problem = make("{noise: 0, rows: 3000, nonlinearity: 0.2}");
  const Configuration line = with(*problem, {{"model", "linear"}});
  const Configuration boosted = with(*problem, {{"model", "gradient_boosting"}});
  const auto at = [&](const Configuration& candidate, double share) {
    return run(*problem, candidate, share).objectives.front();
  };
  EXPECT_GT(at(line, 1.0 / 32.0), at(boosted, 1.0 / 32.0));
  EXPECT_LT(at(line, 1.0), at(boosted, 1.0));
}

TEST(Pipeline, Portrait) {
  const auto problem = make("{}");
  Random random(11);
  int failed = 0;
  double best = 0.0;
  double sum = 0.0;
  constexpr int kCandidates = 4'000;
  for (int i = 0; i < kCandidates; ++i) {
    const Configuration candidate = problem->space().sample(random);
    failed += run(*problem, candidate).failure ? 1 : 0;
    best = std::max(best, problem->true_value(candidate));
    sum += problem->true_value(candidate);
  }
  const double standard = problem->true_value(problem->default_configuration());
  RecordProperty("failed", failed);
  EXPECT_GT(failed, kCandidates / 10);
  EXPECT_LT(failed, kCandidates / 2);
  EXPECT_LE(best, 50.0 + 50.0 * 0.85);  // the signal that is there
  EXPECT_GT(best, standard + 0.5);      // a search has something to find
  EXPECT_GT(standard, sum / kCandidates + 3.0);
  RecordProperty("best", std::to_string(best));
  RecordProperty("default", std::to_string(standard));
  RecordProperty("mean", std::to_string(sum / kCandidates));
}

}  // namespace
}  // namespace tonne
