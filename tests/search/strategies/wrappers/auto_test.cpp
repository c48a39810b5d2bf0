// The portfolio: what it chooses, that it says so, and that it is then nothing but what it chose.

#include <gtest/gtest.h>

#include "core/stand_in.h"
#include "tests/search/strategies/strategy_helpers.h"

namespace tonne {
namespace {

struct Asked {
  std::shared_ptr<const Problem> problem;
  StrategyContext context;
  Budget budget;

  Asked(std::string_view name, const std::string& settings, std::uint64_t evaluations, unsigned workers = 1)
      : problem(testing::problem_recipe(name, settings)->make()),
        context{problem->space(), problem->traits(), problem->traits().fidelity.highest, workers} {
    budget.evaluations = evaluations;
    context.budget = &budget;
  }
};

// The name of the strategy that runs.
std::string chosen(const Asked& asked, const std::string& settings = "{}") {
  const auto remarks = testing::strategy_recipe("auto", settings)->remarks(asked.context);
  if (remarks.size() != 1 || remarks[0].rfind("runs ", 0) != 0) return "";
  return remarks[0].substr(5, remarks[0].find(',') - 5);
}

TEST(Auto, ChoosesByTheSpace) {
  EXPECT_EQ(chosen({"function", "{function: hartmann6}", 100}), "gp");
  EXPECT_EQ(chosen({"hpo", "{}", 100}), "gp");
  EXPECT_EQ(chosen({"cell_nas", "{}", 100}), "cqr");
  EXPECT_EQ(chosen({"graph_cell", "{}", 100}), "tpe");
  EXPECT_EQ(chosen({"pipeline", "{}", 100}), "tpe");
}

TEST(Auto, ChoosesByTheBudget) {
  EXPECT_EQ(chosen({"function", "{function: hartmann6}", 100'000}), "cma_es");
  EXPECT_EQ(chosen({"cell_nas", "{}", 5000}), "local_search");
  EXPECT_EQ(chosen({"function", "{function: hartmann6}", 100}, "{trainings: 1e5}"), "cma_es");
}

TEST(Auto, ChoosesByTheObjectives) {
  EXPECT_EQ(chosen({"zdt", "{function: zdt1, dimension: 6}", 100}), "ehvi");
  EXPECT_EQ(chosen({"zdt", "{function: zdt1, dimension: 6}", 100, 8}), "qnehvi");
  EXPECT_EQ(chosen({"zdt", "{function: zdt1, dimension: 6}", 10'000}), "sms_emoa");
  EXPECT_EQ(chosen({"dtlz", "{function: dtlz2, objective_count: 5}", 100}), "parego");
  EXPECT_EQ(chosen({"dtlz", "{function: dtlz2, objective_count: 5}", 10'000}), "nsga3");
  EXPECT_EQ(chosen({"cell_nas", "{}", 100}, "{cost_objective: co2e}"), "ehvi");
}

// Without a budget it says what it assumes; a count that the simulator's caller knows comes before the budget's.
TEST(Auto, SaysWhatItAssumes) {
  Asked asked("function", "{function: hartmann6}", 100);
  asked.context.budget = nullptr;
  const auto recipe = testing::strategy_recipe("auto");
  EXPECT_NE(recipe->remarks(asked.context)[0].find("100 full trainings, assumed"), std::string::npos);
  asked.context.trainings = [] { return std::optional(40.0); };
  EXPECT_NE(recipe->remarks(asked.context)[0].find("about 40 full trainings"), std::string::npos);
}

TEST(Auto, IsWhatItChose) {
  const Asked asked("function", "{function: branin}", 30);
  const auto portfolio = testing::strategy_recipe("auto")->make(asked.context);
  const auto gp = testing::strategy_recipe("gp")->make(asked.context);
  const auto ours = testing::search_loop(*portfolio, *asked.problem, 30, 5);
  const auto its = testing::search_loop(*gp, *asked.problem, 30, 5);
  ASSERT_EQ(ours.trials.size(), its.trials.size());
  for (std::size_t i = 0; i < ours.trials.size(); ++i)
    EXPECT_EQ(ours.trials[i].proposal.configuration, its.trials[i].proposal.configuration) << i;
  EXPECT_EQ(portfolio->computed(), gp->computed());
  EXPECT_GT(portfolio->computed(), Work{});
  const auto recipe = testing::strategy_recipe("auto");
  EXPECT_EQ(dynamic_cast<const StandIn&>(*recipe).stands_for(asked.context), "gp");
}

}  // namespace
}  // namespace tonne
