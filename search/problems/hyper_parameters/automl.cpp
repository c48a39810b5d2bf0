// The four parts of AutoML in one problem: keyword spotting on a small processor, from the sound to the
// compiled kernels. Stages: features (the log-mel front end), hyper-parameters, architecture (a convolutional
// network), compilation (number format and schedule).
//
// Computed: the work of each stage. An evaluation computes the features of all clips once, trains, compiles
// and measures; a training that is resumed has the first and the last already. Its work is booked to
//     features          Fourier transforms and mel filters of every clip
//     hyper-parameters  what they add to the training: the optimiser's steps and the augmentation
//     architecture      the passes through the network: 3 x 2 x multiply-accumulates of each clip and epoch
//     compilation       the compiler, calibration for 8 bits, and the measured runs
//
// Published: the objective, ACC x (LAT / T)^w with w = -.07: Tan et al. 2019, MnasNet, equation 2 and section
// 3.1, the soft constraint. Latency by a roofline of the processor.
//
// Assumed: the accuracy. Error points are summed over deviations from optima that depend on other stages'
// choices: the more bands, the larger the field that the network must see; the larger the network, the more
// augmentation helps; the wider it is, the smaller the learning rate; separable convolutions lose more in 8
// bits. So stages searched one after the other end elsewhere than all at once. Shifts of these optima are
// hashed from `landscape`.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/random.h"
#include "core/recipe.h"
#include "core/settings.h"
#include "core/units.h"
#include "search/problems/landscape/fp32.h"
#include "search/problems/landscape/hashed.h"
#include "search/square.h"

namespace tonne {
namespace {

enum Stage : std::size_t { kFeatures, kHyper, kArchitecture, kCompilation, kStages };

enum Field : std::size_t {
  kWindow,
  kHop,
  kBands,
  kDeltas,
  kNormalisation,
  kLearningRate,
  kBatch,
  kWeightDecay,
  kAugmentation,
  kSmoothing,
  kBlocks,
  kChannels,
  kKernel,
  kBlock,
  kExpansion,
  kFormat,
  kTile,
  kUnroll,
  kVector,
  kThreads,
  kLayout,
  kFields
};

constexpr std::array<double, 4> kWindows = {20, 25, 32, 40};  // ms
constexpr std::array<double, 4> kHops = {10, 15, 20, 30};     // ms
constexpr std::array<double, 5> kBandCounts = {10, 20, 40, 64, 80};
constexpr std::array<double, 6> kBatches = {16, 32, 64, 128, 256, 512};
constexpr std::array<double, 7> kChannelCounts = {16, 24, 32, 48, 64, 96, 128};
constexpr std::array<double, 3> kKernels = {3, 5, 7};
constexpr std::array<double, 3> kExpansions = {2, 4, 6};
constexpr std::array<double, 5> kTiles = {4, 8, 16, 32, 64};
constexpr std::array<double, 4> kUnrolls = {1, 2, 4, 8};
constexpr std::array<double, 4> kVectors = {1, 4, 8, 16};
constexpr std::array<double, 3> kThreadCounts = {1, 2, 4};
enum Block : std::size_t { kStandard, kSeparable, kInverted };
enum Format : std::size_t { kFp32, kFp16, kInt8 };
constexpr std::array<Precision, 3> kFormats = {Precision::fp32, Precision::fp16, Precision::int8};
enum Augmentation : std::size_t { kNone, kMasks, kMixing };
enum Layout : std::size_t { kNchw, kNhwc, kBlocked };

// Speech Commands (Warden 2018): 35 words, clips of one second at 16 kHz, 84,843 for training in version 2.
constexpr double kClips = 84'843.0;
constexpr double kSamplesOfMs = 16.0;
constexpr double kClipMs = 1'000.0;
constexpr double kClasses = 35.0;
constexpr double kMostBlocks = 8;

constexpr double kPasses = 3.0;
constexpr double kFlopsOfOptimiser = 12.0;  // Adam, a weight and step
constexpr double kNumbersPerWeight = 4.0;  // weight, gradient, two moments
constexpr double kAccessesPerActivation = 5.0;
constexpr double kAccessesPerWeight = 10.0;

// The compiler and the measurement; assumed.
constexpr double kCompiling = 2e11;          // FLOPs of one core for some tens of seconds
constexpr double kCompilingUnrolled = 5e10;  // more for each factor of two in unrolling
constexpr double kMeasuredRuns = 1'000.0;
constexpr double kCalibrationClips = 500.0;

// The processor: a core of a small application processor; assumed.
constexpr double kPeak = 2.4e10;  // FLOP/s of one core, fp32 in lanes of 8
constexpr double kLanes = 8.0;
constexpr double kBandwidth = 4e9;        // bytes/s
constexpr double kFastMemory = 32'768.0;  // bytes of its first cache
constexpr double kRegisters = 32.0;
constexpr double kDispatch = 2e-5;        // s a layer
constexpr double kThreadStart = 1e-5;     // s a layer and further thread
constexpr double kThreadLoss = 0.12;      // of the second thread's gain, and so on
constexpr double kLatencyWeight = -0.07;  // w

// The accuracy, in points; assumed.
constexpr double kBest = 97.5;
constexpr double kCapacityError = 18.0;  // of a network of 10^5 multiply-accumulates
constexpr double kCapacityRate = 1.15;   // a power of ten takes it to e^-1.15
constexpr double kCurveExponent = 1.6;
constexpr double kCliff = 12.0;  // times the optimal learning rate: where half of the seeds diverge

struct AutoMlSettings {
  std::int64_t landscape = 0;
  std::int64_t epochs = 60;  ///< assumed
  double noise = 0.15;       ///< assumed
  double target_latency = 1.0;  ///< assumed

