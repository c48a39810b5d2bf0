#pragma once
// Reads an experiment as the user wrote it.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/settings.h"
#include "experiments/plan/setting_changes.h"
#include "experiments/plan/warm_start.h"

namespace tonne {

struct Experiment;
enum class Recording : std::uint8_t;

/// Reads and checks an experiment file, with the tables, traces and earlier results that it names; `earlier` reads the
/// latter, which are refused without. Throws InputError.
[[nodiscard]] Experiment read_experiment(const std::filesystem::path& file, const EarlierReader& earlier = {});
/// With changes, made before anything is checked; errors in them name the option.
[[nodiscard]] Experiment read_experiment(const std::filesystem::path& file, const EarlierReader& earlier,
                                         std::span<const SettingChange> changes);
/// The same from text; `directory` is where relative paths start.
[[nodiscard]] Experiment parse_experiment(const std::string& text, const std::string& file,
                                          const std::filesystem::path& directory, const EarlierReader& earlier = {});
[[nodiscard]] Experiment parse_experiment(const std::string& text, const std::string& file,
                                          const std::filesystem::path& directory, const EarlierReader& earlier,
                                          std::span<const SettingChange> changes);

/// One line of `tonne list`'s description of the experiment file's own keys.
[[nodiscard]] std::vector<SettingDescription> describe_experiment_settings();

/// Of the file's top level: what it is called, what is kept of it.
void visit_head(SettingsVisitor& visitor, std::string& name, std::string& description, Recording& recording);
/// At most so many seeds, as a count or a list.
inline constexpr std::int64_t kMostSeeds = 100'000;

}  // namespace tonne
