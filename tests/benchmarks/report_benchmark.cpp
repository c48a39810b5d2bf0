// What a report computes from the curves of a large experiment: 20 strategies, 50 seeds, 40 incumbents a
// search.

#include <benchmark/benchmark.h>

#include <cmath>

#include "core/random.h"
#include "experiments/analysis/anytime.h"

namespace tonne {
namespace {

constexpr std::size_t kStrategies = 20, kSeeds = 50, kIncumbents = 40;

// Values that approach 95, costs that grow by a tenth to a half.
SearchCurve curve_of(Random& random) {
  SearchCurve curve;
  double kilograms = 0.01, value = 88.0;
  for (std::size_t i = 0; i < kIncumbents; ++i) {
    kilograms *= 1.1 + 0.4 * random.uniform();
    value += 0.2 * random.uniform() * (95.0 - value);
    curve.points.push_back(
        {{static_cast<double>(i + 1), kilograms, 2.0 * kilograms, kilograms, 3.0 * kilograms}, value});
  }
  curve.end = curve.points.back().costs;
  return curve;
}

struct Large {
  Board board;
  BoardCurves curves;
};

Large large() {
  Large data;
  data.board.traits.direction = Direction::maximise;
  data.board.traits.default_true_value = 88.0;
  Random random(1);
  for (std::size_t s = 0; s < kStrategies; ++s) {
    auto& searches = data.curves.emplace_back();
    BoardStrategy& strategy = data.board.strategies.emplace_back();
    std::vector<double> values;
    for (std::size_t k = 0; k < kSeeds; ++k) {
      searches.push_back(curve_of(random));
      BoardSearch& search = strategy.searches.emplace_back();
      search.seed = k;
      search.value = searches.back().points.back().value;
      values.push_back(*search.value);
    }
    LeaderboardRow& row = data.board.leaderboard.rows.emplace_back();
    row.value = estimate_mean(values);
    row.search.operational = 100.0 * kilogram;
  }
  return data;
}

void five_mean_curves(benchmark::State& state) {
  const Large data = large();
  for (auto _ : state)
    for (std::size_t axis = 0; axis < kCostAxes; ++axis)
      benchmark::DoNotOptimize(mean_curves(data.curves, static_cast<CostAxis>(axis)));
}
BENCHMARK(five_mean_curves)->Unit(benchmark::kMillisecond);

void ranks_over_cost(benchmark::State& state) {
  const Large data = large();
  for (auto _ : state) benchmark::DoNotOptimize(rank_curves(data.board, data.curves));
}
BENCHMARK(ranks_over_cost)->Unit(benchmark::kMillisecond);

void cost_to_target(benchmark::State& state) {
  const Large data = large();
  for (auto _ : state)
    benchmark::DoNotOptimize(carbon_to(data.board, data.curves, *typical_target(data.board)));
}
BENCHMARK(cost_to_target)->Unit(benchmark::kMillisecond);

void attainment_curves(benchmark::State& state) {
  const Large data = large();
  for (auto _ : state)
    for (const auto& searches : data.curves) benchmark::DoNotOptimize(attainment(data.board, searches));
}
BENCHMARK(attainment_curves)->Unit(benchmark::kMillisecond);

void areas_and_worth(benchmark::State& state) {
  const Large data = large();
  for (auto _ : state) benchmark::DoNotOptimize(carbon_figures(data.board, data.curves));
}
BENCHMARK(areas_and_worth)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tonne
