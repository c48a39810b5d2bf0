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
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <vector>

#include "core/recipe.h"
#include "core/replayable.h"
#include "search/strategies/multi_objective/objective_search.h"
#include "search/strategies/multi_objective/reference_directions.h"
#include "search/surrogates/acquisition.h"
#include "search/surrogates/best_scores.h"
#include "search/surrogates/fallbacks.h"
#include "search/surrogates/two_start_fit.h"

namespace tonne {
namespace {

using Eigen::Index;

constexpr std::array<std::int64_t, kMaxObjectives + 1> kWeightDivisions = {1, 1, 10, 4, 7, 5};  // by objectives

struct ParegoSettings {
  /// initial, none: 11 d - 1 (section III-A). max_fit_points: assumed; the paper too takes the best and some
  /// others when there are many.
  ObjectiveSearchSettings search = {.max_fit_points = 300};
  /// none: kWeightDivisions, the paper's for 2 and 3 objectives (from memory, not checked); assumed for 4
  /// and 5 (120 and 126 vectors)
  std::optional<std::int64_t> s;
  double rho = 0.05;  ///< of the Tchebycheff function, equation 2

  void visit(SettingsVisitor& visitor) {
    search.visit_design(
        visitor,
        "Latin hypercube trials before the model; default: 11 x parameters - 1, at most initial_most");
    visitor.optional_integer(
        "s", s, Bounds::between(1, 100),
        "weights are multiples of 1 / s; default: " + std::to_string(kWeightDivisions[2]) + ", " +
            std::to_string(kWeightDivisions[3]) + ", " + std::to_string(kWeightDivisions[4]) + " or " +
            std::to_string(kWeightDivisions[5]) + " for 2, 3, 4 or 5 objectives");
    visitor.number("rho", rho, Bounds::between(0, 10), "weight of the sum term in the Tchebycheff function");
    search.visit_model(visitor);
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    return refuses_objectives(context.traits, search.cost_objective, kMaxObjectives, "the maximum is 5");
  }
};

// Lambda: every vector of k multiples of 1 / s that sum to 1 (equation 1).
std::vector<Objectives> weight_vectors(std::size_t k, std::optional<std::int64_t> s) {
  return simplex_lattice(k, s.value_or(kWeightDivisions[k]));
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
  void score_best(const PointSet& points, std::size_t most, double least, std::vector<double>& scores) override {
    computed_ += static_cast<double>(points.count()) * process_.prediction_work();
    score_best_of(process_, points, most, least,
                  [this](double mean, double variance) {
                    return log_expected_improvement(mean, std::sqrt(variance), best_);
                  },
                  batch_, scores);
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

class Parego final : public Strategy, public Replayable {
 public:
  Parego(const ParegoSettings& settings, const StrategyContext& context)
      : settings_(settings),
        notes_(context.notes),
        search_(settings.search, context, 11 * static_cast<std::int64_t>(context.space.size()) - 1),
        weights_(weight_vectors(search_.objectives(), settings.s)),
        process_(search_.new_process()),
        hyperparameters_(weights_.size()) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    return search_.ask(id, random, search_.ready(),
                       [&](const auto& excluded) { return improve(excluded, random); });
  }

  // Beside what runs, an ask leaves the count of its work and the fit from which that of the same weights goes on.
  [[nodiscard]] std::vector<double> left_by_ask(TrialId) const override {
    std::vector<double> left = {predictions_.base(), process_.computed().base()};
    left.insert(left.end(), process_.hyperparameters().begin(), process_.hyperparameters().end());
    return left;
  }
  void replay(TrialId id, Random random, const Proposal& answer, std::span<const double> left) override {
    search_.replay(id, random, answer.configuration);
    if (search_.ready()) {
      const auto theta = left.subspan(2);
      hyperparameters_[random.below(weights_.size())] =
          Eigen::Map<const LogHyperparameters>(theta.data(), static_cast<Index>(theta.size()));
    }
    predictions_ = Work::from_base(left[0]);
    process_.set_computed(Work::from_base(left[1]));
  }

  void tell(const Trial& trial) override { search_.log().tell(trial); }

  [[nodiscard]] Work computed() const override { return predictions_ + process_.computed(); }

 private:
  static constexpr std::size_t kIncumbents = 4;  // around which extra candidates are drawn

  Configuration improve(const AcquisitionSearch::Excluded& excluded, Random& random) {
    const MultiObjectiveLog& log = search_.log();
    const std::size_t drawn = random.below(weights_.size());
    std::vector<double> f(log.observations().size());
    for (std::size_t i = 0; i < f.size(); ++i) f[i] = tchebycheff(log.losses(i), weights_[drawn]);
    LogHyperparameters& last = hyperparameters_[drawn];
    process_.set_hyperparameters(last.size() == 0 ? process_.prior_mode() : last);
    fit(f);
    last = process_.hyperparameters();
    PointSet point(1, search_.encoding().columns());
    for (const auto& [id, configuration] : latest_pending(log.pending())) {
      search_.encoding().encode(configuration, point, 0);
      process_.fantasise(point, 0);
    }
    LogExpectedImprovement improvement(process_);
    Configuration best = search_.acquisition_search().maximise(improvement, incumbents(f), excluded, random);
    predictions_ += improvement.computed();
    process_.forget_fantasies();
    return best;
  }

  // f_lambda(x) = max_j lambda_j f_j(x) + rho sum_j lambda_j f_j(x), equation 2, of normalised costs.
  [[nodiscard]] double tchebycheff(const Objectives& losses, const Objectives& lambda) const {
    const MultiObjectiveLog& log = search_.log();
    double greatest = 0.0;
    double sum = 0.0;
    for (std::size_t j = 0; j < lambda.size(); ++j) {
      const double range = log.worst()[j] - log.best()[j];
      const double weighted = range > 0.0 ? lambda[j] * (losses[j] - log.best()[j]) / range : 0.0;
      greatest = std::max(greatest, weighted);
      sum += weighted;
    }
    return greatest + settings_.rho * sum;
  }

  void fit(const std::vector<double>& f) {
    const auto chosen = fit_points(f.size(), settings_.search.max_fit_points, lower(f));
    std::vector<double> targets;
    for (const std::size_t i : chosen) targets.push_back(f[i]);
    fit_from_two_starts(process_, search_.encoded(chosen), targets);
    note_fallbacks(notes_, process_, "weighted objectives");
  }

  [[nodiscard]] static BetterObservation lower(const std::vector<double>& f) {
    return [&f](std::size_t a, std::size_t b) { return f[a] != f[b] ? f[a] < f[b] : a < b; };
  }

  [[nodiscard]] std::vector<Configuration> incumbents(const std::vector<double>& f) const {
    std::vector<Configuration> best;
    for (const std::size_t i : best_observations(f.size(), kIncumbents, lower(f)))
      best.push_back(search_.log().observations()[i].configuration);
    return best;
  }

  ParegoSettings settings_;
  NoteSink* notes_;
  ObjectiveSearch search_;
  std::vector<Objectives> weights_;  // Lambda
  GaussianProcess process_;
  std::vector<LogHyperparameters> hyperparameters_;  // of each weight vector's last fit; empty before
  Work predictions_{};
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_parego_recipe() {
  return std::make_unique<BasicStrategyRecipe<ParegoSettings, Parego>>();
}

}  // namespace tonne
