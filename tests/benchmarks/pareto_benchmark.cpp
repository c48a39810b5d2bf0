// Hypervolume and non-dominated sorting at the sizes at which pagmo2 and R's emoa were measured. Fresh point
// sets in every repetition: a branch predictor learns one set.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/pareto.h"
#include "core/random.h"

namespace tonne {
namespace {

// On the positive part of the unit sphere: nobody dominates another.
std::vector<Objectives> front(std::size_t count, std::size_t m, std::uint64_t seed) {
  Random random(seed);
  std::vector<Objectives> points(count, Objectives(m, 0.0));
  for (Objectives& point : points) {
    double squares = 0.0;
    for (double& value : point) {
      value = std::abs(random.normal());
      squares += value * value;
    }
    for (double& value : point) value = 1.0 - value / std::sqrt(squares);
  }
  return points;
}

// Uniform in the unit cube.
std::vector<Objectives> cloud(std::size_t count, std::size_t m, std::uint64_t seed) {
  Random random(seed);
  std::vector<Objectives> points(count, Objectives(m, 0.0));
  for (Objectives& point : points)
    for (double& value : point) value = random.uniform();
  return points;
}

void hypervolume_of_front(benchmark::State& state) {
  const auto m = static_cast<std::size_t>(state.range(0));
  const Objectives reference(m, 1.1);
  std::uint64_t seed = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const auto points = front(static_cast<std::size_t>(state.range(1)), m, ++seed);
    state.ResumeTiming();
    benchmark::DoNotOptimize(hypervolume(points, reference));
  }
}

void contributions_to_front(benchmark::State& state) {
  const auto m = static_cast<std::size_t>(state.range(0));
  const Objectives reference(m, 1.1);
  std::uint64_t seed = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const auto points = front(static_cast<std::size_t>(state.range(1)), m, ++seed);
    state.ResumeTiming();
    benchmark::DoNotOptimize(hypervolume_contributions(points, reference));
  }
}

void sorting_of_cloud(benchmark::State& state) {
  const auto m = static_cast<std::size_t>(state.range(0));
  std::uint64_t seed = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const auto points = cloud(static_cast<std::size_t>(state.range(1)), m, ++seed);
    state.ResumeTiming();
    benchmark::DoNotOptimize(front_numbers(points));
  }
}

// --- what one would write by hand for two objectives: std::sort over an array of pairs, and one loop ---

struct PlainPoint {
  double x = 0.0;
  double y = 0.0;
  std::size_t index = 0;
};

std::vector<PlainPoint> plain_points(const std::vector<Objectives>& points) {
  std::vector<PlainPoint> result;
  for (std::size_t i = 0; i < points.size(); ++i) result.push_back({points[i][0], points[i][1], i});
  return result;
}

void sort_plainly(std::vector<PlainPoint>& points) {
  std::sort(points.begin(), points.end(),
            [](const PlainPoint& a, const PlainPoint& b) { return a.x < b.x || (a.x == b.x && a.y < b.y); });
}

void hypervolume_of_front_by_the_plain_loop(benchmark::State& state) {
  std::uint64_t seed = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto points = plain_points(front(static_cast<std::size_t>(state.range(0)), 2, ++seed));
    state.ResumeTiming();
    sort_plainly(points);
    double sum = 0.0;
    double ceiling = 1.1;
    for (const PlainPoint& point : points) {
      if (point.y >= ceiling) continue;
      sum += (ceiling - point.y) * (1.1 - point.x);
      ceiling = point.y;
    }
    benchmark::DoNotOptimize(sum);
  }
}

void sorting_of_cloud_by_the_plain_loop(benchmark::State& state) {
  std::uint64_t seed = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto points = plain_points(cloud(static_cast<std::size_t>(state.range(0)), 2, ++seed));
    state.ResumeTiming();
    sort_plainly(points);
    std::vector<std::uint32_t> numbers(points.size());
    std::vector<double> last;  // second objective of each front's last point
    for (const PlainPoint& point : points) {
      const auto place = std::partition_point(last.begin(), last.end(), [&](double y) { return y <= point.y; });
      numbers[point.index] = static_cast<std::uint32_t>(place - last.begin());
      if (place == last.end())
        last.push_back(point.y);
      else
        *place = point.y;
    }
    benchmark::DoNotOptimize(numbers.data());
  }
}

BENCHMARK(hypervolume_of_front)
    ->ArgNames({"objectives", "points"})
    ->Args({2, 10'000})
    ->Args({2, 100'000})
    ->Args({3, 1'000})
    ->Args({3, 10'000})
    ->Args({4, 200})
    ->Args({4, 1'000})
    ->Args({5, 100})
    ->Args({5, 200})
    ->Args({5, 500})
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(hypervolume_of_front_by_the_plain_loop)->Arg(10'000)->Arg(100'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(contributions_to_front)
    ->ArgNames({"objectives", "points"})
    ->Args({2, 100})
    ->Args({3, 100})
    ->Args({3, 1'000})
    ->Args({4, 100})
    ->Args({5, 100})
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(sorting_of_cloud)
    ->ArgNames({"objectives", "points"})
    ->Args({2, 1'000})
    ->Args({2, 10'000})
    ->Args({3, 1'000})
    ->Args({3, 10'000})
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(sorting_of_cloud_by_the_plain_loop)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace tonne
