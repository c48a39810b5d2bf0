#pragma once
// Recipes of the catalogues with settings written as in an experiment file.

#include <algorithm>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/yaml.h"
#include "search/catalogue.h"

namespace tonne::testing {

/// The recipe `name` with settings such as "{acquisition: log_ei_per_co2e}"; relative paths start at `folder`.
/// Throws InputError as the program would.
template <class Recipe>
std::unique_ptr<Recipe> read_recipe(std::span<const CatalogueEntry<Recipe>> catalogue, std::string_view name,
                                    const std::string& settings = "{}", const std::filesystem::path& folder = ".") {
  const auto entry = std::ranges::find_if(catalogue, [&](const auto& e) { return e.name == name; });
  if (entry == catalogue.end()) throw std::invalid_argument("not in the catalogue: " + std::string(name));
  const YamlNode root = parse_yaml(settings, "e.yaml");
  const YamlSource source{"e.yaml", folder};
  SettingsReader reader(root, source, std::string(name));
  auto recipe = entry->make();
  recipe->visit(reader);
  reader.finish();
  return recipe;
}

inline std::unique_ptr<StrategyRecipe> strategy_recipe(std::string_view name, const std::string& settings = "{}") {
  return read_recipe(strategy_catalogue(), name, settings);
}
inline std::unique_ptr<ProblemRecipe> problem_recipe(std::string_view name, const std::string& settings = "{}",
                                                     const std::filesystem::path& folder = ".") {
  return read_recipe(problem_catalogue(), name, settings, folder);
}

}  // namespace tonne::testing
