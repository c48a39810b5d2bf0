// Networks for microcontrollers: int8 weights and activations under limits of RAM and flash, which are
// constraints.
//
// keyword_spotting: DS-CNN of Zhang, Suda, Lai and Chandra 2017, "Hello Edge: Keyword Spotting on
// Microcontrollers" (arXiv:1711.07128): 49 x 10 MFCC features, a convolution, depthwise separable blocks, 12
// classes. person_detection: MobileNetV1 (Howard et al. 2017) for Visual Wake Words as in MLPerf Tiny
// (Banbury et al. 2021): a gray image, two classes.
//
// Exact: multiply-accumulates, weights, RAM (the largest sum of two successive tensors, as in Hello Edge) and
// flash (weights and code). Generative: accuracy.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/random.h"
#include "core/recipe.h"
#include "core/settings.h"
#include "core/units.h"
#include "search/problems/landscape/hashed.h"
#include "search/problems/networks/convolutions.h"

namespace tonne {
namespace {

enum class TinyTask : std::uint8_t { keyword_spotting, person_detection };
constexpr std::array<std::string_view, 2> kTinyTaskNames = {"keyword_spotting", "person_detection"};

struct TinyMlSettings {
  TinyTask task = TinyTask::keyword_spotting;
  // STM32F446: 128 kB of RAM, 512 kB of flash; STM32F746: 320 kB and 1 MB (Lin et al. 2020, MCUNet, NeurIPS).
  Bytes ram = Bytes::from_base(128.0 * 1024.0);
  Bytes flash = Bytes::from_base(512.0 * 1024.0);
  Bytes runtime_ram = Bytes::from_base(24.0 * 1024.0);  ///< stack, buffers, interpreter; assumed
  Bytes code = Bytes::from_base(96.0 * 1024.0);         ///< program and kernels; assumed
  std::int64_t landscape = 0;
  std::int64_t epochs = 50;  ///< assumed: MLPerf Tiny trains 36 (keywords) and 50 (persons)
  std::int64_t batch = 100;  ///< Zhang et al. 2017; assumed for persons
  double noise = 1.0;        ///< factor on the seed sd

  void visit(SettingsVisitor& visitor) {
    visitor.choice("task", task, kTinyTaskNames,
                   "keyword spotting in one-second clips, or person detection in images");
    visitor.quantity("ram", ram, Bounds::above(0), "RAM of the microcontroller");
    visitor.quantity("flash", flash, Bounds::above(0), "flash of the microcontroller");
    visitor.quantity("runtime_ram", runtime_ram, Bounds::at_least(0), "RAM not available for activations");
    visitor.quantity("code", code, Bounds::at_least(0), "flash not available for weights");
    visitor.integer("landscape", landscape, Bounds::between(0, 9e15), "seed of the landscape's random part");
    visitor.integer("epochs", epochs, Bounds::between(1, 1e6), "epochs of a full training");
    visitor.integer("batch", batch, Bounds::between(1, 1e6), "samples per step");
    visitor.number("noise", noise, Bounds::between(0, 100), "scale of the training seed's effect");
  }
};

/// Costs, and what limits them.
struct TinyCosts {
  ConvolutionalCosts network;
  double deployed = 0.0;  ///< weights and biases, normalisation folded in; bytes, since int8
  double tensors = 0.0;   ///< sum of the layers' outputs, bytes
  double operations = 0.0;  ///< convolutions, pooling and the linear layer, all else fused into them
  double peak = 0.0;      ///< the largest sum of a layer's input and output, bytes
};

/// Follows a tensor through the layers.
class Chain {
 public:
  Chain(double height, double width, double channels) : height_(height), width_(width), channels_(channels) {}

  void convolution(double out, double kernel, double stride_height, double stride_width) {
    const double before = size();
    stride(stride_height, stride_width);
    costs_.network.convolution(channels_, out, kernel, height_ * width_);
    costs_.deployed += channels_ * out * kernel;
    channels_ = out;
    finish(before);
  }
  void depthwise(double kernel, double stride_both) {
    const double before = size();
    const double read = height_ * width_;
    stride(stride_both, stride_both);
    costs_.network.depthwise(channels_, kernel, read, height_ * width_);
    costs_.deployed += channels_ * kernel;
    finish(before);
  }
  void separable(double out, double kernel, double stride_both) {
    depthwise(kernel, stride_both);
    convolution(out, 1.0, 1.0, 1.0);
  }
  /// Global average pooling and a linear layer.
  [[nodiscard]] TinyCosts classify(double classes) {
    costs_.network.linear(channels_, classes);
    costs_.deployed += channels_ * classes + classes;
    costs_.operations += 2.0;
    return costs_;
  }

