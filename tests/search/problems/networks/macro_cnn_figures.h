#pragma once
// The figures by which the networks of `space: nasbench_macro` are held to the published table.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

#include "core/configuration.h"
#include "core/random.h"
#include "tests/support/correlation.h"

namespace tonne::testing::nasbench_macro {

inline constexpr std::size_t kBlocks = 8;
inline constexpr std::size_t kNetworks = 6'561;
using Digits = std::array<std::size_t, kBlocks>;

inline Digits digits_of(std::size_t index) {
  Digits digits{};
  for (std::size_t b = kBlocks; b-- > 0; index /= 3) digits[b] = index % 3;
  return digits;
}
inline std::size_t index_of(const Digits& digits) {
  return std::accumulate(digits.begin(), digits.end(), std::size_t{0},
                         [](std::size_t i, std::size_t d) { return 3 * i + d; });
}
inline Configuration network(std::size_t index) {
  Configuration configuration(kBlocks);
  const Digits digits = digits_of(index);
  for (std::size_t b = 0; b < kBlocks; ++b) configuration.set(b, static_cast<double>(digits[b]));
  return configuration;
}

// Shares of variance of single blocks, and of single blocks and pairs (the space is a full factorial).
struct Shares {
  double additive = 0.0;
  double pairwise = 0.0;
};
inline Shares shares(const std::vector<double>& values) {
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
inline std::vector<double> scores(const std::vector<double>& values) {
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
inline constexpr std::array<Figure, 24> kEffects = {{
    {"block 0 out", -0.762, 0.04}, {"block 0 small", 0.217, 0.04}, {"block 0 large", 0.545, 0.04},
    {"block 1 out", -0.546, 0.04}, {"block 1 small", 0.160, 0.04}, {"block 1 large", 0.386, 0.04},
    {"block 2 out", -0.678, 0.04}, {"block 2 small", 0.180, 0.04}, {"block 2 large", 0.498, 0.04},
    {"block 3 out", -0.328, 0.04}, {"block 3 small", 0.106, 0.04}, {"block 3 large", 0.222, 0.04},
    {"block 4 out", -0.328, 0.04}, {"block 4 small", 0.097, 0.04}, {"block 4 large", 0.232, 0.04},
    {"block 5 out", -0.439, 0.04}, {"block 5 small", 0.134, 0.04}, {"block 5 large", 0.305, 0.04},
    {"block 6 out", -0.144, 0.04}, {"block 6 small", 0.020, 0.04}, {"block 6 large", 0.124, 0.04},
    {"block 7 out", -0.144, 0.04}, {"block 7 small", 0.021, 0.04}, {"block 7 large", 0.123, 0.04},
}};
inline Figures effects(const std::vector<double>& values) {
  const std::vector<double> score = scores(values);
  Figures result(3 * kBlocks);
  for (std::size_t i = 0; i < kNetworks; ++i)
    for (std::size_t b = 0; b < kBlocks; ++b) result[3 * b + digits_of(i)[b]] += 3.0 * score[i] / kNetworks;
  return result;
}

// What a block adds where no other is left out, in points: the small one to none, the large one to the small
// one.
inline constexpr std::array<Figure, 16> kGains = {{
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
inline Figures gains_at_full_depth(const std::vector<double>& values) {
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
inline constexpr std::array<Figure, 19> kTop = {{
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
inline Figures top(const std::vector<double>& values, const std::vector<double>& macs,
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
inline constexpr std::array<Figure, 4> kBasins = {{
    {"mean regret", 0.064, 0.02},
    {"in the best", 0.286, 0.3},
    {"within .05 points", 0.718, 0.1},
    {"within .2 points", 0.925, 0.07},
}};
inline Figures basins(const std::vector<double>& values) {
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

}  // namespace tonne::testing::nasbench_macro
