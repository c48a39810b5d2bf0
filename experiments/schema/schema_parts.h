#pragma once
// What the schemas of several files share.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/recipe.h"
#include "core/settings_schema.h"

namespace tonne {

/// A whole document; the definitions go last.
[[nodiscard]] Json schema_document(std::string_view title, Json schema, Json definitions);

/// A place of a cluster's settings: the catalogue's names are suggested.
[[nodiscard]] SchemaPlace cluster_place(bool lists, bool uncertain);
/// Names of devices, hosts and facilities must be the shipped ones where a map with a cluster's settings names no
/// `catalogue` of the user's.
void require_known_names(Json& map, bool lists);
/// The settings of one cluster, as a map, with the names required.
[[nodiscard]] Json cluster_schema(const SchemaPlace& place, Json& definitions);

/// An entry of `problems` or `strategies`: a name, or one name with its settings. `common` are those of every entry; each
/// name's settings are a definition "problem_NAME".
[[nodiscard]] Json entry_schema(std::string_view kind, std::span<const CatalogueEntry<ProblemRecipe>> catalogue, const SchemaPlace& place,
                                const Json& common, Json& definitions);
[[nodiscard]] Json entry_schema(std::string_view kind, std::span<const CatalogueEntry<StrategyRecipe>> catalogue, const SchemaPlace& place,
                                const Json& common, Json& definitions);

}  // namespace tonne
