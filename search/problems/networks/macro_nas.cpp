// The convolutional space of Zoph and Le 2017, "Neural Architecture Search with Reinforcement Learning",
// ICLR, section 4.1: a chain of layers on CIFAR-10, each with its filter's height and width, its number of
// filters, and a choice for each earlier layer whether it is an input too.
//
// Exact: the work. All convolutions have stride 1 and see 32 x 32 positions; a layer's inputs are
// concatenated; one without inputs sees the image; layers that are nobody's input are concatenated before the
// classifier.
//
// Generative: the accuracy, and nothing of it is from the paper. A latent quality, sum of hashed effects of
// the decisions, of pairs of neighbouring layers and of the logarithm of the work, is mapped to an error
// between 4 and 14 %; the curve over epochs is cell_nas's, chance + (asymptote - chance) e / (e + c) with c =
// 3, scaled to end at the full training.
//
// Weight sharing: with `sharing` an amount below one epoch is no training but a validation pass over so much
// of an epoch's images with the weights of a supernet that was trained before. What it shows is another
// latent, which correlates with the own one by `sharing`. Its supernet is the strategy's business (one_shot)
// and is not checked.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
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

namespace tonne {
namespace {

constexpr std::size_t kMostLayers = 40;
constexpr std::array<double, 4> kFilterSides = {1, 3, 5, 7};
constexpr std::array<double, 4> kFilterCounts = {24, 36, 48, 64};
constexpr double kImageChannels = 3.0;
constexpr double kPositions = 32.0 * 32.0;
constexpr double kClasses = 10.0;
constexpr double kSamples = 45'000.0;  // 5,000 of CIFAR-10's training images validate
constexpr double kForwardShare = 1.0 / 3.0;
constexpr double kFlopsOfTraining = 6.0;  // three passes, a multiply-accumulate is two
constexpr double kNumbersPerWeight = 3.0;       // SGD with momentum
constexpr double kAccessesPerActivation = 5.0;  // as in cell_nas
constexpr double kAccessesPerWeight = 8.0;

constexpr double kChance = 10.0;
constexpr double kBest = 96.0;  // %; assumed, with the rest of the landscape
constexpr double kSpan = 10.0;  // points between the best and the worst
constexpr double kCurveEpochs = 3.0;
constexpr double kWorkEffect = 0.5;  // of a factor e of work
constexpr double kUsualWork = 1e9;   // multiply-accumulates at which that effect is none
constexpr double kLatentSpread = 1.0;

struct MacroNasSettings {
  std::int64_t layers =
      15;  ///< Zoph and Le's search began with 6 and added 2 every 1,600 samples; their best has 15
  std::int64_t landscape = 0;
  std::int64_t epochs = 50;  ///< Zoph and Le 2017
  std::int64_t batch = 128;  ///< images a step; assumed
  double noise = 0.3;        ///< sd of the training seed's effect, points; assumed
  std::optional<double> sharing;

