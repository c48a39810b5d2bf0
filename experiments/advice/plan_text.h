#pragma once
// A plan in words, as JSON, and as an experiment to be run.

#include <filesystem>
#include <string>

#include "experiments/advice/search_plan.h"
#include "experiments/text/text_table.h"

namespace tonne {

/// What was chosen of the machines: "4 workers, grid FRA-2023"; empty where there was no choice.
[[nodiscard]] std::string choice_text(const PlanOption& option);

[[nodiscard]] std::string plan_text(const SearchPlan& plan, const TextStyle& style = {});
[[nodiscard]] std::string plan_json(const SearchPlan& plan);
/// The chosen option as an experiment file of that path, with a heading; empty without a choice.
[[nodiscard]] std::string runnable_experiment(const SearchPlan& plan, const std::filesystem::path& file);

}  // namespace tonne
