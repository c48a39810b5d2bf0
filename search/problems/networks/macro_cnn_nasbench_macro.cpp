// `space: nasbench_macro` of macro_cnn: Su et al. 2021.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/random.h"
#include "search/problems/landscape/hashed.h"
#include "search/problems/landscape/monotone_curve.h"
#include "search/problems/networks/macro_cnn.h"
#include "search/square.h"

namespace tonne::macro_cnn {
namespace {

constexpr std::size_t kMacroBlocks = 8;
constexpr std::size_t kMacroNetworks = 6'561;  // 3^8
constexpr std::size_t kMacroPairs = kMacroBlocks * (kMacroBlocks - 1) / 2;
using MacroBlocks =
    std::array<std::size_t, kMacroBlocks>;  // 0: left out, 1: kernel 3, expansion 3, 2: kernel 5, expansion 6
constexpr std::array<std::size_t, kMacroBlocks> kMacroStage = {0, 0, 1, 1, 1, 2, 2, 2};
constexpr std::array<double, 3> kMacroChannels = {64, 128, 256};
constexpr double kMacroStem = 32.0;
constexpr double kMacroImages = 50'000.0;
constexpr double kMacroChance = 10.0;
constexpr double kMacroCurve = 2.0;  // epochs; assumed: the table has no learning curves

MacroBlocks macro_blocks(std::size_t index) {
  MacroBlocks blocks{};
  for (std::size_t b = kMacroBlocks; b-- > 0; index /= 3) blocks[b] = index % 3;
  return blocks;
}
std::size_t macro_index(const MacroBlocks& blocks) {
  std::size_t index = 0;
  for (const std::size_t block : blocks) index = 3 * index + block;
  return index;
}
/// A block that is left out within a stage leaves no trace, so where it stood does not matter: 3,969 networks
/// differ.
MacroBlocks canonical(MacroBlocks blocks) {
  if (blocks[3] == 0) std::swap(blocks[3], blocks[4]);
  if (blocks[6] == 0) std::swap(blocks[6], blocks[7]);
  return blocks;
}

/// The network of the authors' repository: 3x3 stem on 32x32, three stages that halve the sides and double
/// the channels in their first block (a 1x1 convolution where that is left out), 1x1 to 1,280 features,
/// classifier.
ConvolutionalCosts macro_costs(const MacroBlocks& blocks) {
  ConvolutionalCosts costs;
  double side = 32.0;
  double channels = kMacroStem;
  costs.convolution(3.0, channels, 9.0, square(side));
  costs.normalisation(channels, square(side));
  for (std::size_t b = 0; b < kMacroBlocks; ++b) {
    const double out = kMacroChannels[kMacroStage[b]];
    const bool first = out != channels;
    const double out_side = first ? side / 2.0 : side;
    if (blocks[b] > 0) {
      const bool large = blocks[b] == 2;
      add_block(costs, {channels, channels * (large ? 6.0 : 3.0), out, large ? 5.0 : 3.0, side, out_side});
    } else if (first) {
      costs.convolution(channels, out, 1.0, square(out_side));
      costs.normalisation(out, square(out_side));
    }
    channels = out;
    side = out_side;
  }
  costs.convolution(channels, kFeatures, 1.0, square(side));
  costs.normalisation(kFeatures, square(side));
  costs.linear(kFeatures, 10.0);
  return costs;
}

/// How the quality of a network is made. Fitted to the table's portrait (docs/problems.md), the mean of four
/// landscapes against the table: effect of each block, interplay of each pair of blocks, gains in a full
/// network, composition of the best, correlation with FLOPs and parameters, optima and basins. It never
/// looked at what strategies do.
struct MacroLatent {
  std::array<double, kMacroBlocks> weight;  ///< of the small block; places that may be swapped share theirs
  double large;                             ///< what the large block adds to the small one's 1
  double reach;       ///< what the first block, one of full resolution, adds to the worth of the later stages
  double saturation;  ///< of the blocks behind the second stage's first: diminishing returns
  double late_cost;   ///< each of the last stage's two repeated blocks costs ..
  double late_large;  ///< .. and is worth, when large, at any depth
  double pair;        ///< sd of hashed interactions of pairs of blocks, free of main effects
};
constexpr MacroLatent kMacroLatent = {
    .weight = {1.0, 1.22, 1.37, 1.95, 1.95, 2.70, 1.02, 1.02},
    .large = 0.30,
    .reach = 0.19,
    .saturation = 0.18,
    .late_cost = 0.142,
    .late_large = 0.09,
    .pair = 0.058,
};

// Accuracy (%) of the table by rank, the ten best one by one; between them monotone in the normal score.
constexpr double kLast = static_cast<double>(kMacroNetworks - 1);
constexpr std::array<double, 21> kMacroRanks = {0.0,
                                                0.001,
                                                0.005,
                                                0.01,
                                                0.05,
                                                0.25,
                                                0.50,
                                                0.75,
                                                0.95,
                                                0.99,
                                                0.995,
                                                1.0 - 9.0 / kLast,
                                                1.0 - 8.0 / kLast,
                                                1.0 - 7.0 / kLast,
                                                1.0 - 6.0 / kLast,
                                                1.0 - 5.0 / kLast,
                                                1.0 - 4.0 / kLast,
                                                1.0 - 3.0 / kLast,
                                                1.0 - 2.0 / kLast,
                                                1.0 - 1.0 / kLast,
                                                1.0};
constexpr std::array<double, 21> kMacroQuantiles = {45.36,  65.86, 77.42, 80.20, 85.67,  89.46,  90.99,
                                                    91.85,  92.55, 92.81, 92.90, 93.023, 93.047, 93.053,
                                                    93.057, 93.06, 93.08, 93.08, 93.107, 93.127, 93.127};
// Sd over the table's training seeds by rank, unbiased: pooled over the quarters of the networks and the best
// hundredth.
constexpr std::array<double, 5> kMacroNoiseRanks = {0.125, 0.375, 0.625, 0.875, 0.995};
constexpr std::array<double, 5> kMacroNoise = {0.264, 0.202, 0.193, 0.184, 0.179};

/// Of a rank from 0 to 6,560.
double seed_sd(double rank) {
  rank /= static_cast<double>(kMacroNetworks);
  if (rank <= kMacroNoiseRanks.front()) return kMacroNoise.front();
  if (rank >= kMacroNoiseRanks.back()) return kMacroNoise.back();
  std::size_t k = 0;
  while (rank > kMacroNoiseRanks[k + 1]) ++k;
  const double share = (rank - kMacroNoiseRanks[k]) / (kMacroNoiseRanks[k + 1] - kMacroNoiseRanks[k]);
  return kMacroNoise[k] + share * (kMacroNoise[k + 1] - kMacroNoise[k]);
}

/// From 0; equals (isomorphic networks) share their mean.
std::vector<double> shared_ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return values[a] != values[b] ? values[a] < values[b] : a < b;
  });
  std::vector<double> ranks(values.size());
  for (std::size_t low = 0, high = 0; low < order.size(); low = high) {
    while (high < order.size() && values[order[high]] == values[order[low]]) ++high;
    for (std::size_t k = low; k < high; ++k) ranks[order[k]] = 0.5 * static_cast<double>(low + high - 1);
  }
  return ranks;
}

