#pragma once
// A damaged store's list of tables, replaced by the one that every store has.

#include <filesystem>

namespace tonne {

/// Writes to `copy` the file `damaged` with the pages that hold SQLite's header and list of tables taken from
/// an empty store that is made for it, beside it. For reading only. Throws StoreError or
/// std::filesystem::filesystem_error.
void mend_schema(const std::filesystem::path& damaged, const std::filesystem::path& copy);

}  // namespace tonne
