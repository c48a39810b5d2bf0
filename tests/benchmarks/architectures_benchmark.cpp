// Cost of one evaluation of the macro, graph-cell and microcontroller spaces.

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "tests/support/recipes.h"

namespace {

using namespace tonne;

void evaluate(benchmark::State& state, const std::string& name, const std::string& settings) {
  const auto problem = testing::problem_recipe(name, settings)->make();
  Random random(1);
  std::vector<Configuration> configurations;
  // Invalid cells end early: only valid ones are measured.
  while (configurations.size() < 4'096) {
    Configuration chosen = problem->space().sample(random);
    if (problem->inference(chosen)) configurations.push_back(std::move(chosen));
  }
  const double highest = problem->traits().fidelity.highest;
  const Random root = Random(2).child("evaluate");
  std::size_t next = 0;
  for (auto _ : state) {
    const Configuration& configuration = configurations[next++ & 4'095U];
    benchmark::DoNotOptimize(problem->evaluate({configuration, 0.0, highest}, root));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(evaluate, once_for_all, "macro_cnn", "{}");
BENCHMARK_CAPTURE(evaluate, nasbench_macro, "macro_cnn", "{space: nasbench_macro}");
BENCHMARK_CAPTURE(evaluate, graph_cell, "graph_cell", "{}");
BENCHMARK_CAPTURE(evaluate, keyword_spotting, "tiny_ml", "{}");
BENCHMARK_CAPTURE(evaluate, person_detection, "tiny_ml", "{task: person_detection}");

}  // namespace

BENCHMARK_MAIN();
