#pragma once
// The simulator: one search, one event loop, ordered by (time, sequence). No threads, no clock, no output.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/budget.h"
#include "core/cost_model.h"
#include "core/problem.h"
#include "core/random.h"
#include "core/strategy.h"
#include "core/trial.h"

namespace tonne {

enum class Overshoot : std::uint8_t {
  allow,  ///< a trial may start while the budget is not used up; the last ones may cross it
  deny,   ///< a trial that would cross the budget (with the waiting it causes) is not started, and the search ends
};
enum class Duplicates : std::uint8_t {
  charge,  ///< trained again with another seed, and paid
  cache,   ///< answered at once with the first result, free
  forbid,  ///< turned down: the strategy is asked again
};
enum class Resuming : std::uint8_t {
  from_checkpoint,  ///< what was trained is not paid again
  from_scratch,     ///< no checkpoints: every trial trains from the beginning
};

struct SimulationOptions {
  unsigned workers = 1;
  Budget budget;
  Overshoot overshoot = Overshoot::allow;
  Duplicates duplicates = Duplicates::charge;
  Resuming resuming = Resuming::from_checkpoint;
  bool charge_strategy = true;  ///< charge the strategy's own computing, and let it take its time
  bool retrain_winner = false;  ///< charge one full training of the winner at the end, in its own account
};

/// A new best: the trial with the least loss among those of the highest fidelity seen so far.
struct Incumbent {
  std::uint64_t number = 0;  ///< 0, 1, 2, ... within the search
  TrialId trial = 0;
  Configuration configuration;
  double fidelity = 0.0;
  double loss = 0.0;         ///< observed, smaller is better
  double true_value = 0.0;   ///< Problem::true_value: what the search is judged by
  Duration time{};           ///< when it was found
  std::uint64_t evaluations = 0;  ///< trials ended by then
  double trained = 0.0;      ///< fidelity trained in all by then
  Usage spent;               ///< trials ended by then, with the strategy's computing and the waiting
};

enum class StopReason : std::uint8_t {
  budget,      ///< the budget is reached, or (deny) the next trial would have crossed it
  finished,    ///< the strategy has nothing more to propose
  duplicates,  ///< the strategy proposes nothing new any more
  stalled,     ///< the strategy proposes nothing any more that uses the budget
};
[[nodiscard]] std::string_view to_string(StopReason reason);

struct SearchResult {
  StopReason stop = StopReason::budget;
  std::uint64_t evaluations = 0;  ///< trials that trained, failed ones included
  std::uint64_t failures = 0;
  std::uint64_t cached = 0;
  std::uint64_t screenings = 0;   ///< candidates that were looked at without training; not among the evaluations
  double trained = 0.0;           ///< fidelity trained in all
  Duration makespan{};            ///< end of the last trial
  Ledger ledger;
  /// Charge of the trials by stage of the problem, failed ones and what preemptions destroyed included: each trial's by
  /// its shares of the workload. Empty where the problem has no stages.
  std::vector<Charge> stages;
  std::optional<Incumbent> winner;  ///< none when every candidate failed
  /// One full training of the winner from scratch, priced at the hour in which it was found: the denominator of "the
  /// search cost x trainings". None when that training fails, does not fit, or outlasts the grid trace.
  std::optional<Charge> winner_training;
  std::optional<Workload> winner_workload;  ///< of winner_training
  std::optional<Duration> winner_start;     ///< of winner_training
};

/// Receives what happens, in the order in which it happens.
class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual void trial(const Trial& trial) = 0;
  virtual void incumbent(const Incumbent& incumbent) = 0;
  /// One worker waits for `length` from `start` on.
  virtual void idle(Duration length, Duration start) {
    static_cast<void>(length);
    static_cast<void>(start);
  }
  /// The strategy computes.
  virtual void computing(Work work, Duration start) {
    static_cast<void>(work);
    static_cast<void>(start);
  }
  /// Asked now and then: true ends the search by throwing Interrupted.
  [[nodiscard]] virtual bool interrupted() const { return false; }
};

/// Thrown out of simulate when the recorder says so.
struct Interrupted {};

/// Runs one search. `root` is the stream of this seed: the strategy's draws are named by it and the strategy, the
/// evaluations' by it alone, so that rival strategies see the same noise. Throws InputError where the cost model
/// or the budget turns out impossible (a trace that ends, a budget that is never used up).
SearchResult simulate(Strategy& strategy, std::string_view strategy_name, const Problem& problem,
                      const CostModel& cost, const SimulationOptions& options, Random root, Recorder& recorder);

}  // namespace tonne
