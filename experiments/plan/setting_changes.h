#pragma once
// What the command line changes in an experiment: `--set budget.co2e=5kg`, `--seeds 3`.

#include <span>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/yaml.h"

namespace tonne {

/// A value that takes the place of the file's, or is added to it.
struct SettingChange {
  std::string option;  ///< as the user gave it, for messages: "--set budget.co2e=5kg"
  std::string path;    ///< "budget.co2e", "strategies[0].population"
  std::string value;   ///< as YAML
};

/// Of `--set`'s argument "PATH=VALUE". Throws InputError where it is none.
[[nodiscard]] SettingChange change_of(const std::string& argument);
/// Of `--seeds`' argument: a count, or seeds and ranges such as "1,5,10..19". Throws InputError.
[[nodiscard]] SettingChange seeds_change(const std::string& argument);

/// The options as words of a command: "--set", "budget.co2e=5kg", "--seeds", "3".
[[nodiscard]] std::vector<std::string> option_words(std::span<const SettingChange> changes);

/// The experiment with its values changed, as if the file had been edited. Indices count from 0. In an entry of `problems` or
/// `strategies` the name may be left out: strategies[0].population is strategies[0].regularized_evolution.population there.
/// Nodes of change `i` stand in line -(i + 1), which placed_at_option() knows. Throws InputError that names the option.
[[nodiscard]] YamlNode with_changes(YamlNode root, std::span<const SettingChange> changes);
/// The same error, told of the option where a change's value caused it.
[[nodiscard]] InputError placed_at_option(const InputError& error, std::span<const SettingChange> changes);

}  // namespace tonne
