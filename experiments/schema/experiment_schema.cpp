// The schema of an experiment file: its keys as experiments/plan reads them.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/json.h"
#include "core/simulator.h"
#include "cost_models/cluster_settings.h"
#include "cost_models/sites.h"
#include "experiments/plan/deployment.h"
#include "experiments/plan/experiment.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/plan/problem_reader.h"
#include "experiments/plan/published_figures.h"
#include "experiments/plan/published_reader.h"
#include "experiments/plan/scenario_reader.h"
#include "experiments/plan/strategy_reader.h"
#include "experiments/plan/warm_start.h"
#include "experiments/schema/schema_parts.h"
#include "experiments/schema/schemas.h"
#include "search/catalogue.h"

namespace tonne {
namespace {

constexpr double kLargestSeed = 9007199254740992.0;  // 2^53

Json seeds_schema() {
  Json list = {{"type", "array"}, {"minItems", 1}, {"maxItems", kMostSeeds}, {"uniqueItems", true}};
  list["items"] = number_schema("seeds", Bounds{0.0, kLargestSeed}, true, false);
  Json seeds = any_of({number_schema("seeds", Bounds::between(1, static_cast<double>(kMostSeeds)), true, false), std::move(list)});
  return described(std::move(seeds), "a count of seeds, which are then 0, 1, ..., or a list of them");
}

// A machine of its own: a device's name, or a cluster's settings.
Json machine_schema(Json& definitions) {
  const SchemaPlace place = cluster_place(true, false);
  if (!definitions.contains("machine")) definitions["machine"] = cluster_schema(place, definitions);
  return one_or_list(any_of({names_schema(place.suggestions.front().names, true), schema_reference("machine")}));
}

// The one place where a figure can be uncertain, but for what decides how the search runs.
Json home_schema(Json& definitions) {
  ClusterSettings cluster;
  SitesSettings sites;
  Json map = settings_schema(
      [&](SettingsVisitor& v) {
        cluster.visit(v);
        sites.visit(v);
      },
      cluster_place(true, true), definitions);
  const Json certain = property_schemas([&](SettingsVisitor& v) { cluster.visit(v); }, cluster_place(true, false), definitions);
  for (const char* key : {"preemption", "memory"}) map["properties"][key] = certain[key];
  require_known_names(map, true);
  definitions["cluster"] = std::move(map);
  return described(one_or_list(any_of({schema_reference("cluster"), {{"type", "null"}}})), "on what the searches run");
}

Json deployment_schema(Json& definitions) {
  DeploymentSettings deployment;
  Json map = settings_schema([&](SettingsVisitor& v) { deployment.visit(v); }, {.lists = true}, definitions);
  map["properties"]["cluster"] = described(machine_schema(definitions), "where the result is used; default: the search's own cluster");
  definitions["deployment"] = std::move(map);
  return described(one_or_list(schema_reference("deployment")), "how often the result is used");
}

Json reference_schema(Json& definitions) {
  Json properties = Json::object();
  properties["figure"] = described(names_schema(published_figure_names(), true), "which figure; or the name of a problem's fidelity");
  properties["value"] = described({{"type", {"number", "string"}}}, "the published figure, with its unit where it has one");
  properties["source"] = described(text_schema(), "where it was published");
  properties["strategy"] = described(text_schema(), "label of the strategy whose searches it is compared with; default: the leading one");
  Json map = map_schema(std::move(properties));
  map["required"] = {"figure", "value", "source"};
  Json all = Json::array();
  for (const std::string& figure : published_figure_names()) {
    const auto kind = published_kind(figure);
    Json value = kind ? quantity_schema(*kind, Bounds::above(0.0), false, definitions)
                      : number_schema("value", figure == "value" ? Bounds{} : Bounds::above(0.0), false, false);
    Json rule = {{"if", {{"properties", {{"figure", {{"const", figure}}}}}}}};
    rule["then"] = {{"properties", {{"value", std::move(value)}}}};
    all.push_back(std::move(rule));
  }
  map["allOf"] = std::move(all);
  definitions["published_figure"] = std::move(map);
  Json list = {{"type", "array"}, {"items", schema_reference("published_figure")}};
  return described(any_of({schema_reference("published_figure"), std::move(list)}), "published figures that the results are compared with");
}

Json problems_schema(Json& definitions) {
  std::string label;
  std::vector<std::string> objectives;
  const SchemaPlace place{.lists = true};
  Json common = property_schemas([&](SettingsVisitor& v) { visit_problem_entry(v, label, objectives); }, place, definitions);
  common["target"] = described(machine_schema(definitions), "machine that latency and energy objectives are charged on");
  definitions["problem"] = entry_schema("problem", problem_catalogue(), place, common, definitions);
  return described(one_or_list(schema_reference("problem")), "what is searched (tonne list problems)");
}

Json strategies_schema(Json& definitions) {
  std::string label;
  std::optional<double> fidelity;
  const SchemaPlace place{.lists = true};
  const Json common = property_schemas([&](SettingsVisitor& v) { visit_strategy_entry(v, label, fidelity); }, place, definitions);
  definitions["strategy"] = entry_schema("strategy", strategy_catalogue(), place, common, definitions);
  return described(one_or_list(schema_reference("strategy")), "which strategies search (tonne list strategies)");
}

}  // namespace

Json experiment_schema() {
  Json definitions = Json::object();
  std::string name;
  std::string description;
  Recording recording{};
  Json properties = property_schemas([&](SettingsVisitor& v) { visit_head(v, name, description, recording); }, {}, definitions);
  properties["name"]["pattern"] = "^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}$";
  properties["seeds"] = seeds_schema();
  properties["problems"] = problems_schema(definitions);
  properties["strategies"] = strategies_schema(definitions);
  properties["cluster"] = home_schema(definitions);
  SimulationOptions options;
  properties.update(property_schemas([&](SettingsVisitor& v) { visit_rules(v, options); }, {.lists = true}, definitions));
  properties["deployment"] = deployment_schema(definitions);
  SpreadSettings uncertainty = Experiment{}.uncertainty;
  WarmStartSettings warm_start;
  std::string folder;
  properties.update(property_schemas(
      [&](SettingsVisitor& v) {
        v.group("uncertainty", "how figures that are ranges are drawn", [&](SettingsVisitor& nested) { uncertainty.visit(nested); });
        v.name_or_group("warm_start", folder, "earlier results to learn from: a results folder, or these settings",
                        [&](SettingsVisitor& nested) { warm_start.visit(nested); });
      },
      {}, definitions));
  properties["reference"] = reference_schema(definitions);
  properties["baseline"] = described(text_schema(), "label of the strategy that the others are compared with");
  Json map = map_schema(std::move(properties));
  map["required"] = {"problems", "strategies", "budget"};
  return schema_document("tonne experiment", std::move(map), std::move(definitions));
}

}  // namespace tonne
