#include "experiments/analysis/setting_words.h"

#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/json.h"
#include "core/number_text.h"

namespace tonne {
namespace {

// The description of a setting; that of the cluster for a site's. Null for none.
const SettingDescription* description_of(const std::string& key, const std::vector<SettingDescription>& described) {
  constexpr std::string_view kSites = "cluster.sites.";
  std::string wanted = key;
  if (key.starts_with(kSites))
    if (const std::size_t dot = key.find('.', kSites.size()); dot != std::string::npos) wanted = "cluster" + key.substr(dot);
  const auto at = std::ranges::find(described, wanted, &SettingDescription::key);
  return at == described.end() ? nullptr : &*at;
}

std::string text_of(const Json& value, const SettingDescription* description) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_number()) return json_line(value);
  const auto number = value.get<double>();
  return description && description->kind ? format_quantity(number, *description->kind) : shortest_text(number);
}

void flatten(const Json& value, const std::string& path, const std::vector<SettingDescription>& described, SettingTexts& texts) {
  if (!value.is_object()) {
    const std::string text = text_of(value, description_of(path, described));
    if (!text.empty()) texts[path] = text;
    return;
  }
  for (const auto& [key, child] : value.items()) flatten(child, path.empty() ? key : path + "." + key, described, texts);
}

// "{intensity: 0.4 kgCO2e/kWh}": what is set below a key, but for defaults.
std::string group_text(const SettingTexts& texts, const std::string& group, const std::vector<SettingDescription>& described) {
  std::string text;
  for (auto at = texts.lower_bound(group + "."); at != texts.end() && at->first.starts_with(group + "."); ++at) {
    const SettingDescription* description = description_of(at->first, described);
    if (description && description->default_text == at->second) continue;
    text += (text.empty() ? "" : ", ") + at->first.substr(group.size() + 1) + ": " + at->second;
  }
  return text.empty() ? "" : "{" + text + "}";
}

// The group above a key that is shown as one; empty for none.
std::string group_above(const std::string& key, const std::set<std::string>& groups) {
  for (std::size_t dot = key.find('.'); dot != std::string::npos; dot = key.find('.', dot + 1))
    if (groups.contains(key.substr(0, dot))) return key.substr(0, dot);
  return groups.contains(key) ? key : "";
}

// A name in one and a group in the other; and the budget where it is one of other quantities.
std::set<std::string> whole_groups(const SettingTexts& in_a, const SettingTexts& in_b) {
  std::set<std::string> groups;
  const auto add = [&](const SettingTexts& one, const SettingTexts& other) {
    for (const auto& [key, text] : one) {
      const auto below = other.lower_bound(key + ".");
      if (below != other.end() && below->first.starts_with(key + ".")) groups.insert(key);
      if (key.starts_with("budget.") && !other.contains(key)) groups.insert("budget");
    }
  };
  add(in_a, in_b);
  add(in_b, in_a);
  return groups;
}

std::string at_key(const SettingTexts& texts, const std::string& key) {
  const auto found = texts.find(key);
  return found == texts.end() ? "" : found->second;
}

}  // namespace

SettingTexts setting_texts(const std::string& settings, const std::vector<SettingDescription>& described) {
  const Json parsed = parse_json(settings);
  if (!parsed.is_object()) throw StoreError("the results are damaged: settings cannot be read");
  SettingTexts texts;
  flatten(parsed.value("settings", Json::object()), "", described, texts);
  // A search runs at the median of what is uncertain; the file has the distribution.
  const Json uncertain = parsed.value("uncertain", Json::object());
  for (const auto& [key, distribution] : uncertain.items()) texts[key] = text_of(distribution, nullptr);
  return texts;
}

std::vector<UnequalSetting> unequal_settings(const SettingTexts& in_a, const SettingTexts& in_b,
                                             const std::vector<SettingDescription>& described) {
  const std::set<std::string> groups = whole_groups(in_a, in_b);
  std::set<std::string> keys;
  for (const SettingTexts* texts : {&in_a, &in_b})
    for (const auto& [key, text] : *texts) {
      const std::string group = group_above(key, groups);
      keys.insert(group.empty() ? key : group);
    }
  const auto text_at = [&](const SettingTexts& texts, const std::string& key) {
    const std::string own = at_key(texts, key);
    return own.empty() && groups.contains(key) ? group_text(texts, key, described) : own;
  };
  std::vector<UnequalSetting> unequal;
  for (const std::string& key : keys)
    if (UnequalSetting setting{key, text_at(in_a, key), text_at(in_b, key)}; setting.first != setting.second)
      unequal.push_back(std::move(setting));
  return unequal;
}

}  // namespace tonne
