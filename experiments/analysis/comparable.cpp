#include "experiments/analysis/comparable.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <set>

#include "core/error.h"
#include "core/json.h"
#include "cost_models/catalogue.h"
#include "experiments/analysis/setting_words.h"
#include "experiments/plan/experiment_file.h"
#include "experiments/text/text_table.h"
#include "search/catalogue.h"

namespace tonne {
namespace {

constexpr std::size_t kMostListed = 8;

// Of the places of searches; described once, since it is much.
const std::vector<SettingDescription>& place_settings() {
  static const std::vector<SettingDescription> described = describe_experiment_settings();
  return described;
}

std::vector<SettingDescription> problem_settings(const std::string& settings) {
  const Json parsed = parse_json(settings);
  const std::string name = parsed.is_object() ? parsed.value("name", "") : "";
  for (const auto& entry : problem_catalogue())
    if (entry.name == name) {
      const auto recipe = entry.make();
      return describe_settings([&](SettingsVisitor& v) { recipe->visit(v); });
    }
  return {};
}

// A member of the stored JSON beside the settings: the problem's name, or a digest over the files that the
// settings name.
std::string beside(const std::string& settings, const char* key) {
  const Json parsed = parse_json(settings);
  return parsed.is_object() && parsed.contains(key) ? json_line(parsed[key]) : "";
}

std::string clause(const std::string& key, const std::string& in_a, const std::string& in_b,
                   const BoardNames& names) {
  const auto text = [](const std::string& value) {
    return value.empty() ? std::string("not given") : printable(value);
  };
  return fmt::format("{} is {} in {} and {} in {}", printable(key), text(in_a), printable(names.first),
                     text(in_b), printable(names.second));
}

// "average, direct, location": of the settings where they say it, else of the shipped grid; empty where
// neither does.
std::string signal_kind(const SettingTexts& leaves) {
  std::string text;
  for (const char* key : {"cluster.grid.kind", "cluster.grid.scope", "cluster.grid.basis"})
    if (const auto at = leaves.find(key); at != leaves.end()) text += (text.empty() ? "" : ", ") + at->second;
  if (!text.empty()) return text;
  const auto name = leaves.find("cluster.grid");
  if (name == leaves.end()) return "";
  const std::optional<GridEntry> grid = Catalogue::shipped()->find_grid(name->second);
  return grid ? signal_kind(grid->nature) : "";
}

void limit(std::vector<std::string>& clauses) {
  if (clauses.size() <= kMostListed) return;
  const std::size_t more = clauses.size() - kMostListed;
  clauses.resize(kMostListed);
  clauses.push_back(fmt::format("{} more", more));
}

bool says_signal_kind(const std::string& key) {
  return key == "cluster.grid.kind" || key == "cluster.grid.scope" || key == "cluster.grid.basis";
}

// "0 to 19", "1, 5 and 9".
std::string seeds_of(const Board& board) {
  std::set<std::uint64_t> seeds;
  for (const BoardStrategy& strategy : board.strategies)
    for (const BoardSearch& search : strategy.searches) seeds.insert(search.seed);
  if (seeds.empty()) return "none";
  if (seeds.size() > 2 && *seeds.rbegin() - *seeds.begin() == seeds.size() - 1)
    return fmt::format("{} to {}", *seeds.begin(), *seeds.rbegin());
  std::vector<std::string> texts;
  for (const std::uint64_t seed : seeds) texts.push_back(std::to_string(seed));
  constexpr std::size_t kMost = 12;
  return texts.size() > kMost
             ? fmt::format("{} seeds from {} to {}", texts.size(), texts.front(), texts.back())
             : joined(texts);
}

}  // namespace

std::string signal_kind(SignalNature nature) {
  return fmt::format("{}, {}, {}", to_string(nature.kind), to_string(nature.scope), to_string(nature.basis));
}

std::string mixed_kinds_warning(std::vector<std::string> kinds) {
  std::ranges::sort(kinds);
  const auto repeated = std::ranges::unique(kinds);
  kinds.erase(repeated.begin(), repeated.end());
  std::erase(kinds, "");
  if (kinds.size() < 2) return "";
  std::string list;
  for (const std::string& kind : kinds) list += (list.empty() ? "" : "; ") + kind;
  return "The grid figures are of different kinds: " + list +
         ". Their CO2e is not comparable, so a choice between these grids means little.";
}

std::string signal_kind(const StoredScenario& place) {
  return signal_kind(setting_texts(place.settings, place_settings()));
}

BoardDifferences board_differences(const Board& a, const Board& b, const BoardNames& names) {
  BoardDifferences differences;
  const auto forbid = [&](const std::string& key, const std::string& in_a, const std::string& in_b) {
    if (in_a != in_b) differences.forbidding.push_back(clause(key, in_a, in_b, names));
  };
  const std::vector<SettingDescription> described = problem_settings(a.traits.settings);
  forbid("the problem", beside(a.traits.settings, "name"), beside(b.traits.settings, "name"));
  for (const auto& [key, in_a, in_b] :
       unequal_settings(setting_texts(a.traits.settings, described),
                        setting_texts(b.traits.settings, described), described))
    forbid("problem." + key, in_a, in_b);
  if (beside(a.traits.settings, "content") != beside(b.traits.settings, "content"))
    differences.forbidding.emplace_back("the problem's files differ");
  forbid("the objective", a.traits.objective, b.traits.objective);

  const SettingTexts one = setting_texts(a.place.settings, place_settings());
  const SettingTexts other = setting_texts(b.place.settings, place_settings());
  forbid("the kind of grid signal", signal_kind(one), signal_kind(other));
  for (const auto& [key, in_a, in_b] : unequal_settings(one, other, place_settings())) {
    if (says_signal_kind(key)) continue;
    if (key == "cluster.device" || key == "cluster.embodied.count")
      forbid(key, in_a, in_b);
    else
      differences.to_know.push_back(clause(key, in_a, in_b, names));
  }
  if (differences.to_know.empty() && a.place.settings != b.place.settings)
    differences.to_know.push_back("the files named in the settings differ");
  limit(differences.forbidding);
  limit(differences.to_know);
  if (const std::string in_a = seeds_of(a), in_b = seeds_of(b); in_a != in_b)
    differences.seeds = fmt::format("the seeds are {} in {} and {} in {}", in_a, printable(names.first), in_b,
                                    printable(names.second));
  return differences;
}

}  // namespace tonne
