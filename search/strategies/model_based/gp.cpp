// Bayesian optimisation with a Gaussian process: Jones, Schonlau and Welch 1998 (expected improvement), with
// the length-scale prior of Hvarfner et al. 2024 and the logarithmic acquisition of Ament et al. 2023. Constraints:
// Gardner et al. 2014. Costs: Snoek, Larochelle and Adams 2012 (improvement per second), Lee et al. 2020 (cooling).

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/recipe.h"
#include "core/replayable.h"
#include "search/strategies/model_based/gp_acquisition.h"
#include "search/strategies/model_based/gp_settings.h"
#include "search/strategies/trial_cost.h"
#include "search/surrogates/acquisition_search.h"
#include "search/surrogates/fallbacks.h"
#include "search/surrogates/gaussian_process.h"
#include "search/surrogates/model_settings.h"
#include "search/surrogates/power_transform.h"

namespace tonne {
namespace {

using namespace gp;

constexpr std::size_t kIncumbents = 4;  // around which extra candidates are drawn
constexpr std::size_t kThompsonNeighbours = 128;
constexpr double kLeastWarp = 1.001;  // lambda below which the losses stay as they are
constexpr int kInflations = 8;        // doublings of the deviation of over-exploited candidates

class GpStrategy final : public Strategy, public Replayable {
 public:
  GpStrategy(const GpSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        fidelity_(context.fidelity),
        shortest_(std::min(context.traits.fidelity.lowest, context.fidelity)),
        notes_(context.notes),
        encoding_(context.space),
        search_(context.space, encoding_, search_options(settings)),
        has_reals_(std::ranges::any_of(context.space.parameters(), [](const Parameter& p) { return !is_discrete(p.domain); })),
        loss_process_(encoding_.layout(), options(settings)),
        cost_process_(encoding_.layout(), options(settings)),
        constraint_processes_(context.traits.constraints.size(), GaussianProcess(encoding_.layout(), options(settings))) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    begin_ask(id);
    taken_.clear();
    for (const auto& [other, configuration] : pending_) taken_.insert(configuration.digest());
    const Configuration configuration = fitted_at_ == 0 ? design(random) : maximise(random);
    pending_.emplace(id, configuration);
    return Proposal{configuration, fidelity_};
  }

  // Beside what runs, an ask leaves the count of its work: fantasies are forgotten.
  [[nodiscard]] std::vector<double> left_by_ask(TrialId) const override {
    std::vector<double> left = {predictions_.base(), loss_process_.computed().base(), cost_process_.computed().base()};
    for (const GaussianProcess& process : constraint_processes_) left.push_back(process.computed().base());
    return left;
  }
  void replay(TrialId id, Random, const Proposal& answer, std::span<const double> left) override {
    begin_ask(id);
    pending_.emplace(id, answer.configuration);
    predictions_ = Work::from_base(left[0]);
    loss_process_.set_computed(Work::from_base(left[1]));
    cost_process_.set_computed(Work::from_base(left[2]));
    for (std::size_t c = 0; c < constraint_processes_.size(); ++c)
      constraint_processes_[c].set_computed(Work::from_base(left[3 + c]));
  }

  void tell(const Trial& trial) override {
    pending_.erase(trial.id);
    if (trial.proposal.fidelity != fidelity_ || !told_.insert(trial.id).second) return;
    const auto reported = reported_.find(trial.id);
    if (reported == reported_.end() || reported->second < fidelity_) learn(trial);
    if (reported != reported_.end()) reported_.erase(reported);
  }

  // Each result of a partial training stays: how those of one candidate follow one another is what tells the process
  // what a short training says about a long one (Klein et al. 2020, who model all rungs too).
  void report(const Trial& trial) override {
    pending_.erase(trial.id);
    if (told_.contains(trial.id) || !trial.completed() || !std::isfinite(trial.loss())) return;
    double& reached = reported_[trial.id];
    if (trial.proposal.fidelity <= reached) return;
    reached = trial.proposal.fidelity;
    if (!has_level_) add_level();
    learn(trial);
  }
  [[nodiscard]] bool learns_from_reports() const override { return true; }

  [[nodiscard]] Work computed() const override {
    Work work = predictions_ + past_ + loss_process_.computed() + cost_process_.computed();
    for (const GaussianProcess& process : constraint_processes_) work += process.computed();
    return work;
  }

