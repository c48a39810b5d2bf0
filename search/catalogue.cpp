#include "search/catalogue.h"

#include <vector>

namespace tonne {

// Each strategy and each problem is one file that defines the function declared here. A static table, not
// self-registration: the linker drops self-registering objects from static libraries.
// Strategies, search/strategies/:
// Problems, search/problems/:

std::span<const CatalogueEntry<StrategyRecipe>> strategy_catalogue() {
  static const std::vector<CatalogueEntry<StrategyRecipe>> entries = {
  };
  return entries;
}

std::span<const CatalogueEntry<ProblemRecipe>> problem_catalogue() {
  static const std::vector<CatalogueEntry<ProblemRecipe>> entries = {
  };
  return entries;
}

}  // namespace tonne
