// Scheduling by the grid around any strategy: a trial waits for the cleanest hours within reach. Wiesner et al. 2021, "Let's Wait
// Awhile: How Temporal Workload Shifting Can Reduce Carbon Emissions in the Cloud" (Middleware): interruptible jobs are not
// modelled, each trial runs in one piece.
//
// A trial of expected length L that could start now starts at the time t in [now, now + patience] at which the grid's mean intensity
// over [t, t + L] is least, if that is lower than now's by the part `saving`; otherwise at once. Starts are tried every `step`. None is
// put off so far that the trial would end after `deadline`, or after the grid's trace. L is the longest trial told so far at the same
// fidelity, `first_length` before the first. The grid's future is taken as known: a forecast would do a little worse (the authors
// find errors of 5 % to cost few of the savings).
//
// Now is the end of the trial that was told last. Workers that wait are charged as cluster.idle_workers says: machines that are given
// back meanwhile want `idle_workers: none`.

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "search/strategies/inner_strategy.h"

namespace tonne {
namespace {

struct WaitForCleanSettings {
  Duration patience = 24.0 * hour;
  std::optional<Duration> deadline;
  double saving = 0.05;
  Duration step = 0.5 * hour;
  Duration first_length = 1.0 * hour;

  void visit(SettingsVisitor& visitor) {
    visitor.quantity("patience", patience, Bounds::at_least(0.0), "how long a trial may be put off");
    visitor.quantity("deadline", deadline, Bounds::above(0.0), "simulated time by which the search should have ended; default: none");
    visitor.number("saving", saving, Bounds::between(0, 1), "least part of the present intensity for which a trial waits");
    visitor.quantity("step", step, Bounds::above(0.0), "between the starts that are tried");
    visitor.quantity("first_length", first_length, Bounds::above(0.0), "expected length of a trial before one has ended");
    visitor.require(patience / step <= 10'000.0, "step", "more than 10,000 starts would be tried for each trial");
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    if (!context.cost || context.cost->intensity(Duration{}, Duration{})) return std::nullopt;
    return "the grid's intensity is the same at all hours, so there is nothing to wait for; give cluster.grid a trace";
  }
};

class WaitForClean final : public Wrapper {
 public:
  WaitForClean(const WaitForCleanSettings& settings, std::unique_ptr<Strategy> inner, const StrategyContext& context)
      : Wrapper(std::move(inner)), settings_(settings), cost_(context.cost) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    auto proposal = inner().ask(id, random);
    if (proposal && cost_) proposal->not_before = cleanest(std::max(now_, proposal->not_before), length_of(*proposal));
    return proposal;
  }

  void tell(const Trial& trial) override {
    now_ = std::max(now_, trial.end);
    Duration& longest = longest_[trial.proposal.fidelity];
    longest = std::max(longest, trial.end - trial.start);
    Wrapper::tell(trial);
  }

 private:
  [[nodiscard]] Duration length_of(const Proposal& proposal) const {
    const auto known = longest_.find(proposal.fidelity);
    return known == longest_.end() ? settings_.first_length : known->second;
  }

  [[nodiscard]] Duration cleanest(Duration now, Duration length) const {
    Duration last = now + settings_.patience;
    if (settings_.deadline) last = std::min(last, *settings_.deadline - length);
    if (const auto horizon = cost_->horizon()) {
      last = std::min(last, *horizon - length);
      if (now + length > *horizon) return now;  // the simulator says what the trace lacks
    }
    const auto present = cost_->intensity(now, length);
    if (!present) return now;
    Intensity least = *present * (1.0 - settings_.saving);
    Duration best = now;
    for (Duration start = now + settings_.step; start <= last; start += settings_.step) {
      const Intensity there = *cost_->intensity(start, length);
      if (!(there < least)) continue;
      least = there;
      best = start;
    }
    return best;
  }

  WaitForCleanSettings settings_;
  const CostModel* cost_;
  Duration now_{};
  std::map<double, Duration> longest_;  // by fidelity
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_wait_for_clean_recipe() {
  return std::make_unique<WrapperRecipe<WaitForCleanSettings, WaitForClean>>();
}

}  // namespace tonne
