// The tree-structured Parzen estimator: Bergstra, Bardenet, Bengio and Kegl 2011, "Algorithms for
// Hyper-Parameter Optimization", NIPS 24, section 4. The settings' defaults are those of Optuna 4's
// TPESampler(multivariate=True).
//
// The observations are parted at y*, the gamma-quantile of the losses: l(x) is the density of the candidates
// with y < y*, g(x) that of the others (eq. 2). The expected improvement grows with l(x) / g(x) (eq. 3), so
// the next candidate is the best by that ratio of some draws from l.
//
// Constraints as in Optuna (constraints_func): who violates one counts as worse than all who do not, and the less the better,
// by the sum of what is above 0.
//
// Conditional parameters: one density over the whole tree (see ParzenEstimator); with `multivariate: false`
// each parameter has its own, of the observations in which it is active.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/recipe.h"
#include "search/surrogates/parzen.h"

namespace tonne {
namespace {

/// How wide the joint kernels of numbers are.
enum class Bandwidth : std::uint8_t { neighbours, range, deviation };
constexpr std::array<std::string_view, 3> kBandwidthNames = {"neighbours", "range", "deviation"};

/// Defaults: Optuna 4 (TPESampler, multivariate), which scales Bergstra et al. 2011.
struct TpeSettings {
  std::int64_t startup = 10;     ///< completed trials before the model; drawn at random
  std::int64_t candidates = 24;  ///< draws from l(x) for one proposal
  double gamma = 0.1;  ///< n_l = min(ceil(gamma n), most_below) of n completed trials stand for l(x)
  std::int64_t most_below = 25;    ///< upper bound of n_l
  std::int64_t full_weights = 25;  ///< the last so many observations weigh 1, earlier ones less, linearly
  double prior_weight = 1.0;       ///< of the prior, in observations
  bool multivariate = true;        ///< joint kernels (Falkner et al. 2018), or a model for each parameter
  Bandwidth bandwidth = Bandwidth::neighbours;  ///< Optuna's: a fifth of the range; Falkner et al. 2018: by the deviation
  bool constant_liar = false;      ///< running trials count among the bad ones, so that workers keep apart
  /// Failed trials count among the bad ones, as Optuna treats infeasible (not failed, which it forgets) ones:
  /// a failure here tells that the candidate cannot be had.
  bool learn_from_failures = true;

  void visit(SettingsVisitor& visitor) {
    visitor.integer("startup", startup, Bounds::between(0, 1e9),
                    "completed random trials before the model is used");
    visitor.integer("candidates", candidates, Bounds::between(1, 1e6),
                    "candidates drawn from l(x) per ask; the best one is proposed");
    visitor.number("gamma", gamma, {0.0, 1.0, true}, "fraction of completed trials that count as good");
    visitor.integer("most_below", most_below, Bounds::between(1, 1e9), "most trials that count as good");
    visitor.integer("full_weights", full_weights, Bounds::between(0, 1e9),
                    "the latest trials, this many, have weight 1; earlier ones ramp down linearly");
    visitor.number("prior_weight", prior_weight, {0.0, 1e9, true}, "weight of the prior, in trials");
    visitor.flag("multivariate", multivariate, "one joint density instead of one per parameter");
    visitor.choice(
        "bandwidth", bandwidth, kBandwidthNames,
        "bandwidth of joint numeric kernels: scaled by the parameter's range or by the trials' sd");
    visitor.require(multivariate || bandwidth == Bandwidth::neighbours, "bandwidth",
                    "requires multivariate: true");
    visitor.flag("constant_liar", constant_liar, "count running trials as bad");
    visitor.flag("learn_from_failures", learn_from_failures, "count failed trials as bad");
  }
};

class Tpe final : public Strategy {
 public:
  Tpe(const TpeSettings& settings, const StrategyContext& context)
      : settings_(settings), space_(context.space), fidelity_(context.fidelity), data_(context.space) {
    const std::size_t groups = settings.multivariate ? 1 : space_.size();
    for (std::size_t i = 0; i < groups; ++i) {
      std::vector<std::size_t> parameters;
      const std::size_t last = settings.multivariate ? space_.size() : i + 1;
      for (std::size_t p = i; p < last; ++p) parameters.push_back(p);
      const auto joint = settings.bandwidth == Bandwidth::neighbours ? KernelWidth::neighbours : settings.bandwidth == Bandwidth::range ? KernelWidth::scott : KernelWidth::deviation;
      const auto width = settings.multivariate ? joint : KernelWidth::neighbours;
      const auto full = static_cast<std::size_t>(settings.full_weights);
      groups_.push_back({ParzenEstimator(data_, parameters, width, settings.prior_weight, full),
                         ParzenEstimator(data_, parameters, width, settings.prior_weight, full)});
    }
    log_l_.resize(static_cast<std::size_t>(settings.candidates));
    log_g_.resize(static_cast<std::size_t>(settings.candidates));
  }
  Tpe(const Tpe&) = delete;  // the densities refer to data_
  Tpe& operator=(const Tpe&) = delete;

