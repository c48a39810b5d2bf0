// Hyper-parameters of three models, as a search meets them: few parameters matter much, the learning rate has
// a cliff at its top that moves with the batch size, trainings die or diverge in a corner, and curves cross.
//
// `model: mlp` with `space: fcnet` has the very space of FCNet (Klein and Hutter 2019, "Tabular Benchmarks
// for Joint Architecture and Hyperparameter Optimization", 62,208 settings of a network of two hidden layers
// on protein structure). Its landscape is fitted to the table's portrait: docs/problems.md has both.
//
// Exact: space, conditions, parameters and arithmetic of the networks. Generative: the loss. With the
// effective learning rate in doublings,
//     lambda = log2(rate / .0005) - log2(batch / 8) / 2 - [cosine],
// (a cosine's mean is half its peak), the loss of a network that trains is
//     floor + exp(B) + exp(N),  B: capacity and what is left to learn, N: gradient noise that grows with
//     lambda,
// a network whose last activation is relu dies to the plateau of a constant prediction with odds exp(Z), one
// whose last activation is tanh blows up by a factor exp(k softplus(G)) unless the rate is annealed. B, N, Z
// and G are linear in lambda, dropout and log-width and in a few of their products.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>

#include "core/random.h"
#include "core/recipe.h"
#include "core/units.h"
#include "search/problems/hyper_parameters/hpo.h"
#include "search/problems/landscape/enumerate.h"
#include "search/problems/landscape/fp32.h"
#include "search/problems/landscape/hashed.h"
#include "search/problems/landscape/ruggedness.h"

namespace tonne {
namespace hpo {

namespace {

// Of a full training, by model. mlp: Klein and Hutter 2019; the others' epochs and the images are assumed.
constexpr std::array<std::int64_t, 3> kUsualEpochs = {100, 30, 500};
constexpr auto kUsualRows = static_cast<std::int64_t>(kRows);
constexpr std::array<std::int64_t, 3> kUsualSamples = {kUsualRows, 10'000, kUsualRows};

}  // namespace

void Settings::visit(SettingsVisitor& visitor) {
  visitor.choice("model", model, kModelNames, "model to train");
  visitor.choice("space", space, kSpaceNames,
                 "conditional, or fcnet: the 62,208 configurations of the FCNet table (mlp only)");
  visitor.integer("landscape", landscape, Bounds::at_least(0), "seed of the landscape's ruggedness");
  visitor.choice("fidelity", fidelity, kCountsNames,
                 "what low fidelity reduces: epochs (boosting rounds) or the fraction of the data");
  visitor.optional_integer("epochs", epochs, Bounds::between(2, 1e6),
                           "epochs of a full training; default: " + std::to_string(kUsualEpochs[0]) +
                               " for mlp, " + std::to_string(kUsualEpochs[1]) + " for cnn_finetune, " +
                               std::to_string(kUsualEpochs[2]) + " rounds for gradient_boosting");
  visitor.optional_integer("samples", samples, Bounds::between(1000, 1e9),
                           "training samples; default: " + std::to_string(kUsualRows) + " rows, or " +
                               std::to_string(kUsualSamples[1]) + " images for cnn_finetune");
  visitor.number("noise", noise, Bounds::between(0, 100), "scale of the training seed's effect");
  visitor.require(space == Space::conditional || model == Model::mlp, "space", "fcnet requires model: mlp");
}

double Settings::full_epochs() const {
  return static_cast<double>(epochs.value_or(kUsualEpochs[static_cast<std::size_t>(model)]));
}

double Settings::full_samples() const {
  return static_cast<double>(samples.value_or(kUsualSamples[static_cast<std::size_t>(model)]));
}

namespace {

std::unique_ptr<const Landscape> make_landscape(const Settings& settings) {
  if (settings.space == Space::fcnet) return make_fcnet(settings);
  switch (settings.model) {
    case Model::mlp:
      return make_mlp(settings);
    case Model::cnn_finetune:
      return make_cnn_finetune(settings);
    case Model::gradient_boosting:
      return make_gradient_boosting(settings);
  }
  return nullptr;
}

double sigmoid(double x) {
  return 1.0 / (1.0 + std::exp(-x));
}

class Hpo final : public Problem {
 public:
  explicit Hpo(const Settings& settings)
      : settings_(settings),
        landscape_(make_landscape(settings)),
        space_(landscape_->space()),
        rugged_(static_cast<std::uint64_t>(settings.landscape), space_, kLength) {
    traits_.name = "hpo/" + std::string(settings.space == Space::fcnet
                                            ? "fcnet"
                                            : kModelNames[static_cast<std::size_t>(settings.model)]);
    traits_.objectives = {landscape_->objective()};
    if (settings.fidelity == Counts::data)
      traits_.fidelity = {"data", kLeastData, 1.0, false};
    else
      traits_.fidelity = {settings.model == Model::gradient_boosting ? "rounds" : "epochs", 1.0,
                          settings.full_epochs(), true};
    if (settings.space == Space::fcnet) optimum_ = lowest_true_value(*this);
  }

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  [[nodiscard]] std::optional<double> optimum() const override { return optimum_; }

