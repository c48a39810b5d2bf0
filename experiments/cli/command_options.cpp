#include "experiments/cli/command_options.h"

#include <utility>

#include "core/error.h"
#include "experiments/cli/commands.h"

namespace tonne::cli {

void add_results(CLI::App& command, std::filesystem::path& results) {
  command.add_option("results", results, "Results folder")->required();
}

void add_json(CLI::App& command, bool& json, const char* meaning) {
  command.add_flag("--json", json, meaning);
}

void add_format(CLI::App& command, std::string& format, const std::vector<std::string>& names) {
  command.add_option("--format", format, join_names(names))->check(CLI::IsMember(names));
}

void add_out(CLI::App& command, std::filesystem::path& out) {
  command.add_option("--out", out, "File to write (default: stdout)");
}

void add_target_and_worth(CLI::App& command, std::string& target, std::string& worth) {
  command.add_option("--target", target, "Report the cost of reaching this value (default: what half of the searches reach)");
  command.add_option("--worth", worth,
                     "Smallest gain per kg CO2e worth paying for (default: a tenth of the best strategy's gain)");
}

std::vector<SettingChange> ChangeOptions::changes() const {
  std::vector<SettingChange> all;
  for (const std::string& argument : sets) all.push_back(change_of(argument));
  if (!seeds.empty()) all.push_back(seeds_change(seeds));
  return all;
}

std::shared_ptr<ChangeOptions> add_changes(CLI::App& command) {
  const auto options = std::make_shared<ChangeOptions>();
  command.add_option("--set", options->sets, "Change a value of the file: budget.co2e=5kg, 'strategies[0].population=50'; may be given often")
      ->type_name("PATH=VALUE")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_option("--seeds", options->seeds, "Change the seeds: a count, or some, as in 1,5,9 or 10..19");
  return options;
}

Action with_log_options(CLI::App& command, Action action) {
  const auto arguments = std::make_shared<LogArguments>();
  const std::vector<std::string> levels = {"debug", "info", "warning", "error", "off"};
  command.add_option("--log-level", arguments->level, "What is logged on stderr: " + join_names(levels) + " (default: warning)")
      ->check(CLI::IsMember(levels));
  command.add_option("--log-file", arguments->file, "File to which events are appended, one JSON object a line");
  return [arguments, name = command.get_name(), action = std::move(action)] { return with_log(*arguments, name, action); };
}

}  // namespace tonne::cli