/// x with returns that diminish from 1.
double diminishing(double x, double rate) {
  return -std::expm1(-rate * x) / rate;
}

double rank_score(double rank) {
  return normal_quantile((rank + 0.5) / static_cast<double>(kMacroNetworks));
}

class NasbenchMacro final : public MacroCnn {
 public:
  explicit NasbenchMacro(const Settings& settings)
      : MacroCnn(settings, "macro_cnn/nasbench_macro", kNasbenchMacroEpochs, kMacroImages, kMacroChance,
                 make_space()),
        seed_(mix_bits(static_cast<std::uint64_t>(settings.landscape))),
        costs_(kMacroNetworks),
        landscape_(kMacroNetworks) {
    for (std::size_t i = 0; i < kMacroNetworks; ++i) costs_[i] = macro_costs(macro_blocks(i));
    fill_landscape(settings.noise);
    for (const Landscape& entry : landscape_) optimum_ = std::max(optimum_, entry.asymptote);
  }

  [[nodiscard]] std::optional<double> optimum() const override { return optimum_; }
  [[nodiscard]] std::optional<std::uint64_t> function_of(const Configuration& configuration) const override {
    return macro_index(canonical(macro_blocks(index(configuration))));
  }

 protected:
  [[nodiscard]] ConvolutionalCosts costs(const Configuration& configuration) const override {
    return costs_[index(configuration)];
  }
  [[nodiscard]] Landscape landscape(const Configuration& configuration,
                                    const ConvolutionalCosts&) const override {
    return landscape_[index(configuration)];
  }

 private:
  // Default: the small block everywhere.
  static SearchSpace make_space() {
    std::vector<Parameter> parameters;
    for (std::size_t b = 0; b < kMacroBlocks; ++b)
      parameters.push_back(
          {"block_" + std::to_string(b), Categorical{{"identity", "k3_e3", "k5_e6"}}, std::nullopt, 1.0});
    return SearchSpace(std::move(parameters));
  }

  static std::size_t index(const Configuration& configuration) {
    std::size_t index = 0;
    for (std::size_t b = 0; b < kMacroBlocks; ++b) index = 3 * index + configuration.index(b);
    return index;
  }

