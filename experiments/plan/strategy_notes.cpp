#include "experiments/plan/strategy_notes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/recipe.h"

namespace tonne {
namespace {

// A scheduler goes on with trainings that it paused. So does one_shot with its supernet, and an external program may.
bool is_scheduler(const StrategyPlan& strategy, const StrategyContext& context) {
  if (strategy.name == "one_shot" || strategy.recipe->runs()) return false;
  return strategy.recipe->make(context)->may_resume();
}

std::vector<std::string> problems_without_choice(const Experiment& experiment, std::size_t s) {
  std::vector<std::string> labels;
  for (std::size_t p = 0; p < experiment.problems.size(); ++p) {
    const StrategyContext context = strategy_context(experiment, {0, p, 0, s, 0});
    const bool trains_in_part = context.fidelity > context.traits.fidelity.lowest;
    if (!trains_in_part && is_scheduler(experiment.strategies[s], context))
      labels.push_back(experiment.problems[p].label);
  }
  return labels;
}

}  // namespace

std::vector<std::string> strategy_notes(const Experiment& experiment) {
  std::vector<std::string> notes;
  for (std::size_t s = 0; s < experiment.strategies.size(); ++s) {
    const std::vector<std::string> labels = problems_without_choice(experiment, s);
    if (labels.empty()) continue;
    notes.push_back(fmt::format(
        "{} decides how long candidates are trained, but {} {} no shorter training than the full one: there it is nothing "
        "but what proposes its candidates (random search, unless its setting `strategy` or a model of its own does)",
        experiment.strategies[s].label, fmt::join(labels, ", "), labels.size() == 1 ? "has" : "have"));
  }
  return notes;
}

}  // namespace tonne
