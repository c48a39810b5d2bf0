#include <fmt/format.h>

#include <algorithm>

#include "core/csv.h"
#include "core/error.h"
#include "core/yaml.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"
#include "experiments/footprint/estimate.h"
#include "experiments/footprint/estimate_report.h"

namespace tonne::cli {
namespace {

constexpr std::string_view kCluster = "cluster.";

// Option names of a key: underscores may be written as hyphens.
std::string option_names(const std::string& key) {
  std::string names = "--" + key;
  std::string hyphens = key;
  std::ranges::replace(hyphens, '_', '-');
  if (hyphens != key) names += ",--" + hyphens;
  if (key == "trials") names += ",--searches";
  return names;
}

std::vector<SettingDescription> estimate_settings() {
  EstimateSettings defaults;
  return describe_settings([&](SettingsVisitor& visitor) { defaults.visit(visitor); });
}

std::string full_key(const std::string& key) {
  const auto forms = estimate_short_forms();
  const auto at = std::ranges::find(forms, key, &ShortForm::key);
  return at == forms.end() ? key : std::string(at->stands_for);
}

// The user's own name of a key that was given as an option; empty when it was not.
std::string option_of(const EstimateArguments& arguments, std::string_view path) {
  for (const auto& [key, value] : arguments.values)
    if (!value.empty() && full_key(key) == path) return "--" + key;
  return "";
}

std::string without_cluster(std::string text) {
  for (std::size_t at = text.find(kCluster); at != std::string::npos; at = text.find(kCluster, at))
    text.erase(at, kCluster.size());
  return text;
}

void refuse_unknown(const EstimateArguments& arguments) {
  if (arguments.unknown.empty()) return;
  std::vector<std::string> known{"--format"};
  for (const auto& [key, value] : arguments.values) known.push_back("--" + key);
  const std::string& found = arguments.unknown.front();
  const std::string hint = did_you_mean(found.substr(0, found.find('=')), known);
  throw InputError(fmt::format("tonne estimate: there is no '{}' here. {}{}", found.substr(0, 64),
                               hint.empty() ? "" : hint + " ", "(tonne estimate --help lists them)"));
}

std::vector<EstimateOption> options_of(const EstimateArguments& arguments) {
  std::vector<EstimateOption> options;
  for (const auto& [key, value] : arguments.values) {
    if (value.empty()) continue;
    // A file on the command line is relative to the current folder, not to the settings' file.
    const bool is_path = full_key(key) == "grid.trace" || full_key(key) == "catalogue";
    options.push_back({full_key(key), is_path ? std::filesystem::absolute(value).string() : value});
  }
  return options;
}

const YamlNode* node_at(const YamlNode& tree, std::string_view path) {
  const std::size_t dot = path.find('.');
  const YamlNode* node = tree.find(path.substr(0, dot));
  if (!node || dot == std::string_view::npos || !node->is_map()) return node;
  return node_at(*node, path.substr(dot + 1));
}

// The same error, at the option that the user gave or at its place in the file.
InputError placed(const InputError& error, const EstimateArguments& arguments, const YamlNode& tree) {
  std::string path = error.path();
  if (path.starts_with(kCluster)) path.erase(0, kCluster.size());
  const std::string message = without_cluster(error.message());
  const std::string option = option_of(arguments, path);
  // Of a file's folder, which the reader tells, an option has none.
  if (!option.empty()) return InputError(option + ": " + message.substr(0, message.find(" (relative paths")));
  if (error.has_location()) return error;
  const YamlNode* node = path.empty() ? nullptr : node_at(tree, path);
  const Location where = node ? Location{arguments.file.string(), node->line, node->column}
                              : Location{arguments.file.string(), 0, 0};
  return {where, path, message};
}

}  // namespace

std::vector<CommandOption> estimate_options() {
  std::vector<CommandOption> options;
  for (const ShortForm& form : estimate_short_forms())
    options.push_back({std::string(form.key), "--" + std::string(form.key), "short for " + std::string(form.stands_for)});
  for (const SettingDescription& setting : estimate_settings()) {
    // The cluster calls a worker a device; here a training may have many.
    const std::string meaning = setting.key == "workers" ? "trainings at the same time" : setting.meaning;
    const std::string fallback = setting.default_text.empty() ? "" : " (default: " + setting.default_text + ")";
    options.push_back({setting.key, option_names(setting.key), meaning + fallback});
  }
  return options;
}

int estimate(const EstimateArguments& arguments) {
  refuse_unknown(arguments);
  YamlNode tree;
  YamlSource source;
  if (!arguments.file.empty()) {
    source = {arguments.file.string(), arguments.file.parent_path()};
    tree = parse_yaml(read_text_file(arguments.file, YamlLimits{}.bytes), source.file);
  }
  const Estimate answer = [&] {
    try {
      return estimate(read_estimate(with_options(tree, options_of(arguments)), source));
    } catch (const InputError& error) {
      throw placed(error, arguments, tree);
    }
  }();
  print(arguments.format == "json"    ? estimate_json(answer)
        : arguments.format == "latex" ? estimate_latex(answer)
                                      : estimate_text(answer));
  return kSuccess;
}

}  // namespace tonne::cli
