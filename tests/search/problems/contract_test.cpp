// The contract that every problem of the catalogue keeps. A new problem takes part by standing in the
// catalogue; its settings get rows in kSettings.

#include <gtest/gtest.h>

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "tests/search/problems/imitation/imitation_fixture.h"
#include "tests/support/recipes.h"

namespace tonne {
namespace {

struct Row {
  std::string problem;                    // its name in the catalogue
  std::function<std::string()> settings;  // YAML
};

// A table for problems that need a file. Each process has its own, since tests run at the same time, and
// takes it away at its end.
class TableFile {
 public:
  TableFile(const std::string& name, const std::string& text)
      : path_(std::filesystem::temp_directory_path() /
              ("tonne_" + name + "_" + std::to_string(getpid()) + ".csv")) {
    std::ofstream(path_) << text;
  }
  TableFile(const TableFile&) = delete;
  TableFile& operator=(const TableFile&) = delete;
  ~TableFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  [[nodiscard]] std::string name() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

// Nine candidates over a number and a choice, with an accuracy (%) and measured seconds.
std::string small_table() {
  static const TableFile file("small_table",
                              "width,activation,accuracy,seconds\n"
                              "8,relu,71.5,20\n8,tanh,70.0,21\n8,gelu,72.25,22\n"
                              "16,relu,80.5,40\n16,tanh,79.0,41\n16,gelu,81.0,42\n"
                              "32,relu,83.5,80\n32,tanh,82.5,81\n32,gelu,83.0,82\n");
  return file.name();
}

std::string small_imitation() {
  static const TableFile file("small_imitation", testing::imitation_file());
  return file.name();
}

// Of six candidates two have no row and two fail, one of them at a cost that the table tells.
std::string holed_table() {
  static const TableFile file("holed_table",
                              "depth,block,loss,error,gflop,weights\n"
                              "1,a,0.5,,100,1000\n2,a,0.4,,200,2000\n1,b,,oom,300,\n3,b,,oom,,\n");
  return file.name();
}

// Seeds and fidelities in rows of their own, with measured time and energy that grow with the epochs.
std::string long_table() {
  static const TableFile file("long_table", [] {
    std::string text = "lr,seed,epoch,loss,seconds,joules\n";
    for (int lr = 1; lr <= 4; ++lr)
      for (int seed = 0; seed < 3; ++seed)
        for (int epoch = 1; epoch <= 8; ++epoch)
          text += "0." + std::to_string(lr) + "," + std::to_string(seed) + "," + std::to_string(epoch) + "," +
                  std::to_string(lr + seed * 0.1 + 1.0 / epoch) + "," + std::to_string((10 + seed) * epoch) +
                  "," + std::to_string((500 + lr) * epoch) + "\n";
    return text;
  }());
  return file.name();
}

// Two fidelities and two seeds in columns, half of a grid of 64, a further objective and a bound.
std::string sparse_table() {
  static const TableFile file("sparse_table", [] {
    std::string text = "a,b,s0_1,s0_4,s1_1,s1_4,ms,weights,sec_1,sec_4\n";
    for (int a = 0; a < 8; ++a)
      for (int b = a % 2; b < 8; b += 2) {
        const double value = (a - 3) * (a - 3) + 0.5 * b;
        for (const double number : {1.0 * a, 1.0 * b, value + 9, value, value + 10, value + 1, 1.0 + a, 10.0 * b, 5.0 + a})
          text += std::to_string(number) + ",";
        text += std::to_string(20.0 + 4 * a) + "\n";
      }
    return text;
  }());
  return file.name();
}

std::string sparse_settings() {
  return "file: " + sparse_table() +
         ", decisions: [a, b], objective: ['s0_{fidelity}', 's1_{fidelity}'], fidelities: [1, 4], direction: minimise, time: "
         "'sec_{fidelity}', further_objectives: {latency: {columns: ms, direction: minimise, transform: log}}, constraints: "
         "{size: {column: weights, at_most: 60}}, inference: {flops: ms}";
}

std::function<std::string()> fixed(std::string settings) {
  return [settings = std::move(settings)] { return settings; };
}

// A row whose problem needs a file names one: see small_table().
const std::vector<Row>& rows() {
  static const std::vector<Row> all = {
      {"cell_nas", fixed("")},
      {"cell_nas",
       fixed("{task: imagenet16, landscape: 7, count: live_edges, epochs: 12, validation_gap: 0.5}")},
      {"cell_nas", fixed("{task: cifar100, divergence: 0.2}")},
      {"evolved_transformer", fixed("{}")},
      {"evolved_transformer", fixed("{landscape: 3, step_time: 1 s, noise: 0, precision: fp32}")},
      {"macro_nas", fixed("{}")},
      {"macro_nas", fixed("{layers: 6, sharing: 0.5, epochs: 20}")},
      {"transformer_lm", fixed("{}")},
      {"transformer_lm", fixed("{scale: small, law: kaplan, positions: rotary, noise: 0}")},
      {"transformer_lm", fixed("{scale: frontier, positions: relative, compute: 5.76e23 FLOP, shards: 64}")},
      {"nk", fixed("{}")},
      {"nk", fixed("{n: 12, k: 3, alphabet: 3, neighbours: random, landscape: 4, noise: 0.1}")},
      {"nk", fixed("{n: 64, k: 63}")},
      {"pipeline", fixed("{}")},
      {"pipeline", fixed("{rows: 500, categorical: 0, missing: 0, nonlinearity: 1, memory: 100 MB, landscape: 3}")},
      {"automl", fixed("{}")},
      {"automl", fixed("{landscape: 5, epochs: 10, noise: 0, target_latency: 1}")},
      {"hpo", fixed("{}")},
      {"hpo", fixed("{space: fcnet, landscape: 2}")},
      {"hpo", fixed("{space: fcnet, dataset: slice, fidelity: data, training_seeds: unlimited}")},
      {"hpo", fixed("{space: lcbench, landscape: 3, schedule: step}")},
      {"hpo", fixed("{space: lcbench, fidelity: data, training_seeds: 5}")},
      {"hpo", fixed("{training_seeds: 2}")},
      {"hpo", fixed("{model: cnn_finetune, epochs: 10}")},
      {"hpo", fixed("{model: gradient_boosting, fidelity: data, noise: 0}")},
      {"compiler_schedule", fixed("{}")},
      {"compiler_schedule", fixed("{kernel: conv2d, objective: energy}")},
      {"compiler_schedule", fixed("{kernel: gemm, landscape: 1}")},
      {"macro_cnn", fixed("{}")},
      {"macro_cnn", fixed("{landscape: 5, epochs: 20, noise: 0}")},
      {"macro_cnn", fixed("{space: nasbench_macro, batch: 128}")},
      {"macro_cnn", fixed("{space: nasbench_macro, training_seeds: unlimited}")},
      {"graph_cell", fixed("{}")},
      {"graph_cell", fixed("{landscape: 3, batch: 128, noise: 0}")},
      {"tiny_ml", fixed("{}")},
      {"tiny_ml", fixed("{task: person_detection, landscape: 2, ram: 320 kB, flash: 1 MB, noise: 0}")},
      {"function", fixed("")},
      {"function", fixed("function: hartmann3")},
      {"function", fixed("{function: hartmann6, noise: 0.1}")},
      {"function", fixed("{function: ackley, dimension: 50, shift: 0.4}")},
      {"function", fixed("{function: levy, dimension: 1, shift: 0.99, flops: 0 FLOP}")},
      {"function", fixed("{function: rastrigin, noise: 3}")},
      {"function", fixed("{function: rosenbrock, dimension: 2, shift: 0.1}")},
      {"zdt", fixed("")},
      {"zdt", fixed("{function: zdt2, dimension: 2}")},
      {"zdt", fixed("{function: zdt3}")},
      {"zdt", fixed("{function: zdt4}")},
      {"zdt", fixed("{function: zdt6}")},
      {"dtlz", fixed("")},
      {"dtlz", fixed("{function: dtlz1, objective_count: 4}")},
      {"dtlz", fixed("{objective_count: 2, dimension: 2}")},
      {"dtlz", fixed("{function: dtlz7, objective_count: 5}")},
      {"wfg", fixed("")},
      {"wfg", fixed("{function: wfg1, objective_count: 5}")},
      {"wfg", fixed("{function: wfg2, objective_count: 2, position: 3, distance: 6}")},
      {"wfg", fixed("{function: wfg9, objective_count: 4}")},
      {"tabular", [] { return "{" + sparse_settings() + "}"; }},
      {"tabular", [] { return "{" + sparse_settings() + ", surrogate: random_forest}"; }},
      {"imitation", [] { return "{file: " + small_imitation() + "}"; }},
      {"imitation", [] { return "{file: " + small_imitation() + ", landscape: 3, noise: 0}"; }},
      {"tabular",
       [] {
         return "{file: " + small_table() +
                ", decisions: [width, activation], objective: accuracy, direction: maximise, time: seconds}";
       }},
      {"tabular",
       [] {
         return "{file: " + holed_table() +
                ", decisions: [depth, block], objective: loss, direction: minimise, failure: error, flops: "
                "gflop, "
                "flops_unit: 1 GFLOP, parameters: weights, failed_time: 2 s}";
       }},
      {"tabular",
       [] {
         return "{file: " + long_table() +
                ", decisions: [lr], objective: loss, direction: minimise, seed: seed, fidelity: epoch, time: "
                "seconds, "
                "energy: joules}";
       }},
  };
  return all;
}

TEST(ProblemCatalogue, EveryProblemHasARow) {
  std::set<std::string> named;
  for (const Row& row : rows()) named.insert(row.problem);
  for (const auto& entry : problem_catalogue())
    EXPECT_TRUE(named.contains(std::string(entry.name))) << entry.name << " is not tested";
}

TEST(ProblemCatalogue, EveryRowNamesAProblem) {
  for (const Row& row : rows()) EXPECT_NO_THROW((void)testing::problem_recipe(row.problem, row.settings())) << row.problem;
}

TEST(ProblemCatalogue, EveryRecipeDescribesItself) {
  for (const auto& entry : problem_catalogue()) {
    EXPECT_FALSE(entry.summary.empty());
    const auto recipe = entry.make();
    const auto visit = [&](SettingsVisitor& visitor) { recipe->visit(visitor); };
    for (const SettingDescription& setting : describe_settings(visit))
      EXPECT_FALSE(setting.meaning.empty()) << setting.key;
    EXPECT_EQ(canonical_settings(visit), canonical_settings(visit));
  }
}

class ProblemContract : public ::testing::TestWithParam<std::size_t> {
 protected:
  [[nodiscard]] static std::shared_ptr<const Problem> make() {
    const Row& row = rows()[GetParam()];
    return testing::problem_recipe(row.problem, row.settings())->make();
  }

