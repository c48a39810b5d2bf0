// Macro spaces of mobile networks: a chain of inverted residual blocks (Sandler et al. 2018, MobileNetV2,
// CVPR).
//
// once_for_all: the space of Cai, Gan, Wang, Zhang and Han 2020, "Once-for-All: Train One Network and
// Specialize it for Efficient Deployment" (ICLR), section 3.1: five units of 2, 3 or 4 blocks, each block
// with kernel 3, 5 or 7 and expansion 3, 4 or 6, on the skeleton of MobileNetV3-Large; 7371^5 = 2.2e19
// networks at each of seven resolutions.
//
// nasbench_macro: the space of Su et al. 2021, "Prioritized Architecture Sampling with Monte-Carlo Tree
// Search" (CVPR): eight blocks on CIFAR-10, each left out, or of kernel 3 and expansion 3, or of kernel 5 and
// expansion 6.
//
// Exact: multiply-accumulates, weights and activations. Generative: accuracy, its learning curve and its
// spread over seeds.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/random.h"
#include "core/recipe.h"
#include "core/settings.h"
#include "search/problems/landscape/hashed.h"
#include "search/problems/landscape/monotone_curve.h"
#include "search/problems/networks/convolutions.h"

namespace tonne {
namespace {

enum class MacroSpace : std::uint8_t { once_for_all, nasbench_macro };
constexpr std::array<std::string_view, 2> kMacroSpaceNames = {"once_for_all", "nasbench_macro"};

struct MacroCnnSettings {
  MacroSpace space = MacroSpace::once_for_all;
  std::int64_t landscape = 0;
  /// Absent: 150 for once_for_all (assumed: a MobileNet trained on its own), 50 for nasbench_macro (Su et al.
  /// 2021).
  std::optional<std::int64_t> epochs;
  std::int64_t batch = 256;  ///< assumed for both
  double noise = 1.0;        ///< factor on the seed sd

  void visit(SettingsVisitor& visitor) {
    visitor.choice(
        "space", space, kMacroSpaceNames,
        "MobileNets on ImageNet with free depth, width, kernels, resolution; or eight blocks on CIFAR-10");
    visitor.integer("landscape", landscape, Bounds::between(0, 9e15), "seed of the landscape's random part");
    visitor.optional_integer(
        "epochs", epochs, Bounds::between(1, 1e6),
        "epochs of a full training; absent: 150 for once_for_all, 50 for nasbench_macro");
    visitor.integer("batch", batch, Bounds::between(1, 1e6), "images of a step");
    visitor.number("noise", noise, Bounds::between(0, 100), "factor on the training seed's effect");
  }
};

double square(double x) {
  return x * x;
}

/// Width of a squeeze: a quarter of the expanded channels, to a multiple of 8, at least 9/10 of it (Howard et
/// al. 2019).
double squeezed(double channels) {
  const double target = std::floor(channels / 4.0);
  const double rounded = std::max(8.0, 8.0 * std::floor((target + 4.0) / 8.0));
  return rounded < 0.9 * target ? rounded + 8.0 : rounded;
}

/// Expansion by 1x1, depthwise convolution, projection by 1x1, each with its normalisation. Sides in pixels.
struct InvertedResidual {
  double in, middle, out, kernel_side, in_side, out_side;
  bool squeeze = false;
};

void add_block(ConvolutionalCosts& costs, const InvertedResidual& block) {
  const double in_positions = square(block.in_side);
  const double positions = square(block.out_side);
  costs.convolution(block.in, block.middle, 1.0, in_positions);
  costs.normalisation(block.middle, in_positions);
  costs.depthwise(block.middle, square(block.kernel_side), positions);
  costs.normalisation(block.middle, positions);
  if (block.squeeze) {
    const double narrow = squeezed(block.middle);
    costs.linear(block.middle, narrow);
    costs.linear(narrow, block.middle);
  }
  costs.convolution(block.middle, block.out, 1.0, positions);
  costs.normalisation(block.out, positions);
}

/// Accuracy, learning curve and spread of one network.
struct Landscape {
  double asymptote = 0.0;       ///< noise-free accuracy after a full training, %
  double curve_constant = 1.0;  ///< epochs
  double noise_sd = 0.0;        ///< points
};

/// What both spaces share: a network's costs and landscape are given, the rest is the same.
class MacroCnn : public Problem {
 public:
  MacroCnn(const MacroCnnSettings& settings, std::string name, double epochs, double samples, double chance,
           SearchSpace space)
      : epochs_(settings.epochs ? static_cast<double>(*settings.epochs) : epochs),
        samples_(samples),
        batch_(static_cast<double>(settings.batch)),
        steps_(std::ceil(samples / batch_)),
        chance_(chance),
        space_(std::move(space)) {
    traits_.name = std::move(name);
    traits_.objectives = {{"accuracy", "%", Direction::maximise}};
    traits_.fidelity = {"epochs", 1.0, epochs_, true};
  }

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    return landscape(configuration, costs(configuration)).asymptote;
  }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random random) const override {
    const ConvolutionalCosts network = costs(evaluation.configuration);
    const Landscape quality = landscape(evaluation.configuration, network);
    const double way = growth(evaluation.to, quality.curve_constant, epochs_);
    const double accuracy =
        chance_ + (quality.asymptote - chance_) * way + quality.noise_sd * random.normal();
    const double epochs = evaluation.to - evaluation.from;
    Outcome outcome;
    outcome.objectives.push_back(std::clamp(accuracy, 0.0, 100.0));
    outcome.workload = training_work(network, samples_ * epochs, steps_ * epochs, batch_);
    return outcome;
  }

