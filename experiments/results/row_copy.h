#pragma once
// A store as plain tables, for SQL.

#include <filesystem>

namespace tonne {

class StoreDatabase;

/// Writes a new SQLite file with the store's tables, and with the table `trials`, which has a row for each trial, in the place of
/// the blocks. It is no store. It takes its name, and the place of an older file of that name, only when it is complete. Throws
/// StoreError.
void write_row_copy(const StoreDatabase& store, const std::filesystem::path& file);

}  // namespace tonne