 private:
  struct Observation {
    Configuration configuration;
    bool tells_loss = true;      ///< false: infeasible, its constraints say more
    std::optional<double> loss;  ///< absent: failed
    std::optional<double> log_cost;
    Objectives constraints;  ///< empty: not measured
    double fidelity = 0.0;
  };

  struct Fit {
    PowerTransform transform;
    std::optional<LogHyperparameters> theta;  ///< where the fit starts; absent: where the process stands
  };

  static GaussianProcessOptions options(const GpSettings& settings) {
    GaussianProcessOptions options;
    options.noise_floor = settings.noise_floor;
    return options;
  }

  void begin_ask(TrialId id) {
    const auto turned_down = pending_.find(id);
    if (turned_down == pending_.end()) return;
    refused_.insert(turned_down->second.digest());
    pending_.erase(turned_down);
  }

  void learn(const Trial& trial) {
    evaluated_.insert(trial.proposal.configuration.digest());
    const auto* completed = std::get_if<Completed>(&trial.result);
    if (completed != nullptr && completed->cached) return;
    observe(trial);
    update_model();
    tell_fallbacks();
  }

  // The first report: from now on all processes have a column for the length of a training.
  void add_level() {
    has_level_ = true;
    KernelLayout layout = encoding_.layout();
    layout.columns.push_back({layout.scales, false});
    ++layout.scales;
    const auto begin_anew = [&](GaussianProcess& process) {
      past_ += process.computed();
      process = GaussianProcess(layout, options(settings_));
    };
    begin_anew(loss_process_);
    begin_anew(cost_process_);
    for (GaussianProcess& process : constraint_processes_) begin_anew(process);
    plain_start_.reset();
    warped_start_.reset();
    fitted_at_ = 0;
  }

  // Position of a training's length between the shortest and a full one, on a scale of logarithms: rungs are spaced so.
  [[nodiscard]] double level_of(double fidelity) const {
    if (!(fidelity < fidelity_) || !(shortest_ > 0.0) || shortest_ == fidelity_) return 1.0;
    return std::max(0.0, std::log(fidelity / shortest_) / std::log(fidelity_ / shortest_));
  }
  [[nodiscard]] Eigen::Index columns() const { return encoding_.columns() + (has_level_ ? 1 : 0); }
  void encode(const Configuration& configuration, double fidelity, PointSet& points, Eigen::Index row) const {
    encoding_.encode(configuration, points, row);
    if (has_level_) points(row, encoding_.columns()) = level_of(fidelity);
  }

  // Where the acquisition is looked for.
  [[nodiscard]] double wanted_fidelity() const {
    if (settings_.report_level == ReportLevel::full) return fidelity_;
    std::map<double, std::size_t> counts;
    for (const std::size_t i : modelled_) ++counts[observations_[i].fidelity];
    for (auto level = counts.rbegin(); level != counts.rend(); ++level)
      if (level->second > space_.size()) return level->first;
    return counts.empty() ? fidelity_ : counts.begin()->first;
  }

  static AcquisitionSearchOptions search_options(const GpSettings& settings) {
    AcquisitionSearchOptions options = settings.search.options();
    if (settings.acquisition != Acquisition::thompson) return options;
    return {.candidates = std::min(options.candidates, kThompsonPoints),
            .local_starts = 0,
            .neighbours = kThompsonNeighbours};
  }

  void observe(const Trial& trial) {
    const double fidelity = trial.proposal.fidelity;
    Observation observation{trial.proposal.configuration, true, std::nullopt, std::nullopt, {}, fidelity};
    const auto* completed = std::get_if<Completed>(&trial.result);
    if (completed != nullptr && std::isfinite(completed->losses.front())) {
      observation.loss = completed->losses.front();
      worst_ = std::max(worst_.value_or(*observation.loss), *observation.loss);
    }
    const bool finite = std::ranges::all_of(trial.constraints, [](double value) { return std::isfinite(value); });
    if (trial.constraints.size() == constraint_processes_.size() && finite) observation.constraints = trial.constraints;
    observation.tells_loss = observation.loss || observation.constraints.empty();
    const double cost = cost_of(trial.charge, settings_.currency());
    const bool counts = completed != nullptr && fidelity == fidelity_;
    if (counts && cost > 0.0 && std::isfinite(cost)) observation.log_cost = std::log(cost);
    observations_.push_back(std::move(observation));
  }

