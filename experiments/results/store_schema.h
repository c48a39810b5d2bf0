#pragma once
// The tables of a store.

#include <cstdint>
#include <span>

namespace SQLite {
class Database;
}

namespace tonne {

class StoreDatabase;

/// Changes with the tables or the meaning of their columns; stands in `meta`.
inline constexpr const char* kStoreFormat = "8";

/// What a table's rows belong to: the store, the experiment's plan, or one of its cells (they have a column
/// `cell`).
enum class TableOf : std::uint8_t { meta, plan, cells };

struct StoreTable {
  const char* name;
  const char* key;  ///< columns, separated by commas: the order in which rows are read
  TableOf of;
};

/// Makes the tables in an empty database.
void create_tables(SQLite::Database& database);

/// Every table of a store.
[[nodiscard]] std::span<const StoreTable> store_tables();

/// A store holds this program's tables and nothing else: a view or a generated column of somebody else's
/// would be run when it is read, and may run for ever. Throws StoreError otherwise.
void check_schema(const StoreDatabase& database);

}  // namespace tonne
