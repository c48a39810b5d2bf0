// SMAC: Hutter, Hoos and Leyton-Brown 2011, "Sequential Model-Based Optimization for General Algorithm
// Configuration", LION 5: expected improvement under a random forest. Without SMAC's instances and races: one
// trial a configuration.
//
// Where the paper is silent, or its successor differs:
// - The design: a Sobol sequence of 10 points a parameter. SMAC3 caps it at 25 % of the trials; here
//   the cap is one of points (`initial_most`), whatever the budget.
// - Losses: those of an optimisation are not runtimes, and may be negative. They are scaled as by SMAC3's
//   RunHistoryLogScaledEncoder: t = log((y - m') / (y_max - m')), m' = y_min - (y_5% - y_min), so that the
//   best are told apart. Ties at the minimum would make that log(0): the 5 % quantile counts as at least
//   1/1000 of the range above the minimum (own choice).
// - Workers: running trials enter the forest with the mean of the transformed losses (a constant liar,
// Ginsbourger et
//   al. 2010), which lowers the variance there but promises nothing.
// - Failed trials enter with the worst loss so far, as SMAC does with crashes of a quality run.
// - Nothing is proposed twice while something else is found.
// - Under a scheduler, partial trainings count with their last losses (`partial_trainings`).

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "core/recipe.h"
#include "core/sobol.h"
#include "search/strategies/model_based/tree_candidates.h"
#include "search/strategies/sampling/moves.h"
#include "search/surrogates/acquisition.h"
#include "search/surrogates/forest_encoding.h"
#include "search/surrogates/random_forest.h"
#include "search/surrogates/trial_history.h"

namespace tonne {
namespace {

/// Points of the design before a known one is passed over for a uniform draw: the space may be exhausted.
constexpr int kMostDraws = 1000;
/// Sobol dimensions in use; further parameters are drawn.
constexpr std::size_t kSobolDimensions = 1000;
/// Least part of the range of losses that the 5 % quantile counts as above the minimum.
constexpr double kLeastShift = 1e-3;
/// Variances are at least this (SMAC3's threshold), in squared units of the transformed loss.
constexpr double kLeastVariance = 1e-10;

/// Defaults: SMAC3's HyperparameterOptimizationFacade, which follows Hutter et al. 2011 but for the forest's
/// options.
struct RfSettings {
  std::int64_t initial_per_parameter =
      10;                          ///< points of the design, for each parameter with more than one value
  std::int64_t initial_most = 25;  ///< at most so many: 25 % of 100 trials
  std::int64_t trees = 10;
  std::int64_t min_split = 2;
  std::int64_t min_leaf = 1;
  double features = 1.0;  ///< part of the features that a node tries
  bool bootstrap = true;
  bool log_losses = true;            ///< else the losses are only scaled
  double xi = 0.0;                   ///< improvement that is asked for, in units of the transformed loss
  std::int64_t challengers = 10000;  ///< random candidates
  std::int64_t local_starts =
      10;  ///< evaluated configurations with the largest EI, from which a local search starts
  std::int64_t neighbours = 4;  ///< of each number in the local search; Hutter et al. 2011, section 4.3
  double step = 0.2;            ///< deviation of a number's step, part of its range; the same
  double random_share = 0.2;    ///< of proposals drawn at random (Hutter et al. 2011: every second one)
  PartialLosses partial = PartialLosses::last;

  void visit(SettingsVisitor& v) {
    v.integer("initial_per_parameter", initial_per_parameter, Bounds::between(0, 1e6),
              "initial Sobol points per parameter");
    v.integer("initial_most", initial_most, Bounds::between(1, 1e6),
              "most initial points (SMAC3 uses a quarter of the budget, which is not looked at here)");
    v.integer("trees", trees, Bounds::between(1, 1e4), "trees in the forest");
    v.integer("min_split", min_split, Bounds::between(2, 1e6), "minimum trials to split a node");
    v.integer("min_leaf", min_leaf, Bounds::between(1, 1e6), "minimum trials per leaf");
    v.number("features", features, {0.0, 1.0, true}, "fraction of parameters tried per split");
    v.flag("bootstrap", bootstrap, "fit each tree to a bootstrap sample instead of all trials");
    v.flag("log_losses", log_losses, "model the log of the scaled losses");
    v.number("xi", xi, Bounds::between(0, 1e9), "minimum improvement of the transformed loss (xi)");
    v.integer("challengers", challengers, Bounds::between(1, 1e6), "random candidates scored per ask");
    v.integer("local_starts", local_starts, Bounds::between(0, 1e4),
              "evaluated configurations to start local searches from");
    v.integer("neighbours", neighbours, Bounds::between(1, 1e4),
              "neighbours per numeric parameter in local search");
    v.number("step", step, {0.0, 1.0, true}, "sd of a numeric step, as a fraction of the range");
    v.number("random_share", random_share, Bounds::between(0, 1),
             "fraction of random proposals after the initial design");
    visit_partial_losses(v, partial);
  }
};

// The design: a Sobol sequence with a digital shift that the first ask draws.
class SobolDesign {
 public:
  explicit SobolDesign(const SearchSpace& space)
      : space_(space),
        dimensions_(std::clamp<std::size_t>(space.size(), 1, kSobolDimensions)),
        engine_(dimensions_),
        u_(space.size()) {}