  // A failed trial counts as the worst loss seen so far: the region is avoided without a cliff in the model.
  double loss_of(const Observation& observation) const { return observation.loss.value_or(*worst_); }

  bool is_better(std::size_t a, std::size_t b) const {
    const auto key = [&](std::size_t i) {
      const Observation& o = observations_[i];
      const double loss = worst_ && o.tells_loss ? loss_of(o) : std::numeric_limits<double>::infinity();
      return std::pair(loss, i);
    };
    return key(a) < key(b);
  }

  [[nodiscard]] bool knows_constraints() const {
    return !constraint_processes_.empty() &&
           std::ranges::any_of(observations_, [](const Observation& o) { return !o.constraints.empty(); });
  }

  void tell_fallbacks() {
    note_fallbacks(notes_, loss_process_, "loss");
    note_fallbacks(notes_, cost_process_, "cost");
    for (GaussianProcess& process : constraint_processes_) note_fallbacks(notes_, process, "constraint");
  }

  void update_model() {
    const std::size_t count = observations_.size();
    if (evaluated_.size() < static_cast<std::size_t>(settings_.initial) && has_level_) return;
    if (count < static_cast<std::size_t>(settings_.initial) || !(worst_ || knows_constraints())) return;
    const bool first_loss = worst_ && loss_process_.size() == 0;
    if (first_loss || settings_.refit.due(count, fitted_at_)) {
      refit();
      fitted_at_ = count;
      return;
    }
    const Observation& last = observations_.back();
    PointSet point(1, columns());
    encode(last.configuration, last.fidelity, point, 0);
    modelled_.push_back(count - 1);
    if (worst_ && last.tells_loss) loss_process_.append(point, 0, transform_(loss_of(last)));
    if (cost_process_.size() > 0 && last.log_cost) cost_process_.append(point, 0, *last.log_cost);
    for (std::size_t c = 0; c < last.constraints.size(); ++c)
      if (constraint_processes_[c].size() > 0) constraint_processes_[c].append(point, 0, last.constraints[c]);
  }

  // Fits a process to what `value` knows of the chosen observations, where it knows anything.
  void fit(GaussianProcess& process, const std::vector<std::size_t>& chosen, const auto& value) {
    PointSet points;
    points.resize(0, columns());
    std::vector<double> targets;
    for (const std::size_t i : chosen) {
      const std::optional<double> target = value(observations_[i]);
      if (!target) continue;
      points.append();
      encode(observations_[i].configuration, observations_[i].fidelity, points, points.count() - 1);
      targets.push_back(*target);
    }
    if (!targets.empty()) process.fit(points, targets);
  }

  void refit() {
    const std::vector<std::size_t> chosen = fit_points(observations_.size(), settings_.max_fit_points,
                                                       [&](auto a, auto b) { return is_better(a, b); });
    modelled_ = chosen;
    if (worst_) {
      std::vector<double> losses;
      for (const std::size_t i : chosen)
        if (observations_[i].tells_loss) losses.push_back(loss_of(observations_[i]));
      fit_losses(chosen, losses);
      unit_ = deviation_of(losses);
    }
    if (settings_.currency() != TrialCost::none)
      fit(cost_process_, chosen, [](const Observation& o) { return o.log_cost; });
    for (std::size_t c = 0; c < constraint_processes_.size(); ++c)
      fit(constraint_processes_[c], chosen, [c](const Observation& o) {
        return o.constraints.empty() ? std::nullopt : std::optional(o.constraints[c]);
      });
  }

  // To the losses as they are, or to the warped ones where those are likelier (densities of the same losses, as in
  // Snelson, Rasmussen and Ghahramani 2004, "Warped Gaussian Processes"). Each goes on from its own last fit.
  void fit_losses(const std::vector<std::size_t>& chosen, const std::vector<double>& losses) {
    Fit plain{PowerTransform(), plain_start_};
    const double density = fit_losses(plain, chosen, losses);
    plain_start_ = plain.theta;
    Fit warped{PowerTransform(losses), warped_start_};
    if (!settings_.warp || warped.transform.lambda() < kLeastWarp) return;
    const bool likelier = fit_losses(warped, chosen, losses) > density;
    warped_start_ = warped.theta;
    if (!likelier) fit_losses(plain, chosen, losses);
  }

