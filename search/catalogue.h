#pragma once
// The strategies and problems that the program knows: name, factory, settings.

#include <span>

#include "core/recipe.h"

namespace tonne {

[[nodiscard]] std::span<const CatalogueEntry<StrategyRecipe>> strategy_catalogue();
[[nodiscard]] std::span<const CatalogueEntry<ProblemRecipe>> problem_catalogue();

}  // namespace tonne
