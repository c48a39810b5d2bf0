// The problem `tabular`: reading a table, and answering from it. Tables are made up here, in the shapes of
// two public ones: fcnet (62,208 rows, nine decisions, four seeds in columns) and one with holes, in seeds
// and fidelities by row.

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/recipes.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;

// A file that goes when the benchmark ends.
class TableFile {
 public:
  explicit TableFile(const std::string& text)
      : path_(fs::temp_directory_path() / ("tonne_tabular_benchmark_" + std::to_string(getpid()) + ".csv")) {
    std::ofstream(path_) << text;
  }
  TableFile(const TableFile&) = delete;
  TableFile& operator=(const TableFile&) = delete;
  ~TableFile() { fs::remove(path_); }
  [[nodiscard]] std::string name() const { return path_.string(); }

 private:
  fs::path path_;
};

// Every combination of nine decisions: 62,208 rows.
std::string wide_table() {
  constexpr unsigned kLevels[] = {2, 2, 4, 3, 3, 6, 2, 6, 6};
  std::string text = "a,b,c,d,e,f,g,h,i,s0,s1,s2,s3\n";
  Random random(1);
  unsigned rows = 1;
  for (const unsigned levels : kLevels) rows *= levels;
  for (unsigned row = 0; row < rows; ++row) {
    unsigned rest = row;
    for (const unsigned levels : kLevels) {
      text += std::to_string(rest % levels) + ",";
      rest /= levels;
    }
    for (int seed = 0; seed < 4; ++seed) text += std::to_string(random.uniform()) + (seed < 3 ? "," : "\n");
  }
  return text;
}

std::string wide_settings(const TableFile& file) {
  return "{file: " + file.name() +
         ", decisions: [a, b, c, d, e, f, g, h, i], objective: [s0, s1, s2, s3], direction: minimise, "
         "evaluation_time: 1 min}";
}

// One decision in ten has no row; three seeds and four fidelities have a row each.
std::string long_table() {
  std::string text = "a,b,c,seed,epoch,loss,seconds\n";
  Random random(2);
  for (int candidate = 0; candidate < 8000; ++candidate) {
    if (candidate % 10 == 9) continue;
    const std::string decisions = std::to_string(candidate % 20) + "," + std::to_string(candidate / 20 % 20) +
                                  "," + std::to_string(candidate / 400) + ",";
    for (int seed = 0; seed < 3; ++seed)
      for (int epoch = 1; epoch <= 64; epoch *= 4)
        text += decisions + std::to_string(seed) + "," + std::to_string(epoch) + "," +
                std::to_string(random.uniform()) + "," + std::to_string(epoch * 10) + "\n";
  }
  return text;
}

std::string long_settings(const TableFile& file) {
  return "{file: " + file.name() +
         ", decisions: [a, b, c], objective: loss, direction: minimise, seed: seed, fidelity: epoch, time: "
         "seconds}";
}

// A table in the shape of Accel-NASBench's: 5,000 rows of 28 decisions, of which a forest answers nearly all.
std::string partial_table() {
  constexpr unsigned kDecisions = 28;
  std::string text;
  for (unsigned i = 0; i < kDecisions; ++i) text += "d" + std::to_string(i) + ",";
  text += "y,seconds\n";
  Random random(5);
  for (int row = 0; row < 5000; ++row) {
    double y = 0.0;
    for (unsigned i = 0; i < kDecisions; ++i) {
      const auto level = random.below(3);
      text += std::to_string(level) + ",";
      y += static_cast<double>(level) / (1.0 + i);
    }
    text += std::to_string(y) + ",60\n";
  }
  return text;
}

std::string partial_settings(const TableFile& file) {
  std::string decisions;
  for (int i = 0; i < 28; ++i) decisions += (i == 0 ? "d" : ", d") + std::to_string(i);
  return "{file: " + file.name() + ", decisions: [" + decisions +
         "], objective: y, direction: minimise, evaluation_time: 1 min, surrogate: random_forest}";
}

void read_table(benchmark::State& state, const std::string& text, std::string (*settings)(const TableFile&)) {
  const TableFile file(text);
  const auto recipe = testing::problem_recipe("tabular", settings(file));
  for (auto _ : state) benchmark::DoNotOptimize(recipe->make());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

// Random candidates, as many as leave the first cache; the stream as the simulator names it is not part of
// it.
void evaluate(benchmark::State& state, const std::string& text, std::string (*settings)(const TableFile&)) {
  const TableFile file(text);
  const auto problem = testing::problem_recipe("tabular", settings(file))->make();
  Random random(3);
  std::vector<Configuration> candidates;
  for (int i = 0; i < 4096; ++i) candidates.push_back(problem->space().sample(random));
  const double highest = problem->traits().fidelity.highest;
  std::size_t next = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(problem->evaluate({candidates[next++ % 4096], 0.0, highest}, random));
  state.SetItemsProcessed(state.iterations());
}

void true_value(benchmark::State& state) {
  const TableFile file(wide_table());
  const auto problem = testing::problem_recipe("tabular", wide_settings(file))->make();
  Random random(4);
  std::vector<Configuration> candidates;
  for (int i = 0; i < 4096; ++i) candidates.push_back(problem->space().sample(random));
  std::size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(problem->true_value(candidates[next++ % 4096]));
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK_CAPTURE(read_table, wide, wide_table(), wide_settings)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_table, long_with_holes, long_table(), long_settings)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(evaluate, wide, wide_table(), wide_settings);
BENCHMARK_CAPTURE(evaluate, long_with_holes, long_table(), long_settings);
BENCHMARK_CAPTURE(read_table, fitted, partial_table(), partial_settings)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(evaluate, fitted, partial_table(), partial_settings);
BENCHMARK(true_value);

}  // namespace
}  // namespace tonne
