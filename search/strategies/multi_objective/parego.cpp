// ParEGO: Knowles 2006, "ParEGO: A Hybrid Algorithm With On-Line Landscape Approximation for Expensive
// Multiobjective Optimization Problems", IEEE Trans. Evol. Comp. 10(1). At each step a weight vector lambda
// is drawn, the costs are joined to one by the augmented Tchebycheff function, and the candidate with the
// largest expected improvement of that one is evaluated. The symbols are the paper's.
//
// Where it differs, or the paper is silent:
// - The model is this house's Gaussian process (Matern-5/2, priors, standardised targets) in place of DACE.
//   A fit starts where the last one of the same lambda ended, and from a second point. The improvement is
//   searched for as by `gp`, not by the paper's genetic algorithm, and in its logarithm, below the lowest
//   posterior mean at an evaluated point, which noise misleads less than the lowest cost.
// - Each cost is normalised to [0, 1] by the extremes among the trials so far (the paper: by known or
//   estimated limits).
// - Pending trials: kriging believer, the posterior mean counts as observed (the variance shrinks there).
// - Failed trials count with the worst of each cost so far, whatever they failed of.
// - Nothing is proposed twice while something else is found.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <vector>

#include "core/recipe.h"
#include "search/strategies/multi_objective/multi_objective.h"
#include "search/strategies/sampling/latin_hypercube_design.h"
#include "search/surrogates/acquisition.h"
#include "search/surrogates/acquisition_search.h"
#include "search/surrogates/gaussian_process.h"
#include "search/surrogates/two_start_fit.h"

namespace tonne {
namespace {

using Eigen::Index;

struct ParegoSettings {
  std::optional<std::int64_t> initial;  ///< none: 11 d - 1 (section III-A), at most initial_most
  std::int64_t initial_most = 30;       ///< assumed; the paper has up to 8 parameters and 250 evaluations
  /// none: 10, 4 and 7 for 2, 3 and 4 objectives: the paper's for 2 and 3 (from memory, not checked); assumed
  /// for 4, where a sixth of the vectors then has no zero (of 3 objectives a fifth)
  std::optional<std::int64_t> s;
  double rho = 0.05;  ///< of the Tchebycheff function, equation 2
  std::int64_t max_fit_points =
      300;  ///< assumed; the paper too takes the best and some others when there are many
  std::int64_t candidates = 2048;  ///< as `gp`
  std::int64_t local_starts = 10;  ///< as `gp`
  double noise_floor = 1e-6;       ///< as `gp`
  CostObjective cost_objective = CostObjective::none;

  void visit(SettingsVisitor& visitor) {
    visitor.optional_integer(
        "initial", initial, Bounds::between(1, 1e6),
        "trials of the Latin hypercube before the model; default: 11 x parameters - 1, at most initial_most");
    visitor.integer("initial_most", initial_most, Bounds::between(1, 1e6),
                    "the most that the default of `initial` gives");
    visitor.optional_integer("s", s, Bounds::between(1, 100),
                             "weights are multiples of 1 / s; default: 10, 4, 7 for 2, 3, 4 objectives (11, "
                             "15, 120 weight vectors)");
    visitor.number("rho", rho, Bounds::between(0, 10), "weight of the sum beside the maximum");
    visitor.integer("max_fit_points", max_fit_points, Bounds::between(10, 5000),
                    "most trials that the model is fitted to: with more, the best half and the latest half "
                    "of this number");
    visitor.integer("candidates", candidates, Bounds::between(1, 65536),
                    "quasi-random points scored at each ask");
    visitor.integer("local_starts", local_starts, Bounds::between(0, 1000),
                    "best candidates that are refined by local search");
    visitor.number("noise_floor", noise_floor, Bounds::between(1e-8, 1),
                   "least noise variance, in units of the variance of the costs");
    visitor.choice("cost_objective", cost_objective, kCostObjectiveNames,
                   "what a trial was charged, as a further objective");
  }
};

// Lambda: every vector of k multiples of 1 / s that sum to 1 (equation 1), (s + k - 1 choose k - 1) of them.
void append_weights(std::vector<Objectives>& all, Objectives& begun, std::size_t k, std::int64_t left,
                    std::int64_t s) {
  if (begun.size() + 1 == k) {
    all.push_back(begun);
    all.back().push_back(static_cast<double>(left) / static_cast<double>(s));
    return;
  }
  for (std::int64_t l = 0; l <= left; ++l) {
    begun.push_back(static_cast<double>(l) / static_cast<double>(s));
    append_weights(all, begun, k, left - l, s);
    begun.pop_back();
  }
}

std::vector<Objectives> weight_vectors(std::size_t k, std::optional<std::int64_t> s) {
  constexpr std::array<std::int64_t, kMaxObjectives + 1> kUsual = {1, 1, 10, 4, 7};
  std::vector<Objectives> all;
  Objectives begun;
  const std::int64_t divisions = s.value_or(kUsual[k]);
  append_weights(all, begun, k, divisions, divisions);
  return all;
}

class LogExpectedImprovement final : public AcquisitionFunction {
 public:
  explicit LogExpectedImprovement(const GaussianProcess& process)
      : process_(process), best_(process.lowest_mean()) {}