  [[nodiscard]] std::optional<Workload> inference(const Configuration& configuration) const override {
    return inference_work(costs(configuration), Precision::fp32);
  }

 protected:
  [[nodiscard]] virtual ConvolutionalCosts costs(const Configuration& configuration) const = 0;
  [[nodiscard]] virtual Landscape landscape(const Configuration& configuration,
                                            const ConvolutionalCosts& costs) const = 0;

 private:
  double epochs_;
  double samples_;
  double batch_;
  double steps_;
  double chance_;
  SearchSpace space_;
  ProblemTraits traits_;
};

// ---- once_for_all ----

constexpr std::size_t kUnits = 5;
constexpr std::size_t kFewestBlocks = 2;
constexpr std::size_t kMostBlocks = 4;
constexpr std::size_t kBlocks = kUnits * kMostBlocks;
constexpr std::size_t kChoices = 3;  // of kernel, of expansion, of depth
constexpr std::array<double, kChoices> kKernels = {3, 5, 7};
constexpr std::array<double, kChoices> kExpansions = {3, 4, 6};
constexpr std::array<double, 7> kResolutions = {128, 144, 160, 176, 192, 208, 224};
constexpr double kImageNetImages = 1'281'167.0;
constexpr double kImageNetClasses = 1'000.0;
// MobileNetV3-Large as in the authors' OFAMobileNetV3 of width 1.
constexpr double kStemChannels = 16.0;
constexpr std::array<double, kUnits> kUnitChannels = {24, 40, 80, 112, 160};
constexpr std::array<bool, kUnits> kUnitHalves = {true, true, true, false, true};
constexpr std::array<bool, kUnits> kUnitSqueezes = {false, true, false, true, true};
constexpr double kLastChannels = 960.0;
constexpr double kFeatures = 1'280.0;

// Parameters of the space: resolution, then for each unit its depth and for each block kernel and expansion.
constexpr std::size_t kUnitFields = 1 + 2 * kMostBlocks;
constexpr std::size_t depth_field(std::size_t unit) {
  return 1 + unit * kUnitFields;
}
constexpr std::size_t kernel_field(std::size_t unit, std::size_t block) {
  return depth_field(unit) + 1 + 2 * block;
}

// The best found by the authors' search: 76.9 % at 230 M and 80.0 % at 595 M multiply-accumulates. The power
// law of the error through both is the frontier.
constexpr double kFrontierError = 23.1;
constexpr double kFrontierCosts = 230e6;
constexpr double kFrontierExponent = 0.1514;  // ln(23.1 / 20.0) / ln(595 / 230)
// Distance of a network from the frontier: kUsualDistance * exp(-kDistanceSlope * q) points for a quality q
// of mean near 0 and sd near 1. Assumed, like all that follows.
constexpr double kUsualDistance = 0.8;
constexpr double kDistanceSlope = 0.5;
constexpr double kPairShare = 0.3;         // of the variance of q: neighbouring blocks
constexpr double kOwnShare = 0.1;          // .. and the network's own deviation
constexpr double kMismatch = 0.15;         // of depth and resolution (Tan and Le 2019: scale them together)
constexpr double kImageNetCurve = 6.0;     // epochs
constexpr double kCurveSpread = 0.3;       // sd of the constant's logarithm
constexpr double kCurveCorrelation = 0.5;  // of a fast start with quality
constexpr double kImageNetNoise = 0.12;    // points

