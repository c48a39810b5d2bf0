#pragma once
// What the columns of a table of trials are: as the user names them, else by their names.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/csv.h"
#include "core/problem.h"
#include "experiments/histories/readers.h"

namespace tonne::histories {

/// Names that a kind of table gives its columns, as plain_name() has them, the likeliest first.
struct KnownColumns {
  std::vector<std::string_view> trial = {}, start = {}, end = {}, duration = {}, state = {}, step = {},
                                energy = {}, co2 = {};
  /// Where any column begins with one of them, the parameters are those that do, their names what follows.
  std::vector<std::string_view> parameter_prefixes = {};
  /// Neither a parameter nor anything else; one that ends with '*' stands for all that begin so.
  std::vector<std::string_view> neither = {};
};

struct ParameterColumn {
  std::size_t column = 0;
  std::string name;
};
struct ObjectiveColumn {
  std::size_t column = 0;
  std::string name;
  Direction direction = Direction::minimise;
};

struct TableRoles {
  std::vector<ParameterColumn> parameters;
  std::vector<ObjectiveColumn> objectives;
  std::vector<std::size_t> constraints;
  std::optional<std::size_t> trial, start, end, duration, state, step, energy, co2;
  bool end_is_relative = false;  ///< `end` holds seconds since the search began
  std::vector<std::string> notes;
};

/// Throws InputError at the table's first line: a column that is named and not there, no objective, more than
/// kMaxObjectives, no parameter.
[[nodiscard]] TableRoles find_roles(const CsvTable& table, const ReadOptions& options,
                                    const KnownColumns& known);

/// Whether every cell of a column is a number or missing, and at least one a number.
[[nodiscard]] bool is_numeric(const CsvTable& table, std::size_t column);

}  // namespace tonne::histories
