#pragma once
// Strategies that take over a search that was cut short, without computing again what they had answered.

#include <span>
#include <vector>

#include "core/random.h"
#include "core/trial.h"

namespace tonne {

/// What a Strategy may be beside: one whose ask is costly, but leaves nothing behind except its proposal (a
/// configuration and a fidelity, nothing else) and some numbers. An instance for which the first asks of an
/// earlier run are replaced by replay(), in their order and among the same tells, goes on as the one of that
/// run would have, computed() included.
class Replayable {
 public:
  virtual ~Replayable() = default;
  /// What the last ask, for trial `id`, left behind beside its proposal. The same count of numbers whenever
  /// an instance is asked.
  [[nodiscard]] virtual std::vector<double> left_by_ask(TrialId id) const = 0;
  /// Instead of ask(id, random), which gave `answer` and left `left`. Precondition: as many numbers as
  /// left_by_ask() has, and a configuration of the space.
  virtual void replay(TrialId id, Random random, const Proposal& answer, std::span<const double> left) = 0;
};

}  // namespace tonne
