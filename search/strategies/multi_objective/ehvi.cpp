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

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <vector>

#include "core/recipe.h"
#include "search/strategies/multi_objective/multi_objective.h"
#include "search/strategies/sampling/latin_hypercube_design.h"
#include "search/surrogates/acquisition_search.h"
#include "search/surrogates/expected_hypervolume.h"
#include "search/surrogates/gaussian_process.h"
#include "search/surrogates/two_start_fit.h"

namespace tonne {
namespace {

using Eigen::Index;

struct EhviSettings {
  std::optional<std::int64_t>
      initial;  ///< none: 2 (d + 1) (BoTorch's tutorials, from memory), at most initial_most
  std::int64_t initial_most = 30;     ///< assumed, as `parego`
  double margin = 0.1;                ///< of the reference point (BoTorch's infer_reference_point)
  double far_share = 0.5;             ///< own choice: see above
  std::int64_t refit_every = 1;       ///< as `gp`
  double refit_growth = 0.05;         ///< as `gp`
  std::int64_t max_fit_points = 500;  ///< assumed; bounds O(n^3)
  std::int64_t candidates = 2048;     ///< as `gp`
  std::int64_t local_starts = 10;     ///< as `gp`
  double noise_floor = 1e-6;          ///< as `gp`
  CostObjective cost_objective = CostObjective::none;

