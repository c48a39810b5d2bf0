#include "core/settings_schema.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "core/csv.h"
#include "core/json.h"
#include "core/quantity_pattern.h"

namespace tonne {
namespace {

constexpr double kExactInteger = 9007199254740992.0;  // 2^53

// Whole numbers without a point.
Json json_number(double value) {
  if (value == std::floor(value) && std::abs(value) <= kExactInteger) return static_cast<std::int64_t>(value);
  return value;
}

void put_bounds(Json& schema, Bounds bounds) {
  if (std::isfinite(bounds.low)) schema[bounds.exclusive_low ? "exclusiveMinimum" : "minimum"] = json_number(bounds.low);
  if (std::isfinite(bounds.high)) schema["maximum"] = json_number(bounds.high);
}

// "a_carbon_intensity" without its article, and the sign that its bounds leave.
std::string definition_name(QuantityKind kind, Bounds bounds, bool uncertain) {
  std::string name(quantity_name(kind));
  name.erase(0, name.find(' ') + 1);
  std::ranges::replace(name, ' ', '_');
  if (bounds.low > 0.0 || (bounds.low >= 0.0 && bounds.exclusive_low)) name += "_above_zero";
  else if (bounds.low < 0.0) name += "_of_any_sign";
  return name + (uncertain ? "_or_range" : "");
}

// A name as YAML reads it, which may be a number or a truth value.
void put_name(Json& list, const std::string& name) {
  list.push_back(name);
  if (const auto number = parse_number(name)) list.push_back(json_number(*number));
  if (name == "true" || name == "false") list.push_back(name == "true");
}

class SchemaWriter final : public SettingsVisitor {
 public:
  SchemaWriter(Json& properties, const SchemaPlace& place, Json& definitions, std::string path = "")
      : properties_(properties), place_(place), definitions_(definitions), path_(std::move(path)) {}

  void integer(std::string_view key, std::int64_t& value, Bounds bounds, std::string_view meaning) override {
    add(key, with_default(number_schema(key, bounds, true, false), value), meaning);
  }
  void number(std::string_view key, double& value, Bounds bounds, std::string_view meaning) override {
    add(key, with_default(number_schema(key, bounds, false, place_.uncertain), json_number(value)), meaning);
  }
  void flag(std::string_view key, bool& value, std::string_view meaning) override {
    add(key, with_default({{"type", "boolean"}}, value), meaning);
  }
  void text(std::string_view key, std::string& value, std::string_view meaning) override {
    Json schema = name_at(key);
    add(key, value.empty() ? std::move(schema) : with_default(std::move(schema), value), meaning);
  }
  void texts(std::string_view key, std::vector<std::string>&, std::string_view meaning) override {
    Json scalar = {{"type", {"string", "number", "boolean"}}};
    put(key, one_or_list(scalar), meaning);
  }
  void path(std::string_view key, std::filesystem::path&, std::string_view meaning) override { add(key, text_schema(), meaning); }
  void optional_number(std::string_view key, std::optional<double>& value, Bounds bounds, std::string_view meaning) override {
    Json schema = number_schema(key, bounds, false, place_.uncertain);
    add(key, value ? with_default(std::move(schema), json_number(*value)) : std::move(schema), meaning);
  }
  void optional_integer(std::string_view key, std::optional<std::int64_t>& value, Bounds bounds, std::string_view meaning) override {
    Json schema = number_schema(key, bounds, true, false);
    add(key, value ? with_default(std::move(schema), *value) : std::move(schema), meaning);
  }
  void choice_index(std::string_view key, std::size_t& index, std::span<const std::string_view> names, std::string_view meaning) override {
    add(key, with_default(names_schema({names.begin(), names.end()}), std::string(names[index])), meaning);
  }
  void quantity_base(std::string_view key, std::optional<double>& base, QuantityKind kind, Bounds bounds, std::string_view meaning) override {
    Json schema = quantity_schema(kind, bounds, place_.uncertain, definitions_);
    add(key, base ? with_default(std::move(schema), format_quantity(*base, kind)) : std::move(schema), meaning);
  }
  void group(std::string_view key, std::string_view meaning, const std::function<void(SettingsVisitor&)>& visit) override {
    add(key, nothing_or(define(key, map_of(key, visit))), meaning);
  }
  void name_or_group(std::string_view key, std::string& name, std::string_view meaning,
                     const std::function<void(SettingsVisitor&)>& visit) override {
    const std::string shipped = std::exchange(name, "");  // as it is for a user who writes settings
    Json settings = define(key, map_of(key, visit));
    name = shipped;
    Json schema = any_of({name_at(key), std::move(settings)});
    add(key, name.empty() ? std::move(schema) : with_default(std::move(schema), name), meaning);
  }
  void component(std::string_view key, std::string& name, std::span<const std::string_view> names, std::string_view meaning,
                 const std::function<void(const std::string&, SettingsVisitor&)>& visit) override {
    const std::string chosen = name;
    Json properties = Json::object();
    for (const std::string_view candidate : names) properties[std::string(candidate)] = nothing_or(component_settings(key, std::string(candidate), visit));
    Json named = map_schema(std::move(properties));
    named["minProperties"] = 1;
    named["maxProperties"] = 1;
    const std::string definition = unique_name("any_" + std::string(key));
    if (!definitions_.contains(definition)) definitions_[definition] = any_of({names_schema({names.begin(), names.end()}), std::move(named)});
    add(key, with_default(schema_reference(definition), chosen), meaning);
  }
  void named_groups(std::string_view key, const std::vector<std::string>&, std::string_view meaning,
                    const std::function<void(const std::string&, SettingsVisitor&)>& visit) override {
    Json settings = nothing_or(map_of(key, [&](SettingsVisitor& nested) { visit(std::string(kAnyName), nested); }));
    if (place_.lists) settings = one_or_list(define(key, std::move(settings)));
    Json schema = {{"type", "object"}, {"additionalProperties", std::move(settings)}, {"propertyNames", {{"minLength", 1}, {"maxLength", 100}}}};
    add(key, std::move(schema), meaning);
  }
  void require(bool, std::string_view, std::string_view) override {}