  [[nodiscard]] double field(std::uint64_t name) const { return hashed_normal(seed_ ^ mix_bits(name)); }

  // Centred, so that they shift no block's own effect.
  void draw_pairs() {
    for (std::size_t pair = 0; pair < kMacroPairs; ++pair) {
      std::array<double, 9>& cells = pairs_[pair];
      for (std::size_t c = 0; c < 9; ++c) cells[c] = field(1'000 + pair * 9 + c);
      std::array<double, 3> first{};
      std::array<double, 3> second{};
      double all = 0.0;
      for (std::size_t c = 0; c < 9; ++c) {
        first[c / 3] += cells[c] / 3.0;
        second[c % 3] += cells[c] / 3.0;
        all += cells[c] / 9.0;
      }
      for (std::size_t c = 0; c < 9; ++c) cells[c] += all - first[c / 3] - second[c % 3];
    }
  }

  [[nodiscard]] double pairs(const MacroBlocks& blocks) const {
    double sum = 0.0;
    std::size_t pair = 0;
    for (std::size_t a = 0; a < kMacroBlocks; ++a)
      for (std::size_t b = a + 1; b < kMacroBlocks; ++b, ++pair)
        sum += pairs_[pair][3 * blocks[a] + blocks[b]];
    return sum / std::sqrt(static_cast<double>(kMacroPairs));
  }

  [[nodiscard]] double latent(const MacroBlocks& blocks) const {
    const MacroLatent& w = kMacroLatent;
    std::array<double, kMacroBlocks> size{};
    for (std::size_t b = 0; b < kMacroBlocks; ++b)
      size[b] = blocks[b] == 0 ? 0.0 : blocks[b] == 1 ? 1.0 : 1.0 + w.large;
    double deep = 0.0;
    for (std::size_t b = 3; b < kMacroBlocks; ++b) deep += w.weight[b] * size[b];
    const double later = w.weight[2] * size[2] + diminishing(deep, w.saturation);
    double quality = w.weight[0] * size[0] + w.weight[1] * size[1] + (1.0 + w.reach * size[0]) * later;
    for (const std::size_t late : {blocks[6], blocks[7]})
      quality += (late == 2 ? w.late_large : 0.0) - (late > 0 ? w.late_cost : 0.0);
    return quality + w.pair * pairs(blocks);
  }

  // The table's value of a network is the mean of three trainings: the accuracy that its structure gives, and
  // a third of the seeds' variance.
  void fill_landscape(double noise) {
    draw_pairs();
    const MonotoneCurve accuracy = quantile_curve();
    std::vector<double> values(kMacroNetworks);
    for (std::size_t i = 0; i < kMacroNetworks; ++i) values[i] = latent(canonical(macro_blocks(i)));
    const std::vector<double> structure = shared_ranks(values);
    for (std::size_t i = 0; i < kMacroNetworks; ++i) {
      const double deviation = field(9'000'000 + macro_index(canonical(macro_blocks(i))));
      values[i] =
          accuracy(rank_score(structure[i])) + std::sqrt(1.0 / 3.0) * seed_sd(structure[i]) * deviation;
    }
    const std::vector<double> rank = shared_ranks(values);
    const double best = *std::max_element(rank.begin(), rank.end());
    for (std::size_t i = 0; i < kMacroNetworks; ++i) {
      landscape_[i].asymptote = rank[i] == best ? kMacroQuantiles.back() : accuracy(rank_score(rank[i]));
      landscape_[i].noise_sd = noise * seed_sd(rank[i]);
    }
    // Large networks start slower; that and a deviation of its own make curves cross. Both assumed: the table
    // has no curves.
    for (std::size_t i = 0; i < kMacroNetworks; ++i) {
      const double deviation = field(10'000'000 + macro_index(canonical(macro_blocks(i))));
      landscape_[i].curve_constant =
          kMacroCurve * std::pow(costs_[i].multiply_accumulates / 45e6, 0.1) * std::exp(0.08 * deviation);
    }
  }

  static MonotoneCurve quantile_curve() {
    std::vector<double> scores;
    for (const double rank : kMacroRanks)
      scores.push_back(rank_score(rank * static_cast<double>(kMacroNetworks - 1)));
    return {std::move(scores), {kMacroQuantiles.begin(), kMacroQuantiles.end()}};
  }

  std::uint64_t seed_;
  double optimum_ = 0.0;
  std::array<std::array<double, 9>, kMacroPairs> pairs_{};
  std::vector<ConvolutionalCosts> costs_;
  std::vector<Landscape> landscape_;
};

}  // namespace

std::shared_ptr<const Problem> make_nasbench_macro(const Settings& settings) {
  return std::make_shared<const NasbenchMacro>(settings);
}

}  // namespace tonne::macro_cnn
