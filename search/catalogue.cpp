#include "search/catalogue.h"

#include <vector>

namespace tonne {

// Each strategy and each problem is one file that defines the function declared here. A static table, not
// self-registration: the linker drops self-registering objects from static libraries.
// Strategies, search/strategies/:
// Problems, search/problems/:
std::unique_ptr<ProblemRecipe> make_cell_nas_recipe();

std::span<const CatalogueEntry<StrategyRecipe>> strategy_catalogue() {
  static const std::vector<CatalogueEntry<StrategyRecipe>> entries = {
  };
  return entries;
}

std::span<const CatalogueEntry<ProblemRecipe>> problem_catalogue() {
  static const std::vector<CatalogueEntry<ProblemRecipe>> entries = {
      {"cell_nas", "six edges, five operations: 15,625 cells of NAS-Bench-201 shape",
       "Dong and Yang 2020, NAS-Bench-201 (ICLR)", make_cell_nas_recipe},
  };
  return entries;
}

}  // namespace tonne
