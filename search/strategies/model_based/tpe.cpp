// The tree-structured Parzen estimator: Bergstra, Bardenet, Bengio and Kegl 2011, "Algorithms for
// Hyper-Parameter Optimization", NIPS 24, section 4. The settings' defaults are those of Optuna 5's
// TPESampler (read in its source, 5.0.0.dev of 2026-08-21).
//
// The observations are parted at y*, the gamma-quantile of the losses: l(x) is the density of the candidates
// with y < y*, g(x) that of the others (eq. 2). The expected improvement grows with l(x) / g(x) (eq. 3), so
// the next candidate is the best by that ratio of some draws from l. How they are ranked with constraints,
// partial trainings and several objectives: tpe_history.h. With several objectives all good ones weigh the
// same (Optuna 5; Ozaki et al. 2020, who introduced TPE for several objectives, weigh them by what they add
// to the hypervolume).
//
// Conditional parameters: one density over the whole tree (see ParzenEstimator); with `multivariate: group`
// one for each group of parameters that are active together, of the observations in which they are; with
// `multivariate: false` one for each parameter.

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/recipe.h"
#include "search/strategies/model_based/tpe_history.h"
#include "search/surrogates/parzen.h"

namespace tonne {
namespace {

/// Which parameters share a density.
enum class Multivariate : std::uint8_t { all, none, group };
constexpr std::array<std::string_view, 3> kMultivariateNames = {"true", "false", "group"};

/// How wide the joint kernels of numbers are.
enum class Bandwidth : std::uint8_t { automatic, neighbours, range, deviation };
constexpr std::array<std::string_view, 4> kBandwidthNames = {"auto", "neighbours", "range", "deviation"};

/// Which of the problem's objectives count.
enum class UsedObjectives : std::uint8_t { all, first };
constexpr std::array<std::string_view, 2> kUsedObjectivesNames = {"all", "first"};

/// Defaults: Optuna 5 (TPESampler), which scales Bergstra et al. 2011, but for `bandwidth`.
struct TpeSettings {
  std::int64_t startup = 10;     ///< completed trials before the model; drawn at random
  std::int64_t candidates = 24;  ///< draws from l(x) for one proposal
  double gamma = 0.1;  ///< n_l = min(ceil(gamma n), most_below) of n completed trials stand for l(x)
  /// Upper bound of n_l; none: 25, or with several objectives 100 (own choice: Optuna 5 has no bound there,
  /// and chooses among thousands by hypervolume).
  std::optional<std::int64_t> most_below = {};
  std::int64_t full_weights = 25;  ///< the last so many observations weigh 1, earlier ones less, linearly
  double prior_weight = 1.0;       ///< of the prior, in observations
  Multivariate multivariate =
      Multivariate::all;  ///< joint kernels (Falkner et al. 2018), or a model for each parameter
  /// Own choice: Optuna 5's `neighbours`, but discrete numbers no narrower than by `range`, and numbers that
  /// not every trial has by `range`. The neighbours of a level stand mostly on the same level, so that it
  /// would never be left.
  Bandwidth bandwidth = Bandwidth::automatic;
  bool constant_liar = true;  ///< running trials count among the bad ones, so that workers keep apart
  /// Failed trials count among the bad ones, as Optuna treats infeasible (not failed, which it forgets) ones:
  /// a failure here tells that the candidate cannot be had.
  bool learn_from_failures = true;
  UsedObjectives objectives = UsedObjectives::all;
  TrialCost cost_objective = TrialCost::none;

