// Bayesian optimisation with a Gaussian process: Jones, Schonlau and Welch 1998 (expected improvement), with
// the length-scale prior of Hvarfner et al. 2024 and the logarithmic acquisition of Ament et al. 2023.

#include <nlopt.h>

#include <algorithm>
#include <array>
#include <boost/random/sobol.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

#include "core/recipe.h"
#include "search/surrogates/acquisition.h"
#include "search/surrogates/gaussian_process.h"
#include "search/surrogates/power_transform.h"

namespace tonne {
namespace {

using Eigen::Index;

enum class Acquisition : std::uint8_t { log_ei, log_ei_per_co2e };
constexpr std::array<std::string_view, 2> kAcquisitionNames = {"log_ei", "log_ei_per_co2e"};

struct GpSettings {
  std::int64_t initial = 10;  ///< trials before the model (Optuna's GPSampler, limbo and BayesOpt: 10)
  Acquisition acquisition = Acquisition::log_ei;
  std::int64_t refit_every = 1;  ///< trials; with refit_growth below this is the schedule while there are few
  double refit_growth = 0.05;    ///< also wait until the number of trials grew by this share: O(log n) fits
  std::int64_t candidates = 2048;  ///< Sobol points scored at each ask (Optuna's GPSampler: 2048)
  std::int64_t local_starts = 10;  ///< of those, refined by local search (Optuna's GPSampler: 10)
  double noise_floor = 1e-6;  ///< variance, of standardised losses (Optuna's GPSampler; BoTorch has 1e-4)
  bool warp = true;           ///< power transform of the losses (HEBO), compressing the low side only
  /// Share of the asks in spaces with real parameters whose posterior deviation is multiplied by a factor
  /// drawn log-uniformly from 1 to explore_factor: against belief in one mode of the hyper-parameters (own
  /// choice; 0 turns it off).
  double explore_share = 0.5;
  double explore_factor = 4.0;
  /// A real candidate whose posterior deviation is below this share of the noise's is over-exploited: the
  /// deviation is doubled until another one wins (MATLAB's expected-improvement-plus, after Bull 2011).
  double overexploited = 0.1;
  std::int64_t max_fit_points =
      1000;  ///< beyond, the best half and the latest half of so many: bounds O(n^3)

  void visit(SettingsVisitor& v) {
    v.integer("initial", initial, Bounds::between(1, 1e6), "random trials before the model is asked");
    v.choice("acquisition", acquisition, kAcquisitionNames,
             "log_ei: logarithm of the expected improvement; log_ei_per_co2e: of the expected improvement "
             "per kg CO2e, "
             "the carbon predicted by a second process");
    v.integer("refit_every", refit_every, Bounds::between(1, 1e6),
              "trials between fits of the kernel; between fits the model is updated in O(n^2)");
    v.number("refit_growth", refit_growth, Bounds::between(0, 10),
             "trials between fits, at least this share of the trials at the last fit");
    v.integer("candidates", candidates, Bounds::between(1, 65536), "quasi-random points scored at each ask");
    v.integer("local_starts", local_starts, Bounds::between(0, 1000),
              "best candidates that are refined by local search");
    v.number("noise_floor", noise_floor, Bounds::between(1e-8, 1),
             "least noise variance, in units of the losses' variance");
    v.flag("warp", warp,
           "power transform of the losses, so that rare low ones are no outliers to the process");
    v.number(
        "explore_share", explore_share, Bounds::between(0, 1),
        "share of the asks, in spaces with real parameters, that explore with a larger posterior deviation");
    v.number("explore_factor", explore_factor, Bounds::between(1, 100),
             "the largest factor of that deviation");
    v.number("overexploited", overexploited, Bounds::between(0, 10),
             "share of the noise's deviation below which a candidate teaches nothing and another is sought");
    v.integer("max_fit_points", max_fit_points, Bounds::between(10, 5000),
              "most trials that the model is fitted to: with more, the best half and the latest half of this "
              "number");
  }
};

constexpr std::size_t kIncumbents = 4;       // around which extra candidates are drawn
constexpr std::size_t kPerturbations = 64;   // candidates around each
constexpr int kAcquisitionEvaluations = 50;  // of one gradient ascent
constexpr int kRounds = 20;                  // of ascent and neighbourhood search from one start
constexpr int kInflations = 8;               // doublings of the deviation of over-exploited candidates
constexpr std::uint64_t kNeighbours = 20;    // values tried of a discrete parameter with more

// The acquisition function over encoded points, for the batch and for gradient ascent.
class Scorer {
 public:
  /// `inflation` multiplies the posterior deviation, as a larger signal variance would under the same data.
  Scorer(const GaussianProcess& loss, const GaussianProcess* log_carbon, double inflation)
      : loss_(loss), log_carbon_(log_carbon), best_(loss.lowest_mean()), inflation_(inflation) {}