  // The default and random candidates.
  [[nodiscard]] static std::vector<Configuration> candidates(const Problem& problem, int count) {
    std::vector<Configuration> all = {problem.default_configuration()};
    Random random(21);
    for (int i = 0; i < count; ++i) all.push_back(problem.space().sample(random));
    return all;
  }
};

bool same(const Outcome& a, const Outcome& b) {
  const Workload& v = a.workload;
  const Workload& w = b.workload;
  return a.objectives == b.objectives && a.failure == b.failure && a.stage_shares == b.stage_shares && v.flops == w.flops &&
         v.traffic == w.traffic && v.memory == w.memory && v.steps == w.steps && v.samples == w.samples &&
         v.parameters == w.parameters && v.precision == w.precision && v.measured_time == w.measured_time &&
         v.measured_energy == w.measured_energy;
}

TEST_P(ProblemContract, UsesAreSound) {
  const auto problem = make();
  const auto use = problem->inference(problem->default_configuration());
  if (!use) return;
  EXPECT_EQ(use->samples, 1.0);
  EXPECT_FALSE(use->inference);  // whoever charges it says so
  EXPECT_GE(use->passes, 0.0);
  EXPECT_GE(use->operations, 0.0);
  EXPECT_GE(use->shared_traffic, Bytes{});
  EXPECT_LE(use->shared_traffic, use->traffic);
}

TEST_P(ProblemContract, TraitsAreSound) {
  const auto problem = make();
  const ProblemTraits& traits = problem->traits();
  EXPECT_TRUE(traits.name.starts_with(rows()[GetParam()].problem)) << traits.name;
  EXPECT_GE(traits.objectives.size(), 1U);
  EXPECT_LE(traits.objectives.size(), kMaxObjectives);
  for (const ObjectiveTraits& objective : traits.objectives) EXPECT_FALSE(objective.name.empty());
  EXPECT_GT(traits.fidelity.lowest, 0.0);
  EXPECT_LE(traits.fidelity.lowest, traits.fidelity.highest);
  EXPECT_GT(problem->space().size(), 0U);
  EXPECT_LE(traits.stages.size(), kMaxStages);
  EXPECT_EQ(traits.stage_of.size(), traits.stages.empty() ? 0U : problem->space().size());
  for (const std::size_t stage : traits.stage_of) EXPECT_LT(stage, traits.stages.size());
}

TEST_P(ProblemContract, TheDefaultLiesInTheSpace) {
  const auto problem = make();
  EXPECT_TRUE(problem->space().contains(problem->default_configuration()));
}

TEST_P(ProblemContract, TheDefaultSucceeds) {
  const auto problem = make();
  const Configuration chosen = problem->default_configuration();
  EXPECT_FALSE(problem->evaluate({chosen, 0.0, problem->traits().fidelity.highest}, Random(4)).failure);
}

TEST_P(ProblemContract, EveryRecipeDigestsTheSameContentAlike) {
  const Row& row = rows()[GetParam()];
  EXPECT_EQ(testing::problem_recipe(row.problem, row.settings())->content_digest(),
            testing::problem_recipe(row.problem, row.settings())->content_digest());
}

TEST_P(ProblemContract, EveryCandidateHasASoundOutcome) {
  const auto problem = make();
  const double highest = problem->traits().fidelity.highest;
  std::uint64_t name = 0;
  for (const Configuration& candidate : candidates(*problem, 300)) {
    const Outcome outcome = problem->evaluate({candidate, 0.0, highest}, Random(5).child(name++));
    EXPECT_EQ(outcome.objectives.size(), outcome.failure ? 0U : problem->traits().objectives.size());
    for (const double value : outcome.objectives) EXPECT_TRUE(std::isfinite(value));
    EXPECT_EQ(outcome.stage_shares.size(), problem->traits().stages.size());
    double shares = 0.0;
    for (const double share : outcome.stage_shares) {
      EXPECT_GE(share, 0.0);
      shares += share;
    }
    if (!outcome.stage_shares.empty()) {
      EXPECT_NEAR(shares, 1.0, 1e-12);
    }
    const Workload& w = outcome.workload;
    for (const double amount :
         {w.flops.base(), w.traffic.base(), w.memory.base(), w.steps, w.samples, w.parameters,
          w.measured_time.value_or(Duration{}).base(), w.measured_energy.value_or(Energy{}).base()}) {
      EXPECT_TRUE(std::isfinite(amount));
      EXPECT_GE(amount, 0.0);
    }
  }
}

TEST_P(ProblemContract, TheSameStreamGivesTheSameOutcome) {
  const auto problem = make();
  const auto twin = make();
  const double highest = problem->traits().fidelity.highest;
  std::uint64_t name = 0;
  for (const Configuration& candidate : candidates(*problem, 50)) {
    const Random random = Random(6).child(name++);
    const Outcome outcome = problem->evaluate({candidate, 0.0, highest}, random);
    EXPECT_TRUE(same(problem->evaluate({candidate, 0.0, highest}, random), outcome));
    EXPECT_TRUE(same(twin->evaluate({candidate, 0.0, highest}, random), outcome));
  }
}

// (0, a] and (a, b] cost what (0, b] costs. A lost training ends somewhere within, so it is left out.
TEST_P(ProblemContract, WorkAddsUpInFidelity) {
  const auto problem = make();
  const FidelityTraits& fidelity = problem->traits().fidelity;
  if (fidelity.lowest == fidelity.highest) GTEST_SKIP() << "no fidelity";
  const double middle = fidelity.integral ? std::floor((fidelity.lowest + fidelity.highest) / 2.0)
                                          : (fidelity.lowest + fidelity.highest) / 2.0;
  int compared = 0;
  for (const Configuration& candidate : candidates(*problem, 100)) {
    const Outcome first = problem->evaluate({candidate, 0.0, middle}, Random(7));
    const Outcome second = problem->evaluate({candidate, middle, fidelity.highest}, Random(7));
    const Outcome whole = problem->evaluate({candidate, 0.0, fidelity.highest}, Random(7));
    if (first.failure || second.failure || whole.failure) continue;
    const auto adds_up = [](double a, double b, double sum) { EXPECT_NEAR(a + b, sum, 1e-9 * sum); };
    const Workload& a = first.workload;
    const Workload& b = second.workload;
    const Workload& all = whole.workload;
    adds_up(a.flops.base(), b.flops.base(), all.flops.base());
    adds_up(a.steps, b.steps, all.steps);
    adds_up(a.samples, b.samples, all.samples);
    EXPECT_EQ(a.measured_time.has_value(), all.measured_time.has_value());
    if (all.measured_time)
      adds_up(a.measured_time->base(), b.measured_time.value().base(), all.measured_time->base());
    if (all.measured_energy)
      adds_up(a.measured_energy.value().base(), b.measured_energy.value().base(),
              all.measured_energy->base());
    ++compared;
  }
  EXPECT_GT(compared, 0);
}

TEST_P(ProblemContract, NoTruthBeatsTheOptimum) {
  const auto problem = make();
  const bool minimise = problem->traits().objectives.front().direction == Direction::minimise;
  const std::optional<double> optimum = problem->optimum();
  for (const Configuration& candidate : candidates(*problem, 1000)) {
    const double truth = problem->true_value(candidate);
    ASSERT_TRUE(std::isfinite(truth));
    if (optimum) {
      EXPECT_LE(minimise ? *optimum : truth, minimise ? truth : *optimum);
    }
  }
}

TEST_P(ProblemContract, ThreadsAgree) {
  const auto problem = make();
  const double highest = problem->traits().fidelity.highest;
  const std::vector<Configuration> all = candidates(*problem, 200);
  const auto evaluate_all = [&] {
    std::vector<Outcome> outcomes;
    std::uint64_t name = 0;
    for (const Configuration& candidate : all)
      outcomes.push_back(problem->evaluate({candidate, 0.0, highest}, Random(8).child(name++)));
    return outcomes;
  };
  const std::vector<Outcome> expected = evaluate_all();
  std::vector<std::vector<Outcome>> found(4);
  {
    std::vector<std::jthread> threads;
    for (auto& outcomes : found)
      threads.emplace_back([&outcomes, &evaluate_all] { outcomes = evaluate_all(); });
  }
  for (const auto& outcomes : found) {
    ASSERT_EQ(outcomes.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_TRUE(same(outcomes[i], expected[i])) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ProblemContract, ::testing::Range(std::size_t{0}, rows().size()), [](const auto& parameter) {
  return rows()[parameter.param].problem + "_row" + std::to_string(parameter.param);
});

}  // namespace
}  // namespace tonne
