// BANANAS: White, Neiswanger and Savani 2021, "BANANAS: Bayesian Optimization with Neural Architectures for
// Neural Architecture Search", AAAI 35, Algorithm 1: an ensemble of neural predictors, independent Thompson
// sampling, and mutations of the best as candidates. Defaults are those of the authors' code (naszilla),
// where not said otherwise.
//
// Where the paper is silent, or this differs:
// - Encoding: the paper's path encoding exists for graphs of cells only. Here each choice of a category is an
// input of its
//   own (the "adjacency" encoding of the paper's section 4), numbers and ordinals lie in [-1, 1], and a
//   conditional number has a further input that tells whether it is active.
// - The loss is the mean absolute error of standardised losses, as in the authors' code; the paper's
// percentage error
//   (eq. 2) needs a lower bound of the loss.
// - Candidates: of the `parents` best, equally many children each that nobody knows yet; where a
// neighbourhood is used up,
//   of the next best.
// - Workers: the k candidates of a fit are given out one by one; when they are used up the ensemble is fitted
// to what
//   has been told by then. Running trials are not modelled but not proposed again either.
// - Failed trials count with the worst loss so far.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/recipe.h"
#include "search/surrogates/neural_network.h"

namespace tonne {
namespace {

/// Draws of a random candidate before one that is known already is taken: the space may be exhausted.
constexpr int kMostNewDraws = 1000;
/// Tries for each child wanted of a parent; a used up neighbourhood ends so.
constexpr std::size_t kTriesPerChild = 3;

struct BananasSettings {
  std::int64_t initial = 10;      ///< t_0, random trials; naszilla
  std::int64_t batch = 10;        ///< k, candidates of one fit; naszilla
  std::int64_t ensemble = 5;      ///< M, networks; the paper
  std::int64_t layers = 10;       ///< hidden ones; naszilla
  std::int64_t width = 20;        ///< naszilla
  std::int64_t epochs = 150;      ///< naszilla
  double learning_rate = 0.01;    ///< of Adam; naszilla
  std::int64_t candidates = 100;  ///< c, mutations that are scored; from memory of naszilla, not checked
  std::int64_t parents = 2;       ///< best trials that are mutated; NASLib, from memory (naszilla: 1)
  std::int64_t mutations = 1;     ///< changes of a child; naszilla

  void visit(SettingsVisitor& v) {
    v.integer("initial", initial, Bounds::between(1, 1e6), "random trials before the first fit");
    v.integer("batch", batch, Bounds::between(1, 1e4), "candidates proposed per fit");
    v.integer("ensemble", ensemble, Bounds::between(1, 100), "networks in the ensemble");
    v.integer("layers", layers, Bounds::between(1, 30), "hidden layers per network");
    v.integer("width", width, Bounds::between(1, 1000), "units per hidden layer");
    v.integer("epochs", epochs, Bounds::between(1, 1e5), "training epochs per fit");
    v.number("learning_rate", learning_rate, {0.0, 1.0, true}, "learning rate of the networks");
    v.integer("candidates", candidates, Bounds::between(1, 1e6), "mutations scored per fit");
    v.integer("parents", parents, Bounds::between(1, 1e4), "number of best trials to mutate");
    v.integer("mutations", mutations, Bounds::between(1, 100),
              "parameters changed per mutation, one after another");
  }
};

// Configurations as inputs of a network.
class NetworkEncoding {
 public:
  explicit NetworkEncoding(const SearchSpace& space) : space_(space) {
    for (std::size_t i = 0; i < space.size(); ++i) {
      const bool conditional = space[i].active_when.has_value();
      const auto count = tonne::cardinality(space[i].domain);
      if (count == 1U && !conditional) continue;
      const std::size_t choices = is_categorical(space[i].domain) ? static_cast<std::size_t>(*count) : 0;
      parameters_.push_back({i, inputs_, choices, conditional});
      inputs_ += choices > 0 ? choices : (conditional ? 2 : 1);
    }
  }

  [[nodiscard]] std::size_t inputs() const { return inputs_; }
  void encode(const Configuration& configuration, float* row) const {
    std::fill(row, row + inputs_, 0.0F);
    for (const Parameter& parameter : parameters_) {
      if (!configuration.is_active(parameter.index)) continue;
      if (parameter.choices > 0) {
        row[parameter.input + configuration.index(parameter.index)] = 1.0F;
        continue;
      }
      const double u = to_unit(space_[parameter.index].domain, configuration[parameter.index]);
      row[parameter.input] = static_cast<float>(2.0 * u - 1.0);
      if (parameter.conditional) row[parameter.input + 1] = 1.0F;
    }
  }

