// Language models: decoder-only Transformers from ten million to a trillion parameters, and their training.
//
// Exact: parameters and work. With L layers, width d, feed-forward width f d, vocabulary V, context s:
//     parameters = L ((4 + 2 f + r) d^2 + (9 + f) d) + 2 d + V d + p
// weights and biases of attention (4 d^2 + 4 d), of the feed-forward layer (2 f d^2 + f d + d), two
// normalisations (4 d), one at the end (2 d), embeddings tied to the output. Positions: learned p = s d;
// relative r = 1 (Dai et al. 2019, used by Gopher and Chinchilla); rotary neither. Training FLOPs of a token,
// without recomputation:
//     6 (L (4 + 2 f + r) d^2 + V d) + 12 L d s
// (Narayanan et al. 2021, section 5.1; PaLM, Chowdhery et al. 2022, appendix B).
//
// Published: the loss of N parameters and D tokens (scaling_laws.h), and the critical batch: training with
// batches of B tokens needs 1 + B / B_crit times the tokens (McCandlish et al. 2018, equation 2.7; Kaplan et
// al. 2020, equation 5.3).
//
// Assumed, around the law and small beside it: what a bad shape, vocabulary, context or learning rate costs;
// see the constants. The loss is per token of one reference vocabulary, so that vocabularies compare.
//
// The worker of the cluster is understood as a group of devices that train one model together, whose weights,
// gradients and optimiser states lie spread evenly over `shards` of them (tensor and pipeline parallelism, or
// ZeRO's third stage): the memory of the workload is that of one device. Work and traffic are of all devices.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
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
#include "search/problems/language/scaling_laws.h"