  std::optional<Proposal> ask(TrialId id, Random random) override {
    const bool startup = by_loss_.size() < static_cast<std::size_t>(settings_.startup);
    Configuration configuration = startup ? space_.sample(random) : model_proposal(random);
    if (settings_.constant_liar) record(id, configuration, State::running, kWorst);
    return Proposal{.configuration = std::move(configuration), .fidelity = fidelity_};
  }

  void tell(const Trial& trial) override {
    if (trial.proposal.fidelity != fidelity_) return;
    const bool completed = trial.completed() && !std::isnan(trial.loss());
    const double violation = completed ? 0.0 : violation_of(trial);
    if (violation > 0.0) return record(trial.id, trial.proposal.configuration, State::completed, kWorst, violation);
    if (!completed && !settings_.learn_from_failures && !settings_.constant_liar) return;
    const double loss = completed ? trial.loss() : kWorst;
    record(trial.id, trial.proposal.configuration, completed ? State::completed : State::failed, loss);
  }

  [[nodiscard]] Work computed() const override {
    double operations = 0.0;
    for (const Densities& group : groups_) operations += group.l.operations() + group.g.operations();
    return operations * flop;
  }

 private:
  static constexpr double kWorst = std::numeric_limits<double>::infinity();
  static constexpr std::size_t kMostAtOnce = 256;  // candidates
  enum class State : std::uint8_t { running, completed, failed };
  struct Observation {
    TrialId id;
    State state;
    double violation;  ///< sum of the constraints above 0
    double loss;
  };
  struct Densities {
    ParzenEstimator l;
    ParzenEstimator g;
  };

  // Of a trial that was trained and violates a constraint; 0 of one that failed before.
  static double violation_of(const Trial& trial) {
    double sum = 0.0;
    for (const double value : trial.constraints) sum += std::isnan(value) ? kWorst : std::max(0.0, value);
    return sum;
  }

  // Enters an observation, or what has become of a running one.
  void record(TrialId id, const Configuration& configuration, State state, double loss, double violation = 0.0) {
    const auto place =
        std::ranges::lower_bound(by_id_, id, {}, [&](std::uint32_t row) { return observations_[row].id; });
    std::uint32_t row = 0;
    if (place != by_id_.end() && observations_[*place].id == id) {
      row = *place;
      if (observations_[row].state != State::running) return;  // told before
      data_.assign(row, configuration);
      observations_[row] = {id, state, violation, loss};
    } else {
      row = data_.append(configuration);
      observations_.push_back({id, state, violation, loss});
      by_id_.insert(place, row);
    }
    if (state != State::completed) return;
    const auto better = [&](std::uint32_t a, std::uint32_t b) {
      const Observation& left = observations_[a];
      const Observation& right = observations_[b];
      return std::tie(left.violation, left.loss, left.id) < std::tie(right.violation, right.loss, right.id);
    };
    by_loss_.insert(std::ranges::upper_bound(by_loss_, row, better), row);
  }