  void double_inflation() { inflation_ *= 2.0; }

  void score(const PointSet& points, std::vector<double>& scores) {
    loss_.predict(points, batch_);
    scores.resize(static_cast<std::size_t>(points.count()));
    for (Index i = 0; i < points.count(); ++i)
      scores[static_cast<std::size_t>(i)] =
          log_expected_improvement(batch_.mean[i], inflation_ * std::sqrt(batch_.variance[i]), best_);
    count(points.count());
    if (log_carbon_ == nullptr) return;
    log_carbon_->predict(points, batch_);
    for (Index i = 0; i < points.count(); ++i) scores[static_cast<std::size_t>(i)] -= batch_.mean[i];
  }

  double score(const PointSet& points, Index row, Eigen::VectorXd& gradient) {
    loss_.predict(points, row, point_);
    const double deviation = inflation_ * std::sqrt(point_.variance);
    const AcquisitionValue ei = log_expected_improvement_with_gradient(point_.mean, deviation, best_);
    gradient = ei.by_mean * point_.mean_gradient +
               (ei.by_deviation * 0.5 * inflation_ * inflation_ / deviation) * point_.variance_gradient;
    count(2);
    if (log_carbon_ == nullptr) return ei.value;
    log_carbon_->predict(points, row, point_);
    gradient -= point_.mean_gradient;
    return ei.value - point_.mean;
  }

  /// Whether the noise hides what an observation there could tell.
  bool overexploited(const PointSet& points, double share) {
    loss_.predict(points, 0, point_);
    count(1);
    return std::sqrt(point_.variance) < share * loss_.noise_deviation();
  }

  [[nodiscard]] Work computed() const { return computed_; }

 private:
  void count(Index points) {
    computed_ += static_cast<double>(points) * loss_.prediction_work();
    if (log_carbon_ != nullptr) computed_ += static_cast<double>(points) * log_carbon_->prediction_work();
  }

