#pragma once
// What a plan's texts and its progress call the same thing.

#include <string>

#include "experiments/advice/planner.h"

namespace tonne {

/// What was chosen of the machines: "4 workers, grid FRA-2023"; empty where there was no choice.
[[nodiscard]] std::string choice_text(const PlanOption& option);

}  // namespace tonne