  // The mean over training seeds; of what diverges, the loss before training.
  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    const Prospect p = look(configuration);
    if (p.diverges) return p.start;
    return p.end + p.death * (p.plateau - p.end);
  }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random random) const override {
    const Configuration& configuration = evaluation.configuration;
    const Prospect p = look(configuration);
    const Costs costs = landscape_->costs(configuration);
    // The training seed stays the same at every fidelity.
    const std::uint64_t seed =
        mix_bits(evaluation.run ^ mix_bits(evaluation.repeat + 1ULL) ^ configuration.digest());
    Outcome outcome;
    if (p.diverges) {
      const double until = hashed_open_uniform(seed ^ 1ULL) * kLatestDivergence * traits_.fidelity.highest;
      if (evaluation.to > until) {
        outcome.failure = Failure::diverged;
        outcome.workload = training(costs, std::max(0.0, until - evaluation.from));
        return outcome;
      }
    }
    const bool dies = hashed_open_uniform(seed ^ 2ULL) < p.death;
    const double lasting = hashed_normal(seed ^ 3ULL);
    const double passing = random.normal();
    const double effect = dies ? 0.0 : settings_.noise * p.spread * (.8 * lasting + .6 * passing);
    outcome.objectives.push_back(
        std::min(after(evaluation.to, p, dies) * std::exp(effect), landscape_->highest()));
    outcome.workload = training(costs, evaluation.to - evaluation.from);
    return outcome;
  }

  // One sample, forward; of boosting all the rounds' trees, a comparison a level.
  [[nodiscard]] std::optional<Workload> inference(const Configuration& configuration) const override {
    const Costs costs = landscape_->costs(configuration);
    const double rounds = settings_.model == Model::gradient_boosting ? settings_.full_epochs() : 1.0;
    Workload work;
    work.samples = 1.0;
    work.parameters = costs.parameters * rounds;
    work.flops = Work::from_base(2.0 * costs.multiply_accumulates * rounds);
    work.traffic = Bytes::from_base(kBytesPerNumber * (costs.parameters * rounds + 2.0 * costs.activations));
    work.memory = work.traffic;
    work.operations = costs.operations;
    work.shared_traffic = Bytes::from_base(kBytesPerNumber * work.parameters);
    return work;
  }

 private:
  static constexpr double kLength = .6;  // of the ruggedness, in units of a parameter's range
  static constexpr double kLeastData = 1.0 / 64.0;
  static constexpr double kLatestDivergence =
      .3;                                   // share of the training by which a divergence shows; assumed
  static constexpr double kSeedless = 1.7;  // logits by which death is the configuration's, not the seed's
  static constexpr double kSeedSharpness = 3.0;
  static constexpr double kOwn =
      .0045;  // what no parameter explains: sd of a mean of four seeds on the fcnet table
  static constexpr double kAccessesPerActivation = 5.0;  // as in cell_nas
  static constexpr double kAccessesPerWeight = 8.0;
  static constexpr double kNumbersPerWeight = 4.0;  // weight, gradient, two moments

  // With ruggedness, and the logit of death turned into a probability.
  [[nodiscard]] Prospect look(const Configuration& configuration) const {
    Prospect p = landscape_->at(configuration);
    const std::uint64_t own = configuration.digest() ^ static_cast<std::uint64_t>(settings_.landscape);
    p.end *= std::exp(landscape_->ruggedness() * rugged_.at(space_, configuration) +
                      kOwn * hashed_normal(mix_bits(own) ^ 1ULL));
    p.end = std::min(p.end, landscape_->highest());
    p.death = p.death > -12.0 ? sigmoid(kSeedSharpness * (p.death + kSeedless * hashed_normal(own))) : 0.0;
    return p;
  }

  [[nodiscard]] double after(double amount, const Prospect& p, bool dies) const {
    const double full = settings_.full_epochs();
    const bool of_data = settings_.fidelity == Counts::data;
    const double epochs = of_data ? full : amount;
    double end = dies ? p.plateau : p.end + p.unannealed * (1.0 - epochs / full);
    if (of_data && !dies) end = std::min(end * std::pow(amount, -p.data_hunger), std::max(end, p.start));
    const double left = remaining(epochs, p);
    const double at_end = remaining(full, p);
    return end + std::max(0.0, p.start - end) * (left - at_end) / (1.0 - at_end);
  }

  [[nodiscard]] static double remaining(double epochs, const Prospect& p) {
    const double t = epochs / p.time_constant;
    return p.decay == 0.0 ? std::exp(-t) : std::pow(1.0 + t, -p.decay);
  }

  [[nodiscard]] Workload training(const Costs& costs, double amount) const {
    const double epochs = settings_.fidelity == Counts::data ? amount * settings_.full_epochs() : amount;
    Workload work;
    work.samples = settings_.full_samples() * epochs;
    work.steps = work.samples / costs.batch;
    work.parameters = costs.trained_parameters;
    // Forward once, backward twice as far as gradients go; a multiply-accumulate is two.
    const double per_sample = costs.multiply_accumulates * (2.0 + 4.0 * costs.trained_share);
    work.flops = Work::from_base(per_sample * work.samples +
                                 costs.flops_per_weight * costs.trained_parameters * work.steps);
    const double accesses = kAccessesPerActivation * costs.activations * work.samples;
    const double weights = kAccessesPerWeight * costs.parameters * work.steps;
    work.traffic = Bytes::from_base(kBytesPerNumber * (accesses + weights));
    work.activation_traffic = accesses > 0.0 ? accesses / (accesses + weights) : 0.0;
    const double held = costs.batch * costs.activations;
    work.memory = Bytes::from_base(kBytesPerNumber * (kNumbersPerWeight * costs.parameters + held));
    work.activation_memory = held > 0.0 ? held / (kNumbersPerWeight * costs.parameters + held) : 0.0;
    return work;
  }

  Settings settings_;
  std::unique_ptr<const Landscape> landscape_;
  SearchSpace space_;
  Ruggedness rugged_;
  ProblemTraits traits_;
  std::optional<double> optimum_;
};

}  // namespace
}  // namespace hpo

std::unique_ptr<ProblemRecipe> make_hpo_recipe() {
  return std::make_unique<BasicProblemRecipe<hpo::Settings, hpo::Hpo>>();
}

}  // namespace tonne
