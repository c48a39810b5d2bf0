// Objectives by name, and the fronts of searches for several of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "cost_models/cluster_settings.h"
#include "experiments/analysis/leaderboard.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/plan/named_objectives.h"
#include "experiments/results/store.h"
#include "experiments/run/runner.h"
#include "search/catalogue.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

std::shared_ptr<const Problem> cell_nas() {
  for (const auto& entry : problem_catalogue())
    if (entry.name == "cell_nas") return entry.make()->make();
  return nullptr;
}

// An experiment takes these keys of an entry for itself, so a problem or strategy with such a setting could not be set.
TEST(NamedObjectives, NoProblemHasASettingThatTheExperimentTakes) {
  const std::set<std::string> taken = {"label", "objectives", "target"};
  for (const auto& entry : problem_catalogue()) {
    const auto recipe = entry.make();
    for (const auto& setting : describe_settings([&](SettingsVisitor& v) { recipe->visit(v); }))
      EXPECT_FALSE(taken.contains(setting.key)) << entry.name << ": " << setting.key;
  }
  for (const auto& entry : strategy_catalogue()) {
    const auto recipe = entry.make();
    for (const auto& setting : describe_settings([&](SettingsVisitor& v) { recipe->visit(v); }))
      EXPECT_NE(setting.key, "label") << entry.name;
  }
}

TEST(NamedObjectives, AreChargedOnTheTargetAndLeaveTheNoiseAlone) {
  const auto plain = cell_nas();
  ClusterSettings settings;
  settings.device = "T4";
  const std::shared_ptr<const CostModel> machine = make_cost_model(settings);
  const auto several =
      with_objectives(plain, {"accuracy", "latency", "training_co2e", "parameters"}, machine);
  ASSERT_EQ(several->traits().objectives.size(), 4U);
  EXPECT_EQ(several->traits().objectives[1].unit, "s");
  Random random(3);
  for (std::uint64_t i = 0; i < 50; ++i) {
    Random draw = random.child(i);
    const Configuration configuration = plain->space().sample(draw);
    const Outcome before = plain->evaluate({configuration, 0.0, 12.0, 0, 1}, random.child("noise").child(i));
    const Outcome after = several->evaluate({configuration, 0.0, 12.0, 0, 1}, random.child("noise").child(i));
    EXPECT_EQ(after.objectives[0], before.objectives[0]);
    EXPECT_EQ(after.objectives[3], before.workload.parameters);
    const Workload use = *plain->inference(configuration);
    const TrainingFigures figures = default_training_figures(use.kind, use.precision);
    const double busy =
        use.flops / (*figures.utilisation * 8.1 * teraflop_per_second) / second +
        use.traffic / (*figures.bandwidth_utilisation * 320.0 * gigabyte_per_second) / second;
    const double seconds = 3e-3 + std::max(busy, 33e-6 * use.operations);
    EXPECT_NEAR(after.objectives[1], seconds, 1e-6 * seconds);
    // Of a full training, although this one is of 12 epochs.
    const Outcome full = plain->evaluate({configuration, 0.0, 200.0, 0, 1}, random);
    EXPECT_NEAR(after.objectives[2], machine->charge(full.workload, Duration{}).total().carbon() / kilogram,
                1e-12);
  }
}

// A table may lack what a use of one configuration takes: that is no reason to find it the cheapest.
TEST(NamedObjectives, AUseThatIsNotToldFails) {
  const testing::TemporaryFolder folder;
  folder.write("t.csv", "x,y,mflop\n1,5,10\n2,4,\n3,6,30\n");
  const Experiment experiment = parse_experiment(
      "problems:\n  - tabular: {file: t.csv, decisions: [x], objective: y, direction: minimise, evaluation_time: 1 s, "
      "inference: {flops: mflop}, objectives: [objective, flops_per_use]}\nstrategies: random\nbudget: {evaluations: 5}\n",
      "e.yaml", folder.path());
  const Problem& problem = *experiment.problems.at(0).problem;
  Configuration one(1);
  one.set(0, 0);
  EXPECT_EQ(problem.evaluate({one, 0.0, 1.0, 0}, Random(1)).objectives[1], 10.0);
  one.set(0, 1);
  const Outcome untold = problem.evaluate({one, 0.0, 1.0, 0}, Random(1));
  EXPECT_EQ(untold.failure, Failure::invalid);
  EXPECT_TRUE(untold.objectives.empty());
  EXPECT_EQ(untold.workload.measured_time, 1.0 * second);  // it was trained all the same
}

