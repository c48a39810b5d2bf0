// Do strategies rank, and end, on the synthetic spaces as they do on the real tables? The tables of docs/validation.md, computed
// again: label `truth`, part of `./test --all` only (two minutes of processor time). The tables stand beside the checkout or not
// at all; without them these tests skip, openly.
//
// Run by hand it prints the tables as they stand in the document, to be copied there:
//   build/release/experiments_tests --gtest_filter='Truth.*'                      all but gp and rf, with all seeds
//   TONNE_TRUTH=full build/release/experiments_tests --gtest_filter='Truth.*'     also gp and rf (seven minutes of processor time)
//
// What fails, and how often by chance:
// - a mean regret that differs from the document's by more than four standard errors of the difference of two such runs, each
//   from its own seeds. Of 192 figures 0.012 would by chance; as long as nothing has changed they agree but for rounding;
// - a Kendall's tau between table and space that is lower by more than three standard errors (bootstrap over seeds) than that of
//   the document's figures for the same strategies: 0.001 each, ten of them;
// - a pair of strategies that the table separates by two standard errors and the mean of the landscapes by three, in opposite
//   order: by chance 0.00006 of the pairs that are equal in truth, 0.02 of the 414 together if all were;
// - regrets on the space that differ from those on the table by more than a factor of 1.3 and two standard errors (bootstrap), in
//   the geometric mean of strategies and landscapes. They are 0.94 to 1.17 times the table's, with errors up to 0.07, so that
//   chance hardly reaches it.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <numeric>
#include <sstream>

#include "core/csv.h"
#include "core/random.h"
#include "core/rank_correlation.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/results/store.h"
#include "experiments/run/runner.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;

// Regrets of single searches.
using Sample = std::vector<double>;
constexpr std::size_t kLandscapes = 3;
constexpr std::size_t kProblems = 1 + kLandscapes;  // the table first

struct Searches {
  std::string strategies;  // YAML
  int seeds;
  bool costly = false;  // by hand only
};
// Two strategies that docs/validation.md names as standing the other way round than on the table.
struct KnownReversal {
  std::string one, other;
  std::uint64_t after;
};
struct Family {
  std::string file, table, space;  // of the table; settings; the synthetic space without its landscape
  std::vector<Searches> searches;
  std::vector<std::uint64_t> after;
  std::string marker;  // a line of docs/validation.md before the table
  bool of_first;       // the document has landscape 0, not the mean of three
  int digits;
  std::vector<KnownReversal> reversals = {};
};
// [strategy][number of evaluations][problem]
using Regrets = std::vector<std::vector<std::array<Sample, kProblems>>>;
struct Result {
  std::vector<std::string> labels;
  Regrets regrets;
};
// By strategy and number of evaluations: table, space.
using Documented = std::map<std::string, std::vector<std::array<double, 2>>>;

double mean(const Sample& sample) {
  return std::accumulate(sample.begin(), sample.end(), 0.0) / static_cast<double>(sample.size());
}
double squared_error(const Sample& sample) {  // of the mean
  const double m = mean(sample);
  double sum = 0.0;
  for (const double v : sample) sum += (v - m) * (v - m);
  const auto n = static_cast<double>(sample.size());
  return sum / (n * (n - 1.0));
}

bool is_full() {
  const char* wanted = std::getenv("TONNE_TRUTH");
  return wanted && std::string(wanted) == "full";
}

void search(const Family& family, const Searches& searches, Result& result) {
  const testing::TemporaryFolder folder;
  const std::string file = fs::path(TONNE_SOURCE_DIR) / "../shared/data" / family.file;
  const Experiment experiment = parse_experiment(
      fmt::format("seeds: {}\nproblems:\n  - tabular: {{file: {}, {}}}\n  - {}\nstrategies: [{}]\n"
                  "cluster: {{device: V100, workers: 1}}\nbudget: {{evaluations: {}}}\n",
                  searches.seeds, file, family.table, family.space, searches.strategies, family.after.back()),
      "truth.yaml", ".");
  Store store = Store::create(folder / "r", experiment, {});
  Progress progress;
  ASSERT_TRUE(run_cells(experiment, {}, 2, store, progress));
  const auto problems = store.problems();
  const auto cells = store.cells();
  ASSERT_EQ(problems.size(), kProblems);
  const std::size_t first = result.labels.size();
  for (const auto& strategy : store.strategies()) result.labels.push_back(strategy.label);
  std::vector<std::vector<double>> last(cells.size(), std::vector<double>(family.after.size(), std::nan("")));
  store.each_incumbent([&](const IncumbentRow& row) {
    for (std::size_t n = 0; n < family.after.size(); ++n)
      if (row.evaluations <= family.after[n])
        last[row.cell][n] = std::abs(*problems[cells[row.cell].problem].optimum - row.true_value);
  });
  result.regrets.resize(result.labels.size(), std::vector<std::array<Sample, kProblems>>(family.after.size()));
  for (const CellRecord& cell : cells)
    for (std::size_t n = 0; n < family.after.size(); ++n)
      if (!std::isnan(last[cell.index][n]))
        result.regrets[first + cell.strategy][n][cell.problem].push_back(last[cell.index][n]);
}

