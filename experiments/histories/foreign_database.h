#pragma once
// An SQLite file of a stranger, for reading alone. For sources alone.

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"

namespace tonne::histories {

/// One row of a table, with what its columns hold. What is wrong is told with the table and the row's own id.
class ForeignRow {
 public:
  ForeignRow(SQLite::Statement& statement, const std::string& file, const std::string& table,
             const std::vector<std::string>& columns)
      : statement_(statement), file_(file), table_(table), columns_(columns) {}

  [[nodiscard]] bool is_null(int column) const { return statement_.getColumn(column).isNull(); }
  /// Throw InputError where the column holds something else.
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double number(int column) const;
  [[nodiscard]] std::string text(int column) const;
  /// "study.db: table trials, row 5": the first column is taken as the row's id.
  [[nodiscard]] Location where() const;
  [[noreturn]] void refuse(const std::string& what) const;

 private:
  SQLite::Statement& statement_;
  const std::string& file_;
  const std::string& table_;
  const std::vector<std::string>& columns_;
};

/// Opened read-only: nothing is written beside it where it has no log of its own (FILE-wal), which is read
/// where there is one. Only plain tables are read, never a view, a virtual table or computed columns, and no
/// more steps are made than a file of its size needs.
class ForeignDatabase {
 public:
  /// Throws InputError where it cannot be opened.
  explicit ForeignDatabase(const std::filesystem::path& file);
  ~ForeignDatabase();
  ForeignDatabase(const ForeignDatabase&) = delete;
  ForeignDatabase& operator=(const ForeignDatabase&) = delete;

  [[nodiscard]] bool has(const std::string& table);
  [[nodiscard]] bool has(const std::string& table, const std::string& column);
  /// Calls `take` with each row of a table, its columns being those named, in the order of the rows' ids.
  /// Throws InputError where the table or a column is not there, or cannot be read.
  void each(const std::string& table, const std::vector<std::string>& columns,
            const std::function<void(const ForeignRow&)>& take);

 private:
  static int count(void* self);
  void refuse_computed(const std::string& table);
  template <class Function>
  auto guarded(Function&& function);

  std::string file_;
  std::int64_t steps_left_ = 0;  // in intervals
  std::optional<SQLite::Database> database_;
};

}  // namespace tonne::histories
