// Evaluations a second of the evolutionary strategies, the function's own time included, at the sizes at
// which pagmo2 was measured.

#include <benchmark/benchmark.h>

#include <string_view>

#include "tests/support/recipes.h"

namespace tonne {
namespace {

constexpr TrialId kEvaluations = 20'000;  // of one search, so that a population settles as it does in use

// The losses of a problem whose objectives are minimised.
void search(benchmark::State& state, std::string_view name, const std::string& settings,
            std::string_view problem_name, const std::string& problem_settings) {
  const auto problem = testing::problem_recipe(problem_name, problem_settings)->make();
  const auto recipe = testing::strategy_recipe(name, settings);
  std::uint64_t seed = 0;
  for (auto _ : state) {
    const auto strategy = recipe->make({problem->space(), problem->traits(), 1.0, 1});
    const Random root(++seed);
    Trial trial;
    for (TrialId id = 0; id < kEvaluations; ++id) {
      trial.id = id;
      trial.proposal = *strategy->ask(id, root.child(id));
      trial.result =
          Completed{problem->evaluate({trial.proposal.configuration, 0.0, 1.0, 0, 0}, root).objectives};
      strategy->tell(trial);
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kEvaluations));
}

BENCHMARK_CAPTURE(search, nsga2_100_zdt1_30, "nsga2", "{population: 100}", "zdt", "{function: zdt1}")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(search, nsga2_100_dtlz2_12, "nsga2", "{population: 100}", "dtlz", "{function: dtlz2}")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(search, cma_es_20_rosenbrock_10, "cma_es", "{population: 20, restarts: none}", "function",
                  "{function: rosenbrock, dimension: 10}")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(search, de_50_rosenbrock_10, "differential_evolution",
                  "{population: 50, mutation: rand, f: 0.5, cr: 0.9}", "function",
                  "{function: rosenbrock, dimension: 10}")
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tonne
