#pragma once
// The levels of a column of decisions, or of training seeds.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/csv.h"
#include "core/search_space.h"

namespace tonne::tabular {

/// The levels of one column, and for each row which of them stands there.
struct Levels {
  Domain domain;
  std::vector<std::uint32_t> of_row;
};

enum class Kind : std::uint8_t { by_content, categorical };

/// Whether two fields are one level: equal texts, or equal numbers below 2^53; larger ones are told apart by
/// their text.
[[nodiscard]] bool is_same_level(std::string_view a, std::string_view b);

/// by_content: numbers are ordered levels, ascending; anything else is categories, in the order of their
/// first rows. Throws InputError, with the row, where a field is empty.
[[nodiscard]] Levels read_levels(const CsvTable& table, std::size_t column, Kind kind);
/// Levels in the order that the user declares. Throws InputError where a row has another, or no row has one.
[[nodiscard]] Levels declared_levels(const CsvTable& table, std::size_t column,
                                     const std::vector<std::string>& order);

/// Throws InputError with the place of a field: "t.csv:3: column 'x': message".
[[noreturn]] void fail_at(const CsvTable& table, std::size_t row, std::size_t column,
                          const std::string& message);

}  // namespace tonne::tabular