 private:
  [[nodiscard]] double size() const { return height_ * width_ * channels_; }
  void stride(double of_height, double of_width) {
    height_ = std::ceil(height_ / of_height);
    width_ = std::ceil(width_ / of_width);
  }
  void finish(double before) {
    costs_.network.normalisation(channels_, height_ * width_);
    costs_.deployed += channels_;
    costs_.tensors += size();
    costs_.operations += 1.0;
    costs_.peak = std::max(costs_.peak, before + size());
  }

  double height_;
  double width_;
  double channels_;
  TinyCosts costs_;
};

/// What differs between the tasks. The frontier of the error is a power law of the multiply-accumulates.
struct TaskTraits {
  double samples;
  double chance;
  double frontier_error;  ///< %, at frontier_costs
  double frontier_costs;  ///< multiply-accumulates
  double frontier_exponent;
  double usual_distance;  ///< points between a usual network and the frontier
  double noise;           ///< seed sd, points; assumed
  double curve;           ///< epochs to half way; assumed
};
// DS-CNN S, M and L: 94.4, 94.9 and 95.4 % at 5.4, 19.8 and 56.9 M operations (Zhang et al. 2017). Speech
// Commands as Hello Edge splits it: 80 % of the first version's clips of 10 words, silence and unknown, about
// 36,900 (MLPerf Tiny's count).
constexpr TaskTraits kKeywords = {.samples = 36'900.0,
                                  .chance = 100.0 / 12.0,
                                  .frontier_error = 5.3,
                                  .frontier_costs = 2.66e6,
                                  .frontier_exponent = 0.084,
                                  .usual_distance = 0.3,
                                  .noise = 0.15,
                                  .curve = 1.0};
// MobileNetV1 x .25 at 96 pixels: about 86 % with 7.5 M multiply-accumulates (MLPerf Tiny); 87-88 % near 12 M
// (MCUNet's figure 9, read from memory). Visual Wake Words: 115,000 images of COCO (Chowdhery et al. 2019).
constexpr TaskTraits kPersons = {.samples = 115'000.0,
                                 .chance = 50.0,
                                 .frontier_error = 13.0,
                                 .frontier_costs = 7.5e6,
                                 .frontier_exponent = 0.20,
                                 .usual_distance = 1.0,
                                 .noise = 0.3,
                                 .curve = 2.0};

constexpr double kDistanceSlope = 0.5;     // of the logarithm of the distance, per sd of quality; assumed
constexpr double kPairShare = 0.3;         // of quality's variance: neighbouring decisions; assumed
constexpr double kOwnShare = 0.15;         // .. the network's own deviation; assumed
constexpr double kCurveSpread = 0.3;       // assumed, as are:
constexpr double kCurveCorrelation = 0.5;  // of a fast start with quality

// ---- keyword_spotting ----
constexpr std::array<double, 9> kKeywordChannels = {16, 32, 48, 64, 96, 128, 172, 224, 276};
constexpr std::size_t kMostKeywordBlocks = 6;
// Hello Edge's three models differ in channels, blocks (4, 4, 5) and where they halve.
enum KeywordField : std::size_t { kStemChannels, kStemWidthStride, kBlockStride, kDepth, kFirstBlock };

// ---- person_detection ----
constexpr std::array<double, 6> kPersonSides = {48, 64, 80, 96, 112, 128};
constexpr std::array<double, 6> kPersonWidths = {0.125, 0.1875, 0.25, 0.35, 0.5, 0.75};
constexpr std::size_t kPersonStages = 4;
// MobileNetV1: 32 channels, then 64, 128 twice, 256 twice, 512 six times, 1,024 twice; a stage halves the
// sides first.
constexpr double kPersonStem = 32.0;
constexpr double kPersonFirst = 64.0;
constexpr std::array<double, kPersonStages> kPersonChannels = {128, 256, 512, 1'024};
enum PersonField : std::size_t { kSide, kWidth, kFirstStage };

std::vector<std::string> texts(const double* values, std::size_t count) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text = std::to_string(values[i]);
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
    result.push_back(std::move(text));
  }
  return result;
}

// Default: DS-CNN S.
SearchSpace keyword_space() {
  const Ordinal channels{texts(kKeywordChannels.data(), kKeywordChannels.size())};
  std::vector<Parameter> parameters;
  parameters.push_back({"stem_channels", channels, std::nullopt, 3.0});
  parameters.push_back({"stem_width_stride", Ordinal{{"1", "2"}}, std::nullopt, 1.0});
  parameters.push_back({"block_1_stride", Ordinal{{"1", "2"}}, std::nullopt, 0.0});
  parameters.push_back({"blocks", Ordinal{{"2", "3", "4", "5", "6"}}, std::nullopt, 2.0});
  for (std::size_t block = 0; block < kMostKeywordBlocks; ++block) {
    std::optional<Condition> there;
    if (block >= 2) {
      there = Condition{kDepth, {}};
      for (std::size_t depth = block - 1; depth < kMostKeywordBlocks - 1; ++depth)
        there->choices.push_back(depth);
    }
    const std::string prefix = "block_" + std::to_string(block + 1);
    parameters.push_back({prefix + "_channels", channels, there, 3.0});
    parameters.push_back({prefix + "_kernel", Ordinal{{"3", "5"}}, there, 0.0});
  }
  return SearchSpace(std::move(parameters));
}

TinyCosts keyword_costs(const Configuration& configuration) {
  Chain chain(49.0, 10.0, 1.0);
  chain.convolution(kKeywordChannels[configuration.index(kStemChannels)], 40.0, 2.0,
                    1.0 + static_cast<double>(configuration.index(kStemWidthStride)));
  const std::size_t blocks = 2 + configuration.index(kDepth);
  for (std::size_t block = 0; block < blocks; ++block) {
    const std::size_t field = kFirstBlock + 2 * block;
    const double stride = block == 0 ? 1.0 + static_cast<double>(configuration.index(kBlockStride)) : 1.0;
    chain.separable(kKeywordChannels[configuration.index(field)],
                    configuration.index(field + 1) == 0 ? 9.0 : 25.0, stride);
  }
  return chain.classify(12.0);
}

// Default: MobileNetV1 x .25 at 96 pixels.
SearchSpace person_space() {
  std::vector<Parameter> parameters;
  parameters.push_back({"side", Ordinal{texts(kPersonSides.data(), kPersonSides.size())}, std::nullopt, 3.0});
  parameters.push_back(
      {"stem_width", Ordinal{texts(kPersonWidths.data(), kPersonWidths.size())}, std::nullopt, 2.0});
  constexpr std::array<double, kPersonStages> usual_blocks = {2, 2, 6, 2};
  for (std::size_t stage = 0; stage < kPersonStages; ++stage) {
    const std::string prefix = "stage_" + std::to_string(stage + 1);
    parameters.push_back(
        {prefix + "_width", Ordinal{texts(kPersonWidths.data(), kPersonWidths.size())}, std::nullopt, 2.0});
    parameters.push_back({prefix + "_blocks", Integer{1, 6}, std::nullopt, usual_blocks[stage]});
    parameters.push_back({prefix + "_kernel", Ordinal{{"3", "5", "7"}}, std::nullopt, 0.0});
  }
  return SearchSpace(std::move(parameters));
}

TinyCosts person_costs(const Configuration& configuration) {
  constexpr std::array<double, 3> kernels = {9, 25, 49};
  const double side = kPersonSides[configuration.index(kSide)];
  const auto channels = [](double full, double width) {
    return std::max(8.0, 8.0 * std::floor((full * width + 4.0) / 8.0));
  };
  Chain chain(side, side, 1.0);
  const double width = kPersonWidths[configuration.index(kWidth)];
  chain.convolution(channels(kPersonStem, width), 9.0, 2.0, 2.0);
  chain.separable(channels(kPersonFirst, width), 9.0, 1.0);
  for (std::size_t stage = 0; stage < kPersonStages; ++stage) {
    const std::size_t field = kFirstStage + 3 * stage;
    const double out = channels(kPersonChannels[stage], kPersonWidths[configuration.index(field)]);
    const auto blocks = static_cast<int>(configuration[field + 1]);
    for (int block = 0; block < blocks; ++block)
      chain.separable(out, kernels[configuration.index(field + 2)], block == 0 ? 2.0 : 1.0);
  }
  return chain.classify(2.0);
}

class TinyMl final : public Problem {
 public:
  explicit TinyMl(const TinyMlSettings& settings)
      : settings_(settings),
        task_(settings.task == TinyTask::keyword_spotting ? kKeywords : kPersons),
        seed_(mix_bits(static_cast<std::uint64_t>(settings.landscape) ^ 0x71e1ULL)),
        space_(settings.task == TinyTask::keyword_spotting ? keyword_space() : person_space()) {
    traits_.name = "tiny_ml/" + std::string(kTinyTaskNames[static_cast<std::size_t>(settings.task)]);
    traits_.objectives = {{"accuracy", "%", Direction::maximise}};
    traits_.fidelity = {"epochs", 1.0, static_cast<double>(settings.epochs), true};
    traits_.constraints = {"ram", "flash"};
    Configuration largest = space_.default_configuration();
    for (std::size_t f = 0; f < space_.size(); ++f) largest.set(f, largest_value(f));
    bound_ = frontier(costs(largest).network.multiply_accumulates);
  }

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  /// A bound: the frontier at the costs of the largest network, which the limits forbid on most devices.
  [[nodiscard]] std::optional<double> optimum() const override { return bound_; }
  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    return asymptote(costs(configuration), quality(configuration));
  }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random random) const override {
    const Configuration& configuration = evaluation.configuration;
    const TinyCosts network = costs(configuration);
    const double q = quality(configuration);
    const double deviation = hashed_normal(configuration.digest() ^ seed_ ^ 0xc0ffeeULL);
    const double start =
        kCurveCorrelation * q + std::sqrt(1.0 - kCurveCorrelation * kCurveCorrelation) * deviation;
    const double full = traits_.fidelity.highest;
    const double way = growth(evaluation.to, task_.curve * std::exp(-kCurveSpread * start), full);
    const double accuracy = task_.chance + (asymptote(network, q) - task_.chance) * way +
                            settings_.noise * task_.noise * random.normal();
    Outcome outcome;
    outcome.objectives.push_back(std::clamp(accuracy, 0.0, 100.0));
    outcome.constraints.push_back((network.peak + settings_.runtime_ram.base()) / settings_.ram.base() - 1.0);
    outcome.constraints.push_back((network.deployed + settings_.code.base()) / settings_.flash.base() - 1.0);
    const double epochs = evaluation.to - evaluation.from;
    const auto batch = static_cast<double>(settings_.batch);
    outcome.workload = training_work(network.network, task_.samples * epochs,
                                     std::ceil(task_.samples / batch) * epochs, batch,
                                     WorkKind::narrow_convolution);
    return outcome;
  }

  /// On the device: RAM that activations take, int8.
  [[nodiscard]] std::optional<Workload> inference(const Configuration& configuration) const override {
    const TinyCosts network = costs(configuration);
    Workload work = inference_work(network.network, Precision::int8, WorkKind::narrow_convolution);
    work.fixed_precision = true;
    // The device runs normalisation folded into the convolutions: each tensor is written and read once.
    work.traffic = Bytes::from_base(2.0 * network.tensors + network.deployed);
    work.shared_traffic = Bytes::from_base(network.deployed);
    work.operations = network.operations;
    work.parameters = network.deployed;
    work.memory = Bytes::from_base(network.peak);
    return work;
  }

 private:
  [[nodiscard]] TinyCosts costs(const Configuration& configuration) const {
    return settings_.task == TinyTask::keyword_spotting ? keyword_costs(configuration)
                                                        : person_costs(configuration);
  }

  // Of multiply-accumulates; strides of 1 cost the most.
  [[nodiscard]] double largest_value(std::size_t field) const {
    const Domain& domain = space_[field].domain;
    if (const auto* number = std::get_if<Integer>(&domain)) return static_cast<double>(number->high);
    const bool stride =
        settings_.task == TinyTask::keyword_spotting && (field == kStemWidthStride || field == kBlockStride);
    return stride ? 0.0 : static_cast<double>(*cardinality(domain)) - 1.0;
  }

  [[nodiscard]] double frontier(double multiply_accumulates) const {
    return 100.0 - task_.frontier_error *
                       std::pow(multiply_accumulates / task_.frontier_costs, -task_.frontier_exponent);
  }
  [[nodiscard]] double asymptote(const TinyCosts& costs, double quality) const {
    return std::max(task_.chance, frontier(costs.network.multiply_accumulates) -
                                      task_.usual_distance * std::exp(-kDistanceSlope * quality));
  }

  /// Of mean near 0 and sd near 1: hashed effects of decisions and of neighbouring ones, and the network's
  /// own deviation.
  [[nodiscard]] double quality(const Configuration& configuration) const {
    double single = 0.0;
    double pair = 0.0;
    double active = 0.0;
    std::uint64_t before = 0;
    for (std::size_t f = 0; f < space_.size(); ++f) {
      if (!configuration.is_active(f)) continue;
      const std::uint64_t choice = 64 * f + static_cast<std::uint64_t>(configuration[f]);
      single += effect(choice);
      if (active > 0.0) pair += effect(100'000 + 4'096 * before + choice);
      before = choice;
      active += 1.0;
    }
    return (std::sqrt(1.0 - kPairShare - kOwnShare) * single + std::sqrt(kPairShare) * pair) /
               std::sqrt(active) +
           std::sqrt(kOwnShare) * hashed_normal(configuration.digest() ^ seed_);
  }
  // Uniform of variance 1: cheaper than a normal number, and a sum of many.
  [[nodiscard]] double effect(std::uint64_t name) const {
    return std::sqrt(12.0) * (hashed_uniform(seed_ ^ mix_bits(name)) - 0.5);
  }

  TinyMlSettings settings_;
  TaskTraits task_;
  std::uint64_t seed_;
  SearchSpace space_;
  double bound_ = 100.0;
  ProblemTraits traits_;
};

}  // namespace

std::unique_ptr<ProblemRecipe> make_tiny_ml_recipe() {
  return std::make_unique<BasicProblemRecipe<TinyMlSettings, TinyMl>>();
}

}  // namespace tonne
