#pragma once
// What a strategy is: ask and tell, and nothing else.

#include <functional>
#include <optional>
#include <span>

#include "core/budget.h"
#include "core/cost_model.h"
#include "core/earlier_search.h"
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
  const Budget* budget = nullptr;  ///< what ends the search, as a user knows beforehand; null: not told
  std::span<const EarlierSearch> earlier = {};  ///< results that the search may start from; empty: none
  /// About how many trainings at `fidelity` the budget pays for; empty, or nullopt: that cannot be told.
  std::function<std::optional<double>()> trainings = {};
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
  /// How far the training of a candidate of this strategy has come, from a scheduler that trains it in steps and may
  /// never finish it: the trial has the id under which the candidate was asked for, the fidelity reached so far and the
  /// loss there. Each report replaces the one before; tell(), of a full training or a failure, replaces the last one.
  virtual void report(const Trial& trial) { static_cast<void>(trial); }
  /// Whether reports teach it anything. Where not, a scheduler tells a candidate's first report as if it were the result.
  [[nodiscard]] virtual bool learns_from_reports() const { return false; }
  /// Work of the strategy's own computing so far, counted (not measured) from the sizes of what it computed:
  /// matrix factorisations, tree fits, density evaluations. Never falls. Zero for what costs next to nothing.
  [[nodiscard]] virtual Work computed() const { return Work{}; }
  /// Whether proposals may resume earlier trials: the simulator keeps checkpoints only then.
  [[nodiscard]] virtual bool may_resume() const { return false; }
  /// Whether every proposal is drawn afresh and uniformly from the whole space, at one fidelity. Where such draws never
  /// meet, the simulator need not remember what was proposed.
  [[nodiscard]] virtual bool draws_afresh() const { return false; }
};

}  // namespace tonne
