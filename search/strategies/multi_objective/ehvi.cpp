// Expected hypervolume improvement: Emmerich, Deutz and Klinkenberg 2011, "Hypervolume-based expected
// improvement: Monotonicity properties and exact computation" (CEC), with a Gaussian process for each
// objective, independent of the others. Exact for 2 and 3 objectives by boxes (Yang et al. 2019, "Efficient
// computation of expected hypervolume improvement using box decomposition algorithms"), in its logarithm
// (Ament et al. 2023): search/surrogates/expected_hypervolume.h.
//
// Choices:
// - P, the front, is that of the posterior means at the evaluated points, not of the observed losses, which
//   noise makes too good.
// - r, the reference point, anew at each ask: the worst value of each objective on P and a tenth of P's
//   extent behind it (as BoTorch infers it), or at half of the asks, by lot, the worst among all trials and a
//   tenth of their extent behind. The first alone never leaves a front that has shrunk to a point (ZDT2 ends
//   at the point that it begins with), the second alone spends its asks on the ends of the front.
// - Hyper-parameters are fitted from two starts: search/surrogates/two_start_fit.h.
// - Pending trials: kriging believer, the posterior means count as observed: they join P, and the variance
//   shrinks there.
// - Failed trials count with the worst of each objective so far, whatever they failed of, and do not join P.
// - Nothing is proposed twice while something else is found.

#include <array>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "core/recipe.h"
#include "search/strategies/multi_objective/objective_search.h"
#include "search/surrogates/expected_hypervolume.h"
#include "search/surrogates/fallbacks.h"
#include "search/surrogates/two_start_fit.h"

namespace tonne {
namespace {

using Eigen::Index;

struct EhviSettings {
  /// initial, none: 2 (d + 1) (BoTorch's tutorials, from memory). max_fit_points: assumed.
  ObjectiveSearchSettings search = {.max_fit_points = 500};
  double margin = 0.1;     ///< of the reference point (BoTorch's infer_reference_point)
  double far_share = 0.5;  ///< own choice: see above
  RefitSettings refit;

