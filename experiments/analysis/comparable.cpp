#include "experiments/analysis/comparable.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/error.h"
#include "core/json.h"
#include "cost_models/catalogue.h"

namespace tonne {
namespace {

constexpr std::size_t kMostListed = 8;

void flatten(const Json& value, const std::string& path, std::map<std::string, std::string>& leaves) {
  if (value.is_object()) {
    for (const auto& [key, child] : value.items())
      flatten(child, path.empty() ? key : path + "." + key, leaves);
    return;
  }
  leaves[path] = value.is_string() ? value.get<std::string>() : json_line(value);
}

std::map<std::string, std::string> leaves_of(const std::string& settings) {
  const Json parsed = parse_json(settings);
  if (!parsed.is_object()) throw StoreError("the results are damaged: settings cannot be read");
  std::map<std::string, std::string> leaves;
  flatten(parsed.value("settings", Json::object()), "", leaves);
  if (parsed.contains("name")) leaves["name"] = json_line(parsed["name"]);
  // A digest over the files that the settings name.
  if (parsed.contains("content")) leaves["content"] = json_line(parsed["content"]);
  return leaves;
}

std::string clause(const std::string& key, const std::string& a, const std::string& b) {
  const auto text = [](const std::string& value) {
    return value.empty() ? std::string("not given") : printable(value);
  };
  return fmt::format("{} is {} in one and {} in the other", printable(key), text(a), text(b));
}

// Keys with a value in one of both that is not the other's.
std::map<std::string, std::pair<std::string, std::string>> unequal(
    const std::map<std::string, std::string>& a, const std::map<std::string, std::string>& b) {
  std::map<std::string, std::pair<std::string, std::string>> found;
  for (const auto& [key, value] : a)
    if (const auto other = b.find(key); other == b.end() || other->second != value)
      found[key] = {value, other == b.end() ? "" : other->second};
  for (const auto& [key, value] : b)
    if (!a.contains(key)) found[key] = {"", value};
  return found;
}

// "average, direct, location": of the settings where they say it, else of the shipped grid; empty where
// neither does.
std::string signal_kind(const std::map<std::string, std::string>& leaves) {
  std::string text;
  for (const char* key : {"cluster.grid.kind", "cluster.grid.scope", "cluster.grid.basis"})
    if (const auto at = leaves.find(key); at != leaves.end()) text += (text.empty() ? "" : ", ") + at->second;
  if (!text.empty()) return text;
  const auto name = leaves.find("cluster.grid");
  if (name == leaves.end()) return "";
  for (const GridEntry& grid : Catalogue::shipped()->grids())
    if (grid.name == name->second)
      return fmt::format("{}, {}, {}", to_string(grid.nature.kind), to_string(grid.nature.scope),
                         to_string(grid.nature.basis));
  return "";
}

void limit(std::vector<std::string>& clauses) {
  if (clauses.size() <= kMostListed) return;
  const std::size_t more = clauses.size() - kMostListed;
  clauses.resize(kMostListed);
  clauses.push_back(fmt::format("{} more", more));
}

}  // namespace

std::string signal_kind(const StoredScenario& place) {
  return signal_kind(leaves_of(place.settings));
}

BoardDifferences board_differences(const Board& a, const Board& b) {
  BoardDifferences differences;
  for (const auto& [key, values] : unequal(leaves_of(a.traits.settings), leaves_of(b.traits.settings)))
    differences.forbidding.push_back(key == "content"
                                         ? "the problem's files differ"
                                         : clause("problem." + key, values.first, values.second));
  if (a.traits.objective != b.traits.objective)
    differences.forbidding.push_back(clause("the objective", a.traits.objective, b.traits.objective));

  const auto one = leaves_of(a.place.settings);
  const auto other = leaves_of(b.place.settings);
  const std::string kind = signal_kind(one);
  const std::string other_kind = signal_kind(other);
  if (kind != other_kind)
    differences.forbidding.push_back(clause("the kind of grid signal", kind, other_kind));
  for (const auto& [key, values] : unequal(one, other)) {
    if (key == "content") continue;  // follows from what it is a digest of
    const bool forbids = key == "cluster.device" || key == "cluster.embodied.count";
    const bool said =
        key == "cluster.grid.kind" || key == "cluster.grid.scope" || key == "cluster.grid.basis";
    if (!said)
      (forbids ? differences.forbidding : differences.to_know)
          .push_back(clause(key, values.first, values.second));
  }
  if (differences.to_know.empty() && a.place.settings != b.place.settings)
    differences.to_know.push_back("the files named in the settings differ");
  limit(differences.forbidding);
  limit(differences.to_know);
  return differences;
}

}  // namespace tonne