std::string message_of(const std::string& settings) {
  try {
    (void)parse_experiment(
        "problems:\n  - cell_nas: " + settings + "\nstrategies: random\nbudget: {evaluations: 5}\n", "e.yaml",
        ".");
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(NamedObjectives, BadOnesAreToldWithTheirPlace) {
  EXPECT_EQ(message_of("{objectives: [accuracy, parameters]}"), "");
  EXPECT_EQ(message_of("{objectives: [accuracy, latency], target: T4}"), "");
  EXPECT_NE(message_of("{objectives: [accuracy, speed]}")
                .find("e.yaml:2:28: problems[0].cell_nas.objectives: unknown objective 'speed'"),
            std::string::npos)
      << message_of("{objectives: [accuracy, speed]}");
  EXPECT_NE(message_of("{objectives: [latency, accuracy], target: T4}").find("the first must be accuracy"),
            std::string::npos);
  EXPECT_NE(message_of("{objectives: [accuracy, accuracy]}").find("appears twice"), std::string::npos);
  EXPECT_NE(message_of("{objectives: [accuracy, latency]}").find("needs a machine"), std::string::npos);
  EXPECT_NE(
      message_of("{objectives: [accuracy, parameters], target: T4}").find("no objective is charged on it"),
      std::string::npos);
  EXPECT_NE(message_of("{objectives: [accuracy, latency], target: {device: T5}}").find("unknown device 'T5'"),
            std::string::npos);
}

// By hand: the front of two searches of two trials each.
TEST(Fronts, AgreeWithTheTrials) {
  const testing::TemporaryFolder folder;
  const Experiment experiment = parse_experiment(
      "seeds: 6\nproblems:\n  - cell_nas: {objectives: [accuracy, flops_per_use]}\nstrategies: [random, "
      "nsga2]\nbudget: {evaluations: 60}\n",
      "e.yaml", ".");
  Store store = Store::create(folder / "r", experiment, {});
  Progress progress;
  ASSERT_TRUE(run_cells(experiment, {}, 1, store, progress));
  store.close();
  const Store read = Store::open(folder / "r");
  const Leaderboard board = leaderboards(read).at(0);
  ASSERT_TRUE(board.front);

  // Every trial against the joint front: none beats a point of it, and each point is a trial of its strategy.
  std::vector<std::array<double, 2>> trials;
  read.each_trial([&](const TrialRow& row) {
    trials.push_back({row.objectives.at(0), row.objectives.at(1)});
  });
  ASSERT_EQ(trials.size(), 720U);
  double joint = 0.0;
  for (const FrontPoint& point : board.front->points) {
    bool found = false;
    for (const auto& [accuracy, flops] : trials) {
      EXPECT_FALSE(accuracy >= point.values[0] && flops < point.values[1]);
      EXPECT_FALSE(accuracy > point.values[0] && flops <= point.values[1]);
      found = found || (accuracy == point.values[0] && flops == point.values[1]);
    }
    EXPECT_TRUE(found);
  }
  for (const LeaderboardRow& row : board.rows) {
    ASSERT_TRUE(row.front);
    EXPECT_GT(row.front->hypervolume.mean, 0.3);
    EXPECT_LE(row.front->hypervolume.mean, 1.0 + 1e-12);
    joint = std::max(joint, row.front->hypervolume.mean);
  }
  EXPECT_LT(joint, 1.0);  // no single search of 60 finds the front of all 720
}

}  // namespace
}  // namespace tonne
