#include "experiments/histories/search_pricing.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/csv.h"
#include "core/error.h"
#include "core/json.h"
#include "core/yaml.h"
#include "cost_models/machine_model.h"
#include "cost_models/time.h"
#include "experiments/plan/scenario_reader.h"

namespace tonne::histories {
namespace {

namespace fs = std::filesystem;

YamlNode scalar(std::string text) {
  YamlNode node;
  node.kind = YamlNode::Kind::scalar;
  node.text = std::move(text);
  return node;
}

YamlNode& child(YamlNode& map, const std::string& key) {
  map.kind = YamlNode::Kind::map;
  for (YamlNode::Entry& entry : map.entries)
    if (entry.key == key) return entry.value;
  map.entries.push_back({key, map.line, map.column, {}});
  return map.entries.back().value;
}

// The text may be a distribution, which YAML has without quotes.
void give(YamlNode& map, const std::string& key, const std::string& text) {
  if (!text.empty()) child(map, key) = scalar(text);
}

// `facility: Google` becomes a group, so that a figure can stand beside the name.
void give_pue(YamlNode& cluster, const std::string& pue) {
  if (pue.empty()) return;
  YamlNode& facility = child(cluster, "facility");
  if (facility.is_scalar()) {
    YamlNode group;
    group.kind = YamlNode::Kind::map;
    child(group, "name") = facility;
    facility = std::move(group);
  }
  child(facility, "pue") = scalar(pue);
}

// A name of the catalogue, or a file: relative to the working directory, where settings are relative to their own file.
void give_grid(YamlNode& cluster, const std::string& grid, const fs::path& directory) {
  if (grid.empty()) return;
  std::error_code error;
  if (!fs::is_regular_file(grid, error)) return give(cluster, "grid", grid);
  const fs::path file(grid);
  YamlNode group;
  child(group, "trace") = scalar((file.is_absolute() ? file : fs::relative(file, directory)).string());
  child(cluster, "grid") = std::move(group);
}

// "2024-01-31T10:11:12.250000Z"
std::string moment_text(double since_1970) {
  const double whole = std::floor(since_1970);
  std::string text = format_utc(whole * second);
  const double rest = std::floor((since_1970 - whole) * 1e6);
  if (rest > 0.0) text.insert(text.size() - 1, fmt::format(".{:06.0f}", rest));
  return text;
}

struct ClusterFile {
  YamlSource source{"", "."};
  YamlNode cluster;
};

ClusterFile read_cluster_file(const fs::path& path) {
  ClusterFile file;
  file.cluster.kind = YamlNode::Kind::map;
  if (path.empty()) return file;
  file.source = {path.string(), path.has_parent_path() ? path.parent_path() : fs::path(".")};
  YamlNode root = parse_yaml(read_text_file(path, YamlLimits{}.bytes), path.string());
  if (!root.is_map()) throw InputError({path.string(), 1, 1}, "", "is not a cluster: expected keys such as device and grid");
  const YamlNode* nested = root.find("cluster");
  if (nested && !nested->is_map())
    throw InputError({path.string(), nested->line, nested->column}, "cluster", "found " + nested->shown() + ", expected keys such as device and grid");
  file.cluster = nested ? *nested : std::move(root);
  return file;
}

void check_given(const YamlNode& cluster, const YamlSource& source) {
  if (!cluster.find("device"))
    throw InputError({source.file, cluster.line, cluster.column}, "",
                     "it is not said on what the search ran: give --device NAME (tonne list devices), or a cluster with --cluster FILE");
  if (!cluster.find("grid"))
    throw InputError({source.file, cluster.line, cluster.column}, "",
                     "it is not said from which grid the search's electricity was: give --grid NAME (tonne list grids) or a trace's file");
}

// The file's cluster with what the command line says, and what the search says.
YamlNode cluster_of(const RecordedSearch& search, const EnergySource& energy, const PricingRequest& request, ClusterFile& file) {
  YamlNode& cluster = file.cluster;
  give(cluster, "device", request.device);
  give(cluster, "host", request.host);
  give(cluster, "facility", request.facility);
  give_pue(cluster, request.pue);
  give_grid(cluster, request.grid, file.source.directory);
  if (!request.activity.empty()) give(child(cluster, "activity"), "measured", request.activity);
  if (request.workers || !cluster.find("workers"))
    give(cluster, "workers", std::to_string(request.workers.value_or(search.at_once)));
  if (!cluster.find("start")) give(cluster, "start", moment_text(search.began));
  if (!energy.meter.empty() && energy.whole_machine)
    for (const char* key : {"host_power", "host_idle_power", "idle"}) child(cluster, key) = scalar("0 W");
  return cluster;
}

// A scalar that reads back as it was: a distribution, a quantity, a name.
std::string scalar_text(const YamlNode& node) {
  const bool plain = !node.quoted && !node.text.empty() && node.text.find_first_of("\"'#:{}[]&*!|>%@`\\") == std::string::npos &&
                     node.text.front() != '-' && node.text.front() != '?' && node.text.front() != ',';
  return plain ? node.text : json_line(Json(node.text));
}

void write_block(const YamlNode& map, const std::string& indent, std::string& text) {
  for (const YamlNode::Entry& entry : map.entries) {
    text += indent + entry.key + ":";
    if (entry.value.is_map()) {
      text += "\n";
      write_block(entry.value, indent + "  ", text);
    } else if (entry.value.is_sequence()) {
      text += "\n";
      for (const YamlNode& item : entry.value.items) text += indent + "  - " + scalar_text(item) + "\n";
    } else {
      text += " " + scalar_text(entry.value) + "\n";
    }
  }
}

// Files are relative to the file that names them.
void move_paths(YamlNode& map, const fs::path& from, const fs::path& to) {
  for (YamlNode::Entry& entry : map.entries) {
    if (entry.value.is_map()) move_paths(entry.value, from, to);
    if ((entry.key != "trace" && entry.key != "catalogue") || !entry.value.is_scalar()) continue;
    if (const fs::path file = entry.value.text; !file.is_absolute()) entry.value.text = fs::relative(from / file, to).string();
  }
}

void refuse_what_cannot_be(const ScenarioPlan& plan, const RecordedSearch& search, const YamlSource& source) {
  const auto refuse = [&](const char* key, const std::string& why) { throw InputError({source.file, 0, 0}, key, why); };
  if (!plan.sites.empty()) refuse("cluster.sites", "a recorded search ran in one place: leave sites out");
  if (plan.cost->preemption())
    refuse("cluster.preemption", "what was interrupted in a recorded search is in its run times already: leave preemption out");
  if (plan.options.workers < search.at_once)
    refuse("cluster.workers", fmt::format("{} workers are fewer than the {} trials that ran at once; where trials shared a device, "
                                          "give --devices-per-trial",
                                          plan.options.workers, search.at_once));
}

// All that one device draws, costs and is made of, in proportion: charges are linear in these.
std::shared_ptr<const CostModel> with_devices(const std::shared_ptr<const CostModel>& cost, double devices) {
  MachineParameters machine = dynamic_cast<const MachineCostModel&>(*cost).parameters();
  machine.tdp *= devices;
  machine.idle *= devices;
  machine.host_power *= devices;
  machine.host_idle_power *= devices;
  machine.embodied *= devices;
  machine.embodied_host *= devices;
  machine.price *= devices;
  return std::make_shared<const MachineCostModel>(std::move(machine));
}

std::string devices_text(double devices) {
  return fmt::format("{:.4g} {} a trial", devices, devices > 1.0 ? "devices" : "of a device");
}

void scale(ScenarioPlan& plan, double devices) {
  if (devices == 1.0) return;
  plan.cost = with_devices(plan.cost, devices);
  plan.deployment_cost = plan.cost;
  for (auto& variant : plan.variants) variant = with_devices(variant, devices);
  Json settings = parse_json(plan.settings);
  settings["devices_per_trial"] = devices;
  plan.settings = json_line(settings);
  plan.summary += ", " + devices_text(devices);
}

std::vector<std::string> notes_of(const ScenarioPlan& plan, const RecordedSearch& search, const EnergySource& energy, const PricingRequest& request) {
  const Json cluster = parse_json(plan.settings)["settings"]["cluster"];
  std::vector<std::string> notes;
  if (energy.meter.empty()) {
    notes.push_back(fmt::format(
        "Energy is modelled, not measured: while a trial ran, its device drew its idle power and {:.4g} % of what lies between that and its TDP "
        "(cluster.activity.measured), and its host the catalogue's power.",
        100.0 * cluster["activity"]["measured"].get<double>()));
  } else {
    notes.push_back(fmt::format("The trials' energy is measured ({}) {}", energy.meter,
                                energy.whole_machine ? "and stands for all that the machine drew: it is in the line device_dynamic, and no "
                                                       "power of host or idle device is added."
                                                     : "for the device alone; its host's power, and the device's while it waits, are modelled."));
  }
  notes.emplace_back("Modelled in any case: cooling and distribution by the PUE, CO2e by the grid's figures, manufacture and rent by time.");
  notes.insert(notes.end(), energy.notes.begin(), energy.notes.end());
  const std::string started = moment_text(search.began);
  if (const std::string start = cluster.value("start", ""); start != started)
    notes.push_back(fmt::format("The search began at {}, but is charged as if it had begun at {} (cluster.start).", started, start));
  if (request.devices_per_trial != 1.0) notes.push_back(fmt::format("Power, manufacture and rent are those of {}.", devices_text(request.devices_per_trial)));
  if (plan.options.workers != search.at_once)
    notes.push_back(fmt::format("{} workers are charged; at most {} trials ran at once.", plan.options.workers, search.at_once));
  return notes;
}

}  // namespace

PricedScenario price_search(const RecordedSearch& search, const EnergySource& energy, std::shared_ptr<const Problem> problem,
                            const PricingRequest& request) {
  ClusterFile file = read_cluster_file(request.cluster);
  YamlNode root;
  child(root, "cluster") = cluster_of(search, energy, request, file);
  check_given(file.cluster, file.source);
  give(child(root, "budget"), "evaluations", std::to_string(search.runs.size()));
  Experiment experiment;
  experiment.problems.push_back({search.name, "", std::move(problem)});
  SettingsReader top(root, file.source, "");
  std::vector<ScenarioPlan> plans = read_scenario_plans(top, root, file.source, experiment);
  if (plans.size() != 1) throw InputError({file.source.file, 0, 0}, "cluster", "has lists, for several scenarios, but a recorded search ran on one cluster");
  PricedScenario priced{std::move(plans.front()), {}};
  refuse_what_cannot_be(priced.plan, search, file.source);
  scale(priced.plan, request.devices_per_trial);
  priced.plan.summary += energy.meter.empty() ? ", run times real, energy modelled" : ", run times real, energy measured";
  priced.notes = notes_of(priced.plan, search, energy, request);
  return priced;
}

std::string cluster_block(const RecordedSearch& search, const EnergySource& energy, const PricingRequest& request, const fs::path& directory) {
  ClusterFile file = read_cluster_file(request.cluster);
  YamlNode cluster = cluster_of(search, energy, request, file);
  move_paths(cluster, file.source.directory, directory.empty() ? fs::path(".") : directory);
  std::string text;
  write_block(cluster, "  ", text);
  return text;
}

}  // namespace tonne::histories
