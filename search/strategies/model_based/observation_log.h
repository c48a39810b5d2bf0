#pragma once
// What a search by a model of one loss remembers: what ended and what it cost, what runs, what is not to be proposed.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_set>
#include <vector>

#include "core/strategy.h"
#include "search/strategies/trial_cost.h"
#include "search/surrogates/encoding.h"

namespace tonne {

class ObservationLog {
 public:
  struct Observation {
    Configuration configuration;
    std::optional<double> loss = std::nullopt;      ///< absent: failed
    std::optional<double> log_cost = std::nullopt;  ///< of the charge in base units; absent: failed, or free of charge
  };
  /// Observations as a process is fitted to them.
  struct Targets {
    PointSet points;
    std::vector<double> values;
  };

  /// The encoding outlives the log. Trials of another fidelity are not observations.
  ObservationLog(const PointEncoding& encoding, double fidelity, TrialCost cost)
      : encoding_(encoding), fidelity_(fidelity), cost_(cost) {}

  /// An ask begins: an earlier proposal of the same id was turned down, and is not made again.
  void begin_ask(TrialId id);
  void propose(TrialId id, const Configuration& configuration);
  /// Returns whether the trial became the last observation: one told before, cached or of another fidelity does not. A
  /// loss that is not finite is a failure.
  bool tell(const Trial& trial);

  [[nodiscard]] const std::vector<Observation>& observations() const { return observations_; }
  /// The running trials, by id.
  [[nodiscard]] const std::map<TrialId, Configuration>& pending() const { return pending_; }
  /// Whether some observation has a loss.
  [[nodiscard]] bool has_losses() const { return worst_.has_value(); }
  /// Of a failed one the worst so far: its region is avoided without a cliff in the model. Precondition: has_losses().
  [[nodiscard]] double loss(std::size_t i) const { return observations_[i].loss.value_or(*worst_); }
  /// A strict total order of observations: by loss, then by age. Precondition: has_losses().
  [[nodiscard]] bool is_better(std::size_t a, std::size_t b) const;
  /// Whether a configuration was evaluated, is running or was turned down.
  [[nodiscard]] bool excludes(const Configuration& configuration) const;
  /// The configurations of the best observations, best first. Precondition: has_losses().
  [[nodiscard]] std::vector<Configuration> best(std::size_t most) const;
  /// The observations that a model is fitted to, at most `most` (fit_points()). Precondition: has_losses().
  [[nodiscard]] std::vector<std::size_t> chosen(std::int64_t most) const;
  /// The losses of those observations, and the logarithms of the costs of those among them that have one.
  [[nodiscard]] Targets losses_of(const std::vector<std::size_t>& observations) const;
  [[nodiscard]] Targets log_costs_of(const std::vector<std::size_t>& observations) const;

 private:
  void add(Targets& targets, std::size_t observation, double value) const;
  // Returns the digest of a trial that no longer runs.
  std::optional<std::uint64_t> remove_pending(TrialId id);

  const PointEncoding& encoding_;
  double fidelity_;
  TrialCost cost_;
  std::vector<Observation> observations_;
  std::optional<double> worst_;
  std::map<TrialId, Configuration> pending_;
  std::set<TrialId> told_;
  // Digests; for membership only, so their order does not matter.
  std::unordered_set<std::uint64_t> known_;  // evaluated or turned down
  std::unordered_multiset<std::uint64_t> running_;
};

}  // namespace tonne
