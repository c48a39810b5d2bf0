// Scheduling by the grid around any strategy: a trial waits for clean hours within reach. Wiesner et al. 2021, "Let's Wait
// Awhile: How Temporal Workload Shifting Can Reduce Carbon Emissions in the Cloud" (Middleware): interruptible jobs are not
// modelled, each trial runs in one piece.
//
// A trial of expected length L may start at any time t in [now, now + patience]; starts are looked at every `step`. It starts at the
// first of them at which the grid's mean intensity over [t, t + L] is among the lowest `share` of all, if that is lower than now's by
// the part `saving`; otherwise at once. (Waiting for the very lowest would let one trial into each night: the clean hours would stand
// empty after it.) None is put off so far that it would end after `deadline`, or after the grid's trace. L is the longest trial told
// so far at the same fidelity, `first_length` before the first. The grid's future is taken as known: a forecast would do worse (the
// authors find an error of 5 % to cost little).
//
// A trial that the strategy within sends to another site waits for that site's clean hours.
//
// Now is the end of the trial that was told last. Workers that wait are charged as cluster.idle_workers says: machines that are given
// back meanwhile want `idle_workers: none`.

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "core/sites.h"
#include "search/strategies/wrappers/inner_strategy.h"

namespace tonne {
namespace {

// Whether the hour matters, at home or at another site.
bool varies(const CostModel& cost) {
  const std::size_t count = cost.sites() ? cost.sites()->count() : 1;
  for (std::size_t site = 0; site < count; ++site)
    if (cost_at(cost, site).intensity(Duration{}, Duration{})) return true;
  return false;
}

struct WaitForCleanSettings {
  Duration patience = 24.0 * hour;
  std::optional<Duration> deadline;
  double share = 0.3;    ///< of the starts within reach: about the clean third of a day
  double saving = 0.05;
  Duration step = 0.5 * hour;
  Duration first_length = 1.0 * hour;

  void visit(SettingsVisitor& visitor) {
    visitor.quantity("patience", patience, Bounds::at_least(0.0), "longest delay of a trial");
    visitor.quantity("deadline", deadline, Bounds::above(0.0),
                     "simulated time by which the search should end; default: none");
    visitor.number("share", share, {0.0, 1.0, true},
                   "fraction of the possible start times that count as clean");
    visitor.number("saving", saving, Bounds::between(0, 1),
                   "minimum intensity saving, as a fraction of the current intensity, to wait for");
    visitor.quantity("step", step, Bounds::above(0.0), "spacing of the start times tried");
    visitor.quantity("first_length", first_length, Bounds::above(0.0),
                     "expected trial duration until one has ended");
    visitor.require(patience / step <= 10'000.0, "step",
                    "more than 10,000 start times would be tried per trial");
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    if (!context.cost || varies(*context.cost)) return std::nullopt;
    return "the grid's intensity is constant, so waiting saves nothing; give cluster.grid a trace";
  }
};

class WaitForClean final : public Wrapper {
 public:
  WaitForClean(const WaitForCleanSettings& settings, std::unique_ptr<Strategy> inner, const StrategyContext& context)
      : Wrapper(std::move(inner)), settings_(settings), cost_(context.cost) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    auto proposal = inner().ask(id, random);
    if (!proposal || !cost_) return proposal;
    const CostModel& there = cost_at(*cost_, proposal->site);
    proposal->not_before = clean_start(there, std::max(now_, proposal->not_before), length_of(*proposal));
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

  [[nodiscard]] Duration clean_start(const CostModel& cost, Duration now, Duration length) {
    Duration last = now + settings_.patience;
    if (settings_.deadline) last = std::min(last, *settings_.deadline - length);
    if (const auto horizon = cost.horizon()) {
      last = std::min(last, *horizon - length);
      if (now + length > *horizon) return now;  // the simulator says what the trace lacks
    }
    if (last <= now || !cost.intensity(now, length)) return now;
    starts_.clear();
    // By number: a sum of steps stands still where the step is below the last bit of the time.
    const auto steps = static_cast<std::size_t>((last - now) / settings_.step);
    for (std::size_t i = 0; i <= steps; ++i)
      starts_.push_back(*cost.intensity(now + static_cast<double>(i) * settings_.step, length));
    sorted_ = starts_;
    const auto clean = static_cast<std::size_t>(settings_.share * static_cast<double>(sorted_.size() - 1));
    std::ranges::nth_element(sorted_, sorted_.begin() + static_cast<std::ptrdiff_t>(clean));
    std::size_t first = 0;
    while (starts_[first] > sorted_[clean]) ++first;
    if (starts_[first] > starts_.front() * (1.0 - settings_.saving)) return now;
    return now + static_cast<double>(first) * settings_.step;
  }

  WaitForCleanSettings settings_;
  const CostModel* cost_;
  Duration now_{};
  std::map<double, Duration> longest_;  // by fidelity
  std::vector<Intensity> starts_;       // of the starts within reach; kept to spare allocations
  std::vector<Intensity> sorted_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_wait_for_clean_recipe() {
  return std::make_unique<WrapperRecipe<WaitForCleanSettings, WaitForClean>>();
}

}  // namespace tonne
