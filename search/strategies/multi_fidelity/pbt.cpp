// Population based training: Jaderberg, Dalibard, Osindero, Czarnecki, Donahue, Razavi, Vinyals, Green,
// Dunning, Simonyan, Fernando and Kavukcuoglu 2017, "Population Based Training of Neural Networks",
// arXiv:1711.09846. The names are those of algorithm 1.
//
// Every member of a population trains its weights with its hyper-parameters h. Whenever it is ready, each
// `interval` of training, it may exploit: if it stands in the lowest quantile of the population, it copies
// weights and h of a member drawn from the highest (truncation selection); and then explores: each
// hyper-parameter is resampled or perturbed.
//
// WHAT A SIMULATOR CANNOT KNOW: how weights go on under h that were trained under another h. A problem here
// answers what its own curve says of h at that amount of training, as if it had trained with h all along,
// while only the new part is paid. So a late change of h counts as if it had been made at the start:
// schedules of h, which are half of the method's gain in the paper, do not show, and mending bad weights
// costs nothing.
//
// Where the paper is silent, or this differs:
// - Members are compared, and copied, at the same amount of training; who reaches it first finds few to
// compare with,
//   unless `synchronous`. (The paper compares what there is; with few workers that would set members back by
//   the mere order in which they train.)
// - A free worker takes the member that has trained least. Workers beyond the population wait.
// - A member that fails to train on takes over from one of the highest quantile (from itself where it is
// alone) and
//   explores; one that fails at its start is drawn anew.
// - Perturbing multiplies numbers by .8 or 1.2 inside their bounds (integers move by one at least); ordinals
// move to a
//   neighbouring level; categoricals keep their choice, so only resampling changes them. Parameters whose
//   condition begins to hold are drawn.
// - Once all members have trained in full a new population starts (`restart`).

#include <algorithm>
#include <cmath>
#include <compare>
#include <map>
#include <vector>

#include "core/recipe.h"
#include "search/strategies/multi_fidelity/brackets.h"

namespace tonne {
namespace {

/// Defaults: Jaderberg et al. 2017, section 4 (truncation selection, factors .8 and 1.2, populations of 10 to
/// 80); quantile and resampling probability as in Ray Tune (from memory, not checked; the paper's quantile is
/// .2).
struct PbtSettings {
  std::int64_t population = 10;
  double quantile = 0.25;
  double resample = 0.25;          ///< probability that a parameter is drawn anew and not perturbed
  double shrink = 0.8;             ///< one factor of a perturbed number
  double grow = 1.2;               ///< the other, as probable
  std::optional<double> interval;  ///< training between two times of being ready; none: a tenth of the whole
  bool synchronous = false;        ///< nobody goes on before all have trained as much
  bool restart = true;             ///< a new population once all members have trained in full

  void visit(SettingsVisitor& visitor) {
    visitor.integer("population", population, Bounds::between(1, 1e6), "population size");
    visitor.number("quantile", quantile, Bounds::between(0, 0.5),
                   "fraction of the population that copies, and fraction that is copied");
    visitor.number("resample", resample, Bounds::between(0, 1),
                   "probability of resampling a parameter instead of perturbing it");
    visitor.number("shrink", shrink, Bounds::between(0, 1), "lower perturbation factor of a number");
    visitor.number("grow", grow, Bounds::between(1, 1e6), "upper perturbation factor of a number");
    visitor.optional_number("interval", interval, Bounds::above(0.0),
                            "training between exploit steps, in the problem's fidelity unit; default: a "
                            "tenth of the full training");
    visitor.flag("synchronous", synchronous,
                 "wait for all members to reach the same training before anyone continues");
    visitor.flag("restart", restart, "start a new population when all members are fully trained");
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    return refuses_interval(interval, context);
  }
};

class Pbt final : public Strategy {
 public:
  Pbt(const PbtSettings& settings, const StrategyContext& context)
      : settings_(settings),
        space_(context.space),
        steps_(training_steps(context, settings.interval, std::nullopt)),
        members_(static_cast<std::size_t>(settings.population)) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    take_back(id);
    if (settings_.restart && std::ranges::all_of(members_, [&](const Member& m) { return has_finished(m); }))
      members_.assign(members_.size(), {});
    const auto next = next_member();
    if (!next) return std::nullopt;
    members_[*next].running = true;
    pending_.emplace(id, *next);
    return train(*next, random);
  }

  void tell(const Trial& trial) override {
    const auto found = pending_.find(trial.id);
    if (found == pending_.end()) return;
    Member& member = members_[found->second];
    pending_.erase(found);
    member.running = false;
    const auto* completed = std::get_if<Completed>(&trial.result);
    member.failed = completed == nullptr || std::isnan(trial.loss());
    if (member.failed) return;
    // A cached answer was not trained: there is no checkpoint.
    member.states.push_back({trial.proposal.configuration, trial.loss(),
                             completed->cached ? std::nullopt : std::optional(trial.id)});
  }