 private:
  struct Parameter {
    std::size_t index;
    std::size_t input;    // the first of its inputs
    std::size_t choices;  // 0: a number
    bool conditional;
  };
  const SearchSpace& space_;
  std::vector<Parameter> parameters_;
  std::size_t inputs_ = 0;
};

class Bananas final : public Strategy {
 public:
  Bananas(const BananasSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        fidelity_(context.fidelity),
        encoding_(context.space),
        network_(encoding_.inputs(), {.layers = static_cast<std::size_t>(settings.layers),
                                      .width = static_cast<std::size_t>(settings.width),
                                      .epochs = static_cast<std::size_t>(settings.epochs),
                                      .learning_rate = static_cast<float>(settings.learning_rate)}) {}

  std::optional<Proposal> ask(TrialId, Random random) override {
    Configuration configuration = choose(random);
    taken_.insert(configuration.digest());  // also of one that is turned down: it is not proposed again
    return Proposal{.configuration = std::move(configuration), .fidelity = fidelity_};
  }

  void tell(const Trial& trial) override {
    if (trial.proposal.fidelity != fidelity_ || !told_.insert(trial.id).second) return;
    const Configuration& configuration = trial.proposal.configuration;
    taken_.insert(configuration.digest());
    const bool completed = trial.completed() && std::isfinite(trial.loss());
    observed_.push_back({configuration, completed ? std::optional(trial.loss()) : std::nullopt});
    if (completed) worst_ = std::max(worst_.value_or(trial.loss()), trial.loss());
  }

  [[nodiscard]] Work computed() const override { return network_.computed(); }

 private:
  struct Observation {
    Configuration configuration;
    std::optional<double> loss;  ///< absent: failed
  };

  Configuration choose(Random& random) {
    const bool ready = observed_.size() >= static_cast<std::size_t>(settings_.initial) && worst_;
    if (!ready || encoding_.inputs() == 0) return unknown_sample(random);
    if (queue_.empty()) select_batch(random);
    if (queue_.empty()) return unknown_sample(random);
    Configuration next = queue_.back();
    queue_.pop_back();
    return next;
  }

  [[nodiscard]] bool is_known(const Configuration& configuration) const {
    return taken_.contains(configuration.digest());
  }

  Configuration unknown_sample(Random& random) const {
    Configuration sample = space_.sample(random);
    for (int i = 0; i < kMostNewDraws && is_known(sample); ++i) sample = space_.sample(random);
    return sample;
  }

  // Algorithm 1, steps i to iv.
  void select_batch(Random& random) {
    const std::vector<Configuration> candidates = mutate_the_best(random);
    predict(candidates, random.child("ensemble"));
    // Independent Thompson sampling (section 5): for each candidate its own draw of the ensemble's normal
    // distribution.
    const auto members = static_cast<double>(settings_.ensemble);
    std::vector<double> draws;
    for (std::size_t x = 0; x < candidates.size(); ++x) {
      double mean = 0.0;
      for (const auto& member : predictions_) mean += member[x] / members;
      double variance = 0.0;
      for (const auto& member : predictions_) variance += (member[x] - mean) * (member[x] - mean) / members;
      const double draw = mean + std::sqrt(variance) * random.normal();
      draws.push_back(std::isnan(draw) ? std::numeric_limits<double>::infinity()
                                       : draw);  // training may diverge
    }
    std::vector<std::size_t> order(candidates.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
      return draws[a] != draws[b] ? draws[a] < draws[b] : a < b;
    });
    order.resize(std::min(order.size(), static_cast<std::size_t>(settings_.batch)));
    for (auto x = order.rbegin(); x != order.rend(); ++x)
      queue_.push_back(candidates[*x]);  // the best goes first
  }

  std::vector<Configuration> mutate_the_best(Random& random) const {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < observed_.size(); ++i)
      if (observed_[i].loss) order.push_back(i);
    std::ranges::sort(order, [this](std::size_t a, std::size_t b) {
      return observed_[a].loss != observed_[b].loss ? *observed_[a].loss < *observed_[b].loss : a < b;
    });
    const auto wanted = static_cast<std::size_t>(settings_.candidates);
    const std::size_t each = (wanted + static_cast<std::size_t>(settings_.parents) - 1) /
                             static_cast<std::size_t>(settings_.parents);
    std::vector<Configuration> candidates;
    std::unordered_set<std::uint64_t> seen;
    for (const std::size_t parent : order) {
      const std::size_t limit = std::min(wanted, candidates.size() + each);
      for (std::size_t tries = 0; tries < kTriesPerChild * each && candidates.size() < limit; ++tries) {
        Configuration child = observed_[parent].configuration;
        for (std::int64_t m = 0; m < settings_.mutations; ++m) child = space_.mutate(child, random);
        if (!is_known(child) && seen.insert(child.digest()).second) candidates.push_back(std::move(child));
      }
      if (candidates.size() == wanted) break;
    }
    return candidates;
  }

  void predict(const std::vector<Configuration>& candidates, const Random& random) {
    const std::size_t inputs = encoding_.inputs();
    points_.resize(observed_.size() * inputs);
    losses_.clear();
    for (std::size_t i = 0; i < observed_.size(); ++i) {
      encoding_.encode(observed_[i].configuration, points_.data() + i * inputs);
      losses_.push_back(observed_[i].loss.value_or(*worst_));
    }
    candidate_points_.resize(candidates.size() * inputs);
    for (std::size_t x = 0; x < candidates.size(); ++x)
      encoding_.encode(candidates[x], candidate_points_.data() + x * inputs);
    predictions_.resize(static_cast<std::size_t>(settings_.ensemble));
    for (std::size_t m = 0; m < predictions_.size(); ++m) {
      network_.fit(points_, losses_, random.child(m));
      network_.predict(candidate_points_, predictions_[m]);
    }
  }

  BananasSettings settings_;
  const SearchSpace& space_;
  double fidelity_;
  NetworkEncoding encoding_;
  NeuralNetwork network_;  // the members one after the other

  std::vector<Observation> observed_;
  std::optional<double> worst_;       // loss of a completed trial
  std::vector<Configuration> queue_;  // the rest of a batch, the next one last
  // For membership only, so their order does not matter.
  std::unordered_set<std::uint64_t> taken_;  // digests of all that was proposed or told
  std::unordered_set<TrialId> told_;

  std::vector<float> points_;
  std::vector<float> candidate_points_;
  std::vector<double> losses_;
  std::vector<std::vector<double>> predictions_;  // of each network
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_bananas_recipe() {
  return std::make_unique<BasicStrategyRecipe<BananasSettings, Bananas>>();
}

}  // namespace tonne
