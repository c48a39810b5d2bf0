// What earlier tasks are worth: searches on cell_nas's CIFAR-10 after searches by tpe on its two other tasks.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/recipes.h"
#include "tests/support/search_loop.h"

namespace tonne {
namespace {

constexpr std::size_t kSeeds = 20;

using ProblemPointer = std::shared_ptr<const Problem>;

ProblemPointer task(const std::string& name) {
  return testing::problem_recipe("cell_nas", "{task: " + name + "}")->make();
}

StrategyContext context_of(const Problem& problem) {
  return {problem.space(), problem.traits(), problem.traits().fidelity.highest, 1};
}

EarlierSearch search_on(const Problem& problem, std::uint64_t seed) {
  const auto strategy = testing::strategy_recipe("tpe")->make(context_of(problem));
  EarlierSearch earlier{problem.traits().name, problem.traits().name, {}};
  for (const Trial& trial : testing::search_loop(*strategy, problem, 60, seed).trials)
    earlier.trials.push_back({trial.proposal.configuration, trial.proposal.fidelity, trial.loss(), Carbon{}});
  return earlier;
}

// Two earlier searches for each seed.
std::vector<std::vector<EarlierSearch>> earlier_searches() {
  std::vector<std::vector<EarlierSearch>> by_seed;
  const ProblemPointer one = task("cifar100"), other = task("imagenet16");
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed)
    by_seed.push_back({search_on(*one, seed + 100), search_on(*other, seed + 200)});
  return by_seed;
}

// Through `tonne run`, after a hundred evaluations on both tasks, 40 seeds: 1.33 of tpe and 1.37 of random
// search, against 0.20 to 0.25 (docs/strategies.md). Here, after sixty: 0.25, 0.41 and 0.33. The means have
// standard errors below 0.08, so that a strategy as good as then is above 0.6 less than once in a thousand
// times.
TEST(TransferQuality, TenTrainingsAfterTwoTasks) {
  const ProblemPointer problem = task("cifar10");
  const auto by_seed = earlier_searches();
  const auto mean_regret = [&](const std::string& strategy) {
    const auto recipe = testing::strategy_recipe(strategy);
    double sum = 0.0;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      StrategyContext context = context_of(*problem);
      context.earlier = by_seed[seed];
      const auto instance = recipe->make(context);
      sum += *problem->optimum() - testing::search_loop(*instance, *problem, 10, seed).best_true_value.back();
    }
    return sum / kSeeds;
  };
  EXPECT_GT(mean_regret("random"), 1.0);
  for (const char* strategy : {"zero_shot", "bounding_box", "quantile_transfer"}) {
    const double regret = mean_regret(strategy);
    RecordProperty(strategy, std::to_string(regret));
    EXPECT_LT(regret, 0.6) << strategy;
  }
}

}  // namespace
}  // namespace tonne
