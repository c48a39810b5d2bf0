#pragma once
// The trials of a table whose columns are known.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/csv.h"
#include "experiments/histories/clock.h"
#include "experiments/histories/readers.h"
#include "experiments/histories/table_cells.h"
#include "experiments/histories/table_roles.h"

namespace tonne::histories {

/// What a table is called, and what only its kind knows.
struct TableDescription {
  std::string name;
  std::string source;
  std::string method = {};
  std::vector<std::size_t> rows;  ///< those of this search, ascending
  double began = 0.0;             ///< where ends are relative: when the search began, in seconds since 1970; 0: not known
  /// How a trial stands by its last row; none: by the column of states, else by whether it has a value.
  std::function<std::optional<CellState>(std::size_t row)> state = nullptr;
};

/// Where a step is known, the rows of one trial are its reports, and what it says of the trial stands in the last one. Throws
/// InputError at the line for a cell that is no number, time, duration or state where it must be, a value outside of a domain that
/// options give, a parameter that changes within a trial.
[[nodiscard]] History table_history(const CsvTable& table, const TableRoles& roles, const TableDescription& description,
                                    const ReadOptions& options);

/// The table as tools write it, at most 1 GiB; the first column may have no name. Throws InputError as CsvTable does, and where it has
/// no rows.
[[nodiscard]] CsvTable read_trial_table(const std::filesystem::path& file);

}  // namespace tonne::histories
