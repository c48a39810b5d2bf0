#pragma once
// A user's file of evaluations, CSV or SQLite.

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/csv.h"

namespace tonne::tabular {

/// Of SQLite's virtual machine, a few for each field: ten times what a table of a gibibyte needs, some ten
/// seconds.
inline constexpr std::int64_t kMostSteps = 1'000'000'000;

/// The file as a CSV table: of an SQLite file (.sqlite, .sqlite3, .db) the rows of `table`, its "lines" being
/// rows, the header the first. Opened for reading only; a view that goes on for more steps is given up. Throws
/// InputError.
[[nodiscard]] CsvTable read_table_file(const std::filesystem::path& file, const std::string& table,
                                       std::int64_t most_steps = kMostSteps);

}  // namespace tonne::tabular