  const GaussianProcess& loss_;
  const GaussianProcess* log_carbon_;
  double best_;
  double inflation_;
  BatchPrediction batch_;
  PointPrediction point_;
  Work computed_{};
};

class GpStrategy final : public Strategy {
 public:
  GpStrategy(const GpSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        fidelity_(context.fidelity),
        encoding_(context.space),
        loss_process_(encoding_.layout(), options(settings)),
        carbon_process_(encoding_.layout(), options(settings)) {
    for (std::size_t i = 0; i < space_.size(); ++i)
      (is_discrete(space_[i].domain) ? discrete_ : real_).push_back(i);
    const auto cardinality = space_.cardinality();
    if (cardinality && *cardinality <= static_cast<double>(settings.candidates))
      enumerate();
    else
      tabulate_sobol();
  }

  std::optional<Proposal> ask(TrialId id, Random random) override {
    if (const auto turned_down = pending_.find(id); turned_down != pending_.end()) {
      refused_.insert(turned_down->second.digest());
      pending_.erase(turned_down);
    }
    taken_.clear();
    for (const auto& [other, configuration] : pending_) taken_.insert(configuration.digest());
    const Configuration configuration = loss_process_.size() == 0 ? design(random) : maximise(random);
    pending_.emplace(id, configuration);
    return Proposal{configuration, fidelity_};
  }

  void tell(const Trial& trial) override {
    pending_.erase(trial.id);
    if (trial.proposal.fidelity != fidelity_) return;
    const Configuration& configuration = trial.proposal.configuration;
    evaluated_.insert(configuration.digest());
    const auto* completed = std::get_if<Completed>(&trial.result);
    if (completed != nullptr && completed->cached) return;
    Observation observation{configuration, std::nullopt, std::nullopt};
    if (completed != nullptr && std::isfinite(completed->losses.front()))
      observation.loss = completed->losses.front();
    const double carbon = trial.charge.total().carbon() / kilogram;
    if (completed != nullptr && carbon > 0.0) observation.log_carbon = std::log(carbon);
    observations_.push_back(std::move(observation));
    if (observations_.back().loss) {
      const double loss = *observations_.back().loss;
      worst_ = worst_ ? std::max(*worst_, loss) : loss;
    }
    update_model();
  }

  [[nodiscard]] Work computed() const override {
    return predictions_ + loss_process_.computed() + carbon_process_.computed();
  }

 private:
  struct Observation {
    Configuration configuration;
    std::optional<double> loss;  ///< absent: failed
    std::optional<double> log_carbon;
  };
  struct Candidate {
    Configuration configuration;
    double score;
  };

  static GaussianProcessOptions options(const GpSettings& settings) {
    GaussianProcessOptions options;
    options.noise_floor = settings.noise_floor;
    return options;
  }

  // A failed trial counts as the worst loss seen so far: the region is avoided without a cliff in the model.
  double loss_of(const Observation& observation) const { return observation.loss.value_or(*worst_); }

  bool is_better(std::size_t a, std::size_t b) const {
    const double loss_a = loss_of(observations_[a]);
    const double loss_b = loss_of(observations_[b]);
    return loss_a != loss_b ? loss_a < loss_b : a < b;
  }

  void update_model() {
    const std::size_t count = observations_.size();
    if (count < static_cast<std::size_t>(settings_.initial) || !worst_) return;
    const double waited = static_cast<double>(count - fitted_at_);
    if (fitted_at_ == 0 || waited >= std::max(static_cast<double>(settings_.refit_every),
                                              settings_.refit_growth * static_cast<double>(fitted_at_))) {
      refit();
      fitted_at_ = count;
      return;
    }
    const Observation& last = observations_.back();
    PointSet point(1, encoding_.columns());
    encoding_.encode(last.configuration, point, 0);
    loss_process_.append(point, 0, transform_(loss_of(last)));
    if (carbon_process_.size() > 0 && last.log_carbon) carbon_process_.append(point, 0, *last.log_carbon);
  }

  void refit() {
    const std::vector<std::size_t> chosen = fit_points();
    PointSet points(static_cast<Index>(chosen.size()), encoding_.columns());
    PointSet charged;
    charged.resize(0, encoding_.columns());
    std::vector<double> losses;
    std::vector<double> log_carbons;
    for (std::size_t k = 0; k < chosen.size(); ++k) {
      const Observation& observation = observations_[chosen[k]];
      encoding_.encode(observation.configuration, points, static_cast<Index>(k));
      losses.push_back(loss_of(observation));
      if (settings_.acquisition != Acquisition::log_ei_per_co2e || !observation.log_carbon) continue;
      charged.append();
      charged.copy_row(charged.count() - 1, points, static_cast<Index>(k));
      log_carbons.push_back(*observation.log_carbon);
    }
    transform_ = settings_.warp ? PowerTransform(losses) : PowerTransform();
    for (double& loss : losses) loss = transform_(loss);
    loss_process_.fit(points, losses);
    if (!log_carbons.empty()) carbon_process_.fit(charged, log_carbons);
  }

  // Indices of the observations to fit to: all, or the best half and the latest half of max_fit_points.
  std::vector<std::size_t> fit_points() const {
    std::vector<std::size_t> order(observations_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    const auto most = static_cast<std::size_t>(settings_.max_fit_points);
    if (order.size() <= most) return order;
    const std::size_t latest = most / 2;
    const auto older = order.end() - static_cast<std::ptrdiff_t>(latest);
    std::sort(order.begin(), older, [&](std::size_t a, std::size_t b) { return is_better(a, b); });
    order.erase(order.begin() + static_cast<std::ptrdiff_t>(most - latest), older);
    std::ranges::sort(order);
    return order;
  }

  bool excluded(std::uint64_t digest) const {
    return evaluated_.contains(digest) || taken_.contains(digest) || refused_.contains(digest);
  }

  // Uniform, from the ask's own stream, so that a restart from a log of tells goes on identically.
  Configuration design(Random& random) const {
    constexpr int kTries = 1000;
    for (int i = 0; i < kTries; ++i) {
      Configuration configuration = space_.sample(random);
      if (!excluded(configuration.digest())) return configuration;
    }
    for (const Configuration& configuration : all_)
      if (!excluded(configuration.digest())) return configuration;
    return space_.sample(random);  // nothing is left: a repetition
  }

  Configuration maximise(Random& random) {
    PointSet point(1, encoding_.columns());
    for (const auto& [id, configuration] : pending_) {
      encoding_.encode(configuration, point, 0);
      loss_process_.fantasise(point, 0);
    }
    const bool per_carbon =
        settings_.acquisition == Acquisition::log_ei_per_co2e && carbon_process_.size() > 0;
    const bool explores = !real_.empty() && random.bernoulli(settings_.explore_share);
    const double inflation = explores ? std::pow(settings_.explore_factor, random.uniform()) : 1.0;
    Scorer scorer(loss_process_, per_carbon ? &carbon_process_ : nullptr, inflation);

    std::vector<Candidate> candidates = all_.empty() ? sample_candidates(random) : remaining_candidates();
    score(candidates, 0, scorer);
    if (all_.empty()) search_locally(candidates, scorer, random);
    loss_process_.forget_fantasies();
    predictions_ += scorer.computed();
    const auto best = std::ranges::max_element(candidates, {}, &Candidate::score);
    return best == candidates.end() ? design(random) : best->configuration;
  }

  std::vector<Candidate> remaining_candidates() const {
    std::vector<Candidate> candidates;
    for (const Configuration& configuration : all_) add(candidates, configuration);
    return candidates;
  }

  std::vector<Candidate> sample_candidates(Random& random) const {
    std::vector<Candidate> candidates;
    add_sobol(candidates, random);
    add_neighbours_of_incumbents(candidates, random);
    return candidates;
  }

  void search_locally(std::vector<Candidate>& candidates, Scorer& scorer, Random& random) {
    const std::size_t sampled = candidates.size();
    refine(candidates, scorer, random);
    if (real_.empty() || candidates.empty()) return;
    PointSet point(1, encoding_.columns());
    for (int i = 0; i < kInflations; ++i) {
      const auto best = std::ranges::max_element(candidates, {}, &Candidate::score);
      encoding_.encode(best->configuration, point, 0);
      if (!scorer.overexploited(point, settings_.overexploited)) return;
      scorer.double_inflation();
      candidates.erase(candidates.begin() + static_cast<std::ptrdiff_t>(sampled), candidates.end());
      score(candidates, 0, scorer);
      refine(candidates, scorer, random);
    }
  }

  void add(std::vector<Candidate>& candidates, const Configuration& configuration) const {
    if (!excluded(configuration.digest())) candidates.push_back({configuration, 0.0});
  }

  void score(std::vector<Candidate>& candidates, std::size_t first, Scorer& scorer) {
    const std::size_t count = candidates.size() - first;
    if (count == 0) return;
    points_.resize(static_cast<Index>(count), encoding_.columns());
    for (std::size_t i = 0; i < count; ++i)
      encoding_.encode(candidates[first + i].configuration, points_, static_cast<Index>(i));
    scorer.score(points_, scores_);
    for (std::size_t i = 0; i < count; ++i) candidates[first + i].score = scores_[i];
  }

  // All configurations of a small finite space, the first parameters varying slowest.
  void enumerate() {
    Configuration configuration(space_.size());
    enumerate(configuration, 0);
  }
  void enumerate(Configuration& configuration, std::size_t i) {
    if (i == space_.size()) {
      all_.push_back(configuration);
      return;
    }
    if (!space_.should_be_active(i, configuration)) {
      configuration.deactivate(i);
      enumerate(configuration, i + 1);
      return;
    }
    const auto* integer = std::get_if<Integer>(&space_[i].domain);
    const double low = integer != nullptr ? static_cast<double>(integer->low) : 0.0;
    const std::uint64_t count = *tonne::cardinality(space_[i].domain);
    for (std::uint64_t k = 0; k < count; ++k) {
      configuration.set(i, low + static_cast<double>(k));
      enumerate(configuration, i + 1);
    }
  }

  // The first points of the Sobol sequence, shifted digitally anew at each ask.
  void tabulate_sobol() {
    constexpr std::size_t kSobolDimensions = 1000;  // the rest of a larger space is filled at random
    sobol_dimensions_ = std::min(space_.size(), kSobolDimensions);
    boost::random::sobol generator(sobol_dimensions_);
    sobol_.resize(static_cast<std::size_t>(settings_.candidates) * sobol_dimensions_);
    for (auto& digits : sobol_) digits = static_cast<std::uint32_t>(generator() >> 32U);
  }

  void add_sobol(std::vector<Candidate>& candidates, Random& random) const {
    std::vector<std::uint32_t> shift(sobol_dimensions_);
    for (auto& digits : shift) digits = static_cast<std::uint32_t>(random.next() >> 32U);
    candidates.reserve(static_cast<std::size_t>(settings_.candidates) + kIncumbents * kPerturbations);
    Configuration configuration(space_.size());
    for (std::size_t k = 0; k < static_cast<std::size_t>(settings_.candidates); ++k) {
      for (std::size_t i = 0; i < space_.size(); ++i) {
        if (!space_.should_be_active(i, configuration)) {
          configuration.deactivate(i);
          continue;
        }
        const double u =
            i < sobol_dimensions_
                ? (static_cast<double>(sobol_[k * sobol_dimensions_ + i] ^ shift[i]) + 0.5) * 0x1.0p-32
                : random.uniform();
        configuration.set(i, from_unit(space_[i].domain, u));
      }
      add(candidates, configuration);
    }
  }

  // Around the best observations: reals by normal steps of widths from 1e-3 to 1e-1, discrete ones by
  // mutation.
  void add_neighbours_of_incumbents(std::vector<Candidate>& candidates, Random& random) const {
    for (const std::size_t incumbent : incumbents()) {
      for (std::size_t k = 0; k < kPerturbations; ++k) {
        Configuration child = observations_[incumbent].configuration;
        const double width = std::pow(10.0, random.uniform(-3.0, -1.0));
        for (const std::size_t i : real_) {
          if (!child.is_active(i)) continue;
          const double u = to_unit(space_[i].domain, child[i]);
          child.set(i, from_unit(space_[i].domain, u + width * random.normal()));
        }
        if (!discrete_.empty() && (real_.empty() || k % 2 == 1)) mutate_discrete(child, random);
        add(candidates, child);
      }
    }
  }

  void mutate_discrete(Configuration& child, Random& random) const {
    const std::size_t i = discrete_[random.below(discrete_.size())];
    if (!child.is_active(i)) return;
    child.set(i, tonne::sample(space_[i].domain, random));
    if (space_.has_conditions()) space_.repair(child, random);
  }

  std::vector<std::size_t> incumbents() const {
    std::vector<std::size_t> order(observations_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    const std::size_t count = std::min(kIncumbents, order.size());
    std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(count),
                              [&](std::size_t a, std::size_t b) { return is_better(a, b); });
    order.resize(count);
    return order;
  }

  // Local search from the best candidates; what it finds joins them.
  void refine(std::vector<Candidate>& candidates, Scorer& scorer, Random& random) {
    std::vector<std::size_t> order(candidates.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    const std::size_t starts = std::min(static_cast<std::size_t>(settings_.local_starts), order.size());
    std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(starts),
                              [&](std::size_t a, std::size_t b) {
                                const double score_a = candidates[a].score;
                                const double score_b = candidates[b].score;
                                return score_a != score_b ? score_a > score_b : a < b;
                              });
    for (std::size_t k = 0; k < starts; ++k) {
      const Candidate refined = climb(candidates[order[k]], scorer, random);
      if (!excluded(refined.configuration.digest())) candidates.push_back(refined);
    }
  }

  Candidate climb(Candidate current, Scorer& scorer, Random& random) {
    for (int round = 0; round < kRounds; ++round) {
      ascend(current, scorer);
      if (discrete_.empty() || !step(current, scorer, random)) break;
    }
    return current;
  }

  // Moves to the best configuration that differs in one discrete parameter, if that is better.
  bool step(Candidate& current, Scorer& scorer, Random& random) {
    neighbours_.clear();
    for (const std::size_t i : discrete_) {
      if (!current.configuration.is_active(i)) continue;
      add_values(current.configuration, i, random);
    }
    score(neighbours_, 0, scorer);
    const auto best = std::ranges::max_element(neighbours_, {}, &Candidate::score);
    if (best == neighbours_.end() || !(best->score > current.score)) return false;
    current = *best;
    return true;
  }

  // Neighbours by parameter i: every other value where there are few; else random ones, and next to a number.
  void add_values(const Configuration& from, std::size_t i, Random& random) {
    const Domain& domain = space_[i].domain;
    const std::uint64_t count = *tonne::cardinality(domain);
    const auto* integer = std::get_if<Integer>(&domain);
    const double low = integer != nullptr ? static_cast<double>(integer->low) : 0.0;
    const auto try_value = [&](double value) {
      if (value == from[i] || !contains(domain, value)) return;
      Configuration neighbour = from;
      neighbour.set(i, value);
      if (space_.has_conditions()) space_.repair(neighbour, random);
      add(neighbours_, neighbour);
    };
    if (count <= kNeighbours) {
      for (std::uint64_t k = 0; k < count; ++k) try_value(low + static_cast<double>(k));
      return;
    }
    try_value(from[i] - 1.0);
    try_value(from[i] + 1.0);
    for (std::uint64_t k = 2; k < kNeighbours; ++k) try_value(tonne::sample(domain, random));
  }

  // Gradient ascent (L-BFGS within the unit cube) of the acquisition over the active reals.
  void ascend(Candidate& current, Scorer& scorer) {
    struct Ascent {
      Scorer& scorer;
      PointSet point;
      std::vector<Index> columns;
      Eigen::VectorXd gradient;
      std::vector<double> best;
      double best_score;
    };
    Ascent ascent{scorer, PointSet(1, encoding_.columns()), {}, {}, {}, current.score};
    std::vector<std::size_t> parameters;
    encoding_.encode(current.configuration, ascent.point, 0);
    std::vector<double> x;
    for (const std::size_t i : real_) {
      if (!current.configuration.is_active(i)) continue;
      parameters.push_back(i);
      ascent.columns.push_back(encoding_.column_of(i));
      x.push_back(ascent.point(0, ascent.columns.back()));
    }
    if (x.empty()) return;
    const auto objective = [](unsigned count, const double* u, double* gradient, void* data) -> double {
      auto& self = *static_cast<Ascent*>(data);
      for (unsigned k = 0; k < count; ++k) self.point(0, self.columns[k]) = u[k];
      const double value = self.scorer.score(self.point, 0, self.gradient);
      for (unsigned k = 0; gradient != nullptr && k < count; ++k)
        gradient[k] = self.gradient[self.columns[k]];
      if (value > self.best_score) {
        self.best_score = value;
        self.best.assign(u, u + count);
      }
      return value;
    };
    const std::unique_ptr<nlopt_opt_s, decltype(&nlopt_destroy)> optimiser(
        nlopt_create(NLOPT_LD_LBFGS, static_cast<unsigned>(x.size())), &nlopt_destroy);
    nlopt_set_max_objective(optimiser.get(), objective, &ascent);
    nlopt_set_lower_bounds1(optimiser.get(), 0.0);
    nlopt_set_upper_bounds1(optimiser.get(), 1.0);
    nlopt_set_maxeval(optimiser.get(), kAcquisitionEvaluations);
    nlopt_set_ftol_abs(optimiser.get(), 1e-4);
    double value = 0.0;
    // Whatever it returns (it may stop at round-off), the best point that it visited counts.
    static_cast<void>(nlopt_optimize(optimiser.get(), x.data(), &value));
    if (ascent.best.empty()) return;
    for (std::size_t k = 0; k < parameters.size(); ++k)
      current.configuration.set(parameters[k], from_unit(space_[parameters[k]].domain, ascent.best[k]));
    current.score = ascent.best_score;
  }

  GpSettings settings_;
  const SearchSpace& space_;
  double fidelity_;
  PointEncoding encoding_;
  GaussianProcess loss_process_;
  GaussianProcess carbon_process_;  // of the logarithm of kg CO2e
  std::vector<std::size_t> real_;
  std::vector<std::size_t> discrete_;
  std::vector<Configuration> all_;  // every configuration, where they are few
  std::vector<std::uint32_t> sobol_;
  std::size_t sobol_dimensions_ = 0;

  std::vector<Observation> observations_;
  std::optional<double> worst_;
  PowerTransform transform_;
  std::size_t fitted_at_ = 0;
  std::map<TrialId, Configuration> pending_;
  // Digests; for membership only, so their order does not matter.
  std::unordered_set<std::uint64_t> evaluated_;
  std::unordered_set<std::uint64_t> refused_;
  std::unordered_set<std::uint64_t> taken_;
  PointSet points_;
  std::vector<double> scores_;
  std::vector<Candidate> neighbours_;
  Work predictions_{};
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_gp_recipe() {
  return std::make_unique<BasicStrategyRecipe<GpSettings, GpStrategy>>();
}

}  // namespace tonne