  void visit(SettingsVisitor& visitor) {
    visitor.integer("landscape", landscape, Bounds::at_least(0),
                    "seed of the landscape: where the optima lie");
    visitor.integer("epochs", epochs, Bounds::between(2, 1e6), "epochs of a full training");
    visitor.number("noise", noise, Bounds::between(0, 100),
                   "sd of the training seed's effect, in percentage points");
    visitor.number("target_latency", target_latency, Bounds::above(0),
                   "target latency T, at which the score equals the accuracy, in ms");
  }
};

/// What a configuration costs; work in FLOPs.
struct Costs {
  double features = 0.0;  // of a clip
  double inputs = 0.0;    // numbers that a clip gives
  double frames = 0.0;
  double channels = 0.0;
  double multiply_accumulates = 0.0;
  double activations = 0.0;
  double parameters = 0.0;
  double layers = 0.0;
  double field = 0.0;  // of an output, in inputs along each axis
};

template <class Numbers>
std::vector<std::string> level_names(const Numbers& numbers) {
  std::vector<std::string> names;
  for (const double number : numbers) names.push_back(std::to_string(static_cast<std::int64_t>(number)));
  return names;
}

class AutoMl final : public Problem {
 public:
  explicit AutoMl(const AutoMlSettings& settings)
      : settings_(settings), full_(static_cast<double>(settings.epochs)), space_(make_space()) {
    traits_.name = "automl";
    traits_.objectives = {{"score", "%", Direction::maximise}};
    traits_.fidelity = {"epochs", 1.0, full_};
    traits_.stages = {"features", "hyper-parameters", "architecture", "compilation"};
    for (std::size_t field = 0; field < kFields; ++field)
      traits_.stage_of.push_back(field < kLearningRate ? kFeatures
                                 : field < kBlocks     ? kHyper
                                 : field < kFormat     ? kArchitecture
                                                       : kCompilation);
    for (std::size_t i = 0; i < shifts_.size(); ++i)
      shifts_[i] = hashed_normal(mix_bits(static_cast<std::uint64_t>(settings.landscape) ^ 0xa0701ULL) ^ i);
  }

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }

  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    const Costs costs = count(configuration);
    const double rate = relative_rate(configuration);
    const double accuracy =
        rate > kCliff ? 100.0 / kClasses : after(configuration, full_, asymptote(configuration, costs), rate);
    return score(accuracy, latency(configuration, costs));
  }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random) const override {
    const Configuration& configuration = evaluation.configuration;
    const Costs costs = count(configuration);
    const std::uint64_t seed = mix_bits(evaluation.run + mix_bits(evaluation.repeat));
    const double rate = relative_rate(configuration);
    const double diverges = rate > kCliff * std::exp(0.2 * hashed_normal(seed ^ 1U))
                                ? std::ceil(0.2 * full_ * hashed_uniform(seed ^ 2U) + 0.5)
                                : 2.0 * full_;
    Outcome outcome;
    if (diverges < evaluation.to) {
      outcome.failure = Failure::diverged;
      fill_work(outcome, evaluation, costs, std::max(0.0, diverges - evaluation.from), false);
      return outcome;
    }
    const double accuracy = after(configuration, evaluation.to, asymptote(configuration, costs), rate) +
                            settings_.noise * hashed_normal(seed);
    outcome.objectives.push_back(score(std::clamp(accuracy, 0.0, 100.0), latency(configuration, costs)));
    fill_work(outcome, evaluation, costs, evaluation.to - evaluation.from, true);
    return outcome;
  }

  /// One clip: its features, and a pass through the network, in the number format of the compiled kernels.
  [[nodiscard]] std::optional<Workload> inference(const Configuration& configuration) const override {
    const Costs costs = count(configuration);
    const std::size_t format = configuration.index(kFormat);
    const double bytes = std::ldexp(kBytesPerNumber, -static_cast<int>(format));
    Workload work;
    work.samples = 1.0;
    work.parameters = costs.parameters;
    work.flops = Work::from_base(costs.features + 2.0 * costs.multiply_accumulates);
    work.traffic = Bytes::from_base(bytes * (2.0 * costs.activations + costs.parameters));
    work.memory = Bytes::from_base(bytes * (costs.activations + costs.parameters));
    work.precision = kFormats[format];
    work.fixed_precision = true;
    work.kind = WorkKind::narrow_convolution;
    work.activation_traffic = 1.0;
    work.activation_memory = 1.0;
    work.operations = costs.layers + 2.0;  // and the features, and pooling
    work.shared_traffic = Bytes::from_base(bytes * costs.parameters);
    return work;
  }

 private:
  // The default: the front end that speech recognition uses, Adam's usual settings, four separable blocks of
  // 64 channels as in Zhang et al. 2017 (Hello Edge, DS-CNN), and a schedule that vectorises.
  static SearchSpace make_space() {
    const Condition inverted{kBlock, {kInverted}};
    return SearchSpace({
        {"window_ms", Ordinal{level_names(kWindows)}, std::nullopt, 1.0},
        {"hop_ms", Ordinal{level_names(kHops)}, std::nullopt, 0.0},
        {"mel_bands", Ordinal{level_names(kBandCounts)}, std::nullopt, 2.0},
        {"deltas", Categorical{{"no", "yes"}}, std::nullopt, 0.0},
        {"normalisation", Categorical{{"none", "clip", "set"}}, std::nullopt, 0.0},
        {"learning_rate", Real{1e-5, 1.0, Scale::log}, std::nullopt, 1e-3},
        {"batch", Ordinal{level_names(kBatches)}, std::nullopt, 2.0},
        {"weight_decay", Real{1e-6, 1e-1, Scale::log}, std::nullopt, 1e-4},
        {"augmentation", Ordinal{{"none", "masks", "mixing"}}, std::nullopt, 0.0},
        {"label_smoothing", Real{0.0, 0.3}, std::nullopt, 0.0},
        {"blocks", Integer{2, static_cast<std::int64_t>(kMostBlocks)}, std::nullopt, 4.0},
        {"channels", Ordinal{level_names(kChannelCounts)}, std::nullopt, 4.0},
        {"kernel", Ordinal{level_names(kKernels)}, std::nullopt, 0.0},
        {"block", Categorical{{"standard", "separable", "inverted"}}, std::nullopt, 1.0},
        {"expansion", Ordinal{level_names(kExpansions)}, inverted, 1.0},
        {"number_format", Ordinal{{"fp32", "fp16", "int8"}}, std::nullopt, 0.0},
        {"tile", Ordinal{level_names(kTiles)}, std::nullopt, 2.0},
        {"unroll", Ordinal{level_names(kUnrolls)}, std::nullopt, 0.0},
        {"vector", Ordinal{level_names(kVectors)}, std::nullopt, 2.0},
        {"threads", Ordinal{level_names(kThreadCounts)}, std::nullopt, 0.0},
        {"layout", Categorical{{"nchw", "nhwc", "blocked"}}, std::nullopt, 0.0},
    });
  }

  // The network: a 3x3 convolution of stride 2, the blocks, of which the later half see half as many
  // positions along each axis, pooling and a classifier.
  [[nodiscard]] static Costs count(const Configuration& configuration) {
    Costs costs;
    const double window = kWindows[configuration.index(kWindow)];
    const double bands = kBandCounts[configuration.index(kBands)];
    const double planes = configuration.index(kDeltas) == 1 ? 3.0 : 1.0;
    costs.frames = std::floor((kClipMs - window) / kHops[configuration.index(kHop)]) + 1.0;
    const double points = window > 32.0 ? 1'024.0 : 512.0;  // the next power of two
    // A Fourier transform, 5 n log2 n; the filters, each point in two bands; the differences, 6 a number.
    costs.features =
        costs.frames * (5.0 * points * std::log2(points) + 2.0 * points + (planes - 1.0) * 6.0 * bands);
    costs.inputs = costs.frames * bands * planes;

    const double channels = kChannelCounts[configuration.index(kChannels)];
    const double kernel = kKernels[configuration.index(kKernel)];
    const double blocks = configuration[kBlocks];
    const double late = std::floor(blocks / 2.0);
    const double positions = std::ceil(costs.frames / 2.0) * std::ceil(bands / 2.0);
    const double seen = (blocks - late) * positions + late * positions / 4.0;
    const std::size_t block = configuration.index(kBlock);
    const double inner =
        block == kInverted ? channels * kExpansions[configuration.index(kExpansion)] : channels;
    const double weights = block == kStandard    ? square(kernel) * square(channels)
                           : block == kSeparable ? square(kernel) * channels + square(channels)
                                                 : square(kernel) * inner + 2.0 * inner * channels;
    const double maps = block == kStandard    ? channels
                        : block == kSeparable ? 2.0 * channels
                                              : 2.0 * inner + channels;
    costs.channels = channels;
    costs.layers = 2.0 + blocks * (block == kStandard ? 1.0 : block == kSeparable ? 2.0 : 3.0);
    costs.multiply_accumulates = 9.0 * planes * channels * positions + weights * seen + channels * kClasses;
    costs.activations = channels * positions + maps * seen;
    costs.parameters =
        (9.0 * planes + 3.0) * channels + blocks * (weights + 3.0 * maps) + (channels + 1.0) * kClasses;
    costs.field = 3.0 + 2.0 * (kernel - 1.0) * (blocks - late) + 4.0 * (kernel - 1.0) * late;
    return costs;
  }

  // Seconds of one clip. A schedule reaches the share of the peak that its lanes, tiles, unrolling and layout
  // leave; the memory gives activations and weights once.
  [[nodiscard]] static double latency(const Configuration& configuration, const Costs& costs) {
    const std::size_t format = configuration.index(kFormat);
    const double bytes = std::ldexp(kBytesPerNumber, -static_cast<int>(format));
    const double lanes = kLanes * kBytesPerNumber / bytes;
    const double vector = kVectors[configuration.index(kVector)];
    const double unroll = kUnrolls[configuration.index(kUnroll)];
    const double tile = kTiles[configuration.index(kTile)];
    const double threads = kThreadCounts[configuration.index(kThreads)];
    const double filled = std::min(vector, lanes) / lanes;
    const double spilled = std::max(1.0, vector * unroll * bytes / (kBytesPerNumber * kRegisters));
    const double overheads = 1.0 / (1.0 + 0.4 / unroll);  // of loops
    // Tile by tile of outputs over all channels: too small reuses little, too large leaves the cache.
    const double held = tile * costs.channels * bytes * 4.0 / kFastMemory;
    const double reuse = 1.0 / (1.0 + 0.15 * square(std::log2(std::max(held, 1e-3))));
    const double layout = layout_share(configuration.index(kLayout), configuration.index(kBlock));
    const double speedup = threads / (1.0 + kThreadLoss * (threads - 1.0));
    const double rate = kPeak * (lanes / kLanes) * filled * overheads * reuse * layout / spilled * speedup;
    const double traffic = bytes * (2.0 * costs.activations + costs.parameters) / kBandwidth;
    const double front_end = costs.features / (0.25 * kPeak);
    return std::max(2.0 * costs.multiply_accumulates / rate, traffic) + front_end +
           costs.layers * (kDispatch + kThreadStart * (threads - 1.0));
  }

  // Channels last suit separable convolutions, blocks of channels the others.
  static double layout_share(std::size_t layout, std::size_t block) {
    if (layout == kNchw) return block == kStandard ? 0.6 : 0.45;
    if (layout == kNhwc) return block == kStandard ? 0.7 : 0.85;
    return block == kStandard ? 0.85 : 0.65;
  }

  [[nodiscard]] double relative_rate(const Configuration& configuration) const {
    const double channels = kChannelCounts[configuration.index(kChannels)];
    const double batch = kBatches[configuration.index(kBatch)];
    const double best =
        2e-3 * std::sqrt(batch / 64.0) * std::sqrt(64.0 / channels) * std::exp(0.3 * shifts_[0]);
    return configuration[kLearningRate] / best;
  }

  // Accuracy after an endless training, %.
  [[nodiscard]] double asymptote(const Configuration& configuration, const Costs& costs) const {
    const double size = std::log10(costs.multiply_accumulates) - 5.0;
    const double capacity = kCapacityError * std::exp(-kCapacityRate * size);
    const double error = capacity + features_error(configuration, costs) +
                         training_error(configuration, size) + format_error(configuration);
    return std::max(kBest - error, 100.0 / kClasses);
  }

  [[nodiscard]] double features_error(const Configuration& configuration, const Costs& costs) const {
    const double bands = kBandCounts[configuration.index(kBands)];
    const double window = kWindows[configuration.index(kWindow)];
    const double hop = kHops[configuration.index(kHop)];
    // More bands show more, to a network that sees enough of them at once.
    const double coarse = 3.0 * std::exp(-bands / (18.0 * std::exp(0.1 * shifts_[1])));
    const double seen = std::min(1.0, costs.field / (0.6 * bands));
    const double blurred = 0.8 * square(std::log(window / 27.0) + 0.1 * shifts_[2]);
    const double skipped = 1.2 * square(std::max(0.0, std::log(hop / 10.0)));
    const double deltas = configuration.index(kDeltas) == 1 ? -0.3 * std::exp(-costs.field / 30.0) : 0.0;
    constexpr std::array<double, 3> kNormalised = {0.6, 0.2, 0.0};
    return coarse + 2.5 * square(1.0 - seen) + blurred + skipped + deltas +
           kNormalised[configuration.index(kNormalisation)];
  }

  [[nodiscard]] double training_error(const Configuration& configuration, double size) const {
    const double rate = std::log(relative_rate(configuration));
    const double decay = std::log(configuration[kWeightDecay] / (3e-4 * std::exp(0.5 * shifts_[3])));
    const double smoothing = configuration[kSmoothing] - 0.1;
    // Augmentation as regulariser: a small network cannot fit what it adds.
    constexpr std::array<double, 3> kStrength = {0.0, 1.0, 2.0};
    const double wanted = std::clamp(1.6 * (size - 1.0) + 0.2 * shifts_[4], 0.0, 2.0);
    const double missed = kStrength[configuration.index(kAugmentation)] - wanted;
    const double batch = std::log2(kBatches[configuration.index(kBatch)] / 64.0);
    return 0.35 * square(rate) + 0.06 * square(decay) + 10.0 * square(smoothing) + 0.5 * square(missed) +
           0.04 * square(std::max(0.0, batch));
  }

  [[nodiscard]] static double format_error(const Configuration& configuration) {
    if (configuration.index(kFormat) != kInt8) return 0.0;
    constexpr std::array<double, 3> kLost = {0.3, 0.9, 1.2};  // standard, separable, inverted
    return kLost[configuration.index(kBlock)];
  }

  // A power law, slower under augmentation and with small steps, so that curves cross.
  [[nodiscard]] double after(const Configuration& configuration, double epochs, double asymptote,
                             double rate) const {
    constexpr std::array<double, 3> kPatience = {1.0, 1.6, 2.5};
    const double half = 1.5 * kPatience[configuration.index(kAugmentation)] / std::sqrt(std::max(rate, 0.01));
    const double chance = 100.0 / kClasses;
    return chance + (asymptote - chance) * (1.0 - std::pow(1.0 + epochs / half, -kCurveExponent));
  }

  [[nodiscard]] double score(double accuracy, double latency) const {
    return accuracy * std::pow(latency / (settings_.target_latency * 1e-3), kLatencyWeight);
  }

  // `epochs` of training. Features and compilation are paid by the evaluation that starts from nothing.
  void fill_work(Outcome& outcome, const Evaluation& evaluation, const Costs& costs, double epochs,
                 bool compiled) const {
    const Configuration& configuration = evaluation.configuration;
    const double batch = kBatches[configuration.index(kBatch)];
    const bool first = evaluation.from == 0.0;
    Workload& work = outcome.workload;
    work.kind = WorkKind::narrow_convolution;
    work.samples = kClips * epochs;
    work.steps = work.samples / batch;
    work.parameters = costs.parameters;
    std::array<double, kStages> stages{};
    stages[kFeatures] = first ? kClips * costs.features : 0.0;
    stages[kHyper] =
        kFlopsOfOptimiser * costs.parameters * work.steps + augmentation(configuration, costs) * work.samples;
    stages[kArchitecture] = kPasses * 2.0 * costs.multiply_accumulates * work.samples;
    stages[kCompilation] = first && compiled ? compiling(configuration, costs) : 0.0;
    double sum = 0.0;
    for (const double stage : stages) sum += stage;
    work.flops = Work::from_base(sum);
    for (const double stage : stages)
      outcome.stage_shares.push_back(sum > 0.0 ? stage / sum : 1.0 / static_cast<double>(kStages));
    const double accesses = kAccessesPerActivation * costs.activations * work.samples;
    const double weights = kAccessesPerWeight * costs.parameters * work.steps;
    work.traffic = Bytes::from_base(kBytesPerNumber * (accesses + weights));
    work.activation_traffic = accesses / (accesses + weights);
    const double held = batch * (costs.activations + costs.inputs);
    work.memory = Bytes::from_base(kBytesPerNumber * (kNumbersPerWeight * costs.parameters + held));
    work.activation_memory = held / (kNumbersPerWeight * costs.parameters + held);
  }

  // Of a clip: masks are drawn over its features; sounds are mixed before them, so they are computed anew.
  static double augmentation(const Configuration& configuration, const Costs& costs) {
    const std::size_t kind = configuration.index(kAugmentation);
    if (kind == kNone) return 0.0;
    return 2.0 * costs.inputs + (kind == kMixing ? costs.features + 3.0 * kClipMs * kSamplesOfMs : 0.0);
  }

  static double compiling(const Configuration& configuration, const Costs& costs) {
    const double pass = 2.0 * costs.multiply_accumulates;
    const double calibration = configuration.index(kFormat) == kInt8 ? kCalibrationClips * pass : 0.0;
    const double unrolled = kCompilingUnrolled * static_cast<double>(configuration.index(kUnroll));
    return kCompiling + unrolled + calibration + kMeasuredRuns * (pass + costs.features);
  }

  AutoMlSettings settings_;
  double full_;
  SearchSpace space_;
  ProblemTraits traits_;
  std::array<double, 5> shifts_{};
};

}  // namespace

std::unique_ptr<ProblemRecipe> make_automl_recipe() {
  return std::make_unique<BasicProblemRecipe<AutoMlSettings, AutoMl>>();
}

}  // namespace tonne
