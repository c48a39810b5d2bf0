#pragma once
// A quick walk over many rows of a store: SQLite's own calls, without a shared pointer and two copies for each value.

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/trial.h"

namespace tonne {

class StoreDatabase;

/// The rows of one query, from the first to the last. Outlived by its database.
class RowScan {
 public:
  /// Throws SQLite::Exception, as next() does.
  RowScan(const StoreDatabase& database, const char* query);
  ~RowScan();
  RowScan(const RowScan&) = delete;
  RowScan& operator=(const RowScan&) = delete;

  /// Goes to the next row, at first to the first one; false behind the last.
  [[nodiscard]] bool next();

  // Of the present row; `column` counts from 0.
  [[nodiscard]] std::uint64_t whole(int column) const;
  [[nodiscard]] double real(int column) const;
  /// Valid until next().
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] bool is_null(int column) const;
  /// Five columns from `column` on, as bind_value() wrote them.
  [[nodiscard]] Usage usage(int column) const;

 private:
  sqlite3* connection_;
  sqlite3_stmt* statement_ = nullptr;
};

/// Walks along a table that is ordered by its first column `cell`, while its user goes from cell to cell.
class CellScan {
 public:
  CellScan(const StoreDatabase& database, const char* query) : rows_(database, query) { step(); }

  /// Calls visit(rows) for each row of the cell; none where it has none. Precondition: the cell is not below that of
  /// the call before.
  template <class Visit>
  void each_of(std::size_t cell, const Visit& visit) {
    for (; more_ && cell_ < cell; step()) {
    }
    for (; more_ && cell_ == cell; step()) visit(rows_);
  }

 private:
  void step() {
    more_ = rows_.next();
    if (more_) cell_ = rows_.whole(0);
  }

  RowScan rows_;
  bool more_ = false;
  std::size_t cell_ = 0;
};

}  // namespace tonne
