// Published orderings of strategies, on real tables: NAS-Bench-Macro (Su et al. 2021) and FCNet's protein structure (Klein
// and Hutter 2019). Neither has fidelities, so those that stop trainings do not take part.

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "tests/search/strategies/strategy_helpers.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSeeds = 50;
constexpr std::size_t kEvaluations = 150;

const fs::path& data() {
  static const fs::path folder = fs::path(TONNE_SOURCE_DIR) / "../shared/data";
  return folder;
}

std::shared_ptr<const Problem> nasbench_macro() {
  return testing::problem_recipe("tabular",
                                 "{file: nasbench_macro.csv, decisions: [b0, b1, b2, b3, b4, b5, b6, b7], "
                                 "categorical: [b0, b1, b2, b3, b4, b5, b6, b7], objective: [acc_s0, acc_s1, acc_s2], "
                                 "direction: maximise, evaluation_time: 1 h}",
                                 data())
      ->make();
}

std::shared_ptr<const Problem> fcnet() {
  return testing::problem_recipe(
             "tabular",
             "{file: fcnet_protein.csv, decisions: [activation_fn_1, activation_fn_2, batch_size, dropout_1, dropout_2, init_lr, "
             "lr_schedule, n_units_1, n_units_2], objective: [protein_structure_valmse_s0, protein_structure_valmse_s1, "
             "protein_structure_valmse_s2, protein_structure_valmse_s3], direction: minimise, evaluation_time: 5 min}",
             data())
      ->make();
}

struct Mean {
  double value = 0.0;
  double standard_error = 0.0;
};

// True value of the incumbent at the end, smaller is better.
Mean ending(const Problem& problem, std::string_view strategy, const std::string& settings) {
  const double sign = problem.traits().objectives[0].direction == Direction::maximise ? -1.0 : 1.0;
  const auto recipe = testing::strategy_recipe(strategy, settings);
  double sum = 0.0;
  double squares = 0.0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const auto instance = recipe->make({problem.space(), problem.traits(), 1.0, 1});
    const double value = sign * testing::search_loop(*instance, problem, kEvaluations, seed).best_true_value.back();
    sum += value;
    squares += value * value;
  }
  const auto n = static_cast<double>(kSeeds);
  const double mean = sum / n;
  return {mean, std::sqrt((squares / n - mean * mean) / (n - 1.0))};
}

struct Rival {
  std::string strategy;
  std::string settings;
};

// Evolution, local search and TPE end better than random search, by two standard errors at least. By the measured
// differences (docs/strategies.md), which are 5 to 20 standard errors at 50 seeds, a false alarm is rarer than 1 in 700 for
// each comparison if the seeds were drawn anew.
void expect_ahead_of_random(const Problem& problem) {
  const Mean random = ending(problem, "random", "{}");
  for (const Rival& rival : {Rival{"regularized_evolution", "{population: 20, sample: 10}"}, Rival{"local_search", "{}"},
                             Rival{"tpe", "{}"}}) {
    const Mean other = ending(problem, rival.strategy, rival.settings);
    const double error = std::hypot(random.standard_error, other.standard_error);
    EXPECT_GT((random.value - other.value) / error, 2.0) << rival.strategy << ' ' << other.value << " random " << random.value;
  }
}

TEST(TableOrderings, OnNasBenchMacro) {
  if (!fs::exists(data() / "nasbench_macro.csv")) GTEST_SKIP() << "no nasbench_macro.csv here";
  expect_ahead_of_random(*nasbench_macro());
}

TEST(TableOrderings, OnFcnet) {
  if (!fs::exists(data() / "fcnet_protein.csv")) GTEST_SKIP() << "no fcnet_protein.csv here";
  expect_ahead_of_random(*fcnet());
}

}  // namespace
}  // namespace tonne
