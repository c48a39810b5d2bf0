// Whole searches through the simulator: evaluations a second on one core.

#include <benchmark/benchmark.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "cost_models/time.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/results/store.h"
#include "experiments/run/runner.h"

namespace tonne {
namespace {

std::string experiment_text(const std::string& strategy, const std::string& record, std::int64_t evaluations,
                            unsigned workers, const std::string& grid) {
  return "name: bench\nproblems: [cell_nas]\nstrategies: [" + strategy + "]\ncluster: {workers: " + std::to_string(workers) +
         ", grid: " + grid + "}\nbudget: {evaluations: " + std::to_string(evaluations) + "}\nrecord: " + record + "\n";
}

// One cell, from the plan to the closed store, as `tonne run` does it on one thread.
void run_one_cell(benchmark::State& state, const std::string& strategy, const std::string& record, unsigned workers,
                  const std::string& grid = "US-2018") {
  const auto evaluations = state.range(0);
  const Experiment experiment = parse_experiment(experiment_text(strategy, record, evaluations, workers, grid), "bench.yaml", ".");
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

// A year of intensities every five minutes: each trial's carbon is an integral over its own hours.
void random_search_incumbents_kept_64_workers_on_a_trace(benchmark::State& state) {
  const auto file = std::filesystem::temp_directory_path() / "tonne-benchmark-trace.csv";
  {
    std::ofstream trace(file);
    trace << "time_utc,g/kWh\n";
    const Duration begin = *parse_utc("2021-01-01");
    for (int i = 0; i < 365 * 288; ++i) trace << format_utc(begin + i * 5.0 * minute) << ',' << 100 + i * 37 % 400 << '\n';
  }
  run_one_cell(state, "random", "incumbents", 64, "{trace: " + file.string() + "}");
  std::filesystem::remove(file);
}
BENCHMARK(random_search_incumbents_kept_64_workers_on_a_trace)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

BENCHMARK(random_search_incumbents_kept)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(random_search_trials_stored)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(random_search_incumbents_kept_64_workers)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(regularized_evolution_incumbents_kept)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tonne
