#include "experiments/repricing/recorded_cluster.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/error.h"
#include "core/json.h"
#include "core/yaml.h"
#include "cost_models/sites.h"
#include "experiments/plan/scenario_reader.h"
#include "experiments/results/records.h"
#include "experiments/results/stored_settings.h"

namespace tonne {
namespace {

constexpr std::array<std::string_view, 10> kKeepTimes = {
    "grid", "start", "facility", "price", "spot", "provider", "price_basis", "electricity_price", "carbon_price", "grid_water"};

std::string_view first_part(std::string_view key) { return key.substr(0, key.find('.')); }

// One key as a map within a map.
YamlNode nested(const ClusterChange& change) {
  YamlNode node = parse_yaml(change.value, "cluster." + change.key);
  std::string key = change.key;
  while (true) {
    const std::size_t dot = key.rfind('.');
    YamlNode map;
    map.kind = YamlNode::Kind::map;
    map.line = map.column = 1;
    map.entries.push_back({dot == std::string::npos ? key : key.substr(dot + 1), 1, 1, node});
    if (dot == std::string::npos) return map;
    key.resize(dot);
    node = map;
  }
}

// A trace of the same name may be another.
void check_trace(const ClusterSettings& cluster, const SitesSettings& sites, const std::string& content) {
  if (cluster.own_grid.trace.empty() || content.empty()) return;
  const std::string name = cluster.own_grid.trace.string();
  if (!std::filesystem::exists(cluster.own_grid.trace))
    throw InputError("the searches were charged by the grid trace " + name + ", which is not in this directory: start the command where it is");
  if (content != fmt::format("{:016x}", content_digest(cluster, sites)))
    throw InputError("the grid trace " + name + " in this directory, or a figure of the catalogue, is not the one that the searches were charged by");
}

}  // namespace

RecordedCluster recorded_cluster(const StoredScenario& scenario) {
  const Json parsed = parse_json(scenario.settings);
  if (!parsed.is_object() || !parsed.contains("settings"))
    throw StoreError("the results are damaged: the settings of a scenario cannot be read");
  const Json& settings = parsed["settings"];
  RecordedCluster recorded;
  SitesSettings sites;
  read_stored_settings(settings.value("cluster", Json::object()), [&](SettingsVisitor& v) {
    recorded.cluster.visit(v);
    sites.visit(v);
  });
  if (!sites.empty())
    throw InputError("the searches sent their trials to several sites, by the electricity there: elsewhere they would have gone "
                     "other ways; change the experiment file and use `tonne run`");
  if (recorded.cluster.own_grid.given()) recorded.cluster.grid.clear();
  check_trace(recorded.cluster, sites, parsed.value("content", ""));
  read_stored_settings(settings, [&](SettingsVisitor& v) { visit_rules(v, recorded.options); });
  recorded.options.workers = static_cast<unsigned>(recorded.cluster.workers);
  return recorded;
}

ClusterSettings changed_cluster(ClusterSettings cluster, std::span<const ClusterChange> changes) {
  for (const ClusterChange& change : changes) {
    if (first_part(change.key) == "workers")
      throw InputError("cluster.workers: with another number of workers the search would have asked in another order; change the "
                       "experiment file and use `tonne run`");
    if (change.key == "grid") {
      cluster.grid.clear();
      cluster.own_grid = {};
    }
    if (change.key == "facility") cluster.facility = {.name = "", .pue = {}, .wue = {}};
    const YamlSource source{"cluster." + change.key, "."};
    const YamlNode node = nested(change);
    SettingsReader reader(node, source, "cluster");
    cluster.visit(reader);
    reader.finish();
  }
  return cluster;
}

bool keeps_times(const ClusterChange& change) { return std::ranges::count(kKeepTimes, first_part(change.key)) > 0; }

}  // namespace tonne
