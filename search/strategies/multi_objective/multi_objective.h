#pragma once
// What the strategies for several objectives share: the cost of a trial as an objective, and the log that a
// model learns from.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
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
