// Thousands of workers: what a model is told of pending trials is bounded.

#include <gtest/gtest.h>

#include "tests/search/strategies/strategy_helpers.h"

namespace tonne {
namespace {

// The work of an ask with 4,000 trials running. Were each a row of the model, the rows alone would take 2 n^2 operations for
// n = 1 .. 4,000: 43e9.
class ManyPending : public ::testing::TestWithParam<std::string> {};

TEST_P(ManyPending, TheModelIsToldOfTheLatestOnly) {
  const std::string strategy = GetParam();
  const SearchSpace space({{.name = "x", .domain = Real{0.0, 1.0}}, {.name = "y", .domain = Real{0.0, 1.0}}});
  ProblemTraits traits;
  traits.objectives = {{"loss", "", Direction::minimise}};
  if (strategy != "gp") traits.objectives.push_back({"size", "", Direction::minimise});
  const auto instance = testing::strategy_recipe(strategy, "{initial: 2, candidates: 16, local_starts: 0}")
                            ->make({space, traits, 1.0, 4002});
  std::vector<Trial> trials(4002);
  for (TrialId id = 0; id < trials.size(); ++id) {
    trials[id].id = id;
    trials[id].proposal = instance->ask(id, Random(1).child(id)).value();
  }
  for (TrialId id = 0; id < 2; ++id) {
    Completed completed{{static_cast<double>(id)}};
    if (strategy != "gp") completed.losses.push_back(1.0 - static_cast<double>(id));
    trials[id].result = completed;
    instance->tell(trials[id]);
  }
  const double before = instance->computed() / flop;
  ASSERT_TRUE(instance->ask(trials.size(), Random(2)));
  EXPECT_LT(instance->computed() / flop - before, 5e9);
}

INSTANTIATE_TEST_SUITE_P(Models, ManyPending, ::testing::Values("gp", "parego", "ehvi"),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace tonne
