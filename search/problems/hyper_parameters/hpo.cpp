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
// and G are linear in lambda, dropout and log-width and in a few of their products. What a configuration of
// fcnet comes to is then mapped to the table's quantiles by its rank (hpo_fcnet_tables.cpp), for the fit has
// neither its best nor its tail. A table's value is the mean over its training seeds, and so is the true
// value here.

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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
// FCNet trained each setting with four seeds, LCBench with one.
constexpr std::int64_t kFcNetSeeds = 4;
constexpr std::int64_t kLcBenchSeeds = 1;

std::int64_t usual_seeds(Space space) {
  if (space == Space::fcnet) return kFcNetSeeds;
  return space == Space::lcbench ? kLcBenchSeeds : TrainingSeeds::kUnlimited;
}

}  // namespace

void Settings::visit(SettingsVisitor& visitor) {
  visitor.choice("model", model, kModelNames, "model to train");
  visitor.choice("space", space, kSpaceNames,
                 "conditional; fcnet: the 62,208 configurations of the FCNet tables; lcbench: seven "
                 "parameters and curves "
                 "as LCBench has them (both mlp only)");
  visitor.choice("dataset", dataset, kDatasetNames,
                 "table of the FCNet family whose quantiles and noise fcnet has");
  visitor.choice("schedule", schedule, kScheduleNames,
                 "learning rate of lcbench: cosine, or step: a tenth after half and after three quarters of "
                 "the training");
  visitor.integer("landscape", landscape, Bounds::at_least(0), "seed of the landscape's ruggedness");
  visitor.choice("fidelity", fidelity, kCountsNames,
                 "what low fidelity reduces: epochs (boosting rounds) or the fraction of the data");
  visitor.optional_integer("epochs", epochs, Bounds::between(2, 1e6),
                           "epochs of a full training; default: " + std::to_string(kUsualEpochs[0]) +
                               " for mlp (lcbench: " + std::to_string(kLcBenchEpochs) + "), " +
                               std::to_string(kUsualEpochs[1]) + " for cnn_finetune, " +
                               std::to_string(kUsualEpochs[2]) + " rounds for gradient_boosting");
  visitor.optional_integer("samples", samples, Bounds::between(1000, 1e9),
                           "training samples; default: the data set's rows, " + std::to_string(kUsualRows) +
                               " of protein, or " + std::to_string(kUsualSamples[1]) +
                               " images for cnn_finetune");
  visitor.number("noise", noise, Bounds::between(0, 100), "scale of the training seed's effect");
  training_seeds.visit(visitor, usual_seeds(space));
  visitor.require(space == Space::conditional || model == Model::mlp, "space",
                  std::string(kSpaceNames[static_cast<std::size_t>(space)]) + " requires model: mlp");
  visitor.require(space == Space::fcnet || dataset == Dataset::protein, "dataset", "requires space: fcnet");
  visitor.require(space == Space::lcbench || schedule == Schedule::cosine, "schedule",
                  "requires space: lcbench");
}

double Settings::full_epochs() const {
  const std::int64_t usual =
      space == Space::lcbench ? kLcBenchEpochs : kUsualEpochs[static_cast<std::size_t>(model)];
  return static_cast<double>(epochs.value_or(usual));
}

TrainingSeeds Settings::seeds() const {
  return training_seeds.seeds(usual_seeds(space));
}

double Settings::full_samples() const {
  if (space == Space::fcnet && !samples) return fcnet_table(dataset).rows;
  return static_cast<double>(samples.value_or(kUsualSamples[static_cast<std::size_t>(model)]));
}

