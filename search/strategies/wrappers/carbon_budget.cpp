// A spend rate around any strategy: trials start no faster than an allowance of carbon grows.
//
// The allowance is `amount` at the start and grows by `amount` every `per`:
//     A(t) = amount (1 + t / per).
// A trial starts at the first time at which the carbon of the trials told so far, that expected of those running and its own
// expected carbon fit A(t). Expected is the mean of the trials told. What workers emit while they wait is the cluster's
// (cluster.idle_workers) and is not counted here; a limit of the total is the experiment's budget.co2e.

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "search/strategies/wrappers/inner_strategy.h"

namespace tonne {
namespace {

struct CarbonBudgetSettings {
  Carbon amount = 1.0 * kilogram;
  Duration per = 24.0 * hour;

  void visit(SettingsVisitor& visitor) {
    // Bounds that keep the wait of a trial a finite number: a microgram a century.
    const double least = (1e-9 * kilogram).base();
    const double longest = (876'600.0 * hour).base();
    visitor.quantity("amount", amount, Bounds::at_least(least),
                     "carbon allowance at the start, granted again every `per`");
    visitor.quantity("per", per, {0.0, longest, true}, "period in which the allowance grows by `amount`");
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext&) const { return std::nullopt; }
};

class CarbonBudget final : public Wrapper {
 public:
  CarbonBudget(const CarbonBudgetSettings& settings, std::unique_ptr<Strategy> inner, const StrategyContext&)
      : Wrapper(std::move(inner)), settings_(settings) {}

  std::optional<Proposal> ask(TrialId id, Random random) override {
    running_.erase(id);
    auto proposal = inner().ask(id, random);
    if (!proposal) return proposal;
    running_.insert(id);
    proposal->not_before = std::max(proposal->not_before, allowed_at());
    return proposal;
  }

  void tell(const Trial& trial) override {
    if (running_.erase(trial.id) == 1) {
      spent_ += trial.charge.total().carbon() + trial.lost.total().carbon();
      ++told_;
    }
    Wrapper::tell(trial);
  }

 private:
  // When the allowance reaches what is spent and what is expected of the running trials, the new one among them.
  [[nodiscard]] Duration allowed_at() const {
    if (told_ == 0) return Duration{};
    const Carbon expected = spent_ / static_cast<double>(told_) * static_cast<double>(running_.size());
    const double allowances = (spent_ + expected) / settings_.amount;
    return std::max(0.0, allowances - 1.0) * settings_.per;
  }

  CarbonBudgetSettings settings_;
  std::set<TrialId> running_;
  Carbon spent_{};
  std::uint64_t told_ = 0;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_carbon_budget_recipe() {
  return std::make_unique<WrapperRecipe<CarbonBudgetSettings, CarbonBudget>>();
}

}  // namespace tonne
