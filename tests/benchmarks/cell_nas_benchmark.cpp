// Cost of one evaluation of the cell space, and of making its table.

#include <benchmark/benchmark.h>

#include <vector>

#include "search/problems/networks/cell_nas.h"

namespace {

using namespace tonne;

void evaluate_cell(benchmark::State& state) {
  const auto problem = make_cell_nas({});
  Random random(1);
  std::vector<Configuration> configurations;
  for (int i = 0; i < 4'096; ++i) configurations.push_back(problem->space().sample(random));
  const Random root = Random(2).child("evaluate");
  std::size_t next = 0;
  for (auto _ : state) {
    const Configuration& configuration = configurations[next++ & 4'095U];
    benchmark::DoNotOptimize(problem->evaluate({configuration, 0.0, 200.0, 0}, root));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(evaluate_cell);

/// With the sampling, digest and stream that a random search pays too.
void random_search_step(benchmark::State& state) {
  const auto problem = make_cell_nas({});
  Random random(1);
  const Random root = Random(2).child("evaluate");
  for (auto _ : state) {
    const Configuration configuration = problem->space().sample(random);
    benchmark::DoNotOptimize(problem->evaluate({configuration, 0.0, 200.0, 0},
                                               root.child(configuration.digest()).child(200).child(0)));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(random_search_step);

void make_problem(benchmark::State& state) {
  CellNasSettings settings;
  settings.task = static_cast<CellTask>(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(make_cell_nas(settings));
}
BENCHMARK(make_problem)->DenseRange(0, 2)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
