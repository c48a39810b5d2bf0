#pragma once
// What a strategy is: ask and tell, and nothing else.

#include <functional>
#include <optional>

#include "core/cost_model.h"
#include "core/note.h"
#include "core/problem.h"
#include "core/random.h"
#include "core/search_space.h"
#include "core/trial.h"

namespace tonne {

/// What a strategy knows of the problem when it is made; outlives the strategy.
struct StrategyContext {
  const SearchSpace& space;
  const ProblemTraits& traits;
  double fidelity = 1.0;  ///< at which a single-fidelity strategy evaluates its candidates
  unsigned workers = 1;   ///< how many trials run at once
  const CostModel* cost = nullptr;  ///< what evaluations are charged by; null where there is none
  /// Arithmetic of one unit of fidelity of a candidate, which anybody can count who has its description; empty: unknown.
  std::function<Work(const Configuration&)> work = {};
  NoteSink* notes = nullptr;  ///< hears what is no result, such as an external program's messages; null: nobody does
};

/// Single-threaded, without a clock, a generator or output of its own: the same calls give the same answers.
class Strategy {
 public:
  virtual ~Strategy() = default;
  /// The next trial, to be known as `id`; nullopt: wait until something is told (refused by the simulator when
  /// nothing is running: the search ends then). The proposal may be turned down (a duplicate where those are
  /// forbidden): then ask is called again with the same id and another stream, and no tell comes of the first.
  virtual std::optional<Proposal> ask(TrialId id, Random random) = 0;
  /// A trial has ended; trials end in any order. A failed trial tells that the candidate cannot be had.
  virtual void tell(const Trial& trial) = 0;
  /// Work of the strategy's own computing so far, counted (not measured) from the sizes of what it computed:
  /// matrix factorisations, tree fits, density evaluations. Never falls. Zero for what costs next to nothing.
  [[nodiscard]] virtual Work computed() const { return Work{}; }
  /// Whether proposals may resume earlier trials: the simulator keeps checkpoints only then.
  [[nodiscard]] virtual bool may_resume() const { return false; }
};

}  // namespace tonne
