// Whole searches through the simulator: evaluations a second on one core.

#include <benchmark/benchmark.h>

#include <filesystem>
#include <string>

#include "experiments/experiment.h"
#include "experiments/runner.h"
#include "experiments/store.h"

namespace tonne {
namespace {

std::string experiment_text(const std::string& strategy, const std::string& record, std::int64_t evaluations,
                            unsigned workers) {
  return "name: bench\nproblems: [cell_nas]\nstrategies: [" + strategy + "]\ncluster: {workers: " + std::to_string(workers) +
         "}\nbudget: {evaluations: " + std::to_string(evaluations) + "}\nrecord: " + record + "\n";
}

// One cell, from the plan to the closed store, as `tonne run` does it on one thread.
void run_one_cell(benchmark::State& state, const std::string& strategy, const std::string& record, unsigned workers) {
  const auto evaluations = state.range(0);
  const Experiment experiment = parse_experiment(experiment_text(strategy, record, evaluations, workers), "bench.yaml", ".");
  const auto folder = std::filesystem::temp_directory_path() / "tonne-benchmark";
  for (auto _ : state) {
    state.PauseTiming();
    std::filesystem::remove_all(folder);
    state.ResumeTiming();
    Store store = Store::create(folder, experiment, {});
    Progress progress;
    if (!run_cells(experiment, {}, 1, store, progress)) state.SkipWithError("stopped");
    store.close();
  }
  std::filesystem::remove_all(folder);
  state.SetItemsProcessed(state.iterations() * evaluations);
}

void random_search_incumbents_kept(benchmark::State& state) { run_one_cell(state, "random", "incumbents", 1); }
void random_search_trials_stored(benchmark::State& state) { run_one_cell(state, "random", "trials", 1); }
void random_search_incumbents_kept_64_workers(benchmark::State& state) { run_one_cell(state, "random", "incumbents", 64); }
void regularized_evolution_incumbents_kept(benchmark::State& state) {
  run_one_cell(state, "regularized_evolution", "incumbents", 1);
}

BENCHMARK(random_search_incumbents_kept)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(random_search_trials_stored)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(random_search_incumbents_kept_64_workers)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(regularized_evolution_incumbents_kept)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tonne