class OnceForAll final : public MacroCnn {
 public:
  explicit OnceForAll(const MacroCnnSettings& settings)
      : MacroCnn(settings, "macro_cnn/once_for_all", 150.0, kImageNetImages, 100.0 / kImageNetClasses,
                 make_space()),
        seed_(mix_bits(static_cast<std::uint64_t>(settings.landscape) ^ 0x0faULL)),
        noise_(settings.noise * kImageNetNoise) {
    for (std::size_t i = 0; i < effects_.size(); ++i) effects_[i] = hashed_normal(seed_ ^ mix_bits(i));
    for (std::size_t i = 0; i < pairs_.size(); ++i) pairs_[i] = hashed_normal(seed_ ^ mix_bits(10'000 + i));
    Configuration largest(space().size());
    for (std::size_t f = 0; f < space().size(); ++f) largest.set(f, kChoices - 1);
    largest.set(0, kResolutions.size() - 1);
    bound_ = frontier(costs(largest).multiply_accumulates);
  }

  /// A bound, not a member's value: the frontier at the costs of the largest network.
  [[nodiscard]] std::optional<double> optimum() const override { return bound_; }

 protected:
  [[nodiscard]] ConvolutionalCosts costs(const Configuration& configuration) const override {
    ConvolutionalCosts costs;
    double side = kResolutions[configuration.index(0)] / 2.0;
    costs.convolution(3.0, kStemChannels, 9.0, square(side));
    costs.normalisation(kStemChannels, square(side));
    costs.depthwise(kStemChannels, 9.0, square(side));  // the first block does not expand
    costs.normalisation(kStemChannels, square(side));
    costs.convolution(kStemChannels, kStemChannels, 1.0, square(side));
    costs.normalisation(kStemChannels, square(side));
    double channels = kStemChannels;
    for (std::size_t unit = 0; unit < kUnits; ++unit) {
      const std::size_t blocks = kFewestBlocks + configuration.index(depth_field(unit));
      for (std::size_t block = 0; block < blocks; ++block) {
        const std::size_t field = kernel_field(unit, block);
        const double kernel = kKernels[configuration.index(field)];
        const double middle = channels * kExpansions[configuration.index(field + 1)];
        const double out_side = block == 0 && kUnitHalves[unit] ? std::ceil(side / 2.0) : side;
        add_block(costs,
                  {channels, middle, kUnitChannels[unit], kernel, side, out_side, kUnitSqueezes[unit]});
        channels = kUnitChannels[unit];
        side = out_side;
      }
    }
    costs.convolution(channels, kLastChannels, 1.0, square(side));
    costs.normalisation(kLastChannels, square(side));
    costs.convolution(kLastChannels, kFeatures, 1.0, 1.0);  // after global pooling, without normalisation
    costs.linear(kFeatures, kImageNetClasses);
    return costs;
  }

  [[nodiscard]] Landscape landscape(const Configuration& configuration,
                                    const ConvolutionalCosts& costs) const override {
    const double q = quality(configuration);
    const std::uint64_t name = configuration.digest() ^ seed_;
    const double start =
        kCurveCorrelation * q + std::sqrt(1.0 - square(kCurveCorrelation)) * hashed_normal(name + 1);
    Landscape result;
    result.asymptote = frontier(costs.multiply_accumulates) - kUsualDistance * std::exp(-kDistanceSlope * q);
    result.curve_constant = kImageNetCurve * std::exp(-kCurveSpread * start);
    result.noise_sd = noise_;
    return result;
  }

 private:
  // Default: MobileNetV3-like, three blocks a unit, 3x3 on fine and 5x5 on coarse images, expansion 4, 224
  // pixels.
  static SearchSpace make_space() {
    std::vector<Parameter> parameters;
    parameters.push_back(
        {"resolution", Ordinal{{"128", "144", "160", "176", "192", "208", "224"}}, std::nullopt, 6.0});
    for (std::size_t unit = 0; unit < kUnits; ++unit) {
      const std::string prefix = "unit_" + std::to_string(unit + 1);
      parameters.push_back({prefix + "_depth", Ordinal{{"2", "3", "4"}}, std::nullopt, 1.0});
      for (std::size_t block = 0; block < kMostBlocks; ++block) {
        std::optional<Condition> there;
        if (block >= kFewestBlocks) {
          there = Condition{depth_field(unit), {}};
          for (std::size_t depth = block + 1 - kFewestBlocks; depth < kChoices; ++depth)
            there->choices.push_back(depth);
        }
        const std::string name = prefix + "_block_" + std::to_string(block + 1);
        parameters.push_back({name + "_kernel", Ordinal{{"3", "5", "7"}}, there, unit < 2 ? 0.0 : 1.0});
        parameters.push_back({name + "_expansion", Ordinal{{"3", "4", "6"}}, there, 1.0});
      }
    }
    return SearchSpace(std::move(parameters));
  }

  static double frontier(double multiply_accumulates) {
    return 100.0 - kFrontierError * std::pow(multiply_accumulates / kFrontierCosts, -kFrontierExponent);
  }

  [[nodiscard]] double quality(const Configuration& configuration) const {
    constexpr std::size_t kinds = kChoices * kChoices;
    double single = 0.0;
    double pair = 0.0;
    double blocks = 0.0;
    std::size_t before = kinds;
    for (std::size_t unit = 0; unit < kUnits; ++unit) {
      const std::size_t depth = kFewestBlocks + configuration.index(depth_field(unit));
      for (std::size_t block = 0; block < depth; ++block) {
        const std::size_t field = kernel_field(unit, block);
        const std::size_t kind = kChoices * configuration.index(field) + configuration.index(field + 1);
        const std::size_t place = unit * kMostBlocks + block;
        single += effects_[place * kinds + kind];
        if (before < kinds) pair += pairs_[(place * kinds + before) * kinds + kind];
        before = kind;
      }
      blocks += static_cast<double>(depth);
    }
    // One standard deviation each, of depth (10..20 blocks) and of resolution (128..224).
    const double depth = (blocks - 15.0) / 1.8;
    const double resolution = (kResolutions[configuration.index(0)] - 176.0) / 32.0;
    return (std::sqrt(1.0 - kPairShare - kOwnShare) * single + std::sqrt(kPairShare) * pair) /
               std::sqrt(blocks) +
           std::sqrt(kOwnShare) * hashed_normal(configuration.digest() ^ seed_) -
           kMismatch * (square(depth - resolution) - 2.0);
  }

  std::uint64_t seed_;
  double noise_;
  double bound_ = 100.0;
  std::array<double, kBlocks * kChoices * kChoices> effects_{};
  std::array<double, kBlocks * kChoices * kChoices * kChoices * kChoices> pairs_{};
};

// ---- nasbench_macro ----

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

// Accuracy (%) of the table by rank; between them monotone in the normal score.
constexpr std::array<double, 13> kMacroRanks = {0.0,  0.001, 0.005, 0.01,  0.05,  0.25, 0.50,
                                                0.75, 0.95,  0.99,  0.998, 0.999, 1.0};
constexpr std::array<double, 13> kMacroQuantiles = {45.4,  65.86, 77.42, 80.2,  85.67, 89.46, 90.99,
                                                    91.85, 92.55, 92.81, 92.98, 93.05, 93.13};
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
  explicit NasbenchMacro(const MacroCnnSettings& settings)
      : MacroCnn(settings, "macro_cnn/nasbench_macro", 50.0, kMacroImages, kMacroChance, make_space()),
        seed_(mix_bits(static_cast<std::uint64_t>(settings.landscape))),
        costs_(kMacroNetworks),
        landscape_(kMacroNetworks) {
    for (std::size_t i = 0; i < kMacroNetworks; ++i) costs_[i] = macro_costs(macro_blocks(i));
    fill_landscape(settings.noise);
    for (const Landscape& entry : landscape_) optimum_ = std::max(optimum_, entry.asymptote);
  }

  [[nodiscard]] std::optional<double> optimum() const override { return optimum_; }

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
  // a third of the seeds' variance. What a single training deviates from that mean has the other two thirds.
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
      landscape_[i].noise_sd = noise * std::sqrt(2.0 / 3.0) * seed_sd(rank[i]);
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

class MacroCnnRecipe final : public ProblemRecipe {
 public:
  void visit(SettingsVisitor& visitor) override { settings_.visit(visitor); }
  [[nodiscard]] std::shared_ptr<const Problem> make() const override {
    if (settings_.space == MacroSpace::nasbench_macro) return std::make_shared<NasbenchMacro>(settings_);
    return std::make_shared<OnceForAll>(settings_);
  }

 private:
  MacroCnnSettings settings_;
};

}  // namespace

std::unique_ptr<ProblemRecipe> make_macro_cnn_recipe() {
  return std::make_unique<MacroCnnRecipe>();
}

}  // namespace tonne
