// The strategy `gp`: quality, contract in finite, mixed and conditional spaces, pending and failed trials.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "tests/support/recipes.h"
#include "tests/support/search_loop.h"
#include "tests/support/test_problems.h"

namespace tonne {
namespace {

using testing::FunctionProblem;

std::unique_ptr<Strategy> make_gp(const StrategyContext& context) {
  return testing::strategy_recipe("gp")->make(context);
}

// Mean carbon of the last 20 of 40 trials on Branin, where the charge rises a hundredfold along the first
// axis: the minima at x0 = -3.1, 3.1 and 9.4 are equally good and cost 1, 3.5 and 13 times as much.
double mean_carbon(std::string_view acquisition) {
  const auto branin = testing::function_problem(testing::kBranin);
  const Problem& problem = *branin;
  double sum = 0.0;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const auto recipe = testing::strategy_recipe("gp", "{acquisition: " + std::string(acquisition) + "}");
    const auto strategy = recipe->make({problem.space(), problem.traits()});
    for (TrialId id = 0; id < 40; ++id) {
      Trial trial;
      trial.id = id;
      trial.proposal = *strategy->ask(id, Random(seed).child(id));
      const Configuration& configuration = trial.proposal.configuration;
      trial.result = Completed{{problem.true_value(configuration)}};
      const double carbon = std::pow(10.0, 2.0 * (configuration[0] + 5.0) / 15.0);
      trial.charge[Line::device_dynamic].operational = carbon * kilogram;
      if (id >= 20) sum += carbon / 100.0;
      strategy->tell(trial);
    }
  }
  return sum;
}

double median_regret(const Problem& problem, std::size_t evaluations, std::uint64_t seeds) {
  std::vector<double> regrets;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const auto strategy = make_gp({problem.space(), problem.traits()});
    const auto result = testing::search_loop(*strategy, problem, evaluations, seed);
    regrets.push_back(result.best_true_value.back() - *problem.optimum());
  }
  std::ranges::sort(regrets);
  return (regrets[(regrets.size() - 1) / 2] + regrets[regrets.size() / 2]) / 2.0;
}

double square(double x) { return x * x; }

FunctionProblem mixed() {
  std::vector<Parameter> parameters = {{"rate", Real{1e-5, 1e-1, Scale::log}},
                                       {"layers", Integer{1, 9}},
                                       {"optimiser", Categorical{{"sgd", "adam", "lamb"}}},
                                       {"momentum", Real{0.0, 0.99}, Condition{2, {0}}},
                                       {"width", Ordinal{{"16", "32", "64", "128"}}}};
  return {std::move(parameters),
          [](const std::vector<double>& x) {
            const double momentum = x[2] == 0.0 ? square(x[3] - 0.9) : 0.3;
            return square(std::log10(x[0]) + 3.0) + 0.1 * std::abs(x[1] - 4.0) +
                   0.5 * (x[2] == 2.0 ? 1 : 0) + momentum + 0.2 * std::abs(x[4] - 2.0);
          },
          0.0};
}

// 4^5 = 1,024 cells: all are scored at each ask; 5^6 = 15,625: a sample and its neighbourhoods.
FunctionProblem cells(std::size_t parameters, std::size_t choices) {
  std::vector<Parameter> list;
  for (std::size_t i = 0; i < parameters; ++i) {
    Categorical domain;
    for (std::size_t c = 0; c < choices; ++c) domain.choices.push_back("op" + std::to_string(c));
    list.push_back({"edge" + std::to_string(i), domain});
  }
  return {std::move(list),
          [](const std::vector<double>& x) {
            double sum = 0.0;
            for (std::size_t i = 0; i < x.size(); ++i)
              sum += x[i] == static_cast<double>((i * 2) % 3) ? 0.0 : 1.0;
            return sum;
          },
          0.0};
}

// References: the better of the peers' medians after 100 evaluations (Optuna 1e-5, limbo 2e-6).
TEST(Gp, MedianRegretOnBranin) {
  EXPECT_LT(median_regret(*testing::function_problem(testing::kBranin), 120, 11), 2e-6);
}

TEST(Gp, FindsTheBestOfAMixedConditionalSpace) {
  EXPECT_LT(median_regret(mixed(), 60, 11), 0.01);
}

// Random search needs 15,625 / 2 evaluations for that.
TEST(Gp, FindsTheBestCellOfACategoricalSpace) {
  EXPECT_EQ(median_regret(cells(6, 5), 100, 5), 0.0);
}

TEST(Gp, ProposesEachConfigurationOfAFiniteSpaceOnceBeforeItRepeats) {
  const FunctionProblem problem = cells(3, 3);
  const auto strategy = make_gp({problem.space(), problem.traits()});
  const auto result = testing::search_loop(*strategy, problem, 30, 1);
  std::set<std::uint64_t> distinct;
  for (std::size_t i = 0; i < 27; ++i) distinct.insert(result.trials[i].proposal.configuration.digest());
  EXPECT_EQ(distinct.size(), 27U);
  EXPECT_EQ(result.trials.size(), 30U);
}

