#pragma once
// How sure a search's costs are: the search runs once, with every uncertain figure at its median, and what it
// did is charged again at other values of them.

#include <vector>

#include "core/trial.h"
#include "core/units.h"
#include "experiments/results/records.h"

namespace tonne {

struct ScenarioPlan;
struct SearchResult;

/// Charges one search again in every variant of its scenario.
///
/// A trial is charged for the same workload at the same start. What preemptions destroyed of it and what
/// workers waited is scaled as the time of the work is: as exact as a search that ran once can be. The
/// strategy's proposals, the failures and the budget are those of the medians.
class Repricer {
 public:
  explicit Repricer(const ScenarioPlan& scenario);

  void trial(const Trial& trial);
  void idle(Duration length, Duration start);
  void computing(Work work, Duration start);
  /// The search in each variant, in the scenario's order. Throws InputError, as do the others, when a trace
  /// ends earlier than a variant's work.
  [[nodiscard]] std::vector<VariantRow> finish(const SearchResult& result) const;

 private:
  struct Sum {
    Usage busy;  // trials, what was lost of them, the strategy's computing
    Usage idle;  // as long as with the medians
    Duration time{};
  };

  const ScenarioPlan& scenario_;
  std::vector<Sum> sums_;
  Duration time_{};  // of all trials with the medians
};

}  // namespace tonne
