// Fit and prediction of a random forest at the sizes at which scikit-learn and ranger were measured: 10
// trees, 1,000 points in 10 dimensions, 10,000 predictions.

#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

#include "search/surrogates/neural_network.h"
#include "search/surrogates/random_forest.h"

namespace tonne {
namespace {

constexpr std::size_t kColumns = 10;

struct Data {
  std::vector<double> points;
  std::vector<double> y;
};

// Fresh points each time, or a branch predictor learns them. With categories, every second column has five.
Data draw(std::size_t rows, bool categories, Random random) {
  Data data;
  for (std::size_t i = 0; i < rows; ++i) {
    double y = 0.1 * random.normal();
    for (std::size_t j = 0; j < kColumns; ++j) {
      const double x = categories && j % 2 == 1 ? static_cast<double>(random.below(5)) : random.uniform();
      data.points.push_back(x);
      y += std::sin(static_cast<double>(j + 1) * x);
    }
    data.y.push_back(y);
  }
  return data;
}

std::vector<std::uint32_t> features(bool categories) {
  std::vector<std::uint32_t> result(kColumns, 0);
  for (std::size_t j = 1; categories && j < kColumns; j += 2) result[j] = 5;
  return result;
}

void fit(benchmark::State& state, bool categories) {
  RandomForest forest(features(categories));
  std::uint64_t seed = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const Data data = draw(static_cast<std::size_t>(state.range(0)), categories, Random(++seed));
    state.ResumeTiming();
    forest.fit(data.points, data.y, Random(seed));
  }
}

void predict(benchmark::State& state, bool categories) {
  const Data data = draw(1000, categories, Random(1));
  RandomForest forest(features(categories));
  forest.fit(data.points, data.y, Random(2));
  std::vector<double> values;
  std::uint64_t seed = 2;
  for (auto _ : state) {
    state.PauseTiming();
    const Data test = draw(static_cast<std::size_t>(state.range(0)), categories, Random(++seed));
    state.ResumeTiming();
    forest.predict_trees(test.points, values);
    benchmark::DoNotOptimize(values.data());
  }
}

// Five networks with the defaults on cells of six edges and five operations, one-hot.
void fit_ensemble(benchmark::State& state) {
  constexpr std::size_t kInputs = 30;
  const auto rows = static_cast<std::size_t>(state.range(0));
  Random random(1);
  std::vector<float> points(rows * kInputs, 0.0F);
  std::vector<double> y;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t edge = 0; edge < 6; ++edge) points[i * kInputs + 5 * edge + random.below(5)] = 1.0F;
    y.push_back(random.normal());
  }
  NeuralNetwork network(kInputs, {});
  for (auto _ : state)
    for (std::uint64_t member = 0; member < 5; ++member) network.fit(points, y, Random(member));
}

BENCHMARK(fit_ensemble)->Arg(150)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(fit, numeric, false)->Arg(100)->Arg(1000)->Arg(10'000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(fit, mixed, true)->Arg(1000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(predict, numeric, false)->Arg(10'000)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(predict, mixed, true)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tonne
