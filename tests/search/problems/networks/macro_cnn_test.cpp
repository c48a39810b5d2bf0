#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "core/random.h"
#include "search/problems/networks/convolutions.h"
#include "tests/support/recipes.h"

namespace tonne {
namespace {

constexpr std::size_t kBlocks = 8;
constexpr std::size_t kNetworks = 6'561;
using Digits = std::array<std::size_t, kBlocks>;

Digits digits_of(std::size_t index) {
  Digits digits{};
  for (std::size_t b = kBlocks; b-- > 0; index /= 3) digits[b] = index % 3;
  return digits;
}
std::size_t index_of(const Digits& digits) {
  return std::accumulate(digits.begin(), digits.end(), std::size_t{0},
                         [](std::size_t i, std::size_t d) { return 3 * i + d; });
}
Configuration network(std::size_t index) {
  Configuration configuration(kBlocks);
  const Digits digits = digits_of(index);
  for (std::size_t b = 0; b < kBlocks; ++b) configuration.set(b, static_cast<double>(digits[b]));
  return configuration;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}
double correlation(const std::vector<double>& x, const std::vector<double>& y) {
  const double mx = mean(x);
  const double my = mean(y);
  double xx = 0.0;
  double xy = 0.0;
  double yy = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mx) * (x[i] - mx);
    xy += (x[i] - mx) * (y[i] - my);
    yy += (y[i] - my) * (y[i] - my);
  }
  return xy / std::sqrt(xx * yy);
}
// Ranks from 0; ties share their mean.
std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> result(values.size());
  for (std::size_t low = 0, high = 0; low < order.size(); low = high) {
    while (high < order.size() && values[order[high]] == values[order[low]]) ++high;
    for (std::size_t k = low; k < high; ++k) result[order[k]] = 0.5 * static_cast<double>(low + high - 1);
  }
  return result;
}
double spearman(const std::vector<double>& x, const std::vector<double>& y) {
  return correlation(ranks(x), ranks(y));
}

// Shares of variance of single blocks, and of single blocks and pairs (the space is a full factorial).
struct Shares {
  double additive = 0.0;
  double pairwise = 0.0;
};
Shares shares(const std::vector<double>& values) {
  const double centre = mean(values);
  double variance = 0.0;
  std::array<std::array<double, 3>, kBlocks> single{};
  std::array<std::array<std::array<double, 9>, kBlocks>, kBlocks> pair{};
  for (std::size_t i = 0; i < kNetworks; ++i) {
    const Digits digits = digits_of(i);
    const double deviation = values[i] - centre;
    variance += deviation * deviation / kNetworks;
    for (std::size_t a = 0; a < kBlocks; ++a) {
      single[a][digits[a]] += 3.0 * deviation / kNetworks;
      for (std::size_t b = a + 1; b < kBlocks; ++b)
        pair[a][b][3 * digits[a] + digits[b]] += 9.0 * deviation / kNetworks;
    }
  }
  Shares result;
  for (const auto& effects : single)
    for (const double effect : effects) result.additive += effect * effect / 3.0 / variance;
  result.pairwise = result.additive;
  for (std::size_t a = 0; a < kBlocks; ++a)
    for (std::size_t b = a + 1; b < kBlocks; ++b)
      for (std::size_t o = 0; o < 9; ++o) {
        const double effect = pair[a][b][o] - single[a][o / 3] - single[b][o % 3];
        result.pairwise += effect * effect / 9.0 / variance;
      }
  return result;
}

// Normal scores of the ranks.
std::vector<double> scores(const std::vector<double>& values) {
  std::vector<double> result = ranks(values);
  for (double& rank : result) rank = normal_quantile((rank + 0.5) / kNetworks);
  return result;
}

struct Figure {
  const char* name;
  double table;      // measured on the table
  double tolerance;  // of the preset
};
using Figures = std::vector<double>;

