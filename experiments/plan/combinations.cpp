#include "experiments/plan/combinations.h"

#include <fmt/format.h>

#include <cstddef>
#include <iterator>
#include <utility>

#include "core/error.h"

namespace tonne {
namespace {

constexpr std::size_t kMostCombinations = 10'000;

std::string short_text(const YamlNode& node) {
  if (node.is_scalar()) return node.text;
  if (!node.is_map()) return "...";
  std::string text;
  for (const auto& entry : node.entries) text += (text.empty() ? "" : " ") + short_text(entry.value);
  return text;
}

// Whether a setting's value is a list; a NAME in `lists` stands for any name.
bool is_list_setting(const std::string& key, const std::set<std::string>& lists) {
  if (lists.contains(key)) return true;
  const std::size_t first = key.find('.');
  const std::size_t second = key.find('.', first + 1);
  if (first == std::string::npos) return false;
  const std::string rest = second == std::string::npos ? "" : key.substr(second);
  return lists.contains(key.substr(0, first + 1) + std::string(kAnyName) + rest);
}

// Where, below `node`, a list stands in place of one value. `lists` names the settings whose value is a list.
YamlNode* first_list(YamlNode& node, const std::string& prefix, const std::set<std::string>& lists,
                     std::string& path) {
  for (auto& entry : node.entries) {
    const std::string key = prefix + entry.key;
    if (entry.value.is_sequence() && !is_list_setting(key, lists)) {
      path = key;
      return &entry.value;
    }
    if (!entry.value.is_map()) continue;
    if (YamlNode* found = first_list(entry.value, key + ".", lists, path)) return found;
  }
  return nullptr;
}

// One combination for each item of a list within `combination`; `key` is the list's own.
std::vector<Combination> choose(Combination& combination, YamlNode& list, const std::string& key,
                                const std::string& full_path, const YamlSource& source) {
  if (list.items.empty())
    throw InputError({source.file, list.line, list.column}, full_path,
                     "is an empty list: give at least one value");
  std::vector<Combination> chosen;
  const std::vector<YamlNode> items = std::move(list.items);
  for (const YamlNode& item : items) {
    if (item.is_sequence())
      throw InputError({source.file, item.line, item.column}, full_path, "is a list within a list");
    list = item;
    const std::string label = key + "=" + short_text(item);
    chosen.push_back(
        {combination.node, combination.label.empty() ? label : combination.label + ", " + label});
  }
  return chosen;
}

}  // namespace

std::set<std::string> list_settings(const std::vector<SettingDescription>& settings) {
  std::set<std::string> names;
  for (const SettingDescription& setting : settings)
    if (setting.is_list) names.insert(setting.key);
  return names;
}

std::vector<Combination> combinations_of(const YamlNode& node, const std::set<std::string>& lists,
                                         const YamlSource& source, const std::string& where) {
  std::vector<Combination> done;
  std::vector<Combination> open{{node, ""}};
  while (!open.empty()) {
    std::vector<Combination> next;
    for (Combination& combination : open) {
      std::string path;
      YamlNode* list = first_list(combination.node, "", lists, path);
      if (!list) {
        done.push_back(std::move(combination));
        continue;
      }
      const Location location{source.file, list->line, list->column};
      const std::string full_path = where.empty() ? path : where + "." + path;
      const std::string key = path.substr(path.rfind('.') + 1);
      std::ranges::move(choose(combination, *list, key, full_path, source), std::back_inserter(next));
      if (next.size() + done.size() > kMostCombinations)
        throw InputError(location, full_path,
                         fmt::format("its lists multiply to more than {} combinations", kMostCombinations));
    }
    open = std::move(next);
  }
  return done;
}

}  // namespace tonne
