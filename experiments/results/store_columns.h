#pragma once
// Values of C++ in the columns of a table, and back. What is not known is NULL.

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/trial.h"
#include "experiments/results/content_sum.h"

namespace tonne {

/// energy_j, operational_kg, embodied_kg, usd, water_l.
inline constexpr int kUsageColumns = 5;

/// How many columns a value takes.
template <class Value>
inline constexpr int kColumnsOf = 1;
template <>
inline constexpr int kColumnsOf<Usage> = kUsageColumns;
template <class Value>
inline constexpr int kColumnsOf<std::optional<Value>> = kColumnsOf<Value>;

/// Binds a value to the column `at` and those that follow. Text is not copied: it must outlive the insert.
template <std::integral Whole>
void bind_value(SQLite::Statement& insert, int at, Whole value) {
  insert.bind(at, static_cast<std::int64_t>(value));
}
inline void bind_value(SQLite::Statement& insert, int at, double value) {
  insert.bind(at, value);
}
inline void bind_value(SQLite::Statement& insert, int at, const std::string& text) {
  insert.bindNoCopy(at, text);
}
inline void bind_value(SQLite::Statement& insert, int at, std::string_view text) {
  insert.bind(at, std::string(text));
}
inline void bind_value(SQLite::Statement& insert, int at, const char* text) {
  insert.bind(at, text);
}
void bind_value(SQLite::Statement& insert, int at, const Usage& usage);
template <class Value>
void bind_value(SQLite::Statement& insert, int at, const std::optional<Value>& value) {
  if (value) {
    bind_value(insert, at, *value);
  } else {
    for (int i = 0; i < kColumnsOf<Value>; ++i) insert.bind(at + i);
  }
}

/// Adds a value to the hash of its row, as a reader of the table would (hash_column).
template <std::integral Whole>
void hash_value(RowHash& hash, Whole value) {
  hash.add(static_cast<std::int64_t>(value));
}
inline void hash_value(RowHash& hash, double value) {
  hash.add(value);
}
inline void hash_value(RowHash& hash, std::string_view text) {
  hash.add(text);
}
void hash_value(RowHash& hash, const Usage& usage);
template <class Value>
void hash_value(RowHash& hash, const std::optional<Value>& value) {
  if (value) return hash_value(hash, *value);
  for (int i = 0; i < kColumnsOf<Value>; ++i) hash.add_nothing();
}
/// A column of a query's present row.
void hash_column(RowHash& hash, const SQLite::Column& column);

/// Makes a statement ready for its next use, after a failure too: else that use would fail with SQLite's "API misuse", and
/// hide what went wrong from whoever is told of the last failure.
class ResetAfter {
 public:
  explicit ResetAfter(SQLite::Statement& statement) : statement_(statement) {}
  ~ResetAfter() { statement_.tryReset(); }
  ResetAfter(const ResetAfter&) = delete;
  ResetAfter& operator=(const ResetAfter&) = delete;

 private:
  SQLite::Statement& statement_;
};

/// Inserts one row with these values, from the first column on. Precondition: as many columns as the
/// statement has.
template <class... Values>
void insert_row(SQLite::Statement& insert, const Values&... values) {
  const ResetAfter done(insert);
  int at = 1;
  ((bind_value(insert, at, values), at += kColumnsOf<Values>), ...);
  insert.exec();
}

/// Reads the columns of a query's present row from left to right.
class Columns {
 public:
  explicit Columns(const SQLite::Statement& query) : query_(query) {}

  template <std::integral Whole>
  Columns& operator>>(Whole& value) {
    value = static_cast<Whole>(query_.getColumn(next_++).getInt64());
    return *this;
  }
  Columns& operator>>(double& value);
  Columns& operator>>(std::string& text);
  /// In SI units and dollars, as bind_value() wrote it.
  Columns& operator>>(Usage& usage);
  template <class Value>
  Columns& operator>>(std::optional<Value>& value) {
    if (query_.getColumn(next_).isNull()) {
      value.reset();
      next_ += kColumnsOf<Value>;
      return *this;
    }
    return *this >> value.emplace();
  }

 private:
  const SQLite::Statement& query_;
  int next_ = 0;
};

}  // namespace tonne
