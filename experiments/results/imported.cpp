#include "experiments/results/imported.h"

#include "core/json.h"

namespace tonne {
namespace {

constexpr const char* kImported = "imported";

std::string text_at(const Json& object, const char* key) {
  return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : "";
}

}  // namespace

std::string with_import(const std::string& settings, const ImportedSearch& search) {
  Json json = parse_json(settings);
  json[kImported] = {{"tool", search.tool}, {"meter", search.meter}};
  return json_line(json);
}

std::optional<ImportedSearch> imported_search(const StoredProblem& problem) {
  const Json json = parse_json(problem.settings);
  if (!json.is_object() || !json.contains(kImported) || !json[kImported].is_object()) return std::nullopt;
  return ImportedSearch{text_at(json[kImported], "tool"), text_at(json[kImported], "meter")};
}

std::optional<ImportedSearch> imported_search(const std::vector<StoredProblem>& problems) {
  for (const StoredProblem& problem : problems)
    if (auto search = imported_search(problem)) return search;
  return std::nullopt;
}

}  // namespace tonne
