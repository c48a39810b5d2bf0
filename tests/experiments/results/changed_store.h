#pragma once
// Stores that somebody changed on purpose: their pages are intact, their content is not.

#include <SQLiteCpp/Database.h>

#include <filesystem>
#include <string>

#include "experiments/results/checked_file.h"

namespace tonne::testing {

/// Runs SQL on a store's file; the hashes of its pages are those of what stands in them afterwards.
inline void change_store(const std::filesystem::path& file, const std::string& sql) {
  SQLite::Database(file.string(), SQLite::OPEN_READWRITE, 0, checked_vfs()).exec(sql);
}

}  // namespace tonne::testing
