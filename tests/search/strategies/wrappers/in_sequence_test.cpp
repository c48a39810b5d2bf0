#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "tests/support/free_search.h"
#include "tests/support/recipes.h"

namespace tonne {
namespace {

std::shared_ptr<const Problem> automl() {
  return testing::problem_recipe("automl", "{epochs: 3}")->make();
}

// The stages in which two configurations differ.
std::set<std::size_t> changed(const Problem& problem, const Configuration& a, const Configuration& b) {
  std::set<std::size_t> stages;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a.is_active(i) != b.is_active(i) || a[i] != b[i]) stages.insert(problem.traits().stage_of[i]);
  return stages;
}

const Trial* best_of(const std::vector<Trial>& trials, std::size_t end) {
  const Trial* best = nullptr;
  for (std::size_t i = 0; i < end; ++i)
    if (trials[i].completed() && (!best || trials[i].loss() < best->loss())) best = &trials[i];
  return best;
}

TEST(InSequence, EachStageHoldsTheOthersAtTheBestSoFar) {
  const auto problem = automl();
  for (const char* inner : {"random", "tpe", "regularized_evolution"}) {
    const auto search = testing::free_search(
        "in_sequence", std::string("{strategy: ") + inner + ", evaluations: [7, 12]}", *problem, 60, 3);
    ASSERT_EQ(search.trials.size(), 60U);
    // 7 of features, 12 of hyper-parameters, 12 of architecture, the rest of compilation.
    for (std::size_t i = 0; i < 60; ++i) {
      const std::size_t stage = i < 7 ? 0 : i < 19 ? 1 : i < 31 ? 2 : 3;
      const std::size_t begin = std::array{0U, 7U, 19U, 31U}[stage];
      const Trial* best = best_of(search.trials, begin);
      const Configuration fixed =
          best ? best->proposal.configuration : problem->space().default_configuration();
      const auto stages = changed(*problem, search.trials[i].proposal.configuration, fixed);
      EXPECT_TRUE(stages.empty() || stages == std::set{stage}) << inner << " trial " << i;
    }
  }
}

TEST(InSequence, TheOrderCanBeChosen) {
  const auto problem = automl();
  const auto search = testing::free_search(
      "in_sequence", "{order: [architecture, compilation, features, hyper-parameters], evaluations: [5]}",
      *problem, 5, 3);
  for (const Trial& trial : search.trials)
    EXPECT_EQ(changed(*problem, trial.proposal.configuration, problem->space().default_configuration()),
              std::set<std::size_t>{2});
}

TEST(InSequence, AStageWaitsForTheOneBefore) {
  const auto problem = automl();
  const auto search = testing::free_search("in_sequence", "{evaluations: [6]}", *problem, 24, 3, 4);
  ASSERT_EQ(search.trials.size(), 24U);
  for (const std::size_t turn : {1U, 2U, 3U}) {
    Duration last{};
    Duration first = 1e9 * hour;
    for (const Trial& trial : search.trials) {
      if (trial.id / 6 == turn - 1) last = std::max(last, trial.end);
      if (trial.id / 6 == turn) first = std::min(first, trial.start);
    }
    EXPECT_GE(first, last) << turn;
  }
}

TEST(InSequence, MultiFidelityStrategiesWorkWithin) {
  const auto problem = testing::problem_recipe("automl", "{epochs: 27}")->make();
  const auto search =
      testing::free_search("in_sequence", "{strategy: asha, evaluations: [20]}", *problem, 90, 3, 3);
  EXPECT_EQ(search.trials.size(), 90U);
  const auto resumed =
      std::ranges::count_if(search.trials, [](const Trial& t) { return t.trained_from > 0.0; });
  EXPECT_GT(resumed, 5);
}

// A proposal that is turned down is replaced, also the last of a stage.
TEST(InSequence, TurnedDownProposalsAreReplaced) {
  const auto problem = automl();
  const auto strategy = testing::strategy_recipe("in_sequence", "{evaluations: [2]}")
                            ->make({problem->space(), problem->traits(), 3.0, 2, nullptr});
  ASSERT_TRUE(strategy->ask(0, Random(1)));
  ASSERT_TRUE(strategy->ask(1, Random(2)));
  const auto replaced = strategy->ask(1, Random(3));
  ASSERT_TRUE(replaced);
  EXPECT_EQ(changed(*problem, replaced->configuration, problem->space().default_configuration()),
            std::set<std::size_t>{0});
  EXPECT_FALSE(strategy->ask(2, Random(4)));  // until both are told
}

// An exhausted strategy hands over before its trials are used up.
// What asks for a candidate's work is told that of the whole one, the other stages as they stand.
TEST(InSequence, CandidatesHaveTheirWork) {
  const auto problem = automl();
  double asked = 0.0;
  StrategyContext context{problem->space(), problem->traits(), 3.0, 1};
  context.work = [&](const Configuration& configuration) {
    EXPECT_TRUE(problem->space().contains(configuration));
    asked += 1.0;
    return problem->evaluate({configuration, 0.0, 1.0, 0, 0}, Random(1)).workload.flops;
  };
  const auto recipe = testing::strategy_recipe(
      "in_sequence", "{strategy: {one_shot: {supernet_path: largest, rank_correlation: 0.5, supernet_epochs: 2, samples: 5, retrain: 1}}}");
  EXPECT_EQ(recipe->refuses(context), std::nullopt);
  const auto strategy = recipe->make(context);
  EXPECT_TRUE(strategy->ask(0, Random(2)));
  EXPECT_GT(asked, 0.0);
}

TEST(InSequence, AnExhaustedStageEnds) {
  const auto problem = automl();
  const auto search = testing::free_search(
      "in_sequence", "{strategy: {latin_hypercube: {points: 1000}}, evaluations: [3]}", *problem, 12, 3);
  EXPECT_EQ(search.trials.size(), 12U);
  const auto counted = testing::free_search(
      "in_sequence", "{strategy: {successive_halving: {}}, evaluations: [100000]}", *problem, 300, 3);
  EXPECT_EQ(counted.trials.size(), 300U);
}

TEST(InSequence, RefusesStagesThatAreNotThere) {
  const auto problem = automl();
  const StrategyContext context{problem->space(), problem->traits(), 3.0, 1, nullptr};
  EXPECT_FALSE(testing::strategy_recipe("in_sequence", "{}")->refuses(context));
  EXPECT_TRUE(testing::strategy_recipe("in_sequence", "{order: [features]}")->refuses(context));
  EXPECT_TRUE(testing::strategy_recipe("in_sequence", "{order: [features, soil, architecture, compilation]}")
                  ->refuses(context));
  EXPECT_TRUE(testing::strategy_recipe("in_sequence", "{strategy: reinforce}")->refuses(context));  // reals
  EXPECT_ANY_THROW((void)testing::strategy_recipe("in_sequence", "{evaluations: [0]}"));
  EXPECT_ANY_THROW((void)testing::strategy_recipe("in_sequence", "{evaluations: [many]}"));
}

}  // namespace
}  // namespace tonne
