// `space: once_for_all` of macro_cnn: Cai et al. 2020.

#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/random.h"
#include "search/problems/landscape/hashed.h"
#include "search/problems/networks/macro_cnn.h"
#include "search/square.h"

namespace tonne::macro_cnn {
namespace {

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
  explicit OnceForAll(const Settings& settings)
      : MacroCnn(settings, "macro_cnn/once_for_all", kOnceForAllEpochs, kImageNetImages,
                 100.0 / kImageNetClasses, make_space()),
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
    costs.depthwise(kStemChannels, 9.0, square(side), square(side));  // the first block does not expand
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

}  // namespace

std::shared_ptr<const Problem> make_once_for_all(const Settings& settings) {
  return std::make_shared<const OnceForAll>(settings);
}

}  // namespace tonne::macro_cnn
