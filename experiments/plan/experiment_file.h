#pragma once
// Reads an experiment as the user wrote it.

#include <filesystem>
#include <string>
#include <vector>

#include "core/settings.h"

namespace tonne {

struct Experiment;

/// Reads and checks an experiment file, with the tables and traces that it names. Throws InputError.
[[nodiscard]] Experiment read_experiment(const std::filesystem::path& file);
/// The same from text; `directory` is where relative paths start.
[[nodiscard]] Experiment parse_experiment(const std::string& text, const std::string& file,
                                          const std::filesystem::path& directory);

/// One line of `tonne list`'s description of the experiment file's own keys.
[[nodiscard]] std::vector<SettingDescription> describe_experiment_settings();

}  // namespace tonne