  void visit(SettingsVisitor& visitor) {
    visitor.integer("layers", layers, Bounds::between(1, static_cast<double>(kMostLayers)),
                    "convolutions in the chain");
    visitor.integer("landscape", landscape, Bounds::at_least(0), "seed of the landscape");
    visitor.integer("epochs", epochs, Bounds::between(2, 1e6), "epochs of a full training");
    visitor.integer("batch", batch, Bounds::between(1, kSamples), "images per step");
    visitor.number("noise", noise, Bounds::between(0, 100),
                   "sd of the training seed's effect, in percentage points");
    visitor.optional_number("sharing", sharing, Bounds::between(-1, 1),
                            "correlation between quality with shared and with own weights; default: no "
                            "supernet, whole epochs only");
  }
};

class MacroNas final : public Problem {
 public:
  explicit MacroNas(const MacroNasSettings& settings)
      : settings_(settings), layers_(static_cast<std::size_t>(settings.layers)), space_(make_space(layers_)) {
    traits_.name = "macro_nas";
    traits_.objectives = {{"accuracy", "%", Direction::maximise}};
    const bool shares = settings.sharing.has_value();
    traits_.fidelity = {"epochs", shares ? static_cast<double>(settings.batch) / kSamples : 1.0,
                        static_cast<double>(settings.epochs), !shares};
    fill_effects();
  }

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }

  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    return after(static_cast<double>(settings_.epochs),
                 asymptote(quality(configuration, count(configuration))));
  }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random random) const override {
    const Costs costs = count(evaluation.configuration);
    const double own = quality(evaluation.configuration, costs);
    const double noise = settings_.noise * random.normal();
    const bool shared = settings_.sharing && evaluation.to < 1.0;
    const double full = static_cast<double>(settings_.epochs);
    const double accuracy = shared ? after(full, asymptote(shared_quality(evaluation.configuration, own)))
                                   : after(evaluation.to, asymptote(own));
    Outcome outcome;
    outcome.objectives.push_back(std::clamp(accuracy + noise, 0.0, 100.0));
    outcome.workload =
        shared ? validation(costs, evaluation.to) : training(costs, evaluation.to - evaluation.from);
    return outcome;
  }

  // One image, forward: each activation is written and read, each weight read.
  [[nodiscard]] std::optional<Workload> inference(const Configuration& configuration) const override {
    const Costs costs = count(configuration);
    Workload work;
    work.samples = 1.0;
    work.kind = WorkKind::narrow_convolution;
    work.activation_traffic = 1.0;
    work.activation_memory = 1.0;
    work.parameters = costs.parameters;
    work.flops = Work::from_base(2.0 * costs.multiply_accumulates);
    work.traffic = Bytes::from_base(kBytesPerNumber * (2.0 * costs.activations + costs.parameters));
    work.memory = work.traffic;
    work.operations = costs.operations;
    work.shared_traffic = Bytes::from_base(kBytesPerNumber * costs.parameters);
    return work;
  }

 private:
  struct Costs {
    double multiply_accumulates = 0.0;
    double activations = 0.0;
    double parameters = 0.0;
    double operations = 0.0;  // convolution, normalisation and ReLU of each layer, concatenations, classifier
  };

  // The first decision of a layer: height, width, filters, then a choice for each earlier layer.
  static std::size_t first_field(std::size_t layer) { return 3 * layer + layer * (layer - 1) / 2; }
  static std::size_t skip_field(std::size_t layer, std::size_t from) { return first_field(layer) + 3 + from; }

  // Default: a plain chain of 3 x 3 convolutions with 36 filters.
  static SearchSpace make_space(std::size_t layers) {
    std::vector<Parameter> parameters;
    for (std::size_t layer = 0; layer < layers; ++layer) {
      const std::string prefix = "layer_" + std::to_string(layer + 1) + "_";
      parameters.push_back({prefix + "height", Ordinal{{"1", "3", "5", "7"}}, std::nullopt, 1.0});
      parameters.push_back({prefix + "width", Ordinal{{"1", "3", "5", "7"}}, std::nullopt, 1.0});
      parameters.push_back({prefix + "filters", Ordinal{{"24", "36", "48", "64"}}, std::nullopt, 1.0});
      for (std::size_t from = 0; from < layer; ++from)
        parameters.push_back({prefix + "from_" + std::to_string(from + 1), Categorical{{"no", "yes"}},
                              std::nullopt, from + 1 == layer ? 1.0 : 0.0});
    }
    return SearchSpace(std::move(parameters));
  }

  void fill_effects() {
    const std::uint64_t seed = mix_bits(static_cast<std::uint64_t>(settings_.landscape) ^ 0x3ac20ULL);
    const auto draw = [&](std::uint64_t name) { return hashed_normal(seed ^ mix_bits(name)); };
    // Shares of the variance: decisions of layers .6, connections .2, neighbours .2.
    const double of_layers = std::sqrt(0.6 / (3.0 * static_cast<double>(layers_)));
    const double connections = static_cast<double>(space_.size() - 3 * layers_);
    const double of_connections = connections > 0.0 ? std::sqrt(2.0 * 0.2 / connections) : 0.0;
    for (std::size_t f = 0; f < space_.size(); ++f) {
      const bool skip = is_categorical(space_[f].domain);
      for (std::size_t v = 0; v < 4; ++v)
        effects_.push_back(kLatentSpread * (skip ? of_connections : of_layers) * draw(4 * f + v));
    }
    for (std::size_t p = 0; p < 16 * layers_; ++p)
      pairs_.push_back(kLatentSpread * std::sqrt(0.2 / static_cast<double>(layers_)) * draw(1'000'000 + p));
  }

  [[nodiscard]] Costs count(const Configuration& configuration) const {
    Costs costs;
    std::array<double, kMostLayers> filters{};
    std::array<bool, kMostLayers> read{};
    for (std::size_t layer = 0; layer < layers_; ++layer) {
      const std::size_t f = first_field(layer);
      double channels = 0.0;
      double inputs = 0.0;
      for (std::size_t from = 0; from < layer; ++from) {
        if (configuration.index(skip_field(layer, from)) == 0) continue;
        channels += filters[from];
        inputs += 1.0;
        read[from] = true;
      }
      costs.operations += inputs > 1.0 ? 4.0 : 3.0;
      if (channels == 0.0) channels = kImageChannels;
      filters[layer] = kFilterCounts[configuration.index(f + 2)];
      const double weights = kFilterSides[configuration.index(f)] * kFilterSides[configuration.index(f + 1)] *
                             channels * filters[layer];
      costs.parameters += weights + 3.0 * filters[layer];  // bias, and scale and shift of the normalisation
      costs.multiply_accumulates += weights * kPositions;
      costs.activations += 2.0 * filters[layer] * kPositions;
    }
    double features = 0.0;
    for (std::size_t layer = 0; layer < layers_; ++layer)
      if (!read[layer]) features += filters[layer];
    costs.parameters += (features + 1.0) * kClasses;
    costs.multiply_accumulates += features * kClasses;
    costs.operations += 3.0;  // what nobody reads is joined, pooled and classified
    return costs;
  }

  // Of mean near 0 and sd near kLatentSpread, without the work's effect.
  [[nodiscard]] double quality(const Configuration& configuration, const Costs& costs) const {
    double sum = kWorkEffect * std::log(costs.multiply_accumulates / kUsualWork);
    for (std::size_t f = 0; f < space_.size(); ++f) sum += effects_[4 * f + configuration.index(f)];
    for (std::size_t layer = 1; layer < layers_; ++layer) {
      const std::size_t before = configuration.index(first_field(layer - 1));
      sum += pairs_[16 * layer + 4 * before + configuration.index(first_field(layer))];
    }
    return sum;
  }

  [[nodiscard]] double shared_quality(const Configuration& configuration, double own) const {
    const double correlation = *settings_.sharing;
    const double other = hashed_normal(configuration.digest() ^ 0x5a4edULL);
    return correlation * own + std::sqrt(1.0 - correlation * correlation) * kLatentSpread * other;
  }

  static double asymptote(double quality) { return kBest - kSpan / (1.0 + std::exp(quality)); }

  [[nodiscard]] double after(double epochs, double asymptote) const {
    const double full = static_cast<double>(settings_.epochs);
    return kChance +
           (asymptote - kChance) * epochs * (full + kCurveEpochs) / (full * (epochs + kCurveEpochs));
  }

  [[nodiscard]] Workload training(const Costs& costs, double epochs) const {
    Workload work;
    work.kind = WorkKind::narrow_convolution;
    work.samples = kSamples * epochs;
    work.steps = work.samples / static_cast<double>(settings_.batch);
    work.parameters = costs.parameters;
    work.flops = Work::from_base(kFlopsOfTraining * costs.multiply_accumulates * work.samples);
    const double accesses = kAccessesPerActivation * costs.activations * work.samples;
    const double weights = kAccessesPerWeight * costs.parameters * work.steps;
    work.traffic = Bytes::from_base(kBytesPerNumber * (accesses + weights));
    work.activation_traffic = accesses / (accesses + weights);
    const double held = static_cast<double>(settings_.batch) * costs.activations;
    work.memory = Bytes::from_base(kBytesPerNumber * (kNumbersPerWeight * costs.parameters + held));
    work.activation_memory = held / (kNumbersPerWeight * costs.parameters + held);
    return work;
  }

  // Forward only.
  [[nodiscard]] Workload validation(const Costs& costs, double epochs) const {
    Workload work = training(costs, epochs);
    work.flops *= kForwardShare;
    work.traffic *= kForwardShare;
    return work;
  }

  MacroNasSettings settings_;
  std::size_t layers_;
  SearchSpace space_;
  ProblemTraits traits_;
  std::vector<double> effects_;
  std::vector<double> pairs_;
};

}  // namespace

std::unique_ptr<ProblemRecipe> make_macro_nas_recipe() {
  return std::make_unique<BasicProblemRecipe<MacroNasSettings, MacroNas>>();
}

}  // namespace tonne
