#pragma once
// A bare ask-and-tell loop for tests of strategies: one worker, no costs, no simulator.

#include <limits>
#include <vector>

#include "core/problem.h"
#include "core/strategy.h"

namespace tonne::testing {

struct LoopResult {
  std::vector<Trial> trials;
  std::vector<double> best_true_value;  ///< of the incumbent (best observed loss) after each trial
};

/// Asks, evaluates and tells `count` trials. Randomness is named as the simulator names it.
inline LoopResult search_loop(Strategy& strategy, const Problem& problem, std::size_t count, std::uint64_t seed) {
  LoopResult result;
  const Random root(seed);
  const double sign = problem.traits().objectives[0].direction == Direction::maximise ? -1.0 : 1.0;
  double best = std::numeric_limits<double>::infinity();
  double best_true = std::numeric_limits<double>::quiet_NaN();
  for (TrialId id = 0; id < count; ++id) {
    auto proposal = strategy.ask(id, root.child("ask").child(id));
    if (!proposal) break;
    Trial trial;
    trial.id = id;
    trial.proposal = *proposal;
    const auto stream = root.child("evaluate").child(proposal->configuration.digest());
    const Outcome outcome = problem.evaluate({trial.proposal.configuration, 0.0, proposal->fidelity, 0}, stream);
    if (outcome.failure) {
      trial.result = Failed{*outcome.failure};
    } else {
      trial.result = Completed{{sign * outcome.objectives[0]}};
      if (trial.loss() < best) {
        best = trial.loss();
        best_true = problem.true_value(trial.proposal.configuration);
      }
    }
    result.best_true_value.push_back(best_true);
    strategy.tell(trial);
    result.trials.push_back(trial);
  }
  return result;
}

}  // namespace tonne::testing