// What a block's choice changes, in normal scores: mean of each choice over all networks.
constexpr std::array<Figure, 24> kEffects = {{
    {"block 0 out", -0.762, 0.04}, {"block 0 small", 0.217, 0.04}, {"block 0 large", 0.545, 0.04},
    {"block 1 out", -0.546, 0.04}, {"block 1 small", 0.160, 0.04}, {"block 1 large", 0.386, 0.04},
    {"block 2 out", -0.678, 0.04}, {"block 2 small", 0.180, 0.04}, {"block 2 large", 0.498, 0.04},
    {"block 3 out", -0.328, 0.04}, {"block 3 small", 0.106, 0.04}, {"block 3 large", 0.222, 0.04},
    {"block 4 out", -0.328, 0.04}, {"block 4 small", 0.097, 0.04}, {"block 4 large", 0.232, 0.04},
    {"block 5 out", -0.439, 0.04}, {"block 5 small", 0.134, 0.04}, {"block 5 large", 0.305, 0.04},
    {"block 6 out", -0.144, 0.04}, {"block 6 small", 0.020, 0.04}, {"block 6 large", 0.124, 0.04},
    {"block 7 out", -0.144, 0.04}, {"block 7 small", 0.021, 0.04}, {"block 7 large", 0.123, 0.04},
}};
Figures effects(const std::vector<double>& values) {
  const std::vector<double> score = scores(values);
  Figures result(3 * kBlocks);
  for (std::size_t i = 0; i < kNetworks; ++i)
    for (std::size_t b = 0; b < kBlocks; ++b) result[3 * b + digits_of(i)[b]] += 3.0 * score[i] / kNetworks;
  return result;
}

// What a block adds where no other is left out, in points: the small one to none, the large one to the small
// one.
constexpr std::array<Figure, 16> kGains = {{
    {"block 0 there", 1.185, 0.07},
    {"block 0 large", 0.241, 0.07},
    {"block 1 there", 0.546, 0.07},
    {"block 1 large", 0.175, 0.07},
    {"block 2 there", 0.800, 0.07},
    {"block 2 large", 0.192, 0.07},
    {"block 3 there", 0.215, 0.07},
    {"block 3 large", 0.065, 0.07},
    {"block 4 there", 0.218, 0.07},
    {"block 4 large", 0.058, 0.07},
    {"block 5 there", 0.376, 0.07},
    {"block 5 large", 0.106, 0.07},
    {"block 6 there", 0.023, 0.07},
    {"block 6 large", 0.090, 0.07},
    {"block 7 there", 0.029, 0.07},
    {"block 7 large", 0.077, 0.07},
}};
Figures gains_at_full_depth(const std::vector<double>& values) {
  Figures result;
  for (std::size_t b = 0; b < kBlocks; ++b) {
    std::array<double, 3> sums{};
    for (std::size_t i = 0; i < kNetworks; ++i) {
      Digits others = digits_of(i);
      const std::size_t choice = std::exchange(others[b], 1);
      if (std::ranges::count(others, 0U) == 0) sums[choice] += values[i] / 128.0;
    }
    result.push_back(sums[1] - sums[0]);
    result.push_back(sums[2] - sums[1]);
  }
  return result;
}