Documented read_document(const Family& family) {
  std::istringstream text(testing::read_file(fs::path(TONNE_SOURCE_DIR) / "docs/validation.md"));
  std::string line;
  while (std::getline(text, line) && !line.starts_with(family.marker)) {
  }
  Documented documented;
  bool inside = false;
  while (std::getline(text, line)) {
    if (!line.starts_with("| ")) {
      if (inside && !line.starts_with("|")) break;
      continue;
    }
    inside = true;
    std::istringstream cells(line.substr(2));
    std::string label, cell;
    std::getline(cells, label, '|');
    std::vector<std::array<double, 2>> figures;
    while (std::getline(cells, cell, '|')) {
      std::istringstream pair(cell);
      std::array<double, 2> values{};
      char slash = 0;
      if (pair >> values[0] >> slash >> values[1] && slash == '/') figures.push_back(values);
    }
    if (figures.size() == family.after.size()) documented[label.substr(0, label.find(' '))] = figures;
  }
  return documented;
}

// Means of one problem after family.after[n], or of landscapes.
double space_mean(const std::array<Sample, kProblems>& of, bool of_first) {
  return of_first ? mean(of[1]) : (mean(of[1]) + mean(of[2]) + mean(of[3])) / 3.0;
}
double space_error(const std::array<Sample, kProblems>& of, bool of_first) {
  return of_first ? std::sqrt(squared_error(of[1]))
                  : std::sqrt(squared_error(of[1]) + squared_error(of[2]) + squared_error(of[3])) / 3.0;
}

template <class Of>
std::vector<double> by_strategy(const Regrets& regrets, std::size_t n, Of of) {
  std::vector<double> values;
  for (const auto& strategy : regrets) values.push_back(of(strategy[n]));
  return values;
}

double tau(const Regrets& regrets, std::size_t n, bool of_first) {
  return kendall_tau(by_strategy(regrets, n, [](const auto& of) { return mean(of[0]); }),
                     by_strategy(regrets, n, [&](const auto& of) { return space_mean(of, of_first); }));
}

// Synthetic over real, geometric mean of the strategies.
double regret_ratio(const Regrets& regrets, std::size_t n) {
  double logs = 0.0;
  for (const auto& strategy : regrets) logs += std::log(space_mean(strategy[n], false) / mean(strategy[n][0]));
  return std::exp(logs / static_cast<double>(regrets.size()));
}

Sample resampled(const Sample& sample, Random& random) {
  Sample result;
  for (std::size_t i = 0; i < sample.size(); ++i) result.push_back(sample[random.below(sample.size())]);
  return result;
}

// Standard error of what `of` says of regrets, over bootstrap samples of the seeds.
template <class Of>
double bootstrap_error(const Regrets& regrets, std::size_t n, Of of) {
  constexpr int kResamples = 400;
  Sample values;
  for (int k = 0; k < kResamples; ++k) {
    Random random = Random(1).child("truth").child(static_cast<std::uint64_t>(k));
    Regrets drawn(regrets.size(), std::vector<std::array<Sample, kProblems>>(n + 1));
    for (std::size_t s = 0; s < regrets.size(); ++s)
      for (std::size_t p = 0; p < kProblems; ++p) drawn[s][n][p] = resampled(regrets[s][n][p], random);
    values.push_back(of(drawn));
  }
  return std::sqrt(squared_error(values) * kResamples);
}

double tau_error(const Regrets& regrets, std::size_t n, bool of_first) {
  return bootstrap_error(regrets, n, [&](const Regrets& drawn) { return tau(drawn, n, of_first); });
}

