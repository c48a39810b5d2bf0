#include "core/preemptions.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.h"

namespace tonne {
namespace {

/// More mean times between preemptions than this in one stretch that must not be interrupted: it would need
/// e^12 attempts on average.
constexpr double kMostIntervals = 12.0;
/// More preemptions of one trial than this, on average, describe no device that anybody rents.
constexpr double kMostPreemptions = 10'000.0;

// How much of a stretch after `saved` a checkpoint holds.
Duration kept_of(const Preemption& preemption, Duration saved, Duration stretch) {
  if (!preemption.checkpoint) return {};
  const double checkpoints = std::floor((saved + stretch) / *preemption.checkpoint);
  return std::clamp(checkpoints * *preemption.checkpoint - saved, Duration{}, stretch);
}

}  // namespace

// Stretches of work between preemptions; of each, what came after the last checkpoint is lost.
void train_with_preemptions(Trial& trial, const CostModel& cost, const Preemption& preemption,
                            std::string_view problem, Random stream) {
  const Duration whole = cost.charge(trial.workload, trial.start).time;
  const Duration unbroken = std::min(whole, preemption.checkpoint.value_or(whole));
  if (unbroken > kMostIntervals * preemption.interval || whole > kMostPreemptions * preemption.interval)
    throw InputError("preemptions leave no time to finish an evaluation of " + std::string(problem) +
                     ": give cluster.preemption a longer interval, or a checkpoint well below it");
  Duration saved{};
  Duration now = trial.start;
  while (true) {
    const Duration until = -std::log1p(-stream.uniform()) * preemption.interval;
    const Duration left = whole - saved;
    if (until >= left) {
      trial.charge += cost.charge_part(trial.workload, now, left);
      trial.end = now + left;
      return;
    }
    Charge stretch = cost.charge_part(trial.workload, now, until);
    const Duration kept = kept_of(preemption, saved, until);
    Charge useful = stretch;
    const double share = until > Duration{} ? kept / until : 0.0;
    useful *= share;
    stretch *= 1.0 - share;
    trial.charge += useful;
    trial.lost += stretch;
    ++trial.preemptions;
    saved += kept;
    now += until + preemption.restart;
  }
}

}  // namespace tonne
