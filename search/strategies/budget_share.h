#pragma once
// How much of its budget a search has used, as far as a strategy can know.

#include "core/budget.h"
#include "core/trial.h"

namespace tonne {

/// Counts the trials that a strategy is told: what was trained and what preemptions destroyed. The waiting of workers
/// and the strategy's own computing are part of the experiment's budget but are not told, so that the share is a little
/// too small where those are charged.
class BudgetShare {
 public:
  explicit BudgetShare(const Budget& budget) : budget_(budget) {}

  /// Each trial once; one that was answered from the cache used nothing.
  void tell(const Trial& trial);
  /// From 0 to 1, of the limit of which most is used; 0 where there is no limit.
  [[nodiscard]] double used() const;

 private:
  Budget budget_;
  Usage spent_;
  Duration end_{};
  double fidelity_ = 0.0;
  double evaluations_ = 0.0;
};

}  // namespace tonne
