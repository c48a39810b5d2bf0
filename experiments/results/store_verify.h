#pragma once
// Whether a cell is still what was written.

#include <cstddef>
#include <optional>
#include <string>

namespace tonne {

class StoreDatabase;

/// Computes the digest of a finished cell from all that the store holds of it, and compares it with the one that was written with
/// it. Nothing where they agree; else what is wrong, as part of a sentence: "its content is not what was written". Does not throw
/// StoreError where a block is damaged: that is what it says then. Throws SQLite::Exception where the file cannot be read.
[[nodiscard]] std::optional<std::string> damage_of_cell(const StoreDatabase& database, std::size_t cell);

}  // namespace tonne