// The best: how many are near, how they are composed, how costs still rank them.
constexpr std::array<Figure, 19> kTop = {{
    {"within .1 points of the best", 9, 3},
    {"within a tenth of the sd", 51, 10},
    {"within three tenths", 700, 40},
    {"within one sd", 4026, 60},
    {"best 1 %: block 0 large", 0.954, 0.15},
    {"best 1 %: block 1 large", 0.846, 0.15},
    {"best 1 %: block 2 large", 0.938, 0.15},
    {"best 1 %: block 3 large", 0.662, 0.15},
    {"best 1 %: block 4 large", 0.662, 0.15},
    {"best 1 %: block 5 large", 0.677, 0.15},
    {"best 1 %: block 6 large", 0.462, 0.15},
    {"best 1 %: block 7 large", 0.385, 0.15},
    {"best 1 %: block 6 out", 0.323, 0.15},
    {"best 1 %: mean distance", 3.199, 0.2},
    {"FLOPs, best half", 0.534, 0.05},
    {"FLOPs, best tenth", 0.493, 0.05},
    {"parameters, best half", 0.180, 0.04},
    {"parameters, best tenth", 0.208, 0.05},
    {"distance to the best, best quarter", -0.376, 0.06},
}};
Figures top(const std::vector<double>& values, const std::vector<double>& macs,
            const std::vector<double>& parameters) {
  const std::vector<double> rank = ranks(values);
  const auto at = static_cast<std::size_t>(std::ranges::max_element(values) - values.begin());
  const auto distance = [](std::size_t i, std::size_t j) {
    const Digits a = digits_of(i);
    const Digits b = digits_of(j);
    double sum = 0.0;
    for (std::size_t k = 0; k < kBlocks; ++k) sum += a[k] != b[k] ? 1.0 : 0.0;
    return sum;
  };
  const auto best = [&](double share) {
    std::vector<std::size_t> members;
    for (std::size_t i = 0; i < kNetworks; ++i)
      if (rank[i] >= (1.0 - share) * kNetworks) members.push_back(i);
    return members;
  };
  const auto of = [](const std::vector<std::size_t>& members, const auto& figure) {
    std::vector<double> result;
    for (const std::size_t i : members) result.push_back(figure(i));
    return result;
  };
  const auto value = [&](std::size_t i) { return values[i]; };

  Figures result;
  for (const double width : {0.1, 0.268, 0.804, 2.68})
    result.push_back(static_cast<double>(
        std::ranges::count_if(values, [&](double x) { return x >= values[at] - width; })));
  const std::vector<std::size_t> hundredth = best(0.01);
  const auto share = [&](std::size_t block, std::size_t choice) {
    return mean(of(hundredth, [&](std::size_t i) { return digits_of(i)[block] == choice ? 1.0 : 0.0; }));
  };
  for (std::size_t b = 0; b < kBlocks; ++b) result.push_back(share(b, 2));
  result.push_back(share(6, 0));
  double apart = 0.0;
  for (const std::size_t i : hundredth)
    for (const std::size_t j : hundredth) apart += distance(i, j);
  const auto members = static_cast<double>(hundredth.size());
  result.push_back(apart / (members * (members - 1.0)));
  for (const std::vector<double>& cost : {macs, parameters})
    for (const double part : {0.5, 0.1}) {
      const std::vector<std::size_t> good = best(part);
      result.push_back(spearman(of(good, value), of(good, [&](std::size_t i) { return cost[i]; })));
    }
  const std::vector<std::size_t> quarter = best(0.25);
  result.push_back(
      correlation(of(quarter, value), of(quarter, [&](std::size_t i) { return distance(i, at); })));
  return result;
}

// Where the steepest ascent from each network ends, on true values.
constexpr std::array<Figure, 4> kBasins = {{
    {"mean regret", 0.064, 0.02},
    {"in the best", 0.286, 0.1},
    {"within .05 points", 0.718, 0.1},
    {"within .2 points", 0.925, 0.07},
}};
Figures basins(const std::vector<double>& values) {
  const auto climb = [&](std::size_t i) {
    for (;;) {
      std::size_t best = i;
      for (std::size_t b = 0; b < kBlocks; ++b)
        for (std::size_t other = 0; other < 3; ++other) {
          Digits edited = digits_of(i);
          edited[b] = other;
          if (values[index_of(edited)] > values[best]) best = index_of(edited);
        }
      if (best == i) return i;
      i = best;
    }
  };
  const double optimum = std::ranges::max(values);
  Figures result(kBasins.size());
  for (std::size_t i = 0; i < kNetworks; ++i) {
    const double regret = optimum - values[climb(i)];
    result[0] += regret / kNetworks;
    for (const auto& [figure, within] : {std::pair{1U, 1e-9}, {2U, 0.05}, {3U, 0.2}})
      result[figure] += regret <= within ? 1.0 / kNetworks : 0.0;
  }
  return result;
}

template <std::size_t count>
void expect_near(const Figures& found, const std::array<Figure, count>& table) {
  ASSERT_EQ(found.size(), count);
  for (std::size_t f = 0; f < count; ++f)
    EXPECT_NEAR(found[f], table[f].table, table[f].tolerance) << table[f].name;
}
template <std::size_t count>
void expect_equal(const Figures& found, const std::array<Figure, count>& table) {
  ASSERT_EQ(found.size(), count);
  for (std::size_t f = 0; f < count; ++f) EXPECT_NEAR(found[f], table[f].table, 0.001) << table[f].name;
}

class NasbenchMacro : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    for (std::size_t i = 0; i < kNetworks; ++i) {
      const Workload work = problem().inference(network(i)).value();
      accuracy_[i] = problem().true_value(network(i));
      macs_[i] = work.flops.base() / 2.0;
      parameters_[i] = work.parameters;
    }
  }
  static const Problem& problem() {
    static const auto made = testing::problem_recipe("macro_cnn", "{space: nasbench_macro}")->make();
    return *made;
  }
  static double quantile(double q) {
    std::vector<double> sorted = accuracy_;
    std::ranges::sort(sorted);
    return sorted[static_cast<std::size_t>(std::lround(q * (kNetworks - 1)))];
  }

  static inline std::vector<double> accuracy_ = std::vector<double>(kNetworks);
  static inline std::vector<double> macs_ = std::vector<double>(kNetworks);
  static inline std::vector<double> parameters_ = std::vector<double>(kNetworks);
};