  [[nodiscard]] bool may_resume() const override { return true; }

 private:
  // A member when it was ready: h, its loss, its weights.
  struct State {
    Configuration configuration;
    double loss = 0.0;
    std::optional<TrialId> checkpoint;
  };
  struct Member {
    std::vector<State> states = {};  ///< after each step that it has trained
    bool running = false;
    bool failed = false;  ///< when it last tried to train on
  };
  // A member's place in the ranking of those that have trained as much.
  struct Ranked {
    bool failed = false;
    double loss = 0.0;
    std::size_t member = 0;
    auto operator<=>(const Ranked&) const = default;
  };

  [[nodiscard]] bool has_finished(const Member& member) const {
    return member.states.size() == steps_.size();
  }

  // A proposal that is asked for again was turned down: no tell will come of it.
  void take_back(TrialId id) {
    const auto found = pending_.find(id);
    if (found == pending_.end()) return;
    members_[found->second].running = false;
    pending_.erase(found);
  }

  // Who has trained least of those that are ready.
  [[nodiscard]] std::optional<std::size_t> next_member() const {
    std::size_t least = steps_.size();
    for (const Member& member : members_) least = std::min(least, member.states.size());
    std::optional<std::size_t> next;
    for (std::size_t m = 0; m < members_.size(); ++m) {
      const std::size_t trained = members_[m].states.size();
      if (members_[m].running || has_finished(members_[m])) continue;
      if (settings_.synchronous && trained > least) continue;
      if (!next || trained < members_[*next].states.size()) next = m;
    }
    return next;
  }

  // Algorithm 1: one step, after exploit and explore where they apply.
  [[nodiscard]] Proposal train(std::size_t m, Random& random) const {
    const Member& member = members_[m];
    const std::size_t trained = member.states.size();
    if (trained == 0) return {.configuration = space_.sample(random), .fidelity = steps_.front()};
    const std::size_t source = exploit(m, random);
    const State& state = members_[source].states[trained - 1];
    if (source == m && !member.failed)
      return {.configuration = state.configuration, .fidelity = steps_[trained], .resumes = state.checkpoint};
    return {.configuration = explore(state.configuration, random),
            .fidelity = steps_[trained],
            .resumes = state.checkpoint,
            .inherits = state.checkpoint.has_value()};
  }

  // Truncation selection: the member whose weights m goes on with, itself unless it is among the last.
  [[nodiscard]] std::size_t exploit(std::size_t m, Random& random) const {
    const std::size_t trained = members_[m].states.size();
    std::vector<Ranked> ranking;
    for (std::size_t i = 0; i < members_.size(); ++i) {
      if (members_[i].states.size() < trained) continue;
      ranking.push_back({i == m && members_[i].failed, members_[i].states[trained - 1].loss, i});
    }
    std::ranges::sort(ranking);
    const std::size_t n = ranking.size();
    const auto share = static_cast<std::size_t>(std::ceil(settings_.quantile * static_cast<double>(n)));
    const std::size_t quantile = std::min(share, n / 2);
    const auto rank =
        static_cast<std::size_t>(std::ranges::find(ranking, m, &Ranked::member) - ranking.begin());
    if (rank + quantile < n && !members_[m].failed) return m;
    return ranking[random.below(std::max<std::size_t>(quantile, 1))].member;
  }

  [[nodiscard]] Configuration explore(const Configuration& h, Random& random) const {
    Configuration result = h;
    for (std::size_t i = 0; i < space_.size(); ++i) {
      if (!h.is_active(i)) continue;
      const bool resamples = random.bernoulli(settings_.resample);
      result.set(i, resamples ? sample(space_[i].domain, random) : perturb(space_[i].domain, h[i], random));
    }
    space_.repair(result, random);
    return result;
  }

  [[nodiscard]] double perturb(const Domain& domain, double value, Random& random) const {
    if (is_categorical(domain)) return value;
    const bool up = random.bernoulli(0.5);
    const double scaled = value * (up ? settings_.grow : settings_.shrink);
    if (const auto* real = std::get_if<Real>(&domain)) return std::clamp(scaled, real->low, real->high);
    if (const auto* integer = std::get_if<Integer>(&domain)) {
      const double direction = scaled < value ? -1.0 : 1.0;
      const double moved = std::abs(scaled - value) < 1.0 ? value + direction : std::round(scaled);
      return std::clamp(moved, static_cast<double>(integer->low), static_cast<double>(integer->high));
    }
    const auto last = static_cast<double>(std::get<Ordinal>(domain).levels.size() - 1);
    return std::clamp(value + (up ? 1.0 : -1.0), 0.0, last);
  }

  PbtSettings settings_;
  const SearchSpace& space_;
  std::vector<double> steps_;  // fidelities after which members are ready
  std::vector<Member> members_;
  std::map<TrialId, std::size_t> pending_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_pbt_recipe() {
  return std::make_unique<BasicStrategyRecipe<PbtSettings, Pbt>>();
}

}  // namespace tonne