  void visit(SettingsVisitor& visitor) {
    visitor.optional_integer(
        "initial", initial, Bounds::between(1, 1e6),
        "trials of a Latin hypercube before the model; default: 2 x (parameters + 1), at most initial_most");
    visitor.integer("initial_most", initial_most, Bounds::between(1, 1e6),
                    "the most that the default of `initial` gives");
    visitor.number(
        "margin", margin, {0.0, 100.0, true},
        "distance of the reference point behind the front's worst values, in parts of the front's extent");
    visitor.number(
        "far_share", far_share, Bounds::between(0, 1),
        "share of the asks whose reference point lies behind all trials, not only behind the front");
    visitor.integer("refit_every", refit_every, Bounds::between(1, 1e6),
                    "trials between fits of the kernels");
    visitor.number("refit_growth", refit_growth, Bounds::between(0, 10),
                   "trials between fits, at least this share of the trials at the last fit");
    visitor.integer("max_fit_points", max_fit_points, Bounds::between(10, 5000),
                    "most trials that the model is fitted to: with more, the best half and the latest half "
                    "of this number");
    visitor.integer("candidates", candidates, Bounds::between(1, 65536),
                    "quasi-random points scored at each ask");
    visitor.integer("local_starts", local_starts, Bounds::between(0, 1000),
                    "best candidates that are refined by local search");
    visitor.number("noise_floor", noise_floor, Bounds::between(1e-8, 1),
                   "least noise variance, in units of the variance of the losses");
    visitor.choice("cost_objective", cost_objective, kCostObjectiveNames,
                   "what a trial was charged, as a further objective");
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
        space_(context.space),
        fidelity_(context.fidelity),
        initial_(static_cast<std::size_t>(settings.initial.value_or(std::clamp<std::int64_t>(
            2 * (static_cast<std::int64_t>(context.space.size()) + 1), 1, settings.initial_most)))),
        log_(context.fidelity, settings.cost_objective),
        encoding_(context.space),
        search_(context.space, encoding_,
                {static_cast<std::size_t>(settings.candidates),
                 static_cast<std::size_t>(settings.local_starts), kNeighbours}) {
    GaussianProcessOptions options;
    options.noise_floor = settings.noise_floor;
    const std::size_t m =
        context.traits.objectives.size() + (settings.cost_objective == CostObjective::none ? 0 : 1);
    processes_.assign(m, GaussianProcess(encoding_.layout(), options));
  }

  std::optional<Proposal> ask(TrialId id, Random random) override {
    if (!design_) design_.emplace(space_, initial_, random.child("design"));
    const bool again = log_.begin_ask(id);
    const auto excluded = [&](const Configuration& configuration) { return log_.excludes(configuration); };
    Configuration next;
    if (fitted_at_ > 0) {
      next = improve(excluded, random);
    } else {
      if (id < initial_ && !again) next = design_->point(id, random);
      if (next.size() == 0 || excluded(next)) next = search_.draw(excluded, random);
    }
    log_.propose(id, next);
    return Proposal{.configuration = std::move(next), .fidelity = fidelity_};
  }

  void tell(const Trial& trial) override {
    if (log_.tell(trial)) update_model();
  }

  [[nodiscard]] Work computed() const override {
    Work sum = predictions_;
    for (const GaussianProcess& process : processes_) sum += process.computed();
    return sum;
  }

 private:
  static constexpr std::size_t kNeighbours = 256;
  static constexpr std::size_t kIncumbents = 8;  // around which extra candidates are drawn

  // --- the model ---

  void update_model() {
    const std::size_t count = log_.observations().size();
    if (count < initial_ || !log_.has_losses()) return;
    const auto waited = static_cast<double>(count - fitted_at_);
    const double wait = std::max(static_cast<double>(settings_.refit_every),
                                 settings_.refit_growth * static_cast<double>(fitted_at_));
    if (fitted_at_ == 0 || waited >= wait) return refit();
    PointSet point(1, encoding_.columns());
    encoding_.encode(log_.observations().back().configuration, point, 0);
    for (std::size_t j = 0; j < processes_.size(); ++j)
      processes_[j].append(point, 0, log_.losses(count - 1)[j]);
  }

  void refit() {
    fitted_at_ = log_.observations().size();
    const std::vector<std::size_t> chosen = fit_points();
    PointSet points(static_cast<Index>(chosen.size()), encoding_.columns());
    for (std::size_t k = 0; k < chosen.size(); ++k)
      encoding_.encode(log_.observations()[chosen[k]].configuration, points, static_cast<Index>(k));
    std::vector<double> targets(chosen.size());
    for (std::size_t j = 0; j < processes_.size(); ++j) {
      for (std::size_t k = 0; k < chosen.size(); ++k) targets[k] = log_.losses(chosen[k])[j];
      fit_from_two_starts(processes_[j], points, targets);
    }
  }

  // All observations; of many the best half, by front, and the latest half of max_fit_points.
  [[nodiscard]] std::vector<std::size_t> fit_points() const {
    std::vector<std::size_t> order(log_.observations().size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto most = static_cast<std::size_t>(settings_.max_fit_points);
    if (order.size() <= most) return order;
    std::vector<Objectives> losses;
    for (const std::size_t i : order) losses.push_back(log_.losses(i));
    const auto fronts = front_numbers(losses);
    const auto older = order.end() - static_cast<std::ptrdiff_t>(most / 2);
    std::sort(order.begin(), older, [&](std::size_t a, std::size_t b) {
      return fronts[a] != fronts[b] ? fronts[a] < fronts[b] : a < b;
    });
    order.erase(order.begin() + static_cast<std::ptrdiff_t>(most - most / 2), older);
    std::ranges::sort(order);
    return order;
  }

  // --- the next candidate ---

  Configuration improve(const AcquisitionSearch::Excluded& excluded, Random& random) {
    std::vector<Configuration> known;
    for (const auto& observation : log_.observations())
      if (!observation.losses.empty()) known.push_back(observation.configuration);
    const std::size_t evaluated = known.size();
    for (const auto& [id, configuration] : latest_pending(log_.pending())) known.push_back(configuration);
    const std::vector<Objectives> means = posterior_means(known);
    const auto observed = std::span(means).first(evaluated);

    PointSet point(1, encoding_.columns());
    for (std::size_t i = evaluated; i < known.size(); ++i) {
      encoding_.encode(known[i], point, 0);
      for (GaussianProcess& process : processes_) process.fantasise(point, 0);
    }
    const bool far = random.bernoulli(settings_.far_share);
    LogEhvi improvement(processes_, ExpectedHypervolumeImprovement(means, reference(observed, far)));
    Configuration best = search_.maximise(improvement, incumbents(known, observed, random), excluded, random);
    predictions_ += improvement.computed();
    for (GaussianProcess& process : processes_) process.forget_fantasies();
    return best;
  }

  std::vector<Objectives> posterior_means(const std::vector<Configuration>& configurations) {
    PointSet points(static_cast<Index>(configurations.size()), encoding_.columns());
    for (std::size_t i = 0; i < configurations.size(); ++i)
      encoding_.encode(configurations[i], points, static_cast<Index>(i));
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
    Objectives extent;
    for (std::size_t j = 0; j < processes_.size(); ++j) extent.push_back(log_.worst()[j] - log_.best()[j]);
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
  const SearchSpace& space_;
  double fidelity_;
  std::size_t initial_;
  MultiObjectiveLog log_;
  PointEncoding encoding_;
  AcquisitionSearch search_;
  std::vector<GaussianProcess> processes_;  // one an objective
  std::size_t fitted_at_ = 0;
  std::optional<LatinHypercubeDesign> design_;
  Work predictions_{};
};

class EhviRecipe final : public StrategyRecipe {
 public:
  void visit(SettingsVisitor& visitor) override { settings_.visit(visitor); }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const override {
    return refuses_objectives(context.traits, settings_.cost_objective,
                              ExpectedHypervolumeImprovement::kMostObjectives,
                              "the exact improvement is for 2 or 3; parego takes 4");
  }
  [[nodiscard]] std::unique_ptr<Strategy> make(const StrategyContext& context) const override {
    return std::make_unique<Ehvi>(settings_, context);
  }

 private:
  EhviSettings settings_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_ehvi_recipe() {
  return std::make_unique<EhviRecipe>();
}

}  // namespace tonne