  void score(const PointSet& points, std::vector<double>& scores) override {
    process_.predict(points, batch_);
    computed_ += static_cast<double>(points.count()) * process_.prediction_work();
    scores.resize(static_cast<std::size_t>(points.count()));
    for (Index i = 0; i < points.count(); ++i)
      scores[static_cast<std::size_t>(i)] =
          log_expected_improvement(batch_.mean[i], std::sqrt(batch_.variance[i]), best_);
  }
  double score(const PointSet& points, Index row, Eigen::VectorXd& gradient) override {
    process_.predict(points, row, point_);
    computed_ += 2.0 * process_.prediction_work();
    const double deviation = std::sqrt(point_.variance);
    const AcquisitionValue ei = log_expected_improvement_with_gradient(point_.mean, deviation, best_);
    gradient =
        ei.by_mean * point_.mean_gradient + (ei.by_deviation * 0.5 / deviation) * point_.variance_gradient;
    return ei.value;
  }
  [[nodiscard]] Work computed() const { return computed_; }

 private:
  const GaussianProcess& process_;
  double best_;
  BatchPrediction batch_;
  PointPrediction point_;
  Work computed_{};
};

class Parego final : public Strategy {
 public:
  Parego(const ParegoSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        fidelity_(context.fidelity),
        initial_(static_cast<std::size_t>(settings.initial.value_or(std::clamp<std::int64_t>(
            11 * static_cast<std::int64_t>(context.space.size()) - 1, 1, settings.initial_most)))),
        log_(context.fidelity, settings.cost_objective),
        encoding_(context.space),
        search_(context.space, encoding_,
                {static_cast<std::size_t>(settings.candidates),
                 static_cast<std::size_t>(settings.local_starts), kNeighbours}),
        weights_(weight_vectors(
            context.traits.objectives.size() + (settings.cost_objective == CostObjective::none ? 0 : 1),
            settings.s)) {
    GaussianProcessOptions options;
    options.noise_floor = settings.noise_floor;
    process_.emplace(encoding_.layout(), options);
    hyperparameters_.resize(weights_.size());
  }

  std::optional<Proposal> ask(TrialId id, Random random) override {
    if (!design_) design_.emplace(space_, initial_, random.child("design"));
    const bool again = log_.begin_ask(id);
    const auto excluded = [&](const Configuration& configuration) { return log_.excludes(configuration); };
    Configuration next;
    if (log_.observations().size() >= initial_ && log_.has_losses()) {
      next = improve(excluded, random);
    } else {
      if (id < initial_ && !again) next = design_->point(id, random);
      if (next.size() == 0 || excluded(next)) next = search_.draw(excluded, random);
    }
    log_.propose(id, next);
    return Proposal{.configuration = std::move(next), .fidelity = fidelity_};
  }

  void tell(const Trial& trial) override { log_.tell(trial); }

  [[nodiscard]] Work computed() const override { return predictions_ + process_->computed(); }

 private:
  static constexpr std::size_t kNeighbours = 256;
  static constexpr std::size_t kIncumbents = 4;  // around which extra candidates are drawn, as `gp`

  Configuration improve(const AcquisitionSearch::Excluded& excluded, Random& random) {
    const std::size_t drawn = random.below(weights_.size());
    std::vector<double> f(log_.observations().size());
    for (std::size_t i = 0; i < f.size(); ++i) f[i] = tchebycheff(log_.losses(i), weights_[drawn]);
    LogHyperparameters& last = hyperparameters_[drawn];
    process_->set_hyperparameters(last.size() == 0 ? process_->prior_mode() : last);
    fit(f);
    last = process_->hyperparameters();
    PointSet point(1, encoding_.columns());
    for (const auto& [id, configuration] : latest_pending(log_.pending())) {
      encoding_.encode(configuration, point, 0);
      process_->fantasise(point, 0);
    }
    LogExpectedImprovement improvement(*process_);
    Configuration best = search_.maximise(improvement, incumbents(f), excluded, random);
    predictions_ += improvement.computed();
    process_->forget_fantasies();
    return best;
  }

  // f_lambda(x) = max_j lambda_j f_j(x) + rho sum_j lambda_j f_j(x), equation 2, of normalised costs.
  [[nodiscard]] double tchebycheff(const Objectives& losses, const Objectives& lambda) const {
    double greatest = 0.0;
    double sum = 0.0;
    for (std::size_t j = 0; j < lambda.size(); ++j) {
      const double range = log_.worst()[j] - log_.best()[j];
      const double weighted = range > 0.0 ? lambda[j] * (losses[j] - log_.best()[j]) / range : 0.0;
      greatest = std::max(greatest, weighted);
      sum += weighted;
    }
    return greatest + settings_.rho * sum;
  }

  void fit(const std::vector<double>& f) {
    const std::vector<std::size_t> chosen = fit_points(f);
    PointSet points(static_cast<Index>(chosen.size()), encoding_.columns());
    std::vector<double> targets;
    for (std::size_t k = 0; k < chosen.size(); ++k) {
      encoding_.encode(log_.observations()[chosen[k]].configuration, points, static_cast<Index>(k));
      targets.push_back(f[chosen[k]]);
    }
    fit_from_two_starts(*process_, points, targets);
  }

  // All observations; of many the best half and the latest half of max_fit_points.
  [[nodiscard]] std::vector<std::size_t> fit_points(const std::vector<double>& f) const {
    std::vector<std::size_t> order(f.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto most = static_cast<std::size_t>(settings_.max_fit_points);
    if (order.size() <= most) return order;
    const auto older = order.end() - static_cast<std::ptrdiff_t>(most / 2);
    std::sort(order.begin(), older,
              [&](std::size_t a, std::size_t b) { return f[a] != f[b] ? f[a] < f[b] : a < b; });
    order.erase(order.begin() + static_cast<std::ptrdiff_t>(most - most / 2), older);
    std::ranges::sort(order);
    return order;
  }

  [[nodiscard]] std::vector<Configuration> incumbents(const std::vector<double>& f) const {
    std::vector<std::size_t> order(f.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const std::size_t count = std::min(kIncumbents, order.size());
    std::ranges::partial_sort(
        order, order.begin() + static_cast<std::ptrdiff_t>(count),
        [&](std::size_t a, std::size_t b) { return f[a] != f[b] ? f[a] < f[b] : a < b; });
    std::vector<Configuration> best;
    for (std::size_t k = 0; k < count; ++k) best.push_back(log_.observations()[order[k]].configuration);
    return best;
  }

  ParegoSettings settings_;
  const SearchSpace& space_;
  double fidelity_;
  std::size_t initial_;
  MultiObjectiveLog log_;
  PointEncoding encoding_;
  AcquisitionSearch search_;
  std::vector<Objectives> weights_;  // Lambda
  std::optional<GaussianProcess> process_;
  std::vector<LogHyperparameters> hyperparameters_;  // of each weight vector's last fit; empty before
  std::optional<LatinHypercubeDesign> design_;
  Work predictions_{};
};

class ParegoRecipe final : public StrategyRecipe {
 public:
  void visit(SettingsVisitor& visitor) override { settings_.visit(visitor); }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const override {
    return refuses_objectives(context.traits, settings_.cost_objective, kMaxObjectives, "4 are the most");
  }
  [[nodiscard]] std::unique_ptr<Strategy> make(const StrategyContext& context) const override {
    return std::make_unique<Parego>(settings_, context);
  }

 private:
  ParegoSettings settings_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_parego_recipe() {
  return std::make_unique<ParegoRecipe>();
}

}  // namespace tonne