 private:
  [[nodiscard]] std::string path_of(std::string_view key) const { return path_.empty() ? std::string(key) : path_ + "." + std::string(key); }

  [[nodiscard]] static Json with_default(Json schema, Json value) {
    if (schema.contains("$ref")) schema = {{"allOf", {std::move(schema)}}};  // nothing may stand beside a reference
    schema["default"] = std::move(value);
    return schema;
  }
  // `key:` with nothing behind it is a map without entries.
  [[nodiscard]] static Json nothing_or(Json schema) { return any_of({std::move(schema), {{"type", "null"}}}); }

  [[nodiscard]] Json map_of(std::string_view key, const std::function<void(SettingsVisitor&)>& visit) const {
    Json properties = Json::object();
    SchemaWriter nested(properties, place_, definitions_, path_of(key));
    visit(nested);
    return map_schema(std::move(properties));
  }

  // Of equal names: those of this path.
  [[nodiscard]] std::string unique_name(const std::string& name) const { return name + (place_.lists ? "_or_lists" : "") + (place_.uncertain ? "_or_ranges" : ""); }

  // A map that may stand twice, by itself and in a list, is written once.
  [[nodiscard]] Json define(std::string_view key, Json schema) {
    if (!place_.lists) return schema;
    std::string name = unique_name(std::string(key));
    for (int i = 2; definitions_.contains(name) && definitions_[name] != schema; ++i) name = unique_name(std::string(key)) + "_" + std::to_string(i);
    definitions_[name] = std::move(schema);
    return schema_reference(name);
  }

  // A strategy may stand in a strategy, which may be the same: each is written once.
  [[nodiscard]] Json component_settings(std::string_view key, const std::string& name, const std::function<void(const std::string&, SettingsVisitor&)>& visit) {
    const std::string definition = unique_name(std::string(key) + "_" + name);
    if (!definitions_.contains(definition)) {
      definitions_[definition] = Json::object();
      Json properties = Json::object();
      SchemaWriter nested(properties, place_, definitions_, path_of(key) + "." + name);
      visit(name, nested);
      definitions_[definition] = map_schema(std::move(properties));
    }
    return schema_reference(definition);
  }

