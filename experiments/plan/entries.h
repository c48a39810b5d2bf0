#pragma once
// Entries of an experiment file: "name" or "{name: settings}", with their places for messages.

#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/recipe.h"
#include "core/yaml.h"

namespace tonne {

/// One entry of `problems` or `strategies`.
struct Entry {
  std::string name;
  const YamlNode* name_node;
  YamlNode settings;  ///< a map or null
};

/// "name" or "{name: settings}". Throws InputError when it is neither.
[[nodiscard]] Entry read_entry(const YamlNode& node, const YamlSource& source, const std::string& path);

/// The entries of the list at `key` below `root`; a single entry may stand without a list. Throws InputError
/// when there are none.
[[nodiscard]] std::vector<YamlNode> entries_of(const YamlNode* node, const YamlNode& root,
                                               const YamlSource& source, const std::string& key);

/// The label without what tables and files do not tell apart: controls, and the "'" that keeps a spreadsheet
/// from evaluating "=x".
[[nodiscard]] std::string written_label(const std::string& label);

/// Throws InputError when a label that is written alike is taken, and takes it: `labels` has those that are,
/// as written_label() gives them.
void check_label(const std::string& label, std::set<std::string>& labels, const YamlNode& node,
                 const YamlSource& source, const std::string& path);

/// Canonical JSON of an entry: equal for equal settings, however they were written. `content`: digest of
/// files that the settings name; 0: none.
[[nodiscard]] std::string canonical_entry(std::string_view name,
                                          const std::function<void(SettingsVisitor&)>& visit,
                                          std::uint64_t content);

/// To be thrown for a name that is not in a catalogue. `kind` is "problem" or "strategy".
[[nodiscard]] InputError unknown_name(const Entry& entry, const std::vector<std::string>& known,
                                      const YamlSource& source, const std::string& path,
                                      const std::string& kind);

/// Throws InputError when the catalogue does not hold the entry's name.
template <class Recipe>
const CatalogueEntry<Recipe>& find_recipe(std::span<const CatalogueEntry<Recipe>> catalogue,
                                          const Entry& entry, const YamlSource& source,
                                          const std::string& path, const std::string& kind) {
  std::vector<std::string> names;
  for (const auto& known : catalogue) {
    if (known.name == entry.name) return known;
    names.emplace_back(known.name);
  }
  throw unknown_name(entry, names, source, path, kind);
}

/// The node that a path such as "cluster.grid" names below a map, or the nearest one above it that exists.
[[nodiscard]] const YamlNode& locate(const YamlNode& node, std::string_view path);

/// Calls `function`. Errors from beneath (a table's row, a missing column) that know no place get that of the
/// entry; one that knows its key's path gets that key's.
template <class Function>
auto at_place(const YamlSource& source, const YamlNode& node, const std::string& path, Function function) {
  try {
    return function();
  } catch (const InputError& error) {
    if (error.has_location()) throw;
    const YamlNode& at = error.path().empty() ? node : locate(node, error.path());
    throw InputError({source.file, at.line, at.column}, error.path().empty() ? path : error.path(),
                     error.message());
  } catch (const std::invalid_argument& error) {
    throw InputError({source.file, node.line, node.column}, path, error.what());
  }
}

}  // namespace tonne
