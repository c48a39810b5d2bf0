#pragma once
// Problems made from settings as a user writes them.

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "core/recipe.h"
#include "core/yaml.h"

namespace tonne::testing {

/// Reads the settings (a YAML map) into the recipe and makes the problem. Throws InputError as they do.
inline std::shared_ptr<const Problem> make_problem(ProblemRecipe& recipe, const std::string& settings) {
  const YamlNode root = parse_yaml(settings, "settings.yaml");
  const YamlSource source{"settings.yaml", "."};
  SettingsReader reader(root, source, "");
  recipe.visit(reader);
  reader.finish();
  return recipe.make();
}

/// Writes a table of nine candidates over a number and a choice, with an accuracy (%) and measured seconds,
/// for problems that need a file. Each process has its own: tests run at the same time.
inline std::filesystem::path small_table() {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("tonne_small_table_" + std::to_string(getpid()) + ".csv");
  std::ofstream(file) << "width,activation,accuracy,seconds\n"
                         "8,relu,71.5,20\n8,tanh,70.0,21\n8,gelu,72.25,22\n"
                         "16,relu,80.5,40\n16,tanh,79.0,41\n16,gelu,81.0,42\n"
                         "32,relu,83.5,80\n32,tanh,82.5,81\n32,gelu,83.0,82\n";
  return file;
}

}  // namespace tonne::testing
