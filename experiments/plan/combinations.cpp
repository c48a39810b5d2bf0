#include "experiments/plan/combinations.h"

#include <fmt/format.h>

#include <cstddef>
#include <iterator>
#include <map>
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

// A value within an item: its key ("" of the item itself, "grid.kind" further down) and its text.
using Leaf = std::pair<std::string, std::string>;
using Leaves = std::vector<Leaf>;

// The values, each with its key unless that tells nothing apart.
std::string text_of(const Leaves& leaves, const std::set<Leaf>& common) {
  std::string text;
  for (const auto& [key, value] : leaves) {
    const bool plain = key.empty() || common.contains({key, value});
    text += (text.empty() ? "" : " ") + value + (plain ? "" : " " + key);
  }
  return text;
}

Leaves leaves_of(const YamlNode& node, const std::string& key = "") {
  if (node.is_map() && !node.entries.empty()) {
    Leaves leaves;
    for (const auto& entry : node.entries)
      std::ranges::move(leaves_of(entry.value, key.empty() ? entry.key : key + "." + entry.key),
                        std::back_inserter(leaves));
    return leaves;
  }
  if (!node.is_sequence()) return {{key, short_text(node)}};
  std::string list;
  for (const YamlNode& item : node.items) list += (list.empty() ? "" : ", ") + text_of(leaves_of(item), {});
  return {{key, "[" + list + "]"}};
}

// Of all of them; `items` is not empty.
std::set<Leaf> common_leaves(const std::vector<Leaves>& items) {
  std::set<Leaf> common(items.front().begin(), items.front().end());
  for (const Leaves& leaves : items) {
    const std::set<Leaf> own(leaves.begin(), leaves.end());
    std::erase_if(common, [&](const Leaf& leaf) { return !own.contains(leaf); });
  }
  return common;
}

// How the items of a list are named: by their values, and so that no two have one name.
struct ItemTexts {
  std::vector<std::string> plain, distinct;
};

ItemTexts texts_of(const std::vector<YamlNode>& items) {
  ItemTexts texts;
  std::map<std::string, std::vector<std::size_t>> alike;
  for (std::size_t i = 0; i < items.size(); ++i)
    alike[texts.plain.emplace_back(short_text(items[i]))].push_back(i);
  texts.distinct = texts.plain;
  for (const auto& [text, numbers] : alike) {
    if (numbers.size() == 1) continue;
    std::vector<Leaves> leaves;
    for (const std::size_t i : numbers) leaves.push_back(leaves_of(items[i]));
    const std::set<Leaf> common = common_leaves(leaves);
    for (std::size_t k = 0; k < numbers.size(); ++k) texts.distinct[numbers[k]] = text_of(leaves[k], common);
  }
  return texts;
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

// What is chosen so far, with both of its labels.
struct Choice {
  YamlNode node;
  std::string plain, distinct;
};

// One choice for each item of a list within `choice`; `key` is the list's own.
std::vector<Choice> choose(Choice& choice, YamlNode& list, const std::string& key,
                           const std::string& full_path, const YamlSource& source) {
  if (list.items.empty())
    throw InputError({source.file, list.line, list.column}, full_path,
                     "is an empty list: give at least one value");
  std::vector<Choice> chosen;
  const std::vector<YamlNode> items = std::move(list.items);
  const ItemTexts texts = texts_of(items);
  std::set<std::string> seen;
  const auto label = [&](const std::string& before, const std::string& text) {
    return (before.empty() ? "" : before + ", ") + key + "=" + text;
  };
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Location where{source.file, items[i].line, items[i].column};
    if (items[i].is_sequence()) throw InputError(where, full_path, "is a list within a list");
    if (!seen.insert(texts.distinct[i]).second)
      throw InputError(where, full_path, fmt::format("'{}' appears twice", texts.distinct[i]));
    list = items[i];
    chosen.push_back(
        {choice.node, label(choice.plain, texts.plain[i]), label(choice.distinct, texts.distinct[i])});
  }
  return chosen;
}

// By their values where these tell them apart.
std::vector<Combination> labelled(std::vector<Choice> choices, const Location& where,
                                  const std::string& path) {
  std::map<std::string, std::size_t> plain, all;
  for (const Choice& choice : choices) ++plain[choice.plain];
  std::vector<Combination> combinations;
  for (Choice& choice : choices) {
    std::string label = plain[choice.plain] == 1 ? std::move(choice.plain) : std::move(choice.distinct);
    if (++all[label] > 1)
      throw InputError(where, path, fmt::format("two combinations of its lists would be called '{}'", label));
    combinations.push_back({std::move(choice.node), std::move(label)});
  }
  return combinations;
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
  std::vector<Choice> done;
  std::vector<Choice> open{{node, "", ""}};
  while (!open.empty()) {
    std::vector<Choice> next;
    for (Choice& choice : open) {
      std::string path;
      YamlNode* list = first_list(choice.node, "", lists, path);
      if (!list) {
        done.push_back(std::move(choice));
        continue;
      }
      const Location location{source.file, list->line, list->column};
      const std::string full_path = where.empty() ? path : where + "." + path;
      const std::string key = path.substr(path.rfind('.') + 1);
      std::ranges::move(choose(choice, *list, key, full_path, source), std::back_inserter(next));
      if (next.size() + done.size() > kMostCombinations)
        throw InputError(location, full_path,
                         fmt::format("its lists multiply to more than {} combinations", kMostCombinations));
    }
    open = std::move(next);
  }
  return labelled(std::move(done), {source.file, node.line, node.column}, where);
}

}  // namespace tonne
