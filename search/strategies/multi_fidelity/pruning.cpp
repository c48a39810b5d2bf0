// Optuna's other pruners: rules that stop a trial by the losses that it reports while it trains. Definitions: Optuna's sources
// (PercentilePruner, ThresholdPruner and PatientPruner of 3.1, WilcoxonPruner of 3.6 to 4), read in November 2026.
//
// One strategy with a rule as its setting, for they differ in that one sentence and share all else: the steps, the strategy
// within, patience around any of them. The median rule keeps its own name (median_stopping: it is Vizier's, and `rule:
// percentile` at 50 percent is the same as its `compared: reported`).
//
// - percentile: a trial stops if its best loss so far is strictly worse than the percentile of the completed trials' losses
//   at the same step. Optuna counts its percentile in the direction of the objective, as here.
// - wilcoxon: it stops if a signed rank test of its losses against the best trial's, step by step, finds it worse. The test
//   is meant for steps that are instances of one task (folds, data sets), each evaluated on its own. **Here a step is a
//   point of a learning curve**: losses of neighbouring steps are not independent, so the p-value is a threshold and no
//   error rate. It keeps its meaning where a problem's fidelity counts instances and each loss is of the last one only.
// - threshold: it stops if its last value is outside the limits. (NaN, which Optuna prunes, is a failure here anyway.)
// - none: patience alone stops.
//
// Where this differs: a step is `interval` of fidelity (Optuna's users report where they like); `n_warmup_steps` is
// `min_fidelity`; n_min_trials is part of `grace_population`, since completed trials have reported at all steps.

#include <array>
#include <cmath>
#include <cstdint>

#include "search/strategies/multi_fidelity/stepwise_training.h"

namespace tonne {
namespace {

enum class PruningRule : std::uint8_t { percentile, wilcoxon, threshold, none };

/// Defaults: Optuna's (PercentilePruner leaves the percentile to the user, Optuna's median is 50; WilcoxonPruner p_threshold
/// 0.1 and n_startup_steps 2; PatientPruner leaves the patience to the user, none by default here; min_delta 0).
struct PruningSettings {
  PruningRule name = PruningRule::percentile;
  double percentile = 50.0;
  std::int64_t grace_population = 5;
  double p_value = 0.1;
  std::int64_t startup_steps = 2;
  std::optional<double> lower;  ///< in the objective's unit and direction
  std::optional<double> upper;
  std::optional<std::int64_t> patience;
  double min_delta = 0.0;
  StepSettings steps;

  void visit(SettingsVisitor& visitor) {
    static constexpr std::array<std::string_view, 4> kNames = {"percentile", "wilcoxon", "threshold", "none"};
    visitor.choice("rule", name, kNames,
                   "what stops a trial: a percentile of the completed trials, a signed rank test against the best "
                   "trial, limits of the objective, or patience alone");
    visitor.number("percentile", percentile, Bounds::between(0, 100),
                   "percentile: a trial goes on while it is among the best so many percent");
    visitor.integer("grace_population", grace_population, Bounds::between(1, 1e9),
                    "percentile: completed trials required before any trial is stopped");
    visitor.number("p_value", p_value, Bounds::between(0, 1),
                   "wilcoxon: one-sided p-value below which a trial is stopped");
    visitor.integer("startup_steps", startup_steps, Bounds::between(0, 1e6),
                    "wilcoxon: steps before a trial can be stopped, at least 2");
    visitor.optional_number("lower", lower, Bounds::between(-1e300, 1e300),
                            "threshold: a trial whose objective falls below is stopped");
    visitor.optional_number("upper", upper, Bounds::between(-1e300, 1e300),
                            "threshold: a trial whose objective rises above is stopped");
    visitor.optional_integer("patience", patience, Bounds::between(0, 1e6),
                             "steps without improvement before the rule may stop a trial; default: the rule alone decides");
    visitor.number("min_delta", min_delta, Bounds::between(0, 1e300),
                   "patience: by how much losses have to be worse than the best one before them");
    steps.visit(visitor);
    visitor.require(name != PruningRule::threshold || lower || upper, "rule", "threshold needs lower or upper");
    visitor.require(name != PruningRule::none || patience, "rule", "none needs a patience");
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    return steps.refuses(context);
  }
  [[nodiscard]] std::unique_ptr<StoppingRule> rule(std::size_t count, const StrategyContext& context) const {
    auto alone = rule_alone(count, context);
    if (!patience) return alone;
    return std::make_unique<PatientRule>(std::move(alone), static_cast<std::size_t>(*patience), min_delta);
  }

 private:
  [[nodiscard]] std::unique_ptr<StoppingRule> rule_alone(std::size_t count, const StrategyContext& context) const {
    switch (name) {
      case PruningRule::percentile:
        return std::make_unique<PercentileRule>(count, percentile, static_cast<std::size_t>(grace_population),
                                                ComparedValues::reported);
      case PruningRule::wilcoxon:
        return std::make_unique<WilcoxonRule>(p_value, static_cast<std::size_t>(startup_steps));
      case PruningRule::threshold: return limits(context);
      case PruningRule::none: return nullptr;
    }
    return nullptr;
  }

  // A loss is the objective, or the objective with the other sign where that is to be maximised.
  [[nodiscard]] std::unique_ptr<StoppingRule> limits(const StrategyContext& context) const {
    if (context.traits.objectives.front().direction == Direction::minimise)
      return std::make_unique<ThresholdRule>(lower, upper);
    const auto turned = [](std::optional<double> limit) { return limit ? std::optional(-*limit) : std::nullopt; };
    return std::make_unique<ThresholdRule>(turned(upper), turned(lower));
  }
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_pruning_recipe() {
  return std::make_unique<SchedulerRecipe<PruningSettings, StepwiseTraining>>();
}

}  // namespace tonne
