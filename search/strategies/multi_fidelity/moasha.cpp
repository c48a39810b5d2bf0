// MO-ASHA, asynchronous successive halving for several objectives: Schmucker, Donini, Zafar, Salinas and Archambeau 2021,
// "Multi-objective Asynchronous Successive Halving", arXiv:2106.12639.
//
// ASHA (asha.cpp: brackets, types, workers, failures), whose rungs rank by several losses: by front (non-dominated sorting,
// as NSGA-II), and within a front by its epsilon-net, so that those who go on are spread over it (the
// paper's EpsNet).
//
// Where the paper is silent, or this differs:
// - Distances within a front are of objectives scaled to the front's range: an error in percent and a mass of CO2 have no
//   common unit.
// - A front begins with its least first objective, as in Syne Tune.
// - A rung compares its latest `window` entries, so that an ask stays cheap however long the search is; the paper all.
// - `cost_objective` adds what the training up to the rung was charged (from the rung below on) as the last objective, so
//   that any problem has two. An answer from the cache costs nothing.
// - The problem's other objectives are compared at the rung's fidelity, whatever they mean after a short training.

#include <algorithm>
#include <cmath>

#include "search/strategies/multi_fidelity/asynchronous_halving.h"
#include "search/strategies/multi_fidelity/front_rung.h"
#include "search/strategies/multi_objective/multi_objective.h"

namespace tonne {
namespace {

struct MoashaSettings : AsynchronousSettings {
  std::int64_t window = 300;  ///< assumed; the paper's searches have some hundred configurations
  TrialCost cost_objective = TrialCost::none;

  void visit(SettingsVisitor& visitor) {
    AsynchronousSettings::visit(visitor);
    visitor.integer("window", window, Bounds::between(10, 1e4), "latest entries of a rung that are compared");
    visitor.choice("cost_objective", cost_objective, kTrialCostNames, kCostObjectiveMeaning);
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    if (auto reason = AsynchronousSettings::refuses(context)) return reason;
    return refuses_objectives(context.traits, cost_objective, kMaxObjectives, "the maximum is 5");
  }
};

class MoashaRung {
 public:
  using Settings = MoashaSettings;

  explicit MoashaRung(const Settings& settings)
      : rule_(settings.rule()),
        cost_(settings.cost_objective),
        rung_(static_cast<std::size_t>(settings.window)) {}
  void enter(CandidatePool::Number candidate, const Trial& trial, CandidatePool& pool) {
    Objectives losses;
    if (trial.completed()) losses = losses_of(trial, cost_);
    if (std::ranges::any_of(losses, [](double loss) { return !std::isfinite(loss); })) losses.clear();
    rung_.enter(candidate, losses, rule_, pool);
  }
  std::optional<CandidatePool::Number> take() { return rung_.take(rule_); }

 private:
  RungRule rule_;
  TrialCost cost_;
  FrontRung rung_;
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_moasha_recipe() {
  return std::make_unique<SchedulerRecipe<MoashaSettings, AsynchronousHalving<MoashaRung>>>();
}

}  // namespace tonne
