#pragma once
// JSON Schema (draft-07) of settings, by visiting them: what editors check and complete while a file is written.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json_fwd.h"
#include "core/settings.h"

namespace tonne {

/// Names that a text setting may have.
struct SchemaNames {
  std::string key;  ///< the end of its path: "device", "facility.name"
  std::vector<std::string> names;
};

/// Where settings stand decides how they may be written.
struct SchemaPlace {
  bool lists = false;      ///< a list in place of a value makes a grid
  bool uncertain = false;  ///< a figure may be a distribution
  std::vector<SchemaNames> suggestions = {};  ///< offered; other texts are valid too
};

/// The schema of a map with these settings and no others. Parts that recur go to `definitions` (an object, in the document's
/// "definitions"), whose names say the place too.
[[nodiscard]] Json settings_schema(const std::function<void(SettingsVisitor&)>& visit, const SchemaPlace& place, Json& definitions);
/// Of the settings alone: the schema of each, by its key.
[[nodiscard]] Json property_schemas(const std::function<void(SettingsVisitor&)>& visit, const SchemaPlace& place, Json& definitions);

/// A map of these properties and no others.
[[nodiscard]] Json map_schema(Json properties);
/// One of these.
[[nodiscard]] Json any_of(std::vector<Json> schemas);
/// One, or a list of at least one.
[[nodiscard]] Json one_or_list(const Json& schema);
/// What YAML takes for a text: numbers and truth values too.
[[nodiscard]] Json text_schema();
/// One of these names; where they are `suggested` only, or any other text.
[[nodiscard]] Json names_schema(const std::vector<std::string>& names, bool suggested = false);
/// A quantity with its unit.
[[nodiscard]] Json quantity_schema(QuantityKind kind, Bounds bounds, bool uncertain, Json& definitions);
/// A number within bounds, or what may be written in its place.
[[nodiscard]] Json number_schema(std::string_view key, Bounds bounds, bool whole, bool uncertain);
/// A schema with its meaning before it; an empty meaning adds nothing.
[[nodiscard]] Json described(Json schema, std::string_view meaning);
/// A reference to a definition.
[[nodiscard]] Json schema_reference(const std::string& name);

}  // namespace tonne