// The smallest and the largest network, summed by hand from the layers.
TEST_F(NasbenchMacro, CostsOfTheExtremes) {
  EXPECT_DOUBLE_EQ(parameters_.front(), 387'882.0);
  EXPECT_DOUBLE_EQ(macs_.front(), 7'713'280.0);
  EXPECT_NEAR(macs_.back() / 1e6, 106.0, 0.5);
}

struct Table {
  std::vector<double> accuracy, macs,
      parameters;  // accuracy: the mean of three seeds; empty without the file
};
Table read_table() {
  const std::filesystem::path file =
      std::filesystem::path(TONNE_SOURCE_DIR) / ".." / "shared" / "data" / "nasbench_macro.csv";
  std::ifstream lines(file);
  std::string line;
  if (!std::getline(lines, line)) return {};
  constexpr double missing = -1.0;
  Table table{std::vector<double>(kNetworks, missing), std::vector<double>(kNetworks, missing),
              std::vector<double>(kNetworks, missing)};
  while (std::getline(lines, line)) {
    std::vector<std::string> fields;
    std::stringstream text(line);
    for (std::string field; std::getline(text, field, ',');) fields.push_back(field);
    Digits digits{};
    for (std::size_t b = 0; b < kBlocks; ++b) digits[b] = std::stoul(fields[b + 1]);
    const std::size_t i = index_of(digits);
    table.accuracy[i] = (std::stod(fields[9]) + std::stod(fields[10]) + std::stod(fields[11])) / 3.0;
    table.parameters[i] = std::stod(fields[14]);
    table.macs[i] = std::stod(fields[15]);
  }
  return table;
}

TEST_F(NasbenchMacro, CostsAreTheTablesForEveryNetwork) {
  const Table table = read_table();
  if (table.macs.empty()) GTEST_SKIP() << "no table";
  for (std::size_t i = 0; i < kNetworks; ++i) {
    ASSERT_DOUBLE_EQ(parameters_[i], table.parameters[i]) << i;
    ASSERT_DOUBLE_EQ(macs_[i], table.macs[i]) << i;
  }
}

TEST_F(NasbenchMacro, TheFiguresBelowAreTheTables) {
  const Table table = read_table();
  if (table.macs.empty()) GTEST_SKIP() << "no table";
  expect_equal(effects(table.accuracy), kEffects);
  expect_equal(gains_at_full_depth(table.accuracy), kGains);
  expect_equal(top(table.accuracy, table.macs, table.parameters), kTop);
  expect_equal(basins(table.accuracy), kBasins);
}

TEST_F(NasbenchMacro, BlocksMatterAsInTheTable) {
  expect_near(effects(accuracy_), kEffects);
  expect_near(gains_at_full_depth(accuracy_), kGains);
}

TEST_F(NasbenchMacro, TheBestAreLikeTheTables) {
  expect_near(top(accuracy_, macs_, parameters_), kTop);
}

// Where climbs end hangs on a handful of networks, so other landscapes differ.
TEST_F(NasbenchMacro, ClimbsEndAsInTheTable) {
  expect_near(basins(accuracy_), kBasins);
}

TEST_F(NasbenchMacro, OtherLandscapesHaveTheSameStructure) {
  for (const char* settings :
       {"{space: nasbench_macro, landscape: 1}", "{space: nasbench_macro, landscape: 2}"}) {
    const auto other = testing::problem_recipe("macro_cnn", settings)->make();
    std::vector<double> values(kNetworks);
    for (std::size_t i = 0; i < kNetworks; ++i) values[i] = other->true_value(network(i));
    EXPECT_LT(spearman(values, accuracy_), 0.999);
    expect_near(effects(values), kEffects);
    expect_near(gains_at_full_depth(values), kGains);
  }
}

TEST_F(NasbenchMacro, QuantilesAreTheTables) {
  const std::vector<std::pair<double, double>> published = {{0.0, 45.4},  {0.01, 80.2}, {0.05, 85.7},
                                                            {0.25, 89.5}, {0.5, 91.0},  {0.75, 91.8},
                                                            {0.95, 92.5}, {0.99, 92.8}, {1.0, 93.13}};
  for (const auto& [q, value] : published) EXPECT_NEAR(quantile(q), value, q == 0.01 ? 0.1 : 0.06) << q;
  EXPECT_DOUBLE_EQ(problem().optimum().value(), quantile(1.0));
  double second = 0.0;
  double third = 0.0;
  for (const double value : accuracy_) {
    const double deviation = value - mean(accuracy_);
    second += deviation * deviation / kNetworks;
    third += deviation * deviation * deviation / kNetworks;
  }
  EXPECT_NEAR(std::sqrt(second), 2.68, 0.05);
  EXPECT_NEAR(third / std::pow(second, 1.5), -4.0, 0.3);
}

TEST_F(NasbenchMacro, AccuracyGoesWithCostsAsInTheTable) {
  EXPECT_NEAR(spearman(accuracy_, macs_), 0.75, 0.02);
  EXPECT_NEAR(spearman(accuracy_, parameters_), 0.32, 0.02);
  const auto best = static_cast<std::size_t>(std::ranges::max_element(accuracy_) - accuracy_.begin());
  EXPECT_NEAR(macs_[best] / 1e6, 85.0, 8.0);  // one network: a draw
}

TEST_F(NasbenchMacro, StructureIsTheTables) {
  const Shares found = shares(accuracy_);
  EXPECT_NEAR(found.additive, 0.69, 0.02);
  EXPECT_NEAR(found.pairwise, 0.90, 0.02);
  const Shares of_scores = shares(scores(accuracy_));
  EXPECT_NEAR(of_scores.additive, 0.952, 0.015);
  EXPECT_NEAR(of_scores.pairwise, 0.982, 0.005);
  const Digits best =
      digits_of(static_cast<std::size_t>(std::ranges::max_element(accuracy_) - accuracy_.begin()));
  std::vector<double> distance(kNetworks);
  for (std::size_t i = 0; i < kNetworks; ++i) {
    const Digits digits = digits_of(i);
    for (std::size_t b = 0; b < kBlocks; ++b) distance[i] += digits[b] != best[b] ? 1.0 : 0.0;
  }
  EXPECT_NEAR(correlation(accuracy_, distance), -0.40, 0.05);
}

TEST_F(NasbenchMacro, AutocorrelationOfWalksIsTheTables) {
  const std::vector<double> published = {0.74, 0.56, 0.44, 0.35, 0.27, 0.22};
  Random random(3);
  Configuration here = problem().space().sample(random);
  std::vector<double> walk;
  for (int step = 0; step < 400'000; ++step) {
    walk.push_back(problem().true_value(here));
    here = problem().space().mutate(here, random);
  }
  for (std::size_t lag = 1; lag <= published.size(); ++lag) {
    const std::vector<double> from(walk.begin(), walk.end() - static_cast<std::ptrdiff_t>(lag));
    const std::vector<double> to(walk.begin() + static_cast<std::ptrdiff_t>(lag), walk.end());
    EXPECT_NEAR(correlation(from, to), published[lag - 1], 0.03) << lag;
  }
}

// The table has 15 local optima; an edit improves a network of the best .1 %, 1 %, 5 %, 25 % and of the rest
// with probability .010, .144, .226, .377, .551.
TEST_F(NasbenchMacro, NeighbourhoodsAreTheTables) {
  const std::vector<double> rank = ranks(accuracy_);
  constexpr std::array<double, 5> bounds = {0.001, 0.01, 0.05, 0.25, 1.0};
  std::array<double, 5> improving{};
  std::array<double, 5> members{};
  int optima = 0;
  for (std::size_t i = 0; i < kNetworks; ++i) {
    int better = 0;
    for (std::size_t b = 0; b < kBlocks; ++b)
      for (std::size_t other = 0; other < 3; ++other) {
        Digits edited = digits_of(i);
        edited[b] = other;
        better += accuracy_[index_of(edited)] > accuracy_[i] ? 1 : 0;
      }
    optima += better == 0 ? 1 : 0;
    const double from_top = 1.0 - rank[i] / kNetworks;
    std::size_t group = 0;
    while (from_top >= bounds[group] && group + 1 < bounds.size()) ++group;
    improving[group] += better / 16.0;
    members[group] += 1.0;
  }
  EXPECT_NEAR(optima, 15, 4);
  const std::array<double, 5> measured = {0.010, 0.144, 0.226, 0.377, 0.551};
  for (std::size_t g = 0; g < measured.size(); ++g)  // the first has seven members
    EXPECT_NEAR(improving[g] / members[g], measured[g], g == 0 ? 0.05 : 0.025) << g;
}

// The table's sd over seeds is .21 of all, .264 of the worst quarter and .18 of the best hundredth. Its
// values are means of three seeds; a seed differs from that mean by the root of two thirds of it.
TEST_F(NasbenchMacro, SeedsSpreadAsInTheTable) {
  const std::vector<double> rank = ranks(accuracy_);
  const auto pooled = [&](double low, double high) {
    double squares = 0.0;
    double count = 0.0;
    for (std::size_t i = 0; i < kNetworks; ++i) {
      if (rank[i] < low * kNetworks || rank[i] > high * kNetworks) continue;
      for (std::uint64_t repeat = 0; repeat < 8; ++repeat) {
        const Configuration chosen = network(i);
        const double seen = problem().evaluate({chosen, 0.0, 50.0}, Random(i).child(repeat)).objectives[0];
        squares += (seen - accuracy_[i]) * (seen - accuracy_[i]);
        count += 1.0;
      }
    }
    return std::sqrt(squares / count);
  };
  EXPECT_NEAR(pooled(0.0, 1.0), 0.172, 0.01);
  EXPECT_NEAR(pooled(0.0, 0.25), 0.215, 0.01);
  EXPECT_NEAR(pooled(0.99, 1.0), 0.147, 0.01);
}

// A block left out within a stage leaves no trace: the networks are one.
TEST_F(NasbenchMacro, IsomorphicNetworksAreOne) {
  for (std::size_t i = 0; i < kNetworks; ++i) {
    Digits digits = digits_of(i);
    std::swap(digits[6], digits[7]);
    if (digits[6] != 0 && digits[7] != 0) continue;
    EXPECT_EQ(accuracy_[i], accuracy_[index_of(digits)]);
    EXPECT_EQ(macs_[i], macs_[index_of(digits)]);
  }
}

TEST_F(NasbenchMacro, ShortTrainingsRankNearlyAsLongOnes) {
  std::vector<double> early(kNetworks);
  for (std::size_t i = 0; i < kNetworks; ++i) {
    const Configuration chosen = network(i);
    early[i] = problem().evaluate({chosen, 0.0, 5.0}, Random(i)).objectives[0];
  }
  const double agreement = spearman(early, accuracy_);
  EXPECT_GT(agreement, 0.5);
  EXPECT_LT(agreement, 0.95);  // curves cross
}

// MobileNetV2 of width 1 at 224 pixels has 3,504,872 weights and 300.8 M multiply-accumulates (torchvision's
// model).
TEST(Convolutions, CountMobileNetV2) {
  struct Stage {
    double expansion, channels;
    int blocks;
    bool halves;
  };
  ConvolutionalCosts costs;
  double side = 112.0;
  double in = 32.0;
  costs.convolution(3.0, in, 9.0, side * side);
  costs.normalisation(in, side * side);
  for (const Stage& stage :
       {Stage{1, 16, 1, false}, Stage{6, 24, 2, true}, Stage{6, 32, 3, true}, Stage{6, 64, 4, true},
        Stage{6, 96, 3, false}, Stage{6, 160, 3, true}, Stage{6, 320, 1, false}})
    for (int b = 0; b < stage.blocks; ++b) {
      const double middle = in * stage.expansion;
      if (stage.expansion > 1) {
        costs.convolution(in, middle, 1.0, side * side);
        costs.normalisation(middle, side * side);
      }
      if (b == 0 && stage.halves) side /= 2.0;
      costs.depthwise(middle, 9.0, side * side);
      costs.normalisation(middle, side * side);
      costs.convolution(middle, stage.channels, 1.0, side * side);
      costs.normalisation(stage.channels, side * side);
      in = stage.channels;
    }
  costs.convolution(in, 1280.0, 1.0, side * side);
  costs.normalisation(1280.0, side * side);
  costs.linear(1280.0, 1000.0);
  EXPECT_DOUBLE_EQ(costs.parameters, 3'504'872.0);
  EXPECT_NEAR(costs.multiply_accumulates / 1e6, 300.8, 0.1);
}

class OnceForAll : public ::testing::Test {
 protected:
  std::shared_ptr<const Problem> problem_ = testing::problem_recipe("macro_cnn")->make();

  [[nodiscard]] Configuration extreme(bool largest) const {
    Configuration configuration(problem_->space().size());
    for (std::size_t f = 0; f < problem_->space().size(); ++f) {
      if (!problem_->space().should_be_active(f, configuration)) continue;
      const auto levels = static_cast<double>(cardinality(problem_->space()[f].domain).value());
      configuration.set(f, largest ? levels - 1.0 : 0.0);
    }
    return configuration;
  }
  [[nodiscard]] double macs(const Configuration& configuration) const {
    return problem_->inference(configuration).value().flops.base() / 2e6;
  }
};

// (81 + 729 + 6561)^5 networks at seven resolutions.
TEST_F(OnceForAll, HasTheSpacesSize) {
  EXPECT_NEAR(problem_->space().cardinality().value() / (7.0 * std::pow(7371.0, 5)), 1.0, 1e-12);
}

// The last block of unit 4 has 112 channels, 14 x 14 pixels and a squeeze. From expansion 3 to 6 its 336
// channels become 672, the squeeze's 88 become 168.
TEST_F(OnceForAll, ABlocksCostsByHand) {
  Configuration small = extreme(true);
  const std::size_t field = problem_->space().find("unit_4_block_4_expansion").value();
  small.set(field, 0.0);
  const auto block = [](double middle, double narrow) {
    return 2.0 * 112.0 * middle + 49.0 * middle + 2.0 * (2.0 * middle + 112.0) + 2.0 * middle * narrow +
           middle + narrow;
  };
  const double parameters =
      problem_->inference(extreme(true)).value().parameters - problem_->inference(small).value().parameters;
  EXPECT_DOUBLE_EQ(parameters, block(672.0, 168.0) - block(336.0, 88.0));
  const auto work = [](double middle, double narrow) {
    return 196.0 * (2.0 * 112.0 * middle + 49.0 * middle) + 2.0 * middle * narrow;
  };
  EXPECT_NEAR(macs(extreme(true)) - macs(small), (work(672.0, 168.0) - work(336.0, 88.0)) / 1e6, 1e-9);
}

// The authors report networks of 76 to 80 % between 230 and 595 M multiply-accumulates; those above 482 M are
// of a supernet 1.2 times as wide (from memory of their repository), which this space does not hold.
TEST_F(OnceForAll, RangesAreThePublishedOnes) {
  EXPECT_LT(macs(extreme(false)), 230.0);
  EXPECT_GT(macs(extreme(true)), 482.0);
  Random random(5);
  double best_small = 0.0;
  double best = 0.0;
  for (int i = 0; i < 20'000; ++i) {
    const Configuration chosen = problem_->space().sample(random);
    const double accuracy = problem_->true_value(chosen);
    best = std::max(best, accuracy);
    if (macs(chosen) < 230.0) best_small = std::max(best_small, accuracy);
    EXPECT_GT(accuracy, 60.0);
  }
  EXPECT_NEAR(best_small, 76.4, 0.6);
  EXPECT_GT(best, 77.0);
  EXPECT_LT(best, problem_->optimum().value());
}

// Twice the work saves less the more there is: diminishing returns.
TEST_F(OnceForAll, ReturnsDiminish) {
  const double small = problem_->true_value(extreme(false));
  const double middle = problem_->true_value(problem_->default_configuration());
  const double large = problem_->true_value(extreme(true));
  const double first = (middle - small) / (macs(problem_->default_configuration()) - macs(extreme(false)));
  const double second = (large - middle) / (macs(extreme(true)) - macs(problem_->default_configuration()));
  EXPECT_GT(first, 2.0 * second);
  EXPECT_GT(middle, small);
}

TEST_F(OnceForAll, CurvesCross) {
  Random random(6);
  std::vector<double> early;
  std::vector<double> late;
  const auto quiet = testing::problem_recipe("macro_cnn", "{noise: 0}")->make();
  for (int i = 0; i < 2'000; ++i) {
    const Configuration chosen = quiet->space().sample(random);
    early.push_back(quiet->evaluate({chosen, 0.0, 15.0}, Random(1)).objectives[0]);
    late.push_back(quiet->true_value(chosen));
  }
  EXPECT_GT(spearman(early, late), 0.3);
  EXPECT_LT(spearman(early, late), 0.95);
}

}  // namespace
}  // namespace tonne
