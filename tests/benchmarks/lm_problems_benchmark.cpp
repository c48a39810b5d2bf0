// Cost of one evaluation of the problems that are made of formulas: under a microsecond each is meant.

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "tests/support/recipes.h"

namespace tonne {
namespace {

void evaluate(benchmark::State& state, const std::string& name, const std::string& settings) {
  const auto problem = testing::problem_recipe(name, settings)->make();
  Random random(1);
  std::vector<Configuration> configurations;
  for (int i = 0; i < 4'096; ++i) configurations.push_back(problem->space().sample(random));
  const double highest = problem->traits().fidelity.highest;
  const Random root = Random(2).child("evaluate");
  std::size_t next = 0;
  for (auto _ : state) {
    const Configuration& configuration = configurations[next++ & 4'095U];
    benchmark::DoNotOptimize(problem->evaluate({configuration, 0.0, highest, 0, next}, root));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(evaluate, transformer_lm, "transformer_lm", "{scale: frontier}");
BENCHMARK_CAPTURE(evaluate, transformer_lm_kaplan, "transformer_lm", "{law: kaplan}");
BENCHMARK_CAPTURE(evaluate, nk_20_4, "nk", "{}");
BENCHMARK_CAPTURE(evaluate, nk_64_6_random, "nk", "{n: 64, k: 6, neighbours: random}");
BENCHMARK_CAPTURE(evaluate, pipeline, "pipeline", "{}");
BENCHMARK_CAPTURE(evaluate, automl, "automl", "{}");
BENCHMARK_CAPTURE(evaluate, hpo_fcnet, "hpo", "{space: fcnet}");
BENCHMARK_CAPTURE(evaluate, hpo_mlp, "hpo", "{}");
BENCHMARK_CAPTURE(evaluate, hpo_cnn_finetune, "hpo", "{model: cnn_finetune}");
BENCHMARK_CAPTURE(evaluate, hpo_gradient_boosting, "hpo", "{model: gradient_boosting}");
BENCHMARK_CAPTURE(evaluate, compiler_schedule, "compiler_schedule", "{}");
BENCHMARK_CAPTURE(evaluate, compiler_schedule_gemm, "compiler_schedule", "{kernel: gemm}");

void make(benchmark::State& state, const std::string& name, const std::string& settings) {
  const auto recipe = testing::problem_recipe(name, settings);
  for (auto _ : state) benchmark::DoNotOptimize(recipe->make());
}
BENCHMARK_CAPTURE(make, transformer_lm, "transformer_lm", "{scale: frontier}")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(make, hpo_fcnet, "hpo", "{space: fcnet}")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(make, compiler_schedule_gemm, "compiler_schedule", "{kernel: gemm}")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(make, nk_64_6, "nk", "{n: 64, k: 6}")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tonne

BENCHMARK_MAIN();