  void visit(SettingsVisitor& visitor) {
    search.visit_design(
        visitor,
        "Latin hypercube trials before the model; default: 2 x (parameters + 1), at most initial_most");
    visitor.number(
        "margin", margin, {0.0, 100.0, true},
        "how far the reference point lies behind the front's worst values, relative to the front's extent");
    visitor.number(
        "far_share", far_share, Bounds::between(0, 1),
        "fraction of asks whose reference point lies behind all trials rather than just behind the front");
    refit.visit(visitor);
    search.visit_model(visitor);
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    return refuses_objectives(context.traits, search.cost_objective,
                              ExpectedHypervolumeImprovement::kMostObjectives,
                              "the exact improvement handles 2 or 3; use parego for 4");
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

class Ehvi final : public Strategy {
 public:
  Ehvi(const EhviSettings& settings, const StrategyContext& context)
      : settings_(settings),
        notes_(context.notes),
        search_(settings.search, context, 2 * (static_cast<std::int64_t>(context.space.size()) + 1)),
        processes_(search_.objectives(), search_.new_process()) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    return search_.ask(id, random, fitted_at_ > 0,
                       [&](const auto& excluded) { return improve(excluded, random); });
  }

  void tell(const Trial& trial) override {
    if (search_.log().tell(trial)) update_model();
  }

  [[nodiscard]] Work computed() const override {
    Work sum = predictions_;
    for (const GaussianProcess& process : processes_) sum += process.computed();
    return sum;
  }

 private:
  static constexpr std::size_t kIncumbents = 8;  // around which extra candidates are drawn

  // --- the model ---

  void update_model() {
    if (!search_.ready()) return;
    const MultiObjectiveLog& log = search_.log();
    const std::size_t count = log.observations().size();
    if (settings_.refit.due(count, fitted_at_)) return refit();
    PointSet point(1, search_.encoding().columns());
    search_.encoding().encode(log.observations().back().configuration, point, 0);
    for (std::size_t j = 0; j < processes_.size(); ++j)
      processes_[j].append(point, 0, log.losses(count - 1)[j]);
  }

  void refit() {
    const MultiObjectiveLog& log = search_.log();
    fitted_at_ = log.observations().size();
    const std::vector<std::size_t> chosen = chosen_points();
    const PointSet points = search_.encoded(chosen);
    std::vector<double> targets(chosen.size());
    for (std::size_t j = 0; j < processes_.size(); ++j) {
      for (std::size_t k = 0; k < chosen.size(); ++k) targets[k] = log.losses(chosen[k])[j];
      fit_from_two_starts(processes_[j], points, targets);
      note_fallbacks(notes_, processes_[j], "objectives");
    }
  }

  // The better is on the earlier front.
  [[nodiscard]] std::vector<std::size_t> chosen_points() const {
    const MultiObjectiveLog& log = search_.log();
    const std::size_t count = log.observations().size();
    std::vector<std::uint32_t> fronts;
    if (count > static_cast<std::size_t>(settings_.search.max_fit_points)) {
      std::vector<Objectives> losses;
      for (std::size_t i = 0; i < count; ++i) losses.push_back(log.losses(i));
      fronts = front_numbers(losses);
    }
    return fit_points(count, settings_.search.max_fit_points, [&](std::size_t a, std::size_t b) {
      return fronts[a] != fronts[b] ? fronts[a] < fronts[b] : a < b;
    });
  }

  // --- the next candidate ---

  Configuration improve(const AcquisitionSearch::Excluded& excluded, Random& random) {
    const MultiObjectiveLog& log = search_.log();
    std::vector<Configuration> known;
    for (const auto& observation : log.observations())
      if (!observation.losses.empty()) known.push_back(observation.configuration);
    const std::size_t evaluated = known.size();
    for (const auto& [id, configuration] : latest_pending(log.pending())) known.push_back(configuration);
    const std::vector<Objectives> means = posterior_means(known);
    const auto observed = std::span(means).first(evaluated);

    PointSet point(1, search_.encoding().columns());
    for (std::size_t i = evaluated; i < known.size(); ++i) {
      search_.encoding().encode(known[i], point, 0);
      for (GaussianProcess& process : processes_) process.fantasise(point, 0);
    }
    const bool far = random.bernoulli(settings_.far_share);
    LogEhvi improvement(processes_, ExpectedHypervolumeImprovement(means, reference(observed, far)));
    Configuration best = search_.acquisition_search().maximise(
        improvement, incumbents(known, observed, random), excluded, random);
    predictions_ += improvement.computed();
    for (GaussianProcess& process : processes_) process.forget_fantasies();
    return best;
  }

  std::vector<Objectives> posterior_means(const std::vector<Configuration>& configurations) {
    PointSet points(static_cast<Index>(configurations.size()), search_.encoding().columns());
    for (std::size_t i = 0; i < configurations.size(); ++i)
      search_.encoding().encode(configurations[i], points, static_cast<Index>(i));
    std::vector<Objectives> means(configurations.size());
    BatchPrediction batch;
    for (const GaussianProcess& process : processes_) {
      process.predict(points, batch);
      predictions_ += static_cast<double>(points.count()) * process.prediction_work();
      for (std::size_t i = 0; i < means.size(); ++i) means[i].push_back(batch.mean[static_cast<Index>(i)]);
    }
    return means;
  }

  static std::vector<std::size_t> front_of(std::span<const Objectives> points) {
    const auto numbers = front_numbers(points);
    std::vector<std::size_t> front;
    for (std::size_t i = 0; i < points.size(); ++i)
      if (numbers[i] == 0) front.push_back(i);
    return front;
  }

  [[nodiscard]] Objectives reference(std::span<const Objectives> means, bool far) const {
    std::vector<Objectives> ahead;  // of the reference point
    if (!far)
      for (const std::size_t i : front_of(means)) ahead.push_back(means[i]);
    const MultiObjectiveLog& log = search_.log();
    Objectives extent;
    for (std::size_t j = 0; j < processes_.size(); ++j) extent.push_back(log.worst()[j] - log.best()[j]);
    return inferred_reference(far ? means : ahead, extent, settings_.margin);
  }

  // Members of the front, drawn without replacement.
  static std::vector<Configuration> incumbents(const std::vector<Configuration>& known,
                                               std::span<const Objectives> means, Random& random) {
    std::vector<std::size_t> front = front_of(means);
    std::vector<Configuration> drawn;
    while (!front.empty() && drawn.size() < kIncumbents) {
      const std::size_t k = random.below(front.size());
      drawn.push_back(known[front[k]]);
      front[k] = front.back();
      front.pop_back();
    }
    return drawn;
  }

  EhviSettings settings_;
  NoteSink* notes_;
  ObjectiveSearch search_;
  std::vector<GaussianProcess> processes_;  // one an objective
  std::size_t fitted_at_ = 0;
  Work predictions_{};
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_ehvi_recipe() {
  return std::make_unique<BasicStrategyRecipe<EhviSettings, Ehvi>>();
}

}  // namespace tonne