TEST(Gp, EveryProposalLiesInTheSpace) {
  const FunctionProblem problem = mixed();
  const auto strategy = make_gp({problem.space(), problem.traits()});
  for (const Trial& trial : testing::search_loop(*strategy, problem, 50, 3).trials)
    EXPECT_TRUE(problem.space().contains(trial.proposal.configuration));
}

TEST(Gp, GoesOnIdenticallyFromALogOfTells) {
  const FunctionProblem problem = mixed();
  for (const std::size_t history : {5U, 10U, 37U}) {
    const auto first = make_gp({problem.space(), problem.traits()});
    const auto log = testing::search_loop(*first, problem, history, 4);
    const auto second = make_gp({problem.space(), problem.traits()});
    for (const Trial& trial : log.trials) second->tell(trial);
    const Random stream = Random(4).child("ask").child(history);
    EXPECT_EQ(first->ask(history, stream)->configuration, second->ask(history, stream)->configuration);
  }
}

TEST(Gp, WorkersGetDifferentCandidatesAndARefusedOneIsNotOfferedAgain) {
  const FunctionProblem problem = cells(6, 5);
  const auto strategy = make_gp({problem.space(), problem.traits(), 1.0, 32});
  testing::search_loop(*strategy, problem, 20, 5);
  std::set<std::uint64_t> offered;
  for (TrialId id = 100; id < 132; ++id)
    offered.insert(strategy->ask(id, Random(5).child(id))->configuration.digest());
  EXPECT_EQ(offered.size(), 32U);
  for (std::uint64_t attempt = 0; attempt < 5; ++attempt)
    EXPECT_TRUE(offered.insert(strategy->ask(131, Random(6).child(attempt))->configuration.digest()).second);
}

TEST(Gp, PerKilogramPrefersCheapCandidates) {
  EXPECT_LT(mean_carbon("log_ei_per_co2e"), 0.7 * mean_carbon("log_ei"));
}

// Reference: the best of the peers' medians after 200 evaluations (BayesOpt, limbo: 2e-5). The better of two optima is
// found by little more than half of the seeds, so the median is stated for these seeds.
TEST(Gp, MedianRegretOnHartmann6) {
  EXPECT_LT(median_regret(*testing::function_problem(testing::kHartmann6), 120, 11), 2e-5);
}

TEST(Gp, AvoidsTheRegionThatFails) {
  const auto branin = testing::function_problem(testing::kBranin);
  const Problem& problem = *branin;
  const auto strategy = make_gp({problem.space(), problem.traits()});
  int failed_late = 0;
  for (TrialId id = 0; id < 60; ++id) {
    const auto proposal = strategy->ask(id, Random(7).child(id));
    Trial trial;
    trial.id = id;
    trial.proposal = *proposal;
    const bool fails = proposal->configuration[0] < 2.5;
    if (fails)
      trial.result = Failed{Failure::diverged};
    else
      trial.result = Completed{{problem.true_value(proposal->configuration)}};
    failed_late += fails && id >= 30 ? 1 : 0;
    strategy->tell(trial);
  }
  EXPECT_LE(failed_late, 8);  // uniform sampling would fail 15 times
}

TEST(Gp, SurvivesAHistoryWithoutASuccess) {
  const auto branin = testing::function_problem(testing::kBranin);
  const Problem& problem = *branin;
  const auto strategy = make_gp({problem.space(), problem.traits()});
  for (TrialId id = 0; id < 30; ++id) {
    Trial trial;
    trial.id = id;
    trial.proposal = *strategy->ask(id, Random(8).child(id));
    trial.result = Failed{Failure::out_of_memory};
    strategy->tell(trial);
  }
  EXPECT_TRUE(strategy->ask(30, Random(8).child(30)).has_value());
}

TEST(Gp, CountsItsOwnWork) {
  const auto branin = testing::function_problem(testing::kBranin);
  const Problem& problem = *branin;
  const auto strategy = make_gp({problem.space(), problem.traits()});
  EXPECT_EQ(strategy->computed(), Work{});
  testing::search_loop(*strategy, problem, 20, 9);
  const Work at_20 = strategy->computed();
  EXPECT_GT(at_20, 1e6 * flop);
  for (TrialId id = 20; id < 30; ++id) {
    Trial trial;
    trial.id = id;
    trial.proposal = *strategy->ask(id, Random(9).child(id));
    trial.result = Completed{{problem.true_value(trial.proposal.configuration)}};
    strategy->tell(trial);
  }
  EXPECT_GT(strategy->computed(), at_20);
}