  // Log posterior density of the losses.
  double fit_losses(Fit& of, const std::vector<std::size_t>& chosen, const std::vector<double>& losses) {
    transform_ = of.transform;
    if (of.theta) loss_process_.set_hyperparameters(*of.theta);
    fit(loss_process_, chosen, [&](const Observation& o) {
      return o.tells_loss ? std::optional(transform_(loss_of(o))) : std::nullopt;
    });
    of.theta = loss_process_.hyperparameters();
    double density = loss_process_.log_posterior();
    for (const double loss : losses) density += transform_.log_slope(loss);
    return density;
  }

  // As the process sees them.
  [[nodiscard]] double deviation_of(const std::vector<double>& losses) const {
    double sum = 0.0;
    double squares = 0.0;
    for (const double loss : losses) sum += transform_(loss);
    const auto n = static_cast<double>(losses.size());
    for (const double loss : losses) squares += (transform_(loss) - sum / n) * (transform_(loss) - sum / n);
    return squares > 0.0 ? std::sqrt(squares / n) : 1.0;
  }

  [[nodiscard]] bool excluded(const Configuration& configuration) const {
    const std::uint64_t digest = configuration.digest();
    if (evaluated_.contains(digest)) return true;
    return (!taken_.empty() && taken_.contains(digest)) || (!refused_.empty() && refused_.contains(digest));
  }
  [[nodiscard]] AcquisitionSearch::Excluded exclusion() const {
    return [this](const Configuration& configuration) { return excluded(configuration); };
  }

  // Uniform, from the ask's own stream, so that a restart from a log of tells goes on identically. Designs that spread
  // the first trials (the best of 16 draws by distance) were no better on four functions over 40 seeds, and worse on a
  // mixed space, whose corners they prefer.
  Configuration design(Random& random) const { return search_.draw(exclusion(), random); }

  Configuration maximise(Random& random) {
    PointSet point(1, columns());
    const auto each_process = [&](const auto& action) {
      if (loss_process_.size() > 0) action(loss_process_);
      for (GaussianProcess& process : constraint_processes_)
        if (process.size() > 0) action(process);
    };
    for (const auto& [id, configuration] : latest_pending(pending_)) {
      encode(configuration, fidelity_, point, 0);
      each_process([&](GaussianProcess& process) { process.fantasise(point, 0); });
    }
    const Configuration best = settings_.acquisition == Acquisition::thompson ? draw(random) : search(random);
    each_process([](GaussianProcess& process) { process.forget_fantasies(); });
    return best;
  }

  [[nodiscard]] Model model() const {
    const bool feasibility = !constraint_processes_.empty() && constraint_processes_.front().size() > 0;
    return {.loss = loss_process_.size() > 0 ? &loss_process_ : nullptr,
            .log_cost = cost_process_.size() > 0 ? &cost_process_ : nullptr,
            .constraints = feasibility ? std::span<const GaussianProcess>(constraint_processes_) : std::span<const GaussianProcess>(),
            .best = std::nullopt,
            .cost_exponent = cost_exponent(),
            .unit = unit_};
  }

  // Lee et al. 2020: from all to nothing, so that the last evaluations go where the improvement is, whatever it costs.
  [[nodiscard]] double cost_exponent() const {
    if (!settings_.cooling) return settings_.cost_exponent;
    const double left = 1.0 - static_cast<double>(observations_.size()) / static_cast<double>(*settings_.cooling);
    return settings_.cost_exponent * std::max(0.0, left);
  }

  Configuration draw(Random& random) {
    Draw sample(model(), random.child("posterior"));
    const Configuration best = maximum_of(sample, wanted_fidelity(), incumbents(), random);
    predictions_ += sample.computed();
    note_jitter(notes_, sample.raises());
    return best;
  }

  Configuration maximum_of(AcquisitionFunction& function, double fidelity, const std::vector<Configuration>& around,
                           Random& random) {
    if (!has_level_) return search_.maximise(function, around, exclusion(), random);
    AtLevel at_level(function, level_of(fidelity));
    return search_.maximise(at_level, around, exclusion(), random);
  }

