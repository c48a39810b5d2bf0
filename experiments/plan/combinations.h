#pragma once
// Lists in an experiment become grids: a setting that holds a list where one value is expected stands for
// several entries, one for each value.

#include <set>
#include <string>
#include <vector>

#include "core/yaml.h"

namespace tonne {

/// Settings with one value each.
struct Combination {
  YamlNode node;
  /// "key=value, ..." of what was chosen from lists; empty: there are none. No two of a node have the same
  /// one: where values alone would not tell items apart, the keys that differ stand too ("budget=3000
  /// epochs").
  std::string label;
};

/// The keys of settings whose value is a list by itself.
[[nodiscard]] std::set<std::string> list_settings(const std::vector<SettingDescription>& settings);

/// All combinations of the lists below `node`, the last list running fastest. `lists` names the settings
/// whose value is a list by itself; `where` is the node's key, for messages. Throws InputError: an empty
/// list, a list within a list, an item that stands twice, too many combinations.
[[nodiscard]] std::vector<Combination> combinations_of(const YamlNode& node,
                                                       const std::set<std::string>& lists,
                                                       const YamlSource& source, const std::string& where);

}  // namespace tonne