class Truth : public ::testing::Test {
 protected:
  void check(const Family& family) {
    if (!fs::exists(fs::path(TONNE_SOURCE_DIR) / "../shared/data" / family.file))
      GTEST_SKIP() << family.file << " does not stand beside the checkout";
    Result result;
    for (const Searches& searches : family.searches) {
      if (searches.costly && !is_full()) continue;
      ASSERT_NO_FATAL_FAILURE(search(family, searches, result));
    }
    print(family, result);
    const Documented documented = read_document(family);
    for (std::size_t n = 0; n < family.after.size(); ++n) {
      check_figures(family, result, documented, n);
      check_tau(family, result, documented, n);
      check_pairs(family, result, n);
      const auto log_ratio = [&](const Regrets& regrets) { return std::log(regret_ratio(regrets, n)); };
      EXPECT_NEAR(log_ratio(result.regrets), 0.0,
                  std::log(1.3) + 2.0 * bootstrap_error(result.regrets, n, log_ratio))
          << "after " << family.after[n];
    }
  }

 private:
  static void check_figures(const Family& family, const Result& result, const Documented& documented, std::size_t n) {
    for (std::size_t s = 0; s < result.labels.size(); ++s) {
      ASSERT_TRUE(documented.contains(result.labels[s])) << result.labels[s] << " is missing in docs/validation.md";
      const auto& of = result.regrets[s][n];
      const auto& said = documented.at(result.labels[s])[n];
      const double rounding = 0.51 * std::pow(10.0, -family.digits);
      const double z = 4.0 * std::sqrt(2.0);
      const std::string what = fmt::format("{} after {}", result.labels[s], family.after[n]);
      EXPECT_NEAR(mean(of[0]), said[0], rounding + z * std::sqrt(squared_error(of[0]))) << what << ", table";
      EXPECT_NEAR(space_mean(of, family.of_first), said[1], rounding + z * space_error(of, family.of_first))
          << what << ", synthetic";
    }
  }

  static void check_tau(const Family& family, const Result& result, const Documented& documented, std::size_t n) {
    std::array<std::vector<double>, 2> said;
    for (const std::string& label : result.labels)
      for (std::size_t side = 0; side < 2; ++side) said[side].push_back(documented.at(label)[n][side]);
    const double error = tau_error(result.regrets, n, family.of_first);
    EXPECT_GE(tau(result.regrets, n, family.of_first), kendall_tau(said[0], said[1]) - 3.0 * error)
        << "after " << family.after[n];
  }

  static bool is_known(const Family& family, const std::string& a, const std::string& b, std::uint64_t after) {
    return std::ranges::any_of(family.reversals, [&](const KnownReversal& known) {
      return known.after == after && ((known.one == a && known.other == b) || (known.one == b && known.other == a));
    });
  }

  static void check_pairs(const Family& family, const Result& result, std::size_t n) {
    for (std::size_t a = 0; a < result.labels.size(); ++a)
      for (std::size_t b = a + 1; b < result.labels.size(); ++b) {
        const double real = table_z(result.regrets[a][n], result.regrets[b][n]);
        const double synthetic = space_z(result.regrets[a][n], result.regrets[b][n]);
        if (is_known(family, result.labels[a], result.labels[b], family.after[n])) continue;
        EXPECT_FALSE(std::abs(real) > 2.0 && std::abs(synthetic) > 3.0 && real * synthetic < 0.0)
            << result.labels[a] << " and " << result.labels[b] << " after " << family.after[n]
            << fmt::format(": {:.1f} standard errors apart on the table, {:.1f} on the synthetic space", real, synthetic);
      }
  }

  // Differences in standard errors.
  static double table_z(const std::array<Sample, kProblems>& a, const std::array<Sample, kProblems>& b) {
    return (mean(a[0]) - mean(b[0])) / std::sqrt(squared_error(a[0]) + squared_error(b[0]));
  }
  static double space_z(const std::array<Sample, kProblems>& a, const std::array<Sample, kProblems>& b) {
    return (space_mean(a, false) - space_mean(b, false)) / std::hypot(space_error(a, false), space_error(b, false));
  }

  template <class Cell>
  static std::string line(const std::string& head, const Family& family, Cell cell) {
    std::string text = "| " + head + " |";
    for (std::size_t n = 0; n < family.after.size(); ++n) text += " " + cell(n) + " |";
    return text + "\n";
  }

