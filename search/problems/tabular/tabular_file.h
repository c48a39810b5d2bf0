#pragma once
// A user's file of evaluations, CSV or SQLite.

#include <filesystem>
#include <string>

#include "core/csv.h"

namespace tonne::tabular {

/// The file as a CSV table: of an SQLite file (.sqlite, .sqlite3, .db) the rows of `table`, its "lines" being
/// rows, the header the first. Opened for reading only; a view that takes many more steps of SQLite's virtual machine than a
/// table of the file's size would is given up. Throws InputError.
[[nodiscard]] CsvTable read_table_file(const std::filesystem::path& file, const std::string& table);

}  // namespace tonne::tabular
