// Expected hypervolume improvement: Emmerich, Deutz and Klinkenberg 2011, "Hypervolume-based expected
// improvement: Monotonicity properties and exact computation" (CEC), with a Gaussian process for each
// objective, independent of the others. Exact for 2 and 3 objectives by boxes (Yang et al. 2019, "Efficient
// computation of expected hypervolume improvement using box decomposition algorithms"), in its logarithm
// (Ament et al. 2023): search/surrogates/expected_hypervolume.h.
//
// Choices:
// - P, the front, is that of the posterior means at the evaluated points, not of the observed losses, which
//   noise makes too good.
// - r, the reference point: front_reference.h.
// - Hyper-parameters are fitted from two starts: search/surrogates/two_start_fit.h.
// - Pending trials: kriging believer, the posterior means count as observed: they join P, and the variance
//   shrinks there.
// - Failed trials count with the worst of each objective so far, whatever they failed of, and do not join P.
// - Nothing is proposed twice while something else is found.

#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/recipe.h"
#include "search/strategies/multi_objective/front_strategy.h"
#include "search/surrogates/expected_hypervolume.h"

namespace tonne {
namespace {

using Eigen::Index;

struct EhviSettings {
  /// initial, none: 2 (d + 1) (BoTorch's tutorials, from memory). max_fit_points: assumed.
  ObjectiveSearchSettings search = {.max_fit_points = 500};
  FrontReferenceSettings reference;
  RefitSettings refit;

  void visit(SettingsVisitor& visitor) {
    search.visit_design(
        visitor,
        "Latin hypercube trials before the model; default: 2 x (parameters + 1), at most initial_most");
    reference.visit(visitor);
    refit.visit(visitor);
    search.visit_model(visitor);
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    return refuses_objectives(context.traits, search.cost_objective,
                              ExpectedHypervolumeImprovement::kMostObjectives,
                              "the exact improvement handles 2 or 3; use parego for more");
  }
};

// log EHVI at encoded points.
class LogEhvi final : public AcquisitionFunction {
 public:
  LogEhvi(const std::vector<GaussianProcess>& processes, ExpectedHypervolumeImprovement improvement)
      : processes_(processes),
        improvement_(std::move(improvement)),
        batch_(processes.size()),
        point_(processes.size()) {}

  void score(const PointSet& points, std::vector<double>& scores) override {
    for (std::size_t j = 0; j < processes_.size(); ++j) processes_[j].predict(points, batch_[j]);
    count(points.count());
    scores.resize(static_cast<std::size_t>(points.count()));
    for (Index i = 0; i < points.count(); ++i) {
      for (std::size_t j = 0; j < processes_.size(); ++j) {
        means_[j] = batch_[j].mean[i];
        deviations_[j] = std::sqrt(batch_[j].variance[i]);
      }
      scores[static_cast<std::size_t>(i)] = improvement_.log_value(means_, deviations_);
    }
  }

  double score(const PointSet& points, Index row, Eigen::VectorXd& gradient) override {
    for (std::size_t j = 0; j < processes_.size(); ++j) {
      processes_[j].predict(points, row, point_[j]);
      means_[j] = point_[j].mean;
      deviations_[j] = std::sqrt(point_[j].variance);
    }
    count(2);
    const auto value = improvement_.log_value_with_gradient(means_, deviations_);
    gradient.setZero(points.columns());
    for (std::size_t j = 0; j < processes_.size(); ++j)
      gradient += value.by_mean[j] * point_[j].mean_gradient +
                  (value.by_deviation[j] * 0.5 / deviations_[j]) * point_[j].variance_gradient;
    return value.log;
  }
  [[nodiscard]] Work computed() const { return computed_; }

 private:
  void count(Index points) {
    for (const GaussianProcess& process : processes_)
      computed_ += static_cast<double>(points) * process.prediction_work();
    computed_ += static_cast<double>(points) * improvement_.operations() * flop;
  }

  const std::vector<GaussianProcess>& processes_;
  ExpectedHypervolumeImprovement improvement_;
  std::vector<BatchPrediction> batch_;
  std::vector<PointPrediction> point_;
  std::array<double, ExpectedHypervolumeImprovement::kMostObjectives> means_{};
  std::array<double, ExpectedHypervolumeImprovement::kMostObjectives> deviations_{};
  Work computed_{};
};

class Ehvi final : public FrontStrategy {
 public:
  Ehvi(const EhviSettings& settings, const StrategyContext& context)
      : FrontStrategy(settings.search, settings.reference, settings.refit, context) {}

 private:
  Configuration improve(TrialId id, const AcquisitionSearch::Excluded& excluded, Random& random) override {
    const MultiObjectiveLog& log = search_.log();
    std::vector<Configuration> known;
    for (const auto& observation : log.observations())
      if (!observation.losses.empty()) known.push_back(observation.configuration);
    const std::size_t evaluated = known.size();
    for (const auto& running : latest_pending(log.pending())) known.push_back(running.second);
    const std::vector<Objectives> means = models_.means(known);
    const auto observed = std::span(means).first(evaluated);

    PointSet point(1, search_.encoding().columns());
    for (std::size_t i = evaluated; i < known.size(); ++i) {
      search_.encoding().encode(known[i], point, 0);
      for (GaussianProcess& process : models_.processes()) process.fantasise(point, 0);
    }
    const Objectives reference = reference_.choose(id, observed, log.extent(), random);
    LogEhvi improvement(models_.processes(), ExpectedHypervolumeImprovement(means, reference));
    Configuration best = search_.acquisition_search().maximise(
        improvement, drawn_from_front(known, observed, kIncumbents, random), excluded, random);
    improvements_ += improvement.computed();
    for (GaussianProcess& process : models_.processes()) process.forget_fantasies();
    return best;
  }
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_ehvi_recipe() {
  return std::make_unique<BasicStrategyRecipe<EhviSettings, Ehvi>>();
}

}  // namespace tonne