  Configuration search(Random& random) {
    const bool explores = settings_.improves() && has_reals_ && random.bernoulli(settings_.explore_share);
    const double inflation = explores ? std::pow(settings_.explore_factor, random.uniform()) : 1.0;
    const double d = static_cast<double>(std::max<std::size_t>(1, space_.size()));
    const double beta = settings_.beta.value_or(0.2 * d * std::log(2.0 * static_cast<double>(observations_.size())));
    const double fidelity = wanted_fidelity();
    const std::vector<Configuration> around = has_level_ ? foreseen(fidelity) : incumbents();
    Model model = this->model();
    if (has_level_ && !foreseen_.empty()) model.best = *std::ranges::min_element(foreseen_);
    Scorer scorer(model,
                  {.acquisition = settings_.acquisition,
                   .root_beta = std::sqrt(beta),
                   .inflation = inflation,
                   .minima = static_cast<std::size_t>(settings_.minima)},
                  random.child("minima"), batch_);
    Configuration best = maximum_of(scorer, fidelity, around, random);
    PointSet point(1, columns());
    for (int i = 0; has_reals_ && loss_process_.size() > 0 && i < kInflations; ++i) {
      encode(best, fidelity, point, 0);
      if (!scorer.overexploited(point, settings_.overexploited)) break;
      scorer.double_inflation();
      best = maximum_of(scorer, fidelity, around, random);
    }
    predictions_ += scorer.computed();
    return best;
  }

  std::vector<Configuration> incumbents() const {
    std::vector<Configuration> best;
    for (const std::size_t i : best_observations(observations_.size(), kIncumbents,
                                                 [&](auto a, auto b) { return is_better(a, b); }))
      best.push_back(observations_[i].configuration);
    return best;
  }

  // The incumbents by what the process expects of them after so long a training; those means stay in foreseen_.
  std::vector<Configuration> foreseen(double fidelity) {
    foreseen_.clear();
    if (loss_process_.size() == 0) return incumbents();
    std::vector<std::size_t> distinct;
    std::unordered_set<std::uint64_t> seen;
    for (const std::size_t i : modelled_)
      if (seen.insert(observations_[i].configuration.digest()).second) distinct.push_back(i);
    PointSet points(static_cast<Eigen::Index>(distinct.size()), columns());
    for (std::size_t k = 0; k < distinct.size(); ++k)
      encode(observations_[distinct[k]].configuration, fidelity, points, static_cast<Eigen::Index>(k));
    loss_process_.predict_mean(points, foreseen_);
    predictions_ += static_cast<double>(distinct.size()) * loss_process_.mean_work();
    std::vector<Configuration> best;
    for (const std::size_t k : best_observations(distinct.size(), kIncumbents, [&](std::size_t a, std::size_t b) {
           return std::pair(foreseen_[a], a) < std::pair(foreseen_[b], b);
         }))
      best.push_back(observations_[distinct[k]].configuration);
    return best;
  }

  GpSettings settings_;
  const SearchSpace& space_;
  double fidelity_;
  double shortest_;  // training
  NoteSink* notes_;
  PointEncoding encoding_;
  AcquisitionSearch search_;
  bool has_reals_;
  GaussianProcess loss_process_;
  GaussianProcess cost_process_;  // of the logarithm of the cost
  std::vector<GaussianProcess> constraint_processes_;

  std::vector<Observation> observations_;
  std::optional<double> worst_;
  PowerTransform transform_;
  std::optional<LogHyperparameters> plain_start_;  // of the fits to the losses as they are, and to the warped ones
  std::optional<LogHyperparameters> warped_start_;
  double unit_ = 1.0;  // deviation of the transformed losses at the last fit
  std::size_t fitted_at_ = 0;
  bool has_level_ = false;              // partial trainings have been reported
  std::map<TrialId, double> reported_;  // how far candidates that are not told yet have come
  std::vector<std::size_t> modelled_;   // observations in the processes
  std::vector<double> foreseen_;
  std::map<TrialId, Configuration> pending_;
  std::set<TrialId> told_;
  // Digests; for membership only, so their order does not matter.
  std::unordered_set<std::uint64_t> evaluated_;
  std::unordered_set<std::uint64_t> refused_;
  std::unordered_set<std::uint64_t> taken_;
  BatchPrediction batch_;  // scratch
  Work predictions_{};
  Work past_{};  // of processes without a column for the level
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_gp_recipe() {
  return std::make_unique<BasicStrategyRecipe<GpSettings, GpStrategy>>();
}

}  // namespace tonne