  void visit(SettingsVisitor& visitor) {
    visitor.integer("startup", startup, Bounds::between(0, 1e9),
                    "completed random trials before the model is used");
    visitor.integer("candidates", candidates, Bounds::between(1, 1e6),
                    "candidates drawn from l(x) per ask; the best one is proposed");
    visitor.number("gamma", gamma, {0.0, 1.0, true}, "fraction of completed trials that count as good");
    visitor.optional_integer("most_below", most_below, Bounds::between(1, 1e9),
                             "most trials that count as good; default: 25, with several objectives 100");
    visitor.integer("full_weights", full_weights, Bounds::between(0, 1e9),
                    "the latest trials, this many, have weight 1; earlier ones ramp down linearly");
    visitor.number("prior_weight", prior_weight, {0.0, 1e9, true}, "weight of the prior, in trials");
    visitor.choice(
        "multivariate", multivariate, kMultivariateNames,
        "one joint density (true), one per parameter (false), or one per group of parameters that are active "
        "together");
    visitor.choice("bandwidth", bandwidth, kBandwidthNames,
                   "bandwidth of joint numeric kernels: by the distance to neighbouring trials, by the "
                   "parameter's range, or by "
                   "the trials' sd; auto: by neighbours for real numbers that every trial has, by range or "
                   "wider for others");
    visitor.require(multivariate != Multivariate::none || bandwidth == Bandwidth::automatic ||
                        bandwidth == Bandwidth::neighbours,
                    "bandwidth", "requires multivariate: true or group");
    visitor.flag("constant_liar", constant_liar, "count running trials as bad");
    visitor.flag("learn_from_failures", learn_from_failures, "count failed trials as bad");
    visitor.choice("objectives", objectives, kUsedObjectivesNames,
                   "of a problem with several: search for the front of all, or minimise the first alone");
    visitor.choice("cost_objective", cost_objective, kTrialCostNames,
                   "the trial's charge as a further objective");
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    if (parting(context).objectives + (cost_objective == TrialCost::none ? 0 : 1) <= kMaxObjectives)
      return std::nullopt;
    return "with the cost there would be " + std::to_string(kMaxObjectives + 1) +
           " objectives: the maximum is " + std::to_string(kMaxObjectives) + "; objectives: first leaves two";
  }
  [[nodiscard]] TpeParting parting(const StrategyContext& context) const {
    TpeParting parting = {.gamma = gamma, .learn_from_failures = learn_from_failures, .cost = cost_objective};
    if (objectives == UsedObjectives::all) parting.objectives = context.traits.objectives.size();
    parting.most_below = most_below.value_or(parting.has_several_objectives() ? 100 : 25);
    return parting;
  }
  [[nodiscard]] KernelWidth width() const {
    if (multivariate == Multivariate::none) return KernelWidth::neighbours;
    constexpr std::array<KernelWidth, 4> kWidths = {KernelWidth::automatic, KernelWidth::neighbours,
                                                    KernelWidth::scott, KernelWidth::deviation};
    return kWidths[static_cast<std::size_t>(bandwidth)];
  }
};

// The parameters that share a density; a parent stands before its children.
std::vector<std::vector<std::size_t>> groups_of(const SearchSpace& space, Multivariate multivariate) {
  std::vector<std::vector<std::size_t>> groups;
  std::map<std::pair<std::size_t, std::vector<std::size_t>>, std::size_t> known;  // by parent and choices
  for (std::size_t i = 0; i < space.size(); ++i) {
    std::pair<std::size_t, std::vector<std::size_t>> key;
    if (multivariate == Multivariate::none) key.first = i;
    if (const auto& condition = space[i].active_when; condition && multivariate == Multivariate::group) {
      key = {condition->parent + 1, condition->choices};
      std::ranges::sort(key.second);
    }
    const auto [place, is_new] = known.try_emplace(std::move(key), groups.size());
    if (is_new) groups.emplace_back();
    groups[place->second].push_back(i);
  }
  return groups;
}

class Tpe final : public Strategy {
 public:
  Tpe(const TpeSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        fidelity_(context.fidelity),
        history_(context.space, settings.parting(context)) {
    const auto full = static_cast<std::size_t>(settings.full_weights);
    const auto full_good = history_.has_several_objectives() ? std::numeric_limits<std::size_t>::max() : full;
    for (const auto& parameters : groups_of(space_, settings.multivariate)) {
      const auto& data = history_.data();
      groups_.push_back(
          {.parameters = parameters,
           .l = ParzenEstimator(data, parameters, settings.width(), settings.prior_weight, full_good),
           .g = ParzenEstimator(data, parameters, settings.width(), settings.prior_weight, full)});
    }
    log_l_.resize(static_cast<std::size_t>(settings.candidates));
    log_g_.resize(static_cast<std::size_t>(settings.candidates));
  }
  Tpe(const Tpe&) = delete;  // the densities refer to the history's data
  Tpe& operator=(const Tpe&) = delete;

  std::optional<Proposal> ask(TrialId id, Random random) override {
    const bool startup = history_.ranked() < static_cast<std::size_t>(settings_.startup);
    Configuration configuration = startup ? space_.sample(random) : model_proposal(random);
    if (settings_.constant_liar) history_.run(id, configuration);
    return Proposal{.configuration = std::move(configuration), .fidelity = fidelity_};
  }

  void tell(const Trial& trial) override {
    if (trial.proposal.fidelity == fidelity_) history_.tell(trial);
  }
  void report(const Trial& trial) override { history_.report(trial); }
  [[nodiscard]] bool learns_from_reports() const override { return true; }

  [[nodiscard]] Work computed() const override {
    double operations = history_.operations();
    for (const Group& group : groups_) operations += group.l.operations() + group.g.operations();
    return operations * flop;
  }

 private:
  static constexpr std::size_t kMostAtOnce = 256;  // candidates
  struct Group {
    std::vector<std::size_t> parameters;
    ParzenEstimator l;
    ParzenEstimator g;
  };

  Configuration model_proposal(Random& random) {
    history_.part();
    Configuration proposal(space_.size());
    for (Group& group : groups_) {
      if (!space_.should_be_active(group.parameters.front(), proposal)) continue;
      group.l.fit(active(history_.good(), group));
      group.g.fit(active(history_.others(), group));
      proposal = best_of_draws(group, proposal, random);
    }
    return proposal;
  }

  // Those of the rows in which the group's parameters are active.
  std::span<const std::uint32_t> active(std::span<const std::uint32_t> rows, const Group& group) {
    const std::size_t parameter = group.parameters.front();
    if (!space_[parameter].active_when || settings_.multivariate == Multivariate::all) return rows;
    const auto& codes = history_.data().column(parameter).code;
    active_.clear();
    for (const std::uint32_t row : rows)
      if (codes[row] != ParzenData::kInactive) active_.push_back(row);
    return active_;
  }

  // argmax of l(x) / g(x) over draws from l; the first among equals.
  const Configuration& best_of_draws(Group& group, const Configuration& start, Random& random) {
    draws_.assign(static_cast<std::size_t>(settings_.candidates), start);
    for (Configuration& draw : draws_) group.l.sample(draw, random);
    if (group.parameters.size() == 1) drop_repeated_draws();
    // In parts: a density keeps a number for each candidate and each kernel.
    for (std::size_t first = 0; first < draws_.size(); first += kMostAtOnce) {
      const std::size_t count = std::min(kMostAtOnce, draws_.size() - first);
      const auto part = std::span<const Configuration>(draws_).subspan(first, count);
      group.l.log_density(part, std::span(log_l_).subspan(first, count));
      group.g.log_density(part, std::span(log_g_).subspan(first, count));
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
  TpeHistory history_;
  std::vector<Group> groups_;

  // Scratch space, kept to spare allocations.
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
