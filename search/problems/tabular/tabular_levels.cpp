#include "search/problems/tabular/tabular_levels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "core/error.h"

namespace tonne::tabular {
namespace {

/// Whole numbers from here on share a double with their neighbours.
constexpr double kLeastInexact = 9007199254740992.0;  // 2^53

// A number, and its text where the double alone does not tell it from another.
using Number = std::pair<double, std::string>;

std::optional<Number> number_of(std::string_view field) {
  const auto value = parse_number(field);
  if (!value) return std::nullopt;
  return Number{*value, std::abs(*value) < kLeastInexact ? std::string() : std::string(field)};
}

// Numbers in ascending order; nothing when some field is none.
std::optional<Levels> numeric_levels(const CsvTable& table, std::size_t column) {
  std::map<Number, std::string> numbers;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string_view field = table.field(row, column);
    const auto number = number_of(field);
    if (!number) return std::nullopt;
    numbers.try_emplace(*number, field);
  }
  Ordinal ordinal;
  std::map<Number, std::uint32_t> index;
  for (const auto& [number, text] : numbers) {
    index[number] = static_cast<std::uint32_t>(ordinal.levels.size());
    ordinal.levels.push_back(text);
  }
  Levels levels;
  for (std::size_t row = 0; row < table.rows(); ++row)
    levels.of_row.push_back(index[*number_of(table.field(row, column))]);
  levels.domain = std::move(ordinal);
  return levels;
}

// In the order of their first rows.
Levels categorical_levels(const CsvTable& table, std::size_t column) {
  Levels levels;
  Categorical categorical;
  std::map<std::string, std::uint32_t, std::less<>> index;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string_view field = table.field(row, column);
    auto at = index.find(field);
    if (at == index.end()) {
      at = index.emplace(std::string(field), static_cast<std::uint32_t>(categorical.choices.size())).first;
      categorical.choices.emplace_back(field);
    }
    levels.of_row.push_back(at->second);
  }
  levels.domain = std::move(categorical);
  return levels;
}

}  // namespace

void fail_at(const CsvTable& table, std::size_t row, std::size_t column, const std::string& message) {
  throw InputError({table.file(), table.line(row), 0}, "column '" + table.columns()[column] + "'", message);
}

bool is_same_level(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const auto number = number_of(a);
  return number && number == number_of(b);
}

Levels declared_levels(const CsvTable& table, std::size_t column, const std::vector<std::string>& order) {
  Levels levels;
  std::vector<bool> seen(order.size(), false);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string_view field = table.field(row, column);
    const auto at =
        std::ranges::find_if(order, [&](const std::string& level) { return is_same_level(level, field); });
    if (at == order.end())
      fail_at(table, row, column,
              fmt::format("'{}' is not in the declared order: {}", field, join_names(order)));
    const auto index = static_cast<std::size_t>(at - order.begin());
    seen[index] = true;
    levels.of_row.push_back(static_cast<std::uint32_t>(index));
  }
  const auto unseen = std::ranges::find(seen, false);
  if (unseen != seen.end())
    throw InputError({}, "order." + table.columns()[column],
                     fmt::format("no row has '{}'", order[static_cast<std::size_t>(unseen - seen.begin())]));
  levels.domain = Ordinal{order};
  return levels;
}

Levels read_levels(const CsvTable& table, std::size_t column, Kind kind) {
  for (std::size_t row = 0; row < table.rows(); ++row)
    if (table.field(row, column).empty()) fail_at(table, row, column, "is empty, expected a decision");
  if (kind == Kind::by_content)
    if (auto numbers = numeric_levels(table, column)) return std::move(*numbers);
  return categorical_levels(table, column);
}

}  // namespace tonne::tabular
