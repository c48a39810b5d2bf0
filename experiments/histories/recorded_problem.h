#pragma once
// A real search as the simulator sees it: a problem that answers what was recorded, and a strategy that asks what was asked.
// Replayed with as many workers as there were, every trial starts and ends when it did.

#include <memory>
#include <string>
#include <vector>

#include "core/problem.h"
#include "core/recipe.h"
#include "experiments/histories/recorded_search.h"

namespace tonne::histories {

/// As settings in results name both.
inline constexpr const char* kRecorded = "recorded";

/// Answers of configurations, fidelities and repeats that were trained; of what was not, the answer of the nearest fidelity
/// of that configuration. Its true value is the best value observed at the highest fidelity that it reached: nothing better
/// is known of a real search. Its default configuration is the first that was trained in full.
/// Precondition: configurations that it is asked for were recorded.
[[nodiscard]] std::shared_ptr<const Problem> make_recorded_problem(std::shared_ptr<const RecordedSearch> search, std::string label,
                                                                   std::vector<std::string> notes);

/// Proposes the recorded trials in the order of their starts, none before its time.
[[nodiscard]] std::shared_ptr<const StrategyRecipe> make_recorded_strategy(std::shared_ptr<const RecordedSearch> search);

}  // namespace tonne::histories
