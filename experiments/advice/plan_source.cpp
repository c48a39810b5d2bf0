#include "experiments/advice/plan_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <system_error>
#include <tuple>
#include <utility>

#include "core/error.h"
#include "experiments/advice/search_plan.h"
#include "experiments/advice/yaml_text.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/results/earlier_results.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;
constexpr double kMostChoices = 500.0;

// What an option says of one setting. A text that YAML cannot read is a message about that option.
YamlNode option_node(const std::string& text, const std::string& option) { return parse_yaml(text, option); }

// 'tpe' or 'tpe: {startup: 5}' as an entry of a list.
std::string entry_text(const std::string& strategy) {
  return strategy.find(':') == std::string::npos || strategy.starts_with('{') ? strategy : "{" + strategy + "}";
}

// The reverse, for tables.
std::string strategy_text(const YamlNode& entry) {
  const std::string text = flow_text(entry);
  return text.starts_with('{') ? text.substr(1, text.size() - 2) : text;
}

void rebase(YamlNode& node, const fs::path& from, const fs::path& to) {
  for (YamlNode& item : node.items) rebase(item, from, to);
  for (YamlNode::Entry& entry : node.entries) rebase(entry.value, from, to);
  if (!node.is_scalar() || node.text.find_first_of("./") == std::string::npos || fs::path(node.text).is_absolute()) return;
  std::error_code error;
  if (!fs::exists(from / node.text, error) || error) return;
  const fs::path moved = fs::proximate(fs::absolute(from / node.text), fs::absolute(to), error);
  if (error) return;
  node.text = moved.lexically_normal().string();
}

bool same_folder(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::equivalent(a, b, error);
}

// A part of a limit: "5 kg" -> "1.25 kg", 300 -> 75. The number stands first.
std::string part_of(const std::string& limit, double part) {
  if (part == 1.0) return limit;
  char* rest = nullptr;
  const double amount = std::strtod(limit.c_str(), &rest) * part;
  return *rest == '\0' ? fmt::format("{}", std::ceil(amount)) : fmt::format("{}{}", amount, rest);
}

std::string problem_text(const std::string& problem) {
  return fmt::format("problems: [{{{}}}]\novershoot: deny\nfinal: {{retrain: none}}\n",
                     problem.find(':') == std::string::npos ? problem + ": {}" : problem);
}

// What an option names, or else the list that the file has, or the one thing that it has.
std::vector<std::string> choices_of(const YamlNode& root, const char* key, const std::vector<std::string>& asked) {
  if (!asked.empty()) return asked;
  const YamlNode* cluster = root.find("cluster");
  const YamlNode* value = cluster && cluster->is_map() ? cluster->find(key) : nullptr;
  if (!value || !value->is_sequence()) return {""};
  std::vector<std::string> choices;
  for (const YamlNode& item : value->items) choices.push_back(flow_text(item.is_scalar() ? plain_scalar(item.text) : item));
  return choices;
}

}  // namespace

PlanSource::PlanSource(const PlanRequest& request) {
  if (request.experiment.empty())
    root_ = parse_yaml(problem_text(request.problem), "the plan");
  else
    read_file(request);
  if (!request.strategies.empty()) strategies_ = request.strategies;
  if (strategies_.empty()) strategies_ = {"random", "regularized_evolution", "tpe", "gp"};
  std::vector<std::string> grids = request.grids;
  if (!same_folder(fs::current_path(), directory_))
    for (std::string& grid : grids) {  // a trace's path starts where the user stands
      YamlNode node = option_node(grid, "--grid");
      if (!node.is_map()) continue;
      rebase(node, fs::current_path(), directory_);
      grid = flow_text(node);
    }
  const std::array<std::vector<std::string>, 4> choices = {
      choices_of(root_, "device", request.devices), choices_of(root_, "grid", grids),
      choices_of(root_, "workers", request.workers), choices_of(root_, "start", request.starts)};
  double options = static_cast<double>(strategies_.size());
  for (const auto& list : choices) options *= static_cast<double>(list.size());
  if (options > kMostChoices)
    throw InputError(fmt::format("{:.0f} options are too many to simulate; the maximum is {:.0f}", options, kMostChoices));
  for (const std::string& device : choices[0])
    for (const std::string& grid : choices[1])
      for (const std::string& workers : choices[2])
        for (const std::string& start : choices[3]) machines_.push_back({device, grid, workers, start});
  set_cluster(request);
  set_budget(request);
}

