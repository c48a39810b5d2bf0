#pragma once
// The strategies and problems that the program knows: name, factory, settings.

#include <span>

#include "core/recipe.h"

namespace tonne {

/// In the order of `tonne list`. Valid until an entry is added.
[[nodiscard]] std::span<const CatalogueEntry<StrategyRecipe>> strategy_catalogue();
[[nodiscard]] std::span<const CatalogueEntry<ProblemRecipe>> problem_catalogue();

/// Adds a strategy or a problem of another program, which experiment files may name from then on: to be called from main, before
/// anything else. The texts of the entry must outlive the program. Throws std::invalid_argument where the name is taken, or is
/// not lower-case letters, digits and underscores after a letter.
void add_to_catalogue(const CatalogueEntry<StrategyRecipe>& strategy);
void add_to_catalogue(const CatalogueEntry<ProblemRecipe>& problem);

}  // namespace tonne
