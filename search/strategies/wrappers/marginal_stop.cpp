// Stopping by marginal gain around any strategy: the search ends when another kilogram of CO2e is not expected to buy enough.
//
// The expected gain per kilogram is what the last `window` trials gained: the fall of the best observed loss over them, divided by
// the carbon of their training. Gains of a search fall as it goes on, so that the past window is a generous forecast of the next
// one. When it falls below `gain` per kilogram nothing more is proposed; running trials end. Losses of the highest fidelity that has
// been trained count, as for the incumbent: when a higher one appears the windows begin anew.

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "search/strategies/wrappers/inner_strategy.h"

namespace tonne {
namespace {

struct MarginalStopSettings {
  double gain = 0.1;           ///< in the objective's unit, per kilogram of CO2e
  std::int64_t window = 50;    ///< trials
  std::int64_t startup = 50;   ///< trials before the first judgement

  void visit(SettingsVisitor& visitor) {
    visitor.number("gain", gain, Bounds::at_least(0),
                   "minimum gain per kilogram of CO2e, in the objective's unit");
    visitor.integer("window", window, Bounds::between(1, 1e7),
                    "window of trials over which the gain is measured");
    visitor.integer("startup", startup, Bounds::between(1, 1e9), "minimum trials before the search may stop");
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext&) const { return std::nullopt; }
};

class MarginalStop final : public Wrapper {
 public:
  MarginalStop(const MarginalStopSettings& settings, std::unique_ptr<Strategy> inner, const StrategyContext&)
      : Wrapper(std::move(inner)), settings_(settings) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    if (stopped_) return std::nullopt;
    auto proposal = inner().ask(id, random);
    if (proposal) running_.insert(id);
    return proposal;
  }

  void tell(const Trial& trial) override {
    if (running_.erase(trial.id) == 1) enter(trial);
    Wrapper::tell(trial);
  }

 private:
  struct State {
    double best;
    Carbon spent;
  };

  void enter(const Trial& trial) {
    spent_ += trial.charge.total().carbon() + trial.lost.total().carbon();
    if (trial.proposal.screening) return;  // a look is no evaluation, though it costs
    ++told_;
    if (trial.completed() && !std::isnan(trial.loss())) improve(trial);
    if (std::isinf(best_)) return;
    states_.push_back({best_, spent_});
    if (states_.size() <= static_cast<std::size_t>(settings_.window)) return;
    const State before = states_.front();
    states_.pop_front();
    const double kilograms = (spent_ - before.spent) / kilogram;
    stopped_ = told_ >= settings_.startup && before.best - best_ < settings_.gain * kilograms;
  }

  void improve(const Trial& trial) {
    if (trial.proposal.fidelity < fidelity_) return;
    if (trial.proposal.fidelity > fidelity_) {
      fidelity_ = trial.proposal.fidelity;
      best_ = std::numeric_limits<double>::infinity();
      states_.clear();
    }
    best_ = std::min(best_, trial.loss());
  }

  MarginalStopSettings settings_;
  std::set<TrialId> running_;
  std::deque<State> states_;  // after each of the last `window` trials
  double fidelity_ = 0.0;
  double best_ = std::numeric_limits<double>::infinity();
  Carbon spent_{};
  std::int64_t told_ = 0;
  bool stopped_ = false;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_marginal_stop_recipe() {
  return std::make_unique<WrapperRecipe<MarginalStopSettings, MarginalStop>>();
}

}  // namespace tonne
