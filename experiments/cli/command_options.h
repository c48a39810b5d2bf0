#pragma once
// Options that several commands have, and the declarations of commands (command_line.cpp has their table). With CLI11 in it: for
// these sources alone.

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "experiments/plan/setting_changes.h"

// What --help and completion call a file or folder.
template <>
constexpr const char* CLI::detail::type_name<std::filesystem::path>() {
  return "PATH";
}

namespace tonne::cli {

/// Runs a command with the options as read; the exit code.
using Action = std::function<int()>;

void add_results(CLI::App& command, std::filesystem::path& results);
void add_json(CLI::App& command, bool& json, const char* meaning = "Print JSON");
void add_format(CLI::App& command, std::string& format, const std::vector<std::string>& names);
void add_out(CLI::App& command, std::filesystem::path& out);
void add_target_and_worth(CLI::App& command, std::string& target, std::string& worth);

/// --set and --seeds, as an experiment's reader takes them.
struct ChangeOptions {
  std::vector<std::string> sets;
  std::string seeds;

  [[nodiscard]] std::vector<SettingChange> changes() const;
};
[[nodiscard]] std::shared_ptr<ChangeOptions> add_changes(CLI::App& command);

/// --log-level and --log-file; the action runs with the log that they ask for.
[[nodiscard]] Action with_log_options(CLI::App& command, Action action);

// Each of these declares one command; what it returns runs the command. Of real searches, machines and figures
// (command_line_figures.cpp); the others stand beside the table.
[[nodiscard]] Action add_import(CLI::App& command);
[[nodiscard]] Action add_reprice(CLI::App& command);
[[nodiscard]] Action add_plan(CLI::App& command);
[[nodiscard]] Action add_estimate(CLI::App& command);
[[nodiscard]] Action add_meter(CLI::App& command);
[[nodiscard]] Action add_reproduce(CLI::App& command);
[[nodiscard]] Action add_calibrate(CLI::App& command);

}  // namespace tonne::cli