double median_regret(const Problem& problem, const std::string& settings, std::size_t evaluations, std::uint64_t seeds) {
  std::vector<double> regrets;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const auto strategy = testing::strategy_recipe("gp", settings)->make({problem.space(), problem.traits()});
    regrets.push_back(testing::search_loop(*strategy, problem, evaluations, seed).best_true_value.back() - *problem.optimum());
  }
  std::ranges::sort(regrets);
  return regrets[regrets.size() / 2];
}

// Medians of 7 seeds after 50 evaluations; random search: .7. Thompson sampling draws on 640 points, which is as near as it comes.
TEST(Gp, EveryAcquisitionFindsTheMinimumOfBranin) {
  const auto branin = testing::function_problem(testing::kBranin);
  EXPECT_LT(median_regret(*branin, "{acquisition: ei}", 50, 7), 1e-3);
  EXPECT_LT(median_regret(*branin, "{acquisition: ucb}", 50, 7), 1e-3);
  EXPECT_LT(median_regret(*branin, "{acquisition: thompson}", 50, 7), 0.02);
}

TEST(Gp, ThompsonTakesMixedSpaces) {
  EXPECT_LT(median_regret(mixed(), "{acquisition: thompson}", 60, 5), 0.35);  // random search: .8
}

// As soon as the exponent has cooled to nothing the costs do not count any more; before, cheap candidates are preferred.
TEST(Gp, CoolingForgetsTheCosts) {
  const double aware = mean_carbon("log_ei, cost_aware: co2e");
  EXPECT_DOUBLE_EQ(aware, mean_carbon("log_ei_per_co2e"));
  const double cooled = mean_carbon("log_ei, cost_aware: co2e, cooling: 21");
  EXPECT_GT(cooled, 1.5 * aware);
  EXPECT_LT(mean_carbon("log_ei, cost_aware: co2e, cost_exponent: 2"), cooled);
}

TEST(Gp, CostsNeedAnImprovement) {
  EXPECT_THROW((void)testing::strategy_recipe("gp", "{acquisition: ucb, cost_aware: time}"), InputError);
}

// Branin where only a disc is feasible (Gardner et al. 2014, section 4.1, have the same kind of constraint): the global minima at
// (-pi, 12.275) and (3 pi, 2.475) lie outside, that at (pi, 2.275) inside.
class Disc final : public Problem {
 public:
  Disc() { traits_.constraints = {"disc"}; }
  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return branin_->space(); }
  [[nodiscard]] double true_value(const Configuration& c) const override { return branin_->true_value(c); }
  [[nodiscard]] std::optional<double> optimum() const override { return branin_->optimum(); }
  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random) const override {
    Outcome outcome;
    outcome.objectives = {true_value(evaluation.configuration)};
    outcome.constraints = {violation(evaluation.configuration)};
    return outcome;
  }
  static double violation(const Configuration& c) { return square(c[0] - 4.0) + square(c[1] - 3.0) - 4.0; }

 private:
  std::shared_ptr<const Problem> branin_ = testing::function_problem(testing::kBranin);
  ProblemTraits traits_ = branin_->traits();
};

// How many of the last 20 of 50 trials were feasible, and the best feasible loss; an infeasible trial tells its constraint and
// no loss, as the simulator does.
std::pair<int, double> search_disc(const std::string& settings, std::uint64_t seed) {
  const Disc problem;
  const auto strategy = testing::strategy_recipe("gp", settings)->make({problem.space(), problem.traits()});
  int feasible = 0;
  double best = 1e9;
  for (TrialId id = 0; id < 50; ++id) {
    Trial trial;
    trial.id = id;
    trial.proposal = *strategy->ask(id, Random(seed).child(id));
    const Outcome outcome = problem.evaluate({trial.proposal.configuration}, Random(1));
    trial.constraints = outcome.constraints;
    if (outcome.constraints[0] <= 0.0) {
      trial.result = Completed{{outcome.objectives}};
      best = std::min(best, outcome.objectives[0]);
      feasible += id >= 30 ? 1 : 0;
    } else {
      trial.result = Failed{Failure::infeasible};
    }
    strategy->tell(trial);
  }
  return {feasible, best - *problem.optimum()};
}

// The disc is 5.6 % of the space: of 20 random trials 1.1 lie inside.
TEST(Gp, LearnsWhatIsFeasible) {
  for (const char* settings : {"", "{acquisition: ucb}", "{acquisition: thompson}"}) {
    int feasible = 0;
    std::vector<double> regrets;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      const auto [count, regret] = search_disc(settings, seed);
      feasible += count;
      regrets.push_back(regret);
    }
    std::ranges::sort(regrets);
    EXPECT_GT(feasible, 50) << settings;
    EXPECT_LT(regrets[2], 0.05) << settings;
  }
}

}  // namespace
}  // namespace tonne