namespace {

std::unique_ptr<const Landscape> make_landscape(const Settings& settings) {
  if (settings.space == Space::fcnet) return make_fcnet(settings);
  if (settings.space == Space::lcbench) return make_lcbench(settings);
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

std::string name_of(const Settings& settings) {
  if (settings.space == Space::conditional)
    return "hpo/" + std::string(kModelNames[static_cast<std::size_t>(settings.model)]);
  std::string name = "hpo/" + std::string(kSpaceNames[static_cast<std::size_t>(settings.space)]);
  if (settings.dataset != Dataset::protein)
    name += "_" + std::string(kDatasetNames[static_cast<std::size_t>(settings.dataset)]);
  return name;
}

double sigmoid(double x) {
  return 1.0 / (1.0 + std::exp(-x));
}

class Hpo final : public Problem {
 public:
  explicit Hpo(const Settings& settings)
      : settings_(settings),
        seeds_(settings.seeds()),
        landscape_(make_landscape(settings)),
        space_(landscape_->space()),
        rugged_(static_cast<std::uint64_t>(settings.landscape), space_, kLength) {
    traits_.name = name_of(settings);
    traits_.objectives = {landscape_->objective()};
    if (settings.fidelity == Counts::data)
      traits_.fidelity = {"data", kLeastData, 1.0, false};
    else
      traits_.fidelity = {settings.model == Model::gradient_boosting ? "rounds" : "epochs", 1.0,
                          settings.full_epochs(), true};
    if (settings.space == Space::fcnet) follow_the_table();
  }

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  [[nodiscard]] std::optional<double> optimum() const override { return optimum_; }

  // The mean over training seeds; of what diverges, the loss before training.
  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    const Prospect p = look(configuration);
    return p.diverges ? p.start : mapped(mean_of_seeds(p, name_of_candidate(configuration)));
  }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random random) const override {
    const Configuration& configuration = evaluation.configuration;
    const Prospect p = look(configuration);
    const Costs costs = landscape_->costs(configuration);
    const std::uint64_t candidate = name_of_candidate(configuration);
    const std::uint64_t seed = seed_of(evaluation, candidate);
    Outcome outcome;
    if (p.diverges) {
      const double until = hashed_open_uniform(seed ^ 1ULL) * kLatestDivergence * traits_.fidelity.highest;
      if (evaluation.to > until) {
        outcome.failure = Failure::diverged;
        outcome.workload = training(costs, std::max(0.0, until - evaluation.from));
        return outcome;
      }
    }
    const double passing =
        seeds_.unlimited() ? random.normal() : hashed_normal(seed ^ hash_of(evaluation.to));
    const double loss =
        mapped(trained(evaluation.to, p, seed, passing, settings_.noise)) * centring(p, candidate);
    outcome.objectives.push_back(std::min(loss, landscape_->highest()));
    outcome.workload = training(costs, evaluation.to - evaluation.from);
    return outcome;
  }