  Configuration next(Random& random) {
    if (shift_.empty()) {
      Random stream = random.child("shift");
      for (std::size_t j = 0; j < dimensions_; ++j) shift_.push_back(stream.next());
    }
    for (std::size_t j = 0; j < u_.size(); ++j) {
      const std::uint64_t bits = j < dimensions_ ? engine_.next() ^ shift_[j] : random.next();
      u_[j] = static_cast<double>(bits >> 11U) * 0x1.0p-53;
    }
    return configuration_at(space_, u_);
  }

 private:
  const SearchSpace& space_;
  std::size_t dimensions_;
  SobolSequence engine_;
  std::vector<std::uint64_t> shift_;
  std::vector<double> u_;
};

// The losses as the forest sees them; increasing.
class LossTransform {
 public:
  LossTransform() = default;
  /// Of at least one finite loss.
  LossTransform(std::vector<double> losses, bool logarithm) : logarithm_(logarithm) {
    std::ranges::sort(losses);
    const double range = losses.back() - losses.front();
    const double place = 0.05 * static_cast<double>(losses.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const double above = losses[std::min(below + 1, losses.size() - 1)];
    const double quantile = losses[below] + (place - static_cast<double>(below)) * (above - losses[below]);
    low_ = losses.front() - std::max(quantile - losses.front(), kLeastShift * range);
    range_ = losses.back() - low_;
    if (!(range_ > 0.0)) range_ = 1.0;  // all are equal
  }
  double operator()(double loss) const {
    const double scaled = (loss - low_) / range_;
    return logarithm_ ? std::log(std::max(scaled, std::numeric_limits<double>::min())) : scaled;
  }

 private:
  bool logarithm_ = false;
  double low_ = 0.0;
  double range_ = 1.0;
};

// Expected improvement. Of logarithms: E[max(exp(f_min) - exp(t), 0)], t normal, Hutter et al. 2009, "An
// Experimental Investigation of Model-Based Parameter Optimisation: SPO and Beyond", section 5.2.
double expected_improvement(double mean, double variance, double f_min, bool logarithm) {
  const double deviation = std::sqrt(std::max(variance, kLeastVariance));
  const double v = (f_min - mean) / deviation;
  if (logarithm)
    return std::exp(f_min) * normal_cdf(v) -
           std::exp(mean + 0.5 * deviation * deviation) * normal_cdf(v - deviation);
  return (f_min - mean) * normal_cdf(v) + deviation * kInvSqrtTwoPi * std::exp(-0.5 * v * v);
}

class Rf final : public Strategy {
 public:
  Rf(const RfSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        fidelity_(context.fidelity),
        encoding_(context.space),
        forest_(encoding_.categories(), options(settings)),
        design_(context.space),
        history_(context.fidelity) {
    const auto wanted = settings.initial_per_parameter * static_cast<std::int64_t>(encoding_.columns());
    initial_ = static_cast<std::size_t>(std::clamp<std::int64_t>(wanted, 1, settings.initial_most));
  }

  std::optional<Proposal> ask(TrialId id, Random random) override {
    if (!history_.turned_down(id)) ++asked_;
    const Configuration configuration = choose(random);
    history_.propose(id, configuration);
    return Proposal{.configuration = configuration, .fidelity = fidelity_};
  }

  void tell(const Trial& trial) override { history_.tell(trial); }
  void report(const Trial& trial) override { history_.report(trial); }
  [[nodiscard]] bool learns_from_reports() const override { return true; }

  [[nodiscard]] Work computed() const override { return forest_.computed() + predictions_; }

 private:
  struct Candidate {
    Configuration configuration;
    double improvement = 0.0;
  };

  static ForestOptions options(const RfSettings& settings) {
    return {.trees = static_cast<std::size_t>(settings.trees),
            .min_split = static_cast<std::size_t>(settings.min_split),
            .min_leaf = static_cast<std::size_t>(settings.min_leaf),
            .features = settings.features,
            .bootstrap = settings.bootstrap};
  }

  Configuration choose(Random& random) {
    if (asked_ <= initial_) return design_point(random);
    const bool interleaved = random.bernoulli(settings_.random_share);
    if (interleaved || !history_.worst() || encoding_.columns() == 0) return unknown_sample(random);
    fit(random.child("forest"));
    return maximise(random);
  }

  [[nodiscard]] bool is_known(const Configuration& configuration) const { return history_.is_known(configuration); }

  Configuration design_point(Random& random) {
    for (int i = 0; i < kMostDraws; ++i) {
      Configuration point = design_.next(random);
      if (!is_known(point)) return point;
    }
    return unknown_sample(random);
  }

  Configuration unknown_sample(Random& random) const {
    return draw_unknown(space_, [this](const Configuration& c) { return is_known(c); }, random);
  }

  void fit(Random random) {
    const auto& observations = history_.observations();
    responses_ = history_.losses(settings_.partial);
    std::vector<double> losses;
    for (std::size_t i = 0; i < observations.size(); ++i)
      if (observations[i].loss) losses.push_back(responses_[i]);
    const LossTransform transform(std::move(losses), settings_.log_losses);
    for (double& response : responses_) response = transform(response);
    f_min_ = *std::ranges::min_element(responses_);
    const double lie =
        std::accumulate(responses_.begin(), responses_.end(), 0.0) / static_cast<double>(responses_.size());
    responses_.resize(responses_.size() + history_.pending().size(), lie);
    rows_.resize(responses_.size() * encoding_.columns());
    double* row = rows_.data();
    for (const auto& observation : observations) {
      encoding_.encode(observation.configuration, row);
      row += encoding_.columns();
    }
    for (const auto& [id, configuration] : history_.pending()) {
      encoding_.encode(configuration, row);
      row += encoding_.columns();
    }
    forest_.fit(rows_, responses_, random);
  }

  // Section 4.3: local searches from the evaluated configurations with the largest EI, and random candidates.
  Configuration maximise(Random& random) {
    best_.reset();
    for (const Candidate& start : local_starts()) climb(start, random);
    batch_.clear();
    for (std::int64_t i = 0; i < settings_.challengers; ++i) batch_.push_back({space_.sample(random)});
    score_and_consider();
    return best_ ? best_->configuration : unknown_sample(random);
  }

  std::vector<Candidate> local_starts() {
    batch_.clear();
    for (const auto& observation : history_.observations())
      if (observation.loss) batch_.push_back({observation.configuration});
    score(batch_);
    std::vector<std::size_t> order(batch_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [this](std::size_t a, std::size_t b) {
      return batch_[a].improvement != batch_[b].improvement ? batch_[a].improvement > batch_[b].improvement
                                                            : a < b;
    });
    order.resize(std::min(order.size(), static_cast<std::size_t>(settings_.local_starts)));
    std::vector<Candidate> starts;
    for (const std::size_t i : order) starts.push_back(batch_[i]);
    return starts;
  }

  // Best improvement over the one-exchange neighbourhood, until none is better.
  void climb(Candidate current, Random& random) {
    while (true) {
      list_neighbours(current.configuration, random);
      if (batch_.empty()) return;
      score_and_consider();
      const auto better = std::ranges::max_element(batch_, {}, &Candidate::improvement);
      if (!(better->improvement > current.improvement)) return;
      current = *better;
    }
  }

  void list_neighbours(const Configuration& centre, Random& random) {
    neighbours_.clear();
    add_neighbours(space_, centre, static_cast<std::size_t>(settings_.neighbours), settings_.step, random, neighbours_);
    batch_.clear();
    for (const Configuration& neighbour : neighbours_) batch_.push_back({neighbour});
  }

  void score(std::vector<Candidate>& candidates) {
    rows_.resize(candidates.size() * encoding_.columns());
    for (std::size_t i = 0; i < candidates.size(); ++i)
      encoding_.encode(candidates[i].configuration, rows_.data() + i * encoding_.columns());
    forest_.predict(rows_, prediction_);
    for (std::size_t i = 0; i < candidates.size(); ++i)
      candidates[i].improvement = expected_improvement(prediction_.mean[i], prediction_.variance[i],
                                                       f_min_ - settings_.xi, settings_.log_losses);
    predictions_ += static_cast<double>(candidates.size()) * forest_.prediction_work();
  }

  // Scores the batch; the best of all batches that is not known yet is kept, the first among equals.
  void score_and_consider() {
    score(batch_);
    for (const Candidate& candidate : batch_)
      if ((!best_ || candidate.improvement > best_->improvement) && !is_known(candidate.configuration))
        best_ = candidate;
  }

  RfSettings settings_;
  const SearchSpace& space_;
  double fidelity_;
  ForestEncoding encoding_;
  RandomForest forest_;
  SobolDesign design_;
  std::size_t initial_ = 1;

  std::size_t asked_ = 0;
  TrialHistory history_;
  double f_min_ = 0.0;  // the lowest transformed loss
  std::optional<Candidate> best_;
  Work predictions_{};

  // Scratch space, kept to spare allocations.
  std::vector<Candidate> batch_;
  std::vector<Configuration> neighbours_;
  std::vector<double> rows_;
  std::vector<double> responses_;
  ForestPrediction prediction_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_rf_recipe() {
  return std::make_unique<BasicStrategyRecipe<RfSettings, Rf>>();
}

}  // namespace tonne