namespace tonne {
namespace {

enum class Law : std::uint8_t { hoffmann, kaplan };
constexpr std::array<std::string_view, 2> kLawNames = {"hoffmann", "kaplan"};
enum class Positions : std::uint8_t { learned, relative, rotary };
constexpr std::array<std::string_view, 3> kPositionNames = {"learned", "relative", "rotary"};
enum class LmScale : std::uint8_t { small, medium, large, frontier };
constexpr std::array<std::string_view, 4> kScaleNames = {"small", "medium", "large", "frontier"};

enum Field : std::size_t {
  kLayers,
  kWidth,
  kFeedForward,
  kHeadWidth,
  kVocabulary,
  kContext,
  kLearningRate,
  kBatch,
  kTokens
};

constexpr std::array<double, 5> kFeedForwards = {2, 3, 4, 6, 8};
constexpr std::array<double, 3> kHeadWidths = {32, 64, 128};  // heads = width / head width
constexpr std::array<double, 5> kVocabularies = {8'192, 16'000, 32'000, 50'257, 128'000};
constexpr std::array<double, 5> kContexts = {512, 1'024, 2'048, 4'096, 8'192};
constexpr double kLeastBatch = 32'768.0;  // tokens; the levels are its multiples by powers of two
constexpr std::size_t kBatches = 10;
constexpr double kLeastRate = 1e-6;
constexpr double kMostRate = 1e-2;

/// What a scale spans. The defaults are rows of table 2.1 of Brown et al. 2020 (GPT-3), but for the first,
/// whose batch is assumed; GPT-3's feed-forward factor is 4, its head width 128 from 2.7 billion on.
struct Span {
  std::int64_t least_layers;
  std::int64_t most_layers;
  std::array<std::int64_t, 7> widths;
  double least_tokens;
  double most_tokens;
  std::int64_t shards;  ///< so that the largest model fits devices of 80 GB
  std::int64_t layers;  ///< from here on: the default
  std::size_t width;    ///< index
  double tokens;
  double rate;
  std::size_t batch;  ///< exponent of two
};
constexpr std::array<Span, 4> kSpans = {{
    {2, 16, {256, 384, 512, 640, 768, 896, 1'024}, 1e8, 2e10, 1, 12, 4, 3e9, 6e-4, 4},
    {8, 48, {768, 1'024, 1'280, 1'536, 2'048, 2'560, 3'072}, 2e9, 3e11, 8, 24, 4, 3e10, 2e-4, 5},
    {16, 96, {2'048, 2'560, 4'096, 5'120, 6'144, 8'192, 12'288}, 2e10, 3e12, 128, 32, 2, 3e11, 1.2e-4, 6},
    {48,
     128,
     {8'192, 10'240, 12'288, 16'384, 18'432, 20'480, 25'600},
     2e11,
     2e13,
     1'024,
     96,
     2,
     3e11,
     6e-5,
     7},
}};

// What the law does not know. All of it assumed but where a source stands.
// A loss changes by "a few percent" over a factor of 40 in d / L, and (6, 4288) reaches within 3 % of (48,
// 1600): Kaplan et al. 2020, section 3.2. A square in the logarithm that gives these 3 %.
constexpr double kAspect = 64.0;  // d / L of the optimum; the paper's curves are flat there
constexpr double kAspectHarm = 0.00556;
// Kaplan et al. 2020, figure 5, from memory: about 1 % over a factor of 4 in f, half of that in head width.
constexpr double kBestFeedForward = 4.0;
constexpr double kFeedForwardHarm = 0.005;
constexpr double kBestHeadWidth = 64.0;
constexpr double kHeadHarm = 0.0026;
// The vocabulary whose embeddings number 1.8 N^.83: Tao et al. 2024, from memory, not checked.
constexpr double kVocabularyFactor = 1.8;
constexpr double kVocabularyExponent = 0.83;
constexpr double kVocabularyHarm = 0.004;
// Later tokens of a context are easier (Kaplan et al. 2020, appendix D.5); nats, none at 2,048.
constexpr double kContextGain = 0.06;
constexpr double kReferenceContext = 2'048.0;
// The optimal learning rate: the power of the width through the smallest and the largest GPT-3, 6e-4 at 768
// and .6e-4 at 12,288 (Brown et al. 2020, table 2.1).
constexpr double kRateAtWidth = 6e-4;
constexpr double kRateWidth = 768.0;
constexpr double kRateExponent = 0.830482;  // ln 10 / ln 16
constexpr double kRateHarm = 0.02;          // nats, times the squared logarithm
constexpr double kCliff = 10.0;             // times the optimum: where half of the seeds diverge
constexpr double kCliffSpread = 0.2;        // sd of its logarithm between seeds
constexpr double kAnnealing = 0.1;  // nats that the decay of an optimal learning rate takes off by the end

constexpr double kAccessesOfOptimiser = 28.0;  // bytes a weight and step: Adam, 16 bits with a master copy
constexpr double kBytesOfWeight = 16.0;        // the same, kept: Rajbhandari et al. 2020, section 3.1
// Bytes of activations a token, layer and unit of width when attention's are recomputed: Korthikanti et al.
// 2022, equation 1 and section 5.
constexpr double kBytesOfActivation = 34.0;
constexpr double kBytesOfNumber = 2.0;

struct TransformerLmSettings {
  LmScale scale = LmScale::medium;
  Law law = Law::hoffmann;
  Positions positions = Positions::learned;  ///< GPT-2's and GPT-3's
  std::optional<Work> compute;
  std::optional<std::int64_t> shards;
  double noise = 0.004;         ///< nats; assumed
  double serving_batch = 32.0;  ///< assumed

  void visit(SettingsVisitor& visitor) {
    visitor.choice("scale", scale, kScaleNames,
                   "size of the space: up to 470 million, 9 billion, 290 billion or 1.7 trillion parameters");
    visitor.choice("law", law, kLawNames,
                   "scaling law of the loss: Hoffmann et al. 2022 or Kaplan et al. 2020");
    visitor.choice("positions", positions, kPositionNames,
                   "positional encoding: learned as in GPT-3, relative as in Chinchilla, or rotary");
    visitor.quantity(
        "compute", compute, Bounds::above(0),
        "fixed compute per training; the number of tokens then follows and is no longer a parameter");
    std::string usual;
    for (const Span& span : kSpans) usual += (usual.empty() ? "" : ", ") + std::to_string(span.shards);
    visitor.optional_integer("shards", shards, Bounds::between(1, 1e6),
                             "devices one model is sharded over; default, by scale: " + usual);
    visitor.number("noise", noise, Bounds::between(0, 10), "sd of the training seed's effect, in nats");
    visitor.number("serving_batch", serving_batch, Bounds::at_least(1),
                   "sequences served together, sharing one read of the weights");
  }

  [[nodiscard]] const Span& span() const { return kSpans[static_cast<std::size_t>(scale)]; }
};

/// One model and its training.
struct Model {
  double layers;
  double width;
  double feed_forward;
  double head_width;
  double vocabulary;
  double context;
  double batch;       ///< tokens
  double rate;        ///< over its optimum
  double tokens;      ///< D
  double embeddings;  ///< parameters, with learned positions
  double parameters;  ///< N, with embeddings
  double flops;       ///< of training on one token
};

template <class Numbers>
std::vector<std::string> level_names(const Numbers& numbers) {
  std::vector<std::string> names;
  for (const auto number : numbers) names.push_back(std::to_string(static_cast<std::int64_t>(number)));
  return names;
}

class TransformerLm final : public Problem {
 public:
  explicit TransformerLm(const TransformerLmSettings& settings)
      : settings_(settings),
        span_(settings.span()),
        shards_(static_cast<double>(settings.shards.value_or(settings.span().shards))),
        space_(make_space(settings)) {
    traits_.name = "transformer_lm/" + std::string(kScaleNames[static_cast<std::size_t>(settings.scale)]);
    traits_.objectives = {{"loss", "nats", Direction::minimise}};
    traits_.fidelity = {"shares of the tokens", 1.0 / 64.0, 1.0, false};
    find_optimum();
  }

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  /// Of the best shape at its best learning rate, found by trying all shapes.
  [[nodiscard]] std::optional<double> optimum() const override { return optimum_; }

  /// Beyond the cliff: the loss of a uniform guess.
  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    const Model model = read(configuration);
    return model.rate > kCliff ? std::log(model.vocabulary) : loss(model, 1.0);
  }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random) const override {
    const Model model = read(evaluation.configuration);
    const std::uint64_t seed = mix_bits(evaluation.run + mix_bits(evaluation.repeat));
    const double cliff = kCliff * std::exp(kCliffSpread * hashed_normal(seed ^ 1U));
    // A diverging training does so within its first half.
    const double diverges = model.rate > cliff ? 0.5 * hashed_uniform(seed ^ 2U) : 2.0;
    Outcome outcome;
    if (diverges < evaluation.to) {
      outcome.failure = Failure::diverged;
      outcome.workload = training(model, std::max(0.0, diverges - evaluation.from));
      return outcome;
    }
    outcome.objectives.push_back(loss(model, evaluation.to) + settings_.noise * hashed_normal(seed));
    outcome.workload = training(model, evaluation.to - evaluation.from);
    return outcome;
  }

  /// One generated token at half the context, among `serving_batch` sequences: two FLOPs a weight, attention
  /// to the tokens before, whose keys and values are read.
  [[nodiscard]] std::optional<Workload> inference(const Configuration& configuration) const override {
    const Model model = read(configuration);
    const double before = model.layers * model.width * model.context / 2.0;
    Workload work;
    work.samples = 1.0;
    work.parameters = model.parameters;
    work.flops = Work::from_base(2.0 * weights_multiplied(model) + 4.0 * before);
    work.traffic = Bytes::from_base(kBytesOfNumber *
                                    (weights_multiplied(model) / settings_.serving_batch + 2.0 * before));
    work.memory = Bytes::from_base(kBytesOfNumber *
                                   (model.parameters + 2.0 * before * settings_.serving_batch) / shards_);
    work.kind = WorkKind::transformer;
    work.activation_traffic = 1.0;
    work.activation_memory = 1.0;
    work.precision = Precision::fp16;
    work.passes = 1.0 / settings_.serving_batch;
    work.operations = kOperationsOfLayer * model.layers + kOperationsAround;
    work.shared_traffic =
        Bytes::from_base(kBytesOfNumber * weights_multiplied(model) / settings_.serving_batch);
    return work;
  }

 private:
  // Two normalisations, queries, keys and values in one product, scores, softmax and values of attention, its output, two
  // residuals, two products and a function of the feed-forward part.
  static constexpr double kOperationsOfLayer = 12.0;
  static constexpr double kOperationsAround = 3.0;  // embedding, last normalisation, scores of the vocabulary

  static SearchSpace make_space(const TransformerLmSettings& settings) {
    const Span& span = settings.span();
    std::vector<double> batches;
    for (std::size_t i = 0; i < kBatches; ++i)
      batches.push_back(std::ldexp(kLeastBatch, static_cast<int>(i)));
    std::vector<Parameter> parameters = {
        {"layers", Integer{span.least_layers, span.most_layers, Scale::log}, std::nullopt,
         static_cast<double>(span.layers)},
        {"width", Ordinal{level_names(span.widths)}, std::nullopt, static_cast<double>(span.width)},
        {"feed_forward", Ordinal{level_names(kFeedForwards)}, std::nullopt, 2.0},
        {"head_width", Ordinal{level_names(kHeadWidths)}, std::nullopt,
         settings.scale >= LmScale::large ? 2.0 : 1.0},
        {"vocabulary", Ordinal{level_names(kVocabularies)}, std::nullopt, 3.0},
        {"context", Ordinal{level_names(kContexts)}, std::nullopt, 2.0},
        {"learning_rate", Real{kLeastRate, kMostRate, Scale::log}, std::nullopt, span.rate},
        {"batch", Ordinal{level_names(batches)}, std::nullopt, static_cast<double>(span.batch)},
    };
    if (!settings.compute)
      parameters.push_back(
          {"tokens", Real{span.least_tokens, span.most_tokens, Scale::log}, std::nullopt, span.tokens});
    return SearchSpace(std::move(parameters));
  }

  [[nodiscard]] static double optimal_rate(double width) {
    return kRateAtWidth * std::pow(width / kRateWidth, -kRateExponent);
  }

  [[nodiscard]] Model read(const Configuration& configuration) const {
    Model model{};
    model.layers = configuration[kLayers];
    model.width = static_cast<double>(span_.widths[configuration.index(kWidth)]);
    model.feed_forward = kFeedForwards[configuration.index(kFeedForward)];
    model.head_width = kHeadWidths[configuration.index(kHeadWidth)];
    model.vocabulary = kVocabularies[configuration.index(kVocabulary)];
    model.context = kContexts[configuration.index(kContext)];
    model.batch = std::ldexp(kLeastBatch, static_cast<int>(configuration.index(kBatch)));
    model.rate = configuration[kLearningRate] / optimal_rate(model.width);
    count(model);
    model.tokens = settings_.compute ? settings_.compute->base() / model.flops : configuration[kTokens];
    return model;
  }

  void count(Model& model) const {
    const double d = model.width;
    const double f = model.feed_forward;
    const double r = settings_.positions == Positions::relative ? 1.0 : 0.0;
    const double p = settings_.positions == Positions::learned ? model.context * d : 0.0;
    model.embeddings = model.vocabulary * d + p;
    model.parameters =
        model.layers * ((4.0 + 2.0 * f + r) * d * d + (9.0 + f) * d) + 2.0 * d + model.embeddings;
    model.flops = 6.0 * weights_multiplied(model) + 12.0 * model.layers * d * model.context;
  }

  // Those that each token meets in a matrix product.
  [[nodiscard]] double weights_multiplied(const Model& model) const {
    const double d = model.width;
    const double r = settings_.positions == Positions::relative ? 1.0 : 0.0;
    return model.layers * (4.0 + 2.0 * model.feed_forward + r) * d * d + model.vocabulary * d;
  }

  [[nodiscard]] double law(const Model& model, double tokens) const {
    return settings_.law == Law::hoffmann ? hoffmann::loss(model.parameters, tokens)
                                          : kaplan::loss(model.parameters - model.embeddings, tokens);
  }

  // Without noise, after a share of the tokens. Before the end the learning rate has not decayed; the higher
  // it is the more there is still to come, so that curves cross.
  [[nodiscard]] double loss(const Model& model, double share) const {
    const double tokens = share * model.tokens;
    const double critical = kaplan::critical_batch(law(model, tokens));
    const double reached = law(model, tokens / (1.0 + model.batch / critical)) * (1.0 + shape_harm(model));
    const double off = std::log(model.rate);
    const double coming = share < 1.0 ? kAnnealing * (1.0 - share) * std::sqrt(model.rate) : 0.0;
    const double context = kContextGain * (std::sqrt(kReferenceContext / model.context) - 1.0);
    return std::min(reached + kRateHarm * off * off + coming + context, std::log(model.vocabulary));
  }

  [[nodiscard]] static double shape_harm(const Model& model) {
    const auto square = [](double x) { return x * x; };
    const double body = model.parameters - model.embeddings;
    const double vocabulary = kVocabularyFactor * std::pow(body, kVocabularyExponent) / model.width;
    return kAspectHarm * square(std::log(model.width / model.layers / kAspect)) +
           kFeedForwardHarm * square(std::log(model.feed_forward / kBestFeedForward)) +
           kHeadHarm * square(std::log(model.head_width / kBestHeadWidth)) +
           kVocabularyHarm * square(std::log(model.vocabulary / vocabulary));
  }

  // The learning rate, the head width and the batch have optima that no other choice moves.
  void find_optimum() {
    optimum_ = std::numeric_limits<double>::infinity();
    Model model{};
    model.head_width = kBestHeadWidth;
    model.rate = 1.0;
    model.batch = kLeastBatch;
    for (std::int64_t layers = span_.least_layers; layers <= span_.most_layers; ++layers) {
      model.layers = static_cast<double>(layers);
      for (const std::int64_t width : span_.widths) {
        model.width = static_cast<double>(width);
        for (const double feed_forward : kFeedForwards) {
          model.feed_forward = feed_forward;
          optimum_ = std::min(optimum_, best_of_layout(model));
        }
      }
    }
  }

  [[nodiscard]] double best_of_layout(Model model) const {
    double best = std::numeric_limits<double>::infinity();
    for (const double vocabulary : kVocabularies) {
      for (const double context : kContexts) {
        model.vocabulary = vocabulary;
        model.context = context;
        count(model);
        model.tokens = settings_.compute ? settings_.compute->base() / model.flops : span_.most_tokens;
        best = std::min(best, loss(model, 1.0));
      }
    }
    return best;
  }

  // `share` of the tokens.
  [[nodiscard]] Workload training(const Model& model, double share) const {
    const double tokens = share * model.tokens;
    const double activations = kBytesOfActivation * model.layers * model.width;
    Workload work;
    work.samples = tokens / model.context;
    work.steps = tokens / model.batch;
    work.parameters = model.parameters;
    work.flops = Work::from_base(model.flops * tokens);
    // Activations written once and read once; the weights read by three passes over each sequence.
    const double accesses = 2.0 * activations * tokens + 3.0 * kBytesOfNumber * model.parameters * work.samples;
    const double optimiser = kAccessesOfOptimiser * model.parameters * work.steps;
    work.traffic = Bytes::from_base(accesses + optimiser);
    work.activation_traffic = accesses / (accesses + optimiser);
    // Activations of one sequence.
    const double held = activations * model.context;
    work.memory = Bytes::from_base((kBytesOfWeight * model.parameters + held) / shards_);
    work.activation_memory = held / (kBytesOfWeight * model.parameters + held);
    work.kind = WorkKind::transformer;
    work.precision = Precision::fp16;
    return work;
  }

  TransformerLmSettings settings_;
  const Span& span_;
  double shards_;
  SearchSpace space_;
  ProblemTraits traits_;
  double optimum_ = 0.0;
};

}  // namespace

std::unique_ptr<ProblemRecipe> make_transformer_lm_recipe() {
  return std::make_unique<BasicProblemRecipe<TransformerLmSettings, TransformerLm>>();
}

}  // namespace tonne
