// `hebo`: quality on functions against other programs' figures, and what its settings do.

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <vector>

#include "tests/search/strategies/strategy_helpers.h"
#include "tests/support/test_problems.h"

namespace tonne {
namespace {

TEST(Hebo, CountsFitsAndTheFrontsPredictions) {
  const auto branin = testing::function_problem(testing::kBranin);
  const auto few = testing::strategy_recipe("hebo", "{generations: 2}")->make({branin->space(), branin->traits()});
  const auto many = testing::strategy_recipe("hebo", "{generations: 20}")->make({branin->space(), branin->traits()});
  testing::search_loop(*few, *branin, 12, 1);
  testing::search_loop(*many, *branin, 12, 1);
  EXPECT_GT(few->computed(), 1e5 * flop);
  EXPECT_GT(many->computed(), few->computed());
}

// The front is of distinct compromises: asked with different streams, the strategy does not answer alike.
TEST(Hebo, ProposesDifferentMembersOfTheFront) {
  const auto branin = testing::function_problem(testing::kBranin);
  const auto strategy = testing::strategy_recipe("hebo")->make({branin->space(), branin->traits(), 1.0, 8});
  testing::search_loop(*strategy, *branin, 15, 2);
  std::set<std::uint64_t> digests;
  for (TrialId id = 100; id < 108; ++id) digests.insert(strategy->ask(id, Random(3).child(id))->configuration.digest());
  EXPECT_EQ(digests.size(), 8U);
}

// After 100 evaluations other programs' Gaussian processes have 1e-5 (Optuna) and 2e-6 (limbo) here.
TEST(HeboQuality, BraninAsOtherPrograms) {
  const auto branin = testing::function_problem(testing::kBranin);
  EXPECT_LT(testing::median_regrets("hebo", "{}", *branin, {100}, 7).front(), 1e-5);
}

// A valley that rises over five orders of magnitude: with the losses as they are, a search of 60 ends above 1,000.
TEST(HeboQuality, TheOutputTransformFindsRosenbrocksValley) {
  const auto rosenbrock = testing::function_problem("{function: rosenbrock, dimension: 10}");
  const double with = testing::median_regrets("hebo", "{generations: 20}", *rosenbrock, {60}, 3).front();
  const double without =
      testing::median_regrets("hebo", "{generations: 20, output_transform: false}", *rosenbrock, {60}, 3).front();
  EXPECT_LT(with, 0.5 * without);
}

}  // namespace
}  // namespace tonne
