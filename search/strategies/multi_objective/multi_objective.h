#pragma once
// What the strategies for several objectives share: the cost of a trial as an objective, and the log that a
// model learns from.

#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/strategy.h"
#include "search/strategies/trial_cost.h"

namespace tonne {

/// Of `cost_objective`, so that any problem has two objectives: error and CO2e.
inline constexpr std::string_view kCostObjectiveMeaning = "the trial's charge as a further objective";

/// The trial's losses, the chosen cost (in base units) as the last one. Precondition: trial.completed().
[[nodiscard]] Objectives losses_of(const Trial& trial, TrialCost cost);

/// How a candidate stands in a population.
struct PopulationStanding {
  Objectives losses = {};  ///< empty where a constraint is violated
  double violation = 0.0;  ///< sum of the violated constraints' values; such a member ranks behind all others
};

/// A candidate in a population.
struct PopulationMember : PopulationStanding {
  Configuration configuration;
};

/// How the trial stands; none of one that joins no population: failed for another reason than a constraint, or with a
/// loss that is not a number.
[[nodiscard]] std::optional<PopulationStanding> standing_of(const Trial& trial, TrialCost cost);
/// The trial as a member; none where standing_of() is none.
[[nodiscard]] std::optional<PopulationMember> member_of(const Trial& trial, TrialCost cost);

/// The front of each member of a population from losses (empty where a constraint is violated) and violations:
/// front_numbers() of those that violate nothing; behind them each violating one has a front of its own, by its
/// violation (Deb et al. 2002, section VI), the first among equals ahead.
[[nodiscard]] std::vector<std::uint32_t> constrained_fronts(std::span<const Objectives> losses,
                                                            std::span<const double> violations);

/// The same of members.
template <std::derived_from<PopulationStanding> Member>
[[nodiscard]] std::vector<std::uint32_t> population_fronts(const std::vector<Member>& members) {
  std::vector<Objectives> losses;
  std::vector<double> violations;
  losses.reserve(members.size());
  violations.reserve(members.size());
  for (const Member& member : members) {
    losses.push_back(member.losses);
    violations.push_back(member.violation);
  }
  return constrained_fronts(losses, violations);
}

/// Whether only the constraints decide between two members, and for the first: it violates none or less. Two that
/// violate nothing are equal.
[[nodiscard]] inline bool violates_less(const PopulationStanding& a, const PopulationStanding& b) {
  return b.losses.empty() && (!a.losses.empty() || a.violation < b.violation);
}

/// The objectives of a problem, the cost counted in.
[[nodiscard]] inline std::size_t objective_count(const ProblemTraits& traits, TrialCost cost) {
  return traits.objectives.size() + (cost == TrialCost::none ? 0 : 1);
}

/// Why a strategy for 2 to `most` objectives cannot work on a problem, the cost counted in; nullopt when it
/// can.
[[nodiscard]] std::optional<std::string> refuses_objectives(const ProblemTraits& traits, TrialCost cost,
                                                            std::size_t most,
                                                            std::string_view reason_for_most);

/// The trials that a model learns from, and what is not to be proposed again.
class MultiObjectiveLog {
 public:
  struct Observation {
    Configuration configuration;
    Objectives losses = {};  ///< empty: failed
  };

  MultiObjectiveLog(double fidelity, TrialCost cost) : fidelity_(fidelity), cost_(cost) {}

  /// An ask begins: an earlier proposal of the same id was turned down. Returns whether there was one.
  bool begin_ask(TrialId id);
  void propose(TrialId id, const Configuration& configuration) {
    pending_.insert_or_assign(id, configuration);
  }
  /// Returns whether the trial became the last observation: one told before, cached or of another fidelity
  /// does not. A loss that is not finite is a failure.
  bool tell(const Trial& trial);

  [[nodiscard]] const std::vector<Observation>& observations() const { return observations_; }
  /// The running trials, by id.
  [[nodiscard]] const std::map<TrialId, Configuration>& pending() const { return pending_; }
  /// Whether some observation has losses.
  [[nodiscard]] bool has_losses() const { return !worst_.empty(); }
  /// The observation's losses; of a failed one the worst of each objective so far: its region is avoided
  /// without a cliff in the model. Precondition: has_losses().
  [[nodiscard]] const Objectives& losses(std::size_t i) const {
    return observations_[i].losses.empty() ? worst_ : observations_[i].losses;
  }
  /// The best and the worst of each objective. Precondition: has_losses().
  [[nodiscard]] const Objectives& best() const { return best_; }
  [[nodiscard]] const Objectives& worst() const { return worst_; }
  /// From the best to the worst of each objective. Precondition: has_losses().
  [[nodiscard]] Objectives extent() const;
  /// Whether a configuration was evaluated, is running or was turned down.
  [[nodiscard]] bool excludes(const Configuration& configuration) const;

 private:
  double fidelity_;
  TrialCost cost_;
  std::vector<Observation> observations_;
  Objectives best_;
  Objectives worst_;
  std::map<TrialId, Configuration> pending_;
  std::set<TrialId> told_;
  std::unordered_set<std::uint64_t>
      known_;  // digests of what was evaluated or turned down; for membership only
};

}  // namespace tonne
