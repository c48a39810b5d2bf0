// A report's statistics at its largest: 20 strategies, 50 seeds.

#include <benchmark/benchmark.h>

#include <vector>

#include "core/random.h"
#include "experiments/analysis/statistics.h"

namespace tonne {
namespace {

constexpr std::size_t kStrategies = 20, kSeeds = 50;

std::vector<std::vector<double>> table() {
  const Random root(1);
  std::vector<std::vector<double>> losses;
  for (std::size_t s = 0; s < kStrategies; ++s) {
    Random random = root.child(s);
    losses.emplace_back();
    for (std::size_t i = 0; i < kSeeds; ++i)
      losses.back().push_back(random.normal() + 0.05 * static_cast<double>(s));
  }
  return losses;
}

// One figure of the leaderboard: an interval for each strategy.
void mean_of_each_strategy(benchmark::State& state) {
  const auto losses = table();
  for (auto _ : state)
    for (const auto& values : losses) benchmark::DoNotOptimize(bootstrap_mean(values));
}
BENCHMARK(mean_of_each_strategy)->Unit(benchmark::kMillisecond);

void interquartile_mean_of_each_strategy(benchmark::State& state) {
  const auto losses = table();
  for (auto _ : state)
    for (const auto& values : losses) benchmark::DoNotOptimize(bootstrap_interquartile_mean(values));
}
BENCHMARK(interquartile_mean_of_each_strategy)->Unit(benchmark::kMillisecond);

// 20 problems of 50 seeds.
void interquartile_mean_over_problems(benchmark::State& state) {
  const auto scores = table();
  for (auto _ : state) benchmark::DoNotOptimize(stratified_bootstrap_interquartile_mean(scores));
}
BENCHMARK(interquartile_mean_over_problems)->Unit(benchmark::kMillisecond);

void critical_difference_diagram(benchmark::State& state) {
  const auto losses = table();
  for (auto _ : state) benchmark::DoNotOptimize(critical_differences(losses));
}
BENCHMARK(critical_difference_diagram)->Unit(benchmark::kMillisecond);

void improvement_of_all_pairs(benchmark::State& state) {
  const auto losses = table();
  for (auto _ : state)
    for (const auto& x : losses)
      for (const auto& y : losses) benchmark::DoNotOptimize(probability_of_improvement(x, y));
}
BENCHMARK(improvement_of_all_pairs)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tonne
