#include "experiments/plan/deployment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "cost_models/cluster_settings.h"
#include "experiments/analysis/leaderboard.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/results/store.h"
#include "experiments/run/runner.h"
#include "search/catalogue.h"
#include "tests/experiments/support.h"
#include "tests/support/recipes.h"

namespace tonne {
namespace {

std::shared_ptr<const Problem> problem_of(std::string_view name) {
  for (const auto& entry : problem_catalogue())
    if (entry.name == name) return entry.make()->make();
  return nullptr;
}

// A use has no start-up, but a call, and operations that a host launches ahead of the device.
TEST(Deployment, AUseIsChargedWithoutWhatIsFixedOfATrial) {
  const auto problem = problem_of("cell_nas");
  const auto cost = make_cost_model(ClusterSettings{});
  const Workload use = *problem->inference(problem->default_configuration());
  const UseCharge charged = charge_of_use(use, *cost);
  const TrainingFigures figures = default_training_figures(use.kind, use.precision);
  const double busy =
      use.flops / (*figures.utilisation * 15.7 * teraflop_per_second) / second +
      use.traffic / (*figures.bandwidth_utilisation * 900.0 * gigabyte_per_second) / second;
  const double seconds = 3e-3 + std::max(busy, 33e-6 * use.operations);
  EXPECT_NEAR(charged.charge.time / second, seconds, 1e-9 * seconds);
  EXPECT_EQ(charged.latency, charged.charge.time);
  const Charge startup = cost->charge(Workload{}, Duration{});
  EXPECT_LT(charged.charge.total().energy / startup.total().energy, 1e-2);
  EXPECT_GT(charged.charge.total().energy, Energy{});
}

// What many pay for together, each of them waits for.
TEST(Deployment, AnswersOfABatchComeTogether) {
  const auto problem = problem_of("cell_nas");
  const Workload use = *problem->inference(problem->default_configuration());
  ClusterSettings settings;
  const UseCharge single = charge_of_use(use, *make_cost_model(settings));
  settings.inference.batch = 64;
  const UseCharge of_batch = charge_of_use(use, *make_cost_model(settings));
  EXPECT_EQ(of_batch.latency, 64.0 * of_batch.charge.time);
  EXPECT_LT(of_batch.charge.total().carbon(), single.charge.total().carbon());
  EXPECT_GE(of_batch.latency, single.latency);  // the same while launches still take longer than the work
  Workload measured = use;
  measured.measured_time = 1.0 * second;
  EXPECT_EQ(charge_of_use(measured, *make_cost_model(settings)).latency, 1.0 * second);
}

// Uses go on for years: on a trace they meet its mean, whatever the first hour is.
TEST(Deployment, UsesMeetTheMeanOfATrace) {
  const testing::TemporaryFolder folder;
  folder.write("t.csv",
               "datetime_utc,x\n2022-01-01 00:00:00,900\n2022-01-01 01:00:00,100\n2022-01-01 02:00:00,200\n");
  ClusterSettings settings;
  settings.grid.clear();
  settings.own_grid.trace = folder / "t.csv";
  settings.own_grid.unit = TraceUnit::gram_per_kwh;
  settings.embodied.count = false;
  const auto cost = make_cost_model(settings);
  const auto problem = problem_of("cell_nas");
  const Usage use = charge_of_use(*problem->inference(problem->default_configuration()), *cost).charge.total();
  EXPECT_NEAR((use.operational / gram) / (use.energy / kilowatt_hour), 400.0, 1e-6);
}

// The winner is trained until the mean over seeds reaches the default's value: one step less falls short.
TEST(Deployment, TrainsUntilTheDefaultsQuality) {
  const auto problem = problem_of("evolved_transformer");
  Random random(5);
  const SearchSpace& space = problem->space();
  Configuration better = problem->default_configuration();
  for (int i = 0; i < 4000 &&
                  problem->true_value(better) >= problem->true_value(problem->default_configuration()) - 0.02;
       ++i) {
    Configuration other = problem->default_configuration();
    Random draw = random.child(static_cast<std::uint64_t>(i));
    const Configuration sample = space.sample(draw);
    const auto field = static_cast<std::size_t>(draw.uniform() * static_cast<double>(space.size()));
    other.set(field, sample[field]);
    if (space.contains(other) && problem->true_value(other) < problem->true_value(better)) better = other;
  }
  ASSERT_LT(problem->true_value(better), problem->true_value(problem->default_configuration()));
  const double steps = fidelity_of_default_quality(*problem, better);
  EXPECT_LT(steps, problem->traits().fidelity.highest);
  EXPECT_EQ(steps, std::floor(steps));
  const auto mean = [&](double fidelity) {
    double sum = 0.0;
    for (std::uint32_t repeat = 0; repeat < 400; ++repeat) {
      const Random stream = random.child(repeat);
      sum += problem->evaluate({better, 0.0, fidelity, repeat, stream.name()}, stream).objectives.front();
    }
    return sum / 400;
  };
  const double target = problem->true_value(problem->default_configuration());
  // Seed noise .0045 over 16 seeds here and 400 above: 4 standard errors.
  EXPECT_NEAR(mean(steps), target, 4 * 0.0045 * std::sqrt(1.0 / 16 + 1.0 / 400));
  EXPECT_EQ(fidelity_of_default_quality(*problem, problem->default_configuration()) > steps, true);
}

// The least planned carbon of those that are as good as the default; cheaper ones that are worse stay out.
// The gap moves what trainings show, not what a configuration is judged by.
TEST(Deployment, AGapBetweenValidationAndTestLeavesTheDefaultsQualityWhereItIs) {
  const auto plain = testing::problem_recipe("cell_nas", "{validation_gap: 0}")->make();
  const auto shifted = testing::problem_recipe("cell_nas", "{validation_gap: 1.5}")->make();
  const double standard = plain->true_value(plain->default_configuration());
  std::size_t compared = 0;
  Random random(7);
  for (int draw = 0; draw < 400; ++draw) {
    const Configuration cell = plain->space().sample(random);
    if (plain->true_value(cell) <= standard + 0.01) continue;
    ++compared;
    EXPECT_NEAR(fidelity_of_default_quality(*shifted, cell), fidelity_of_default_quality(*plain, cell), 1.0) << draw;
  }
  EXPECT_GT(compared, 5U);
}

TEST(Deployment, TheCheapestIsNoWorseThanTheDefault) {
  const auto problem = problem_of("cell_nas");
  const auto cost = make_cost_model(ClusterSettings{});
  const DeploymentSettings plan{2.0, 1e8, TrainUntil::full};
  const double standard = problem->true_value(problem->default_configuration());
  const double highest = problem->traits().fidelity.highest;
  std::vector<Configuration> good;
  std::vector<Configuration> worse;
  Random random(3);
  for (int i = 0; i < 2000; ++i) {
    const Configuration candidate = problem->space().sample(random);
    (problem->true_value(candidate) >= standard ? good : worse).push_back(candidate);
  }
  ASSERT_GT(good.size(), 1U);
  const auto planned = [&](const Uses& uses) {
    return plan.trainings * uses.training->carbon() + plan.inferences * uses.inference->carbon();
  };
  const auto least = [&](const std::vector<Configuration>& candidates) {
    Carbon best = planned(uses_of(*problem, candidates.front(), highest, *cost));
    for (const Configuration& candidate : candidates)
      best = std::min(best, planned(uses_of(*problem, candidate, highest, *cost)));
    return best;
  };
  ASSERT_LT(least(worse), least(good));
  std::vector<Configuration> all = worse;
  all.insert(all.end(), good.begin(), good.end());
  const auto chosen = cheapest_uses(*problem, all, plan, *cost);
  ASSERT_TRUE(chosen.has_value());
  EXPECT_EQ(planned(*chosen), least(good));
  EXPECT_EQ(chosen->trained_to, highest);
  EXPECT_FALSE(cheapest_uses(*problem, worse, plan, *cost).has_value());
  EXPECT_FALSE(cheapest_uses(*problem, {}, plan, *cost).has_value());
}

class Deployed : public ::testing::Test {
 protected:
  Leaderboard run(const std::string& text) {
    const Experiment experiment = parse_experiment(text, "e.yaml", ".");
    Store store = Store::create(folder_ / "r", experiment, {});
    Progress progress;
    EXPECT_TRUE(run_cells(experiment, {}, 1, store, progress));
    store.close();
    return leaderboards(Store::open(folder_ / "r")).at(0);
  }
  testing::TemporaryFolder folder_;
};

TEST_F(Deployed, TheBalanceIsUsesTimesTheDifferenceAgainstTheSearch) {
  const Leaderboard board =
      run("seeds: 3\nproblems: cell_nas\nstrategies: random\nbudget: {evaluations: 20}\n"
          "deployment: {trainings: 7, inferences: 1e9, cluster: T4}\n");
  const PaybackBalance& balance = *board.rows[0].payback;
  EXPECT_EQ(balance.seeds, 3U);
  const Carbon saved = 7.0 * (balance.standard_training->carbon() - balance.winner_training->carbon()) +
                       1e9 * (balance.standard_inference->carbon() - balance.winner_inference->carbon());
  EXPECT_NEAR(balance.saved / kilogram, saved / kilogram, 1e-12);
  EXPECT_NEAR(balance.search / kilogram, board.rows[0].search.carbon() / kilogram, 1e-9);
  EXPECT_EQ(balance.break_even.has_value(), saved > Carbon{});
  EXPECT_NE(format_leaderboards({board}).find("on 1 x T4"), std::string::npos);
}

// A winner as good as the default is on the front itself, so that the cheapest as good as the default costs
// no more.
TEST_F(Deployed, OfSeveralObjectivesTheFrontsCheapestStandsBesideTheWinner) {
  const Leaderboard board =
      run("seeds: 10\nproblems: [{cell_nas: {objectives: [accuracy, energy_per_use], target: T4}}]\n"
          "strategies: random\nbudget: {evaluations: 300}\ndeployment: {inferences: 1e9, cluster: T4}\n");
  std::size_t found = 0;
  std::size_t good = 0;
  std::size_t cheaper = 0;
  for (const CellRecord& cell : Store::open(folder_ / "r").cells()) {
    const Payback& payback = *cell.payback;
    found += payback.cheapest ? 1U : 0U;
    if (*cell.winner_true_value < board.default_value) continue;
    ++good;
    ASSERT_TRUE(payback.cheapest.has_value());
    EXPECT_LE(payback.cheapest->inference->carbon(), payback.winner.inference->carbon());
    cheaper += payback.cheapest->inference->carbon() < payback.winner.inference->carbon() ? 1U : 0U;
  }
  EXPECT_GT(good, 0U);
  EXPECT_GT(cheaper, 0U);
  const LeaderboardRow& row = board.rows[0];
  ASSERT_TRUE(row.payback_of_cheapest.has_value());
  EXPECT_EQ(row.payback_of_cheapest->seeds, found);
  const std::string text = format_leaderboards({board});
  EXPECT_NE(text.find("\n    its cheapest"), std::string::npos) << text;
  EXPECT_NE(text.find("Its cheapest:"), std::string::npos);
}

TEST_F(Deployed, OfOneObjectiveThereIsNoCheapest) {
  const Leaderboard board = run(
      "problems: cell_nas\nstrategies: random\nbudget: {evaluations: 20}\ndeployment: {inferences: 1e9}\n");
  ASSERT_TRUE(board.rows[0].payback.has_value());
  EXPECT_FALSE(board.rows[0].payback_of_cheapest.has_value());
  EXPECT_EQ(format_leaderboards({board}).find("its cheapest"), std::string::npos);
}

// A better network of the same work per step pays back in trainings: search / saved of them.
TEST_F(Deployed, AShorterTrainingPaysBack) {
  const Leaderboard board =
      run("problems: [{evolved_transformer: {step_time: 0.1 s}}]\nstrategies: [{progressive_hurdles: "
          "{children: 600, hurdle_every: 200, increments: [60000, 60000, 120000], retrain: 5}}]\n"
          "budget: {evaluations: 100000}\ncluster: {memory: 128 GB}\nrecord: incumbents\n"
          "deployment: {trainings: 100000, train_until: default_quality}\n");
  const PaybackBalance& balance = *board.rows[0].payback;
  ASSERT_GT(balance.saved, Carbon{});
  EXPECT_LT(balance.trained_to, 300'000.0);
  EXPECT_NEAR(*balance.break_even, balance.search / balance.saved, 1e-12);
  EXPECT_FALSE(balance.winner_inference);
  EXPECT_NE(break_even_text(balance, board.deployment).find("trainings"), std::string::npos);
}

TEST(Deployment, WhatCannotBeChargedIsRefusedBeforeAnythingRuns) {
  const auto message = [](const std::string& deployment, const std::string& problem = "cell_nas") {
    try {
      (void)parse_experiment("problems: " + problem +
                                 "\nstrategies: random\nbudget: {evaluations: 5}\ndeployment: " + deployment +
                                 "\n",
                             "e.yaml", ".");
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message("{trainings: 3}"), "");
  EXPECT_EQ(message("{}"), "e.yaml:4:13: deployment: names no use: give trainings, inferences or both");
  EXPECT_NE(message("{inferences: 5}", "function")
                .find("e.yaml:4:13: deployment.inferences: function/branin does not know"),
            std::string::npos);
  EXPECT_NE(message("{inferences: 5, cluster: T5}").find("unknown device 'T5'"), std::string::npos);
  EXPECT_NE(message("{inferences: -5}").find("deployment.inferences"), std::string::npos);
  EXPECT_NE(message("{uses: 5}").find("e.yaml:4:14: deployment: unknown key 'uses'"), std::string::npos)
      << message("{uses: 5}");
}

}  // namespace
}  // namespace tonne
