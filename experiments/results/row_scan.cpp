#include "experiments/results/row_scan.h"

#include "experiments/results/store_database.h"

namespace tonne {

RowScan::RowScan(const StoreDatabase& database, const char* query) : connection_(database.sql().getHandle()) {
  if (sqlite3_prepare_v2(connection_, query, -1, &statement_, nullptr) != SQLITE_OK)
    throw SQLite::Exception(connection_, sqlite3_extended_errcode(connection_));
}

RowScan::~RowScan() {
  sqlite3_finalize(statement_);
}

bool RowScan::next() {
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  throw SQLite::Exception(connection_, sqlite3_extended_errcode(connection_));
}

std::uint64_t RowScan::whole(int column) const {
  return static_cast<std::uint64_t>(sqlite3_column_int64(statement_, column));
}

double RowScan::real(int column) const {
  return sqlite3_column_double(statement_, column);
}

std::string_view RowScan::text(int column) const {
  const auto* begin = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const auto bytes = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return bytes == 0 ? std::string_view() : std::string_view(begin, bytes);
}

bool RowScan::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

Usage RowScan::usage(int column) const {
  return {real(column) * joule, real(column + 1) * kilogram, real(column + 2) * kilogram, real(column + 3) * dollar,
          real(column + 4) * litre};
}

}  // namespace tonne
