// The median stopping rule: Golovin, Solnik, Moitra, Kochanski, Karro and Sculley 2017, "Google Vizier: A
// Service for Black-Box Optimization", KDD, section 3.2.2.
//
// A trial reports its loss at steps 1, 2, .. of its training. It is stopped at step s if its best loss by
// then is strictly worse than the median of the running averages o(1:s) of the completed trials: the mean of
// what each had reported at steps 1 to s. The rule does not care where configurations come from: from the
// strategy within, at random by default.
//
// Where the paper is silent, or this differs:
// - Completed trials are those that trained in full; the stopped ones do not enter the median (as in Optuna).
// - The rule rests until `grace_population` trials have completed (Optuna: n_startup_trials 5).
// - `compared: reported` compares with the median of what the completed trials reported at step s itself, which is
//   Optuna's MedianPruner. With `strategy: tpe` that is Optuna's default study.
// - A step is `interval` of fidelity, here a tenth of the whole by default, since each report is an evaluation.
// - Workers: who reports goes on, or a new trial begins, before anything else. Failed trials end.

#include <array>
#include <cstdint>

#include "search/strategies/multi_fidelity/stepwise_training.h"

namespace tonne {
namespace {

/// Defaults: grace population as in Optuna's MedianPruner (n_startup_trials); Golovin et al. name none.
struct MedianStoppingSettings {
  std::int64_t grace_population = 5;
  StepSettings steps;
  ComparedValues compared = ComparedValues::running_averages;

  void visit(SettingsVisitor& visitor) {
    static constexpr std::array<std::string_view, 2> kNames = {"running_averages", "reported"};
    visitor.integer("grace_population", grace_population, Bounds::between(1, 1e9),
                    "completed trials required before any trial is stopped");
    steps.visit(visitor);
    visitor.choice("compared", compared, kNames,
                   "what a trial's best loss is compared with: running averages of the completed trials (Vizier), or "
                   "their losses at the same step (Optuna's MedianPruner)");
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    return steps.refuses(context);
  }
  [[nodiscard]] std::unique_ptr<StoppingRule> rule(std::size_t count, const StrategyContext&) const {
    constexpr double kMedian = 50.0;
    return std::make_unique<PercentileRule>(count, kMedian, static_cast<std::size_t>(grace_population), compared);
  }
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_median_stopping_recipe() {
  return std::make_unique<SchedulerRecipe<MedianStoppingSettings, StepwiseTraining>>();
}

}  // namespace tonne