  [[nodiscard]] std::optional<std::uint32_t> training_seeds(const Configuration&) const override {
    return seeds_.distinct();
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
  // sd of the logarithm by which configurations differ in what more data bring them, so that curves over the
  // data cross; assumed
  static constexpr double kOwnHunger = .12;
  static constexpr double kLatestDivergence =
      .3;  // share of the training by which a divergence shows; assumed
  static constexpr double kSeedOfBlowUp =
      .5;  // sd of the logarithm by which a seed scales a blow-up; by eye, along the fcnet table
  static constexpr double kSeedless = 1.7;  // logits by which death is the configuration's, not the seed's
  static constexpr double kSeedSharpness = 3.0;
  static constexpr double kOwn =
      .0045;  // what no parameter explains: sd of a mean of four seeds on the fcnet table
  // Correlation of a seed's effect early and late in its training, and what else it is made of; assumed.
  static constexpr double kLasting = .8;
  static constexpr double kPassing = .6;
  static constexpr double kAccessesPerActivation = 5.0;  // as in cell_nas
  static constexpr double kAccessesPerWeight = 8.0;
  static constexpr double kNumbersPerWeight = 4.0;  // weight, gradient, two moments

  [[nodiscard]] std::uint64_t name_of_candidate(const Configuration& configuration) const {
    return configuration.digest() ^ static_cast<std::uint64_t>(settings_.landscape);
  }
  static std::uint64_t hash_of(double amount) { return mix_bits(std::bit_cast<std::uint64_t>(amount)); }

  // Bits of a training seed, which stays the same at every fidelity.
  [[nodiscard]] std::uint64_t seed_of(const Evaluation& evaluation, std::uint64_t candidate) const {
    if (!seeds_.unlimited()) return table_seed(candidate, seeds_.seed_of(evaluation));
    return mix_bits(evaluation.run ^ mix_bits(evaluation.repeat + 1ULL) ^ evaluation.configuration.digest());
  }
  static std::uint64_t table_seed(std::uint64_t candidate, std::uint64_t k) {
    return mix_bits(mix_bits(candidate) ^ mix_bits(k + 1ULL));
  }

  // With ruggedness, and the logit of death turned into a probability. What no parameter explains is the luck
  // of a table's seeds, of which the mean is taken; without such seeds it is drawn.
  [[nodiscard]] Prospect look(const Configuration& configuration) const {
    Prospect p = landscape_->at(configuration);
    const std::uint64_t own = name_of_candidate(configuration);
    double log_loss = landscape_->ruggedness() * rugged_.at(space_, configuration);
    if (!centred()) log_loss += kOwn * hashed_normal(mix_bits(own) ^ 1ULL);
    p.end = std::min(p.end * std::exp(log_loss), landscape_->highest());
    p.death = p.death > -12.0 ? sigmoid(kSeedSharpness * (p.death + kSeedless * hashed_normal(own))) : 0.0;
    if (settings_.fidelity == Counts::data)
      p.data_hunger *= std::exp(kOwnHunger * hashed_normal(mix_bits(own) ^ 2ULL));
    return p;
  }

  // Whether the true value is the mean of a table's seeds. Of a single one it is not: the seed's luck would
  // be nothing.
  [[nodiscard]] bool centred() const { return seeds_.count() > 1; }

  // Before the table's map. `passing`: what of the seed's effect is that of the moment, a standard normal
  // number.
  [[nodiscard]] double trained(double amount, const Prospect& p, std::uint64_t seed, double passing,
                               double noise) const {
    const bool dies = hashed_open_uniform(seed ^ 2ULL) < p.death;
    if (dies) return after(amount, p, true);
    const bool whole = amount == traits_.fidelity.highest && !seeds_.unlimited();
    const double lasting = hashed_normal(seed ^ 3ULL);
    const double effect = whole ? lasting : kLasting * lasting + kPassing * passing;
    const double blown = p.blow_up > 0.0 ? p.blow_up * std::expm1(kSeedOfBlowUp * effect) : 0.0;
    return after(amount, p, false) * std::exp(noise * (p.spread * effect + blown));
  }

  // Of full trainings, before the table's map.
  [[nodiscard]] double mean_of_seeds(const Prospect& p, std::uint64_t candidate) const {
    if (!centred()) return p.end + p.death * (p.plateau - p.end);
    double sum = 0.0;
    for (std::uint64_t k = 0; k < seeds_.count(); ++k)
      sum += trained(traits_.fidelity.highest, p, table_seed(candidate, k), 0.0, 1.0);
    return sum / static_cast<double>(seeds_.count());
  }

  // The factor by which the mean of the table's seeds is the true value, whatever map and noise do to them.
  [[nodiscard]] double centring(const Prospect& p, std::uint64_t candidate) const {
    if (!centred() || p.diverges) return 1.0;
    double sum = 0.0;
    for (std::uint64_t k = 0; k < seeds_.count(); ++k)
      sum += mapped(trained(traits_.fidelity.highest, p, table_seed(candidate, k), 0.0, settings_.noise));
    return mapped(mean_of_seeds(p, candidate)) * static_cast<double>(seeds_.count()) / sum;
  }

  [[nodiscard]] double mapped(double loss) const { return map_ ? (*map_)(loss) : loss; }

  void follow_the_table() {
    std::vector<double> losses;
    for_each_configuration(space_, [&](const Configuration& configuration) {
      losses.push_back(mean_of_seeds(look(configuration), name_of_candidate(configuration)));
    });
    const double lowest = *std::min_element(losses.begin(), losses.end());
    map_.emplace(settings_.dataset, std::move(losses));
    optimum_ = mapped(lowest);
  }

  [[nodiscard]] double after(double amount, const Prospect& p, bool dies) const {
    const double full = settings_.full_epochs();
    const bool of_data = settings_.fidelity == Counts::data;
    const double epochs = of_data ? full : amount;
    double end = dies ? p.plateau : p.end + in_between(epochs / full, p);
    if (of_data && !dies) end = std::min(end * std::pow(amount, -p.data_hunger), std::max(end, p.start));
    const double left = remaining(epochs, p);
    const double at_end = remaining(full, p);
    return end + std::max(0.0, p.start - end) * (left - at_end) / (1.0 - at_end);
  }

  // What besides the learning itself makes the loss differ from that at the end: the rate's annealing is
  // still to come, overfitting too.
  [[nodiscard]] static double in_between(double share, const Prospect& p) {
    const double annealing = p.unannealed * rate_left(share, p.annealing);
    if (p.overfit <= 0.0) return annealing;
    return annealing + p.overfit * (std::max(0.0, share - p.overfit_from) / (1.0 - p.overfit_from) - 1.0);
  }

  // 0 at the end.
  static double rate_left(double share, Annealing annealing) {
    switch (annealing) {
      case Annealing::even:
        return 1.0 - share;
      case Annealing::cosine:
        return .5 + .5 * std::cos(std::numbers::pi * share);
      case Annealing::step:
        return share < .5 ? 1.0 : share < .75 ? .1 : 0.0;
    }
    return 0.0;
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
  TrainingSeeds seeds_;
  std::unique_ptr<const Landscape> landscape_;
  SearchSpace space_;
  Ruggedness rugged_;
  std::optional<FcNetMap> map_;  // of fcnet, once all losses are known
  ProblemTraits traits_;
  std::optional<double> optimum_;
};

}  // namespace
}  // namespace hpo

std::unique_ptr<ProblemRecipe> make_hpo_recipe() {
  return std::make_unique<BasicProblemRecipe<hpo::Settings, hpo::Hpo>>();
}

}  // namespace tonne
