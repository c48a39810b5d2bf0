#include "experiments/schema/schema_parts.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/json.h"
#include "cost_models/act.h"
#include "cost_models/catalogue.h"
#include "cost_models/cluster_settings.h"

namespace tonne {
namespace {

std::vector<std::string> names_in(const auto& entries) {
  std::vector<std::string> names;
  for (const auto& entry : entries) names.emplace_back(entry.name);
  return names;
}

// A value that is one of these names, or settings instead.
Json known_name(const std::vector<std::string>& names, bool lists) {
  const Json one = any_of({names_schema(names), {{"type", "object"}}});
  return lists ? one_or_list(one) : one;
}

template <class Recipe>
Json entry_of(std::string_view kind, std::span<const CatalogueEntry<Recipe>> catalogue, const SchemaPlace& place, const Json& common,
              Json& definitions) {
  Json properties = Json::object();
  for (const auto& entry : catalogue) {
    const auto recipe = entry.make();
    Json settings = common;
    settings.update(property_schemas([&](SettingsVisitor& v) { recipe->visit(v); }, place, definitions));
    const std::string definition = std::string(kind) + "_" + std::string(entry.name);
    definitions[definition] = any_of({map_schema(std::move(settings)), {{"type", "null"}}});
    properties[std::string(entry.name)] = described(schema_reference(definition), entry.summary);
  }
  Json named = map_schema(std::move(properties));
  named["minProperties"] = 1;
  named["maxProperties"] = 1;
  return any_of({names_schema(names_in(catalogue)), std::move(named)});
}

}  // namespace

Json schema_document(std::string_view title, Json schema, Json definitions) {
  Json document = {{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", std::string(title)}};
  document.update(schema);
  document["definitions"] = std::move(definitions);
  return document;
}

SchemaPlace cluster_place(bool lists, bool uncertain) {
  const auto catalogue = Catalogue::shipped();
  return {lists,
          uncertain,
          {{"device", names_in(catalogue->devices())},
           {"host", names_in(catalogue->hosts())},
           {"facility", names_in(catalogue->facilities())},
           {"facility.name", names_in(catalogue->facilities())},
           {"grid", names_in(catalogue->latest_grids())},
           {"dram_type", dram_types()},
           {"ssd_type", ssd_types()}}};
}

void require_known_names(Json& map, bool lists) {
  const auto catalogue = Catalogue::shipped();
  Json shipped = Json::object();
  shipped["device"] = known_name(names_in(catalogue->devices()), lists);
  shipped["host"] = known_name(names_in(catalogue->hosts()), lists);
  shipped["facility"] = known_name(names_in(catalogue->facilities()), lists);
  Json own = Json::object();
  own["required"] = Json::array({"catalogue"});
  map["if"] = std::move(own);
  map["else"] = {{"properties", std::move(shipped)}};
}

Json cluster_schema(const SchemaPlace& place, Json& definitions) {
  ClusterSettings cluster;
  Json map = settings_schema([&](SettingsVisitor& v) { cluster.visit(v); }, place, definitions);
  require_known_names(map, place.lists);
  return map;
}

Json entry_schema(std::string_view kind, std::span<const CatalogueEntry<ProblemRecipe>> catalogue, const SchemaPlace& place,
                  const Json& common, Json& definitions) {
  return entry_of(kind, catalogue, place, common, definitions);
}

Json entry_schema(std::string_view kind, std::span<const CatalogueEntry<StrategyRecipe>> catalogue, const SchemaPlace& place,
                  const Json& common, Json& definitions) {
  return entry_of(kind, catalogue, place, common, definitions);
}

}  // namespace tonne