  // Section 4.1: D_l are the n_l best, D_g the others; both by age, as the weights want them.
  void part() {
    const auto n = static_cast<double>(by_loss_.size());
    constexpr double kRounding = 1e-9;  // 0.1 * 70 is a little more than 7
    const double good =
        std::min(std::ceil(settings_.gamma * n - kRounding), static_cast<double>(settings_.most_below));
    is_good_.assign(observations_.size(), 0);
    for (std::size_t i = 0; i < static_cast<std::size_t>(good); ++i) is_good_[by_loss_[i]] = 1;
    good_.clear();
    others_.clear();
    for (const std::uint32_t row : by_id_) {
      if (observations_[row].state == State::failed && !settings_.learn_from_failures) continue;
      (is_good_[row] != 0 ? good_ : others_).push_back(row);
    }
  }

  Configuration model_proposal(Random& random) {
    part();
    Configuration proposal(space_.size());
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      if (!settings_.multivariate && !space_.should_be_active(i, proposal)) continue;
      fit(groups_[i].l, good_, i);
      fit(groups_[i].g, others_, i);
      proposal = best_of_draws(groups_[i], proposal, random);
    }
    return proposal;
  }

  void fit(ParzenEstimator& density, const std::vector<std::uint32_t>& rows, std::size_t group) {
    if (settings_.multivariate) return density.fit(rows);
    active_.clear();
    for (const std::uint32_t row : rows)
      if (data_.column(group).code[row] != ParzenData::kInactive) active_.push_back(row);
    density.fit(active_);
  }

  // argmax of l(x) / g(x) over draws from l; the first among equals.
  const Configuration& best_of_draws(Densities& densities, const Configuration& start, Random& random) {
    draws_.assign(static_cast<std::size_t>(settings_.candidates), start);
    for (Configuration& draw : draws_) densities.l.sample(draw, random);
    if (!settings_.multivariate) drop_repeated_draws();
    // In parts: a density keeps a number for each candidate and each kernel.
    for (std::size_t first = 0; first < draws_.size(); first += kMostAtOnce) {
      const std::size_t count = std::min(kMostAtOnce, draws_.size() - first);
      const auto part = std::span<const Configuration>(draws_).subspan(first, count);
      densities.l.log_density(part, std::span(log_l_).subspan(first, count));
      densities.g.log_density(part, std::span(log_g_).subspan(first, count));
    }
    std::size_t best = 0;
    for (std::size_t c = 1; c < draws_.size(); ++c)
      if (log_l_[c] - log_g_[c] > log_l_[best] - log_g_[best]) best = c;
    return draws_[best];
  }

  // A discrete parameter alone has few values, and of equal ones the first is taken.
  void drop_repeated_draws() {
    std::size_t kept = 0;
    for (std::size_t c = 0; c < draws_.size(); ++c) {
      const auto end = draws_.begin() + static_cast<std::ptrdiff_t>(kept);
      if (std::find(draws_.begin(), end, draws_[c]) == end) std::swap(draws_[kept++], draws_[c]);
    }
    draws_.resize(kept);
  }

  TpeSettings settings_;
  const SearchSpace& space_;
  double fidelity_;
  ParzenData data_;                        // the configurations, by row
  std::vector<Observation> observations_;  // what became of them, by row
  std::vector<std::uint32_t> by_id_;       // all rows
  std::vector<std::uint32_t> by_loss_;     // rows of completed trials
  std::vector<Densities> groups_;          // one, or one for each parameter

  // Scratch space, kept to spare allocations.
  std::vector<std::uint8_t> is_good_;
  std::vector<std::uint32_t> good_;
  std::vector<std::uint32_t> others_;
  std::vector<std::uint32_t> active_;
  std::vector<Configuration> draws_;
  std::vector<double> log_l_;
  std::vector<double> log_g_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_tpe_recipe() {
  return std::make_unique<BasicStrategyRecipe<TpeSettings, Tpe>>();
}

}  // namespace tonne
