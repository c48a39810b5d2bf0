#include "experiments/plan/experiment_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string_view>

#include "core/csv.h"
#include "core/error.h"
#include "core/random.h"
#include "core/yaml.h"
#include "cost_models/cluster_settings.h"
#include "cost_models/sites.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/problem_reader.h"
#include "experiments/plan/published_reader.h"
#include "experiments/plan/scenario_reader.h"
#include "experiments/plan/strategy_reader.h"
#include "experiments/plan/warm_start_reader.h"

namespace tonne {
namespace {

// As a message calls a scalar.
std::string shown(const std::string& text) {
  YamlNode node;
  node.kind = YamlNode::Kind::scalar;
  node.text = text;
  return node.shown();
}

bool is_folder_name(const std::string& name) {
  if (name.empty() || name.size() > 100 || name.front() == '.') return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

// The first `count` seeds: 0, 1, 2, ...
std::vector<std::uint64_t> first_seeds(std::int64_t count) {
  std::vector<std::uint64_t> seeds(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < seeds.size(); ++i) seeds[i] = i;
  return seeds;
}

std::int64_t read_seed(const YamlNode& item, const YamlSource& source) {
  YamlNode wrapper;
  wrapper.kind = YamlNode::Kind::map;
  wrapper.entries.push_back({"seeds", item.line, item.column, item});
  SettingsReader reader(wrapper, source, "");
  std::int64_t seed = 0;
  reader.integer("seeds", seed, Bounds{0.0, 9007199254740992.0}, "");
  return seed;
}

// A count, or a list.
std::vector<std::uint64_t> read_seeds(SettingsReader& top, const YamlSource& source) {
  const YamlNode* node = top.take("seeds");
  if (!node || node->is_scalar()) {
    std::int64_t count = 1;
    if (node) top.integer("seeds", count, Bounds::between(1, static_cast<double>(kMostSeeds)), "");
    return first_seeds(count);
  }
  if (!node->is_sequence() || node->items.empty() ||
      node->items.size() > static_cast<std::size_t>(kMostSeeds))
    top.fail(*node, "seeds",
             "found " + node->shown() +
                 fmt::format(", expected a count or a list of at most {} whole numbers", kMostSeeds));
  std::vector<std::uint64_t> seeds;
  std::set<std::int64_t> known;
  for (const YamlNode& item : node->items) {
    const std::int64_t seed = read_seed(item, source);
    if (!known.insert(seed).second) top.fail(item, "seeds", fmt::format("{} appears twice", seed));
    seeds.push_back(static_cast<std::uint64_t>(seed));
  }
  return seeds;
}

void check_size(const Experiment& experiment, const YamlNode& root, const YamlSource& source) {
  if (experiment.cells() <= kMostCells) return;
  throw InputError(
      {source.file, root.line, root.column}, "",
      fmt::format(
          "{} problems x {} scenarios x {} strategies x {} seeds are {} cells; at most {} run at once",
          experiment.problems.size(), experiment.scenarios.size(), experiment.strategies.size(),
          experiment.seeds.size(), experiment.cells(), kMostCells));
}

std::string digest_of(const Experiment& experiment) {
  std::string all = "tonne experiment 1\n";
  for (const auto seed : experiment.seeds) all += std::to_string(seed) + ",";
  for (const auto& problem : experiment.problems) all += "\np " + problem.label + problem.settings;
  for (const auto& scenario : experiment.scenarios) all += "\nc " + scenario.label + scenario.settings;
  for (const auto& strategy : experiment.strategies) all += "\ns " + strategy.label + strategy.settings;
  all += experiment.recording == Recording::trials ? "\ntrials" : "\nincumbents";
  SpreadSettings uncertainty = experiment.uncertainty;
  if (experiment.is_uncertain())
    all += "\nu " + canonical_settings([&](SettingsVisitor& v) { uncertainty.visit(v); });
  if (experiment.warm_start.given()) all += "\nw " + canonical_warm_start(experiment.warm_start);
  return fmt::format("{:016x}{:016x}", hash_text(all), hash_text(all + "#"));
}

void read_head(SettingsReader& top, Experiment& experiment) {
  std::string description;  // for readers of the file
  visit_head(top, experiment.name, description, experiment.recording);
  top.require(is_folder_name(experiment.name), "name",
              shown(experiment.name) + " cannot name a folder: use letters, digits, '-', '_' and '.'");
}

// What the store keeps of the file: with the changes as comments, since its values alone do not say what was run.
std::string changed_text(const std::string& text, std::span<const SettingChange> changes) {
  std::string all = text;
  if (!changes.empty() && !all.ends_with('\n')) all += "\n";
  for (const SettingChange& change : changes) all += "# changed by " + printable(change.option) + "\n";
  return all;
}

// A mistyped section is told before what is missing without it.
void check_sections(const YamlNode& root, const YamlSource& source) {
  SettingsReader keys(root, source, "");
  for (const char* key : {"name", "description", "seeds", "record", "problems", "strategies", "reference", "baseline"}) (void)keys.take(key);
  for (const SettingDescription& setting : describe_experiment_settings()) (void)keys.take(setting.key.substr(0, setting.key.find('.')));
  keys.finish();
}

Experiment read_plan(const YamlNode& root, const YamlSource& source, const std::string& text, const EarlierReader& earlier) {
  check_sections(root, source);
  SettingsReader top(root, source, "");
  Experiment experiment;
  experiment.text = text;
  experiment.name = std::filesystem::path(source.file).stem().string();
  read_head(top, experiment);
  experiment.seeds = read_seeds(top, source);
  top.group("uncertainty", "", [&](SettingsVisitor& v) { experiment.uncertainty.visit(v); });
  experiment.problems = read_problem_plans(top.take("problems"), root, source);
  StrategyPlans strategies = read_strategy_plans(top.take("strategies"), root, source);
  experiment.strategies = std::move(strategies.plans);
  experiment.scenarios = read_scenario_plans(top, root, source, experiment);
  read_published_figures(top, source, experiment);
  read_warm_start(top, root, source, earlier, experiment);
  top.finish();
  check_size(experiment, root, source);
  check_strategies(experiment, strategies.places);
  find_learners(root, source, experiment);
  experiment.digest = digest_of(experiment);
  return experiment;
}

}  // namespace

void visit_head(SettingsVisitor& visitor, std::string& name, std::string& description, Recording& recording) {
  visitor.text("name", name, "of the experiment and its results folder; default: the file's");
  visitor.text("description", description, "for readers of the file");
  visitor.choice("record", recording, std::to_array<std::string_view>({"trials", "incumbents"}), "keep every trial, or only those that were the best so far");
}

Experiment parse_experiment(const std::string& text, const std::string& file, const std::filesystem::path& directory,
                            const EarlierReader& earlier, std::span<const SettingChange> changes) {
  const YamlNode root = parse_yaml(text, file);
  if (!root.is_map())
    throw InputError({file, 1, 1}, "", "is not an experiment: expected keys such as problems and strategies");
  const YamlSource source{file, directory};
  try {
    return read_plan(with_changes(root, changes), source, changed_text(text, changes), earlier);
  } catch (const InputError& error) {
    throw placed_at_option(error, changes);
  }
}

Experiment parse_experiment(const std::string& text, const std::string& file, const std::filesystem::path& directory,
                            const EarlierReader& earlier) {
  return parse_experiment(text, file, directory, earlier, {});
}

Experiment read_experiment(const std::filesystem::path& file, const EarlierReader& earlier) {
  return read_experiment(file, earlier, {});
}

Experiment read_experiment(const std::filesystem::path& file, const EarlierReader& earlier, std::span<const SettingChange> changes) {
  const std::string text = read_text_file(file, YamlLimits{}.bytes);
  const auto directory = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  return parse_experiment(text, file.string(), directory, earlier, changes);
}

std::vector<SettingDescription> describe_experiment_settings() {
  SimulationOptions options;
  ClusterSettings cluster;
  SitesSettings sites;
  DeploymentSettings deployment;
  SpreadSettings uncertainty = Experiment{}.uncertainty;
  WarmStartSettings warm_start;
  return describe_settings([&](SettingsVisitor& v) {
    v.group("cluster", "", [&](SettingsVisitor& nested) {
      cluster.visit(nested);
      sites.visit(nested);
    });
    visit_rules(v, options);
    v.group("deployment", "", [&](SettingsVisitor& nested) { deployment.visit(nested); });
    v.group("uncertainty", "", [&](SettingsVisitor& nested) { uncertainty.visit(nested); });
    v.group("warm_start", "", [&](SettingsVisitor& nested) { warm_start.visit(nested); });
  });
}

}  // namespace tonne
