#pragma once
// What an entry of the catalogue may say: its words, its figures with their bounds, its lists of rows.

#include <optional>
#include <string_view>
#include <vector>

#include "core/settings.h"

namespace tonne {

/// A word of an entry: its kind, its description.
struct WordSpec {
  std::string_view key;
  std::vector<std::string_view> allowed;  ///< empty: any text; in a row, any name (letters, digits and -_.+)
  bool required = false;
};

/// A figure "group.name" stands in the map `group` of an entry, beside the group's source; "name" in the entry
/// itself.
struct FigureSpec {
  std::string_view key;
  std::optional<QuantityKind> kind;  ///< none: a plain number
  Bounds bounds;
  bool required = false;
};

/// A list of rows: `group: [{word: ..., figure: ..., source: ...}, ...]`. The words tell rows apart.
struct RowSpec {
  std::string_view group;
  std::vector<WordSpec> words;
  std::vector<FigureSpec> figures;  ///< by their names alone
};

struct Schema {
  std::string_view section;  ///< "devices": the key in a file
  std::string_view what;     ///< "device": in messages
  std::vector<WordSpec> words;
  std::vector<FigureSpec> figures;
  std::vector<RowSpec> rows = {};
};

[[nodiscard]] const Schema& device_schema();
[[nodiscard]] const Schema& host_schema();
[[nodiscard]] const Schema& grid_schema();
[[nodiscard]] const Schema& facility_schema();

}  // namespace tonne
