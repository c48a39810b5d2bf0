// What earlier tasks are worth: searches on cell_nas's CIFAR-10 after random searches on its two other tasks.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/recipes.h"
#include "tests/support/search_loop.h"

namespace tonne {
namespace {

constexpr std::size_t kSeeds = 20;

EarlierSearch search_on(const std::string& task, std::uint64_t seed) {
  const auto problem = testing::problem_recipe("cell_nas", "{task: " + task + "}")->make();
  const auto strategy =
      testing::strategy_recipe("random")->make({problem->space(), problem->traits(), problem->traits().fidelity.highest, 1});
  EarlierSearch earlier{task, task, {}};
  for (const Trial& trial : testing::search_loop(*strategy, *problem, 60, seed).trials)
    earlier.trials.push_back({trial.proposal.configuration, trial.proposal.fidelity, trial.loss(), Carbon{}});
  return earlier;
}

double mean_regret(const std::string& strategy, std::size_t evaluations) {
  const auto problem = testing::problem_recipe("cell_nas")->make();
  const auto recipe = testing::strategy_recipe(strategy);
  double sum = 0.0;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const std::vector<EarlierSearch> earlier = {search_on("cifar100", seed + 100), search_on("imagenet16", seed + 200)};
    StrategyContext context{problem->space(), problem->traits(), problem->traits().fidelity.highest, 1};
    context.earlier = earlier;
    const auto instance = recipe->make(context);
    sum += *problem->optimum() - testing::search_loop(*instance, *problem, evaluations, seed).best_true_value.back();
  }
  return sum / kSeeds;
}

// Through `tonne run`, after `tpe` on both tasks, 40 seeds: 1.33 of tpe and 1.37 of random search, against 0.20 to 0.25
// (docs/strategies.md); after random searches of 60 somewhat more. A strategy as good as then is above 0.7 less than once in a
// thousand times: the means have standard errors below 0.08.
TEST(TransferQuality, TenTrainingsAfterTwoTasks) {
  const double random = mean_regret("random", 10);
  EXPECT_GT(random, 1.0);
  for (const char* strategy : {"zero_shot", "bounding_box", "quantile_transfer"}) {
    const double regret = mean_regret(strategy, 10);
    RecordProperty(strategy, std::to_string(regret));
    EXPECT_LT(regret, 0.7) << strategy;
  }
}

}  // namespace
}  // namespace tonne
