#pragma once
// What a model-based strategy remembers of its trials, partial trainings under a scheduler included.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/settings.h"
#include "core/strategy.h"

namespace tonne {

/// What a model is told of a candidate whose training has not been finished (yet).
enum class PartialLosses : std::uint8_t {
  last,  ///< the last loss as it is: Syne Tune's LastValueMultiFidelitySearcher
  /// By ranks: losses of the shortest training, of which those that went on exchange theirs so that they are
  /// in the order of their losses at the next one, and so on. Nothing depends on how far losses fall from one
  /// to the next.
  ranked,
};
/// Declares `partial_trainings`.
void visit_partial_losses(SettingsVisitor& visitor, PartialLosses& partial);

/// One row a trial that was told or reported, in the order of first hearing of it. A configuration that is
/// known already under another id is not entered again.
class TrialHistory {
 public:
  struct Observation {
    Configuration configuration;
    std::optional<double> loss = std::nullopt;  ///< the last one; absent: failed
    double fidelity = 0.0;                      ///< at which it was observed
    bool ended = false;                         ///< told, so that no report changes it any more
  };

  /// `fidelity`: of a full training; what is told of others is ignored.
  explicit TrialHistory(double fidelity) : fidelity_(fidelity) {}

  /// To be called at the beginning of an ask. True where the id was asked for before: that proposal was
  /// turned down, and counts as known from now on.
  bool turned_down(TrialId id);
  /// At the end of an ask.
  void propose(TrialId id, const Configuration& configuration);
  void tell(const Trial& trial);
  void report(const Trial& trial);

  /// Whether it has been observed or turned down, or is running.
  [[nodiscard]] bool is_known(const Configuration& configuration) const;
  [[nodiscard]] const std::vector<Observation>& observations() const { return observations_; }
  /// Running trials of which nothing has been heard.
  [[nodiscard]] const std::map<TrialId, Configuration>& pending() const { return pending_; }
  /// How many tells and reports have been entered.
  [[nodiscard]] std::size_t updates() const { return updates_; }
  /// The largest loss of all observations; none: nothing but failures.
  [[nodiscard]] std::optional<double> worst() const;
  /// The losses of all observations, comparable with each other; a failed trial has the largest of them.
  /// Precondition: worst().
  [[nodiscard]] std::vector<double> losses(PartialLosses partial) const;

 private:
  void enter(const Trial& trial, bool ended);
  void forget_pending(TrialId id);
  [[nodiscard]] std::vector<std::optional<double>> ranked() const;

  double fidelity_;
  std::vector<Observation> observations_;
  std::map<TrialId, std::size_t> rows_;
  std::map<double, std::map<std::size_t, double>> levels_;  // losses by fidelity and row
  std::map<TrialId, Configuration> pending_;
  std::size_t updates_ = 0;
  // Digests; for membership only, so their order does not matter.
  std::unordered_set<std::uint64_t> known_;
  std::unordered_map<std::uint64_t, std::size_t> running_;
};

}  // namespace tonne