  static void print(const Family& family, const Result& result) {
    const Regrets& regrets = result.regrets;
    std::string text = line("strategy", family, [&](std::size_t n) { return fmt::format("{}", family.after[n]); });
    for (std::size_t s = 0; s < regrets.size(); ++s)
      text += line(result.labels[s], family, [&](std::size_t n) {
        return fmt::format("{:.{}f} / {:.{}f}", mean(regrets[s][n][0]), family.digits,
                           space_mean(regrets[s][n], family.of_first), family.digits);
      });
    text += line("**Kendall's tau**", family,
                 [&](std::size_t n) { return fmt::format("**{:.2f}**", tau(regrets, n, family.of_first)); });
    text += line("its standard error", family,
                 [&](std::size_t n) { return fmt::format("{:.2f}", tau_error(regrets, n, family.of_first)); });
    for (std::size_t p = 1; p < kProblems; ++p)
      text += line(fmt::format("tau of landscape {}", p - 1), family, [&](std::size_t n) {
        return fmt::format("{:.2f}", kendall_tau(by_strategy(regrets, n, [](const auto& of) { return mean(of[0]); }),
                                                 by_strategy(regrets, n, [&](const auto& of) { return mean(of[p]); })));
      });
    text += line("tau of the mean of landscapes 0, 1, 2", family,
                 [&](std::size_t n) { return fmt::format("{:.2f}", tau(regrets, n, false)); });
    text += line("pairs that differ on the table by two standard errors: in the same order", family, [&](std::size_t n) {
      int same = 0;
      int clear = 0;
      for (std::size_t a = 0; a < regrets.size(); ++a)
        for (std::size_t b = a + 1; b < regrets.size(); ++b) {
          const double real = table_z(regrets[a][n], regrets[b][n]);
          clear += std::abs(real) > 2.0 ? 1 : 0;
          same += std::abs(real) > 2.0 && real * space_z(regrets[a][n], regrets[b][n]) > 0.0 ? 1 : 0;
        }
      return fmt::format("{} of {}", same, clear);
    });
    text += line("regret, synthetic over real: geometric mean of the strategies", family, [&](std::size_t n) {
      return fmt::format("{:.2f}", regret_ratio(regrets, n));
    });
    std::cout << "\n" << family.file << ", " << (family.of_first ? "table / landscape 0" : "table / mean of landscapes 0, 1, 2")
              << "\n\n" << text << "\n";
  }
};

const char* const kCheap =
    "local_search, {regularized_evolution: {population: 50, sample: 10}}, differential_evolution, simulated_annealing, "
    "genetic, reinforce, latin_hypercube, sobol, random, tpe";

TEST_F(Truth, NasBenchMacro) {
  check({"nasbench_macro.csv",
         "decisions: [b0, b1, b2, b3, b4, b5, b6, b7], categorical: [b0, b1, b2, b3, b4, b5, b6, b7], objective: [acc_s0, "
         "acc_s1, acc_s2], name: accuracy, unit: '%', direction: maximise, evaluation_time: 1 min",
         "macro_cnn: {space: nasbench_macro, landscape: [0, 1, 2]}",
         {{"random, latin_hypercube, local_search, simulated_annealing, genetic, differential_evolution, "
           "{regularized_evolution: {population: 50, sample: 10}}, reinforce, tpe",
           200}},
         {50, 100, 200, 500},
         "## The macro space against the table of its shape",
         true,
         3,
         {{"regularized_evolution", "tpe", 500}}});
}

TEST_F(Truth, FcNetProtein) {
  check({"fcnet_protein.csv",
         "decisions: [activation_fn_1, activation_fn_2, batch_size, dropout_1, dropout_2, init_lr, lr_schedule, n_units_1, "
         "n_units_2], objective: [protein_structure_valmse_s0, protein_structure_valmse_s1, protein_structure_valmse_s2, "
         "protein_structure_valmse_s3], name: validation MSE, direction: minimise, evaluation_time: 5 min",
         "hpo: {space: fcnet, landscape: [0, 1, 2]}",
         {{kCheap, 60}, {"rf, gp", 12, true}},
         {50, 100, 200},
         "`tabular` with FCNet protein structure against",
         false,
         4});
}

TEST_F(Truth, GemmOnRtx3090) {
  check({"autotune_gemm_RTX_3090_kt.csv",
         "decisions: [MWG, NWG, KWG, MDIMC, NDIMC, MDIMA, NDIMB, KWI, VWM, VWN, STRM, STRN, SA, SB], objective: time_ms, "
         "direction: minimise, evaluation_time: 1 s",
         "compiler_schedule: {kernel: gemm, landscape: [0, 1, 2]}",
         {{kCheap, 60}, {"rf", 12, true}, {"gp", 24, true}},
         {50, 100, 200},
         "`tabular` with the GEMM kernel of an RTX 3090",
         false,
         2});
}

}  // namespace
}  // namespace tonne