// The file is checked as it stands, so that what is wrong in it is told with its line.
void PlanSource::read_file(const PlanRequest& request) {
  const fs::path& file = request.experiment;
  const Experiment experiment = read_experiment(file, read_earlier_results);
  if (experiment.problems.size() != 1)
    throw InputError(fmt::format("{}: a plan covers one problem, but this file has {}: leave one", file.string(), experiment.problems.size()));
  directory_ = file.has_parent_path() ? file.parent_path() : fs::path(".");
  root_ = parse_yaml(experiment.text, file.string());
  if (const YamlNode* strategies = root_.find("strategies")) {
    if (strategies->is_sequence())
      for (const YamlNode& entry : strategies->items) strategies_.push_back(strategy_text(entry));
    else
      strategies_.push_back(strategy_text(*strategies));
  }
  for (const char* key : {"name", "description", "seeds", "record", "strategies", "baseline", "reference"}) remove_key(root_, key);
}

void PlanSource::set_cluster(const PlanRequest& request) {
  YamlNode& cluster = value_of(root_, "cluster");
  if (cluster.is_null()) cluster.kind = YamlNode::Kind::map;
  const auto set = [&](YamlNode& map, const char* key, const std::string& text, const char* option) {
    if (!text.empty()) value_of(map, key) = option_node(text, option);
  };
  const fs::path here = fs::current_path();
  if (!request.catalogue.empty()) {
    YamlNode path = plain_scalar(request.catalogue.string());
    path.quoted = true;
    if (!same_folder(here, directory_)) rebase(path, here, directory_);
    value_of(cluster, "catalogue") = std::move(path);
  }
  set(cluster, "price", request.price, "--price");
  set(cluster, "provider", request.provider, "--provider");
  if (request.spot) value_of(cluster, "spot") = plain_scalar("true");
  if (!request.preemption.empty()) value_of(cluster, "preemption") = option_node("{" + request.preemption + "}", "--preemption");
  if (!request.pue.empty()) value_of(value_of(cluster, "facility"), "pue") = option_node(request.pue, "--pue");
  if (request.trainings > 0.0) value_of(value_of(root_, "deployment"), "trainings") = plain_scalar(fmt::format("{}", request.trainings));
  if (request.inferences > 0.0) value_of(value_of(root_, "deployment"), "inferences") = plain_scalar(fmt::format("{}", request.inferences));
}

void PlanSource::set_budget(const PlanRequest& request) {
  const bool asked = !request.carbon.empty() || !request.energy.empty() || !request.money.empty() || !request.deadline.empty();
  if (!asked && !root_.find("budget"))
    throw InputError("a plan needs a limit: --limit '5 kg', '20 kWh' or '100 USD', or --deadline '2 days'");
  for (const auto& [key, limit, option] :
       {std::tuple("co2e", request.carbon, "--limit"), std::tuple("energy", request.energy, "--limit"),
        std::tuple("money", request.money, "--limit"), std::tuple("time", request.deadline, "--deadline")})
    if (!limit.empty()) value_of(value_of(root_, "budget"), key) = option_node(limit, option);
}

std::string PlanSource::text(const std::string& strategy, const PlanMachines& machines, const std::string& seeds, double part,
                             bool last) const {
  YamlNode root;
  value_of(root, "name") = plain_scalar("plan");
  value_of(root, "seeds") = option_node(seeds, "the plan");
  if (!last) value_of(root, "record") = plain_scalar("incumbents");
  for (const YamlNode::Entry& entry : root_.entries) {
    value_of(root, entry.key) = entry.value;
    if (entry.key == "problems") value_of(root, "strategies") = option_node("[" + entry_text(strategy) + "]", "--strategies");
  }
  YamlNode& cluster = value_of(root, "cluster");
  for (const auto& [key, choice, option] :
       {std::tuple("device", machines.device, "--device"), std::tuple("grid", machines.grid, "--grid"),
        std::tuple("workers", machines.workers, "--workers"), std::tuple("start", machines.start, "--start")})
    if (!choice.empty()) value_of(cluster, key) = option_node(choice, option);
  for (YamlNode::Entry& limit : value_of(root, "budget").entries)
    if (limit.value.is_scalar()) limit.value.text = part_of(limit.value.text, part);
  return document_text(root);
}

std::string moved_experiment(const std::string& text, const fs::path& from, const fs::path& to, const std::string& name) {
  YamlNode root = parse_yaml(text, "the plan");
  if (!same_folder(from, to)) rebase(root, from, to);
  value_of(root, "name") = plain_scalar(name);
  return document_text(root);
}

}  // namespace tonne
