#include "search/problems/tabular/tabular_levels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "core/error.h"

namespace tonne::tabular {
namespace {

/// Whole numbers from here on share a double with their neighbours.
constexpr double kLeastInexact = 9007199254740992.0;  // 2^53

// The number of a field and where it stands.
struct Number {
  double value = 0.0;
  std::uint32_t row = 0;
};

// What tells numbers apart beside their value: the text, from where on a double alone does not.
std::string_view exact_text(double value, std::string_view field) {
  return std::abs(value) < kLeastInexact ? std::string_view() : field;
}

// Numbers in ascending order; nothing when some field is none. By sorting: a table may have millions of levels.
std::optional<Levels> numeric_levels(const CsvTable& table, std::size_t column) {
  std::vector<Number> numbers;
  numbers.reserve(table.rows());
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto value = parse_number(table.field(row, column));
    if (!value) return std::nullopt;
    numbers.push_back({*value, static_cast<std::uint32_t>(row)});
  }
  const auto text_of = [&](const Number& number) {
    return std::abs(number.value) < kLeastInexact ? std::string_view() : table.field(number.row, column);
  };
  std::ranges::sort(numbers, [&](const Number& a, const Number& b) {
    return a.value != b.value ? a.value < b.value : std::pair(text_of(a), a.row) < std::pair(text_of(b), b.row);
  });
  Ordinal ordinal;
  Levels levels;
  levels.of_row.resize(table.rows());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const Number& number = numbers[i];
    const bool is_new = i == 0 || number.value != numbers[i - 1].value || text_of(number) != text_of(numbers[i - 1]);
    if (is_new) ordinal.levels.emplace_back(table.field(number.row, column));  // as its first row writes it
    levels.of_row[number.row] = static_cast<std::uint32_t>(ordinal.levels.size() - 1);
  }
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
  const auto first = parse_number(a);
  const auto second = parse_number(b);
  return first && first == second && exact_text(*first, a) == exact_text(*second, b);
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