  [[nodiscard]] Json name_at(std::string_view key) const {
    const std::string path = "." + path_of(key);
    for (const SchemaNames& suggestion : place_.suggestions)
      if (path.ends_with("." + suggestion.key)) {
        const std::string definition = "known_" + suggestion.key;  // hundreds of names, written once
        if (!definitions_.contains(definition)) definitions_[definition] = names_schema(suggestion.names, true);
        return schema_reference(definition);
      }
    return text_schema();
  }

  // A value, of which there may be a list where lists make grids.
  void add(std::string_view key, Json schema, std::string_view meaning) {
    if (!place_.lists) return put(key, std::move(schema), meaning);
    Json fallback = schema.contains("default") ? schema["default"] : Json();
    schema.erase("default");
    Json listed = one_or_list(schema);
    if (!fallback.is_null()) listed["default"] = std::move(fallback);
    put(key, std::move(listed), meaning);
  }
  void put(std::string_view key, Json schema, std::string_view meaning) { properties_[std::string(key)] = described(std::move(schema), meaning); }

  Json& properties_;
  const SchemaPlace& place_;
  Json& definitions_;
  std::string path_;
};

}  // namespace

Json map_schema(Json properties) {
  return {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

Json any_of(std::vector<Json> schemas) {
  Json all = Json::array();
  for (Json& schema : schemas) {
    if (schema.size() == 1 && schema.contains("anyOf"))
      for (Json& part : schema["anyOf"]) all.push_back(std::move(part));
    else
      all.push_back(std::move(schema));
  }
  Json any = Json::object();
  any["anyOf"] = std::move(all);
  return any;
}

Json one_or_list(const Json& schema) {
  Json list = {{"type", "array"}, {"minItems", 1}};
  list["items"] = schema;
  return any_of({schema, std::move(list)});
}

Json text_schema() {
  return {{"type", {"string", "number", "boolean"}}, {"minLength", 1}, {"maxLength", 4096}};
}

Json names_schema(const std::vector<std::string>& names, bool suggested) {
  Json list = Json::array();
  for (const std::string& name : names) put_name(list, name);
  Json known = Json::object();
  known["enum"] = std::move(list);
  return suggested ? any_of({std::move(known), text_schema()}) : known;
}

Json number_schema(std::string_view key, Bounds bounds, bool whole, bool uncertain) {
  Json number = {{"type", whole ? "integer" : "number"}};
  put_bounds(number, bounds);
  std::vector<Json> forms{std::move(number)};
  if (const auto pattern = number_with_unit_pattern(key, bounds)) forms.push_back({{"type", "string"}, {"pattern", *pattern}});
  if (uncertain) forms.push_back({{"type", "string"}, {"pattern", distribution_pattern(std::nullopt)}});
  return forms.size() == 1 ? forms.front() : any_of(std::move(forms));
}

Json quantity_schema(QuantityKind kind, Bounds bounds, bool uncertain, Json& definitions) {
  const std::string name = definition_name(kind, bounds, uncertain);
  if (!definitions.contains(name)) {
    Json plain = {{"type", "string"}, {"pattern", quantity_pattern(kind, bounds)}};
    Json schema = uncertain ? any_of({std::move(plain), {{"type", "string"}, {"pattern", distribution_pattern(kind)}}}) : std::move(plain);
    definitions[name] = described(std::move(schema), std::string(quantity_name(kind)) + " such as " + std::string(quantity_example(kind)));
  }
  return schema_reference(name);
}

Json described(Json schema, std::string_view meaning) {
  if (meaning.empty()) return schema;
  if (schema.contains("$ref")) schema = {{"allOf", {std::move(schema)}}};
  Json with = {{"description", std::string(meaning)}};
  with.update(schema);
  return with;
}

Json schema_reference(const std::string& name) {
  Json reference = Json::object();
  reference["$ref"] = "#/definitions/" + name;
  return reference;
}

Json property_schemas(const std::function<void(SettingsVisitor&)>& visit, const SchemaPlace& place, Json& definitions) {
  Json properties = Json::object();
  SchemaWriter writer(properties, place, definitions);
  visit(writer);
  return properties;
}

Json settings_schema(const std::function<void(SettingsVisitor&)>& visit, const SchemaPlace& place, Json& definitions) {
  return map_schema(property_schemas(visit, place, definitions));
}

}  // namespace tonne
