// The schemas of an estimate, a catalogue and measured runs.

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "core/json.h"
#include "cost_models/catalogue_schema.h"
#include "experiments/footprint/estimate_request.h"
#include "experiments/measured/measured_settings.h"
#include "experiments/schema/schema_parts.h"
#include "experiments/schema/schemas.h"
#include "search/catalogue.h"

namespace tonne {
namespace {

// --- A catalogue

// Where a figure comes from.
void put_provenance(Json& properties) {
  properties["source"] = described(text_schema(), "where the figures beside it were published");
  properties["year"] = described(number_schema("year", Bounds::between(1900.0, 2100.0), true, false), "of the publication");
  Json checked = any_of({{{"type", "boolean"}}, {{"type", "string"}, {"pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}}});
  properties["verified"] = described(std::move(checked), "whether somebody read the source, or on which day");
}

// A figure, and the range of what is published.
void put_figure(Json& properties, const std::string& name, const FigureSpec& spec, Json& definitions) {
  for (const char* end : {"", "_low", "_high"})
    properties[name + end] = spec.kind ? quantity_schema(*spec.kind, spec.bounds, false, definitions)
                                       : number_schema(name + end, spec.bounds, false, false);
}

Json word_schema(const WordSpec& word) {
  return word.allowed.empty() ? text_schema() : names_schema({word.allowed.begin(), word.allowed.end()});
}

Json rows_schema(const RowSpec& rows, Json& definitions) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const WordSpec& word : rows.words) {
    properties[std::string(word.key)] = word_schema(word);
    required.push_back(std::string(word.key));
  }
  for (const FigureSpec& figure : rows.figures) {
    put_figure(properties, std::string(figure.key), figure, definitions);
    if (figure.required) required.push_back(std::string(figure.key));
  }
  put_provenance(properties);
  Json row = map_schema(std::move(properties));
  row["required"] = std::move(required);
  Json list = {{"type", "array"}};
  list["items"] = std::move(row);
  return list;
}

// The figures of a group stand in a map, or in a list of maps where they have several sources.
Json section_entry(const Schema& schema, Json& definitions) {
  Json properties = {{"like", described(text_schema(), "name of another entry that this one starts from")}};
  Json groups = Json::object();
  for (const WordSpec& word : schema.words) properties[std::string(word.key)] = word_schema(word);
  for (const FigureSpec& figure : schema.figures) {
    const std::string key(figure.key);
    const std::size_t dot = key.find('.');
    Json& map = dot == std::string::npos ? properties : groups[key.substr(0, dot)];
    put_figure(map, dot == std::string::npos ? key : key.substr(dot + 1), figure, definitions);
    put_provenance(map);
  }
  for (auto& [group, figures] : groups.items()) {
    Json list = {{"type", "array"}};
    list["items"] = map_schema(figures);
    properties[group] = any_of({map_schema(figures), std::move(list), {{"type", "null"}}});
  }
  for (const RowSpec& rows : schema.rows) properties[std::string(rows.group)] = rows_schema(rows, definitions);
  return any_of({map_schema(std::move(properties)), {{"type", "null"}}});
}

// --- Measured runs

Json filter_schema() {
  Json filter = {{"type", "object"}, {"additionalProperties", {{"type", {"string", "number", "boolean"}}}}};
  return described(std::move(filter), "columns with the values that a job's rows have");
}

Json job_properties(Json& definitions) {
  WorkSettings work;
  Json properties = property_schemas(
      [&](SettingsVisitor& v) { v.group("work", "the work behind each row", [&](SettingsVisitor& nested) { work.visit(nested); }); }, {}, definitions);
  properties["where"] = filter_schema();
  if (!definitions.contains("cluster")) definitions["cluster"] = cluster_schema(cluster_place(false, false), definitions);
  properties["cluster"] = described(any_of({schema_reference("cluster"), {{"type", "null"}}}), "what the runs ran on");
  return properties;
}

constexpr auto kSchemas = std::to_array<FileSchema>({{"experiment", experiment_schema},
                                                     {"estimate", estimate_schema},
                                                     {"catalogue", catalogue_schema},
                                                     {"measurements", measurements_schema}});

}  // namespace

std::span<const FileSchema> file_schemas() { return kSchemas; }

Json estimate_schema() {
  Json definitions = Json::object();
  EstimateSettings settings;
  Json map = settings_schema([&](SettingsVisitor& v) { settings.visit(v); }, cluster_place(false, true), definitions);
  Json& properties = map["properties"];
  properties.erase("devices_per_worker");
  properties.update(property_schemas(
      [&](SettingsVisitor& v) {
        v.group("uncertainty", "intervals, where a figure is a range", [&](SettingsVisitor& nested) { settings.uncertainty.visit(nested); });
      },
      {}, definitions));
  for (const ShortForm& form : estimate_short_forms()) {
    const std::string full(form.stands_for);
    const std::size_t dot = full.find('.');
    for (const Json& part : properties[full.substr(0, dot)]["anyOf"])
      if (part.contains("properties")) {
        const Json leaf = part["properties"][full.substr(dot + 1)];
        properties[std::string(form.key)] = leaf;
        break;
      }
  }
  require_known_names(map, false);
  return schema_document("tonne estimate", std::move(map), std::move(definitions));
}

Json catalogue_schema() {
  Json definitions = Json::object();
  Json properties = Json::object();
  for (const Schema* schema : {&device_schema(), &host_schema(), &grid_schema(), &facility_schema()}) {
    Json section = {{"type", "object"}, {"propertyNames", {{"pattern", "^[A-Za-z0-9_.+-]{1,64}$"}}}};
    section["additionalProperties"] = section_entry(*schema, definitions);
    properties[std::string(schema->section)] = std::move(section);
  }
  return schema_document("tonne catalogue", map_schema(std::move(properties)), std::move(definitions));
}

Json measurements_schema() {
  Json definitions = Json::object();
  MeasuredSettings measured;
  Json properties = Json::object();
  properties["title"] = described(text_schema(), "default: the file's name");
  properties["measured"] = described(settings_schema([&](SettingsVisitor& v) { measured.visit(v); }, {}, definitions), "the table and its columns");
  properties["measured"]["required"] = {"table"};
  properties["problem"] = described(entry_schema("problem", problem_catalogue(), {}, Json::object(), definitions), "whose configurations the rows are");
  properties["fidelity"] = described(text_schema(), "column of the problem's fidelity");
  properties["decisions"] = described(names_schema({"parameters", "nasbench101"}), "how the rows say their configuration");
  Json own = job_properties(definitions);
  properties.update(own);
  Json jobs = {{"type", "object"}, {"minProperties", 1}};
  jobs["additionalProperties"] = any_of({map_schema(std::move(own)), {{"type", "null"}}});
  properties["jobs"] = described(std::move(jobs), "jobs by name, each with what differs from the above");
  Json map = map_schema(std::move(properties));
  map["required"] = Json::array({"measured"});
  return schema_document("tonne measurements", std::move(map), std::move(definitions));
}

}  // namespace tonne
