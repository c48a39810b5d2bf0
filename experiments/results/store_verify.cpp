#include "experiments/results/store_verify.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include <string_view>

#include "experiments/results/content_sum.h"
#include "experiments/results/store_columns.h"
#include "experiments/results/store_database.h"
#include "experiments/results/store_schema.h"
#include "experiments/results/trial_reader.h"

namespace tonne {
namespace {

// The last column of `cells` is its digest, which is of everything else.
ContentSum sum_of_cell(const SQLite::Database& database, std::string_view table, std::size_t cell) {
  SQLite::Statement query(database, fmt::format("SELECT * FROM {} WHERE cell=?", table));
  bind_value(query, 1, cell);
  ContentSum sum;
  while (query.executeStep()) {
    RowHash row(table);
    const int columns = query.getColumnCount() - (table == "cells" ? 1 : 0);
    for (int i = 0; i < columns; ++i) hash_column(row, query.getColumn(i));
    sum += row.sum();
  }
  return sum;
}

ContentSum content_of_cell(const StoreDatabase& database, std::size_t cell) {
  ContentSum sum = content_of_trials(database, cell);
  for (const StoreTable& table : store_tables())
    if (table.of == TableOf::cells && std::string_view(table.name) != "trial_blocks")
      sum += sum_of_cell(database.sql(), table.name, cell);
  return sum;
}

}  // namespace

std::optional<std::string> damage_of_cell(const StoreDatabase& database, std::size_t cell) {
  SQLite::Statement query(database.sql(), "SELECT digest FROM cells WHERE cell=?");
  bind_value(query, 1, cell);
  if (!query.executeStep()) return "it has not finished";
  std::string expected;
  Columns(query) >> expected;
  try {
    if (content_of_cell(database, cell).text() == expected) return std::nullopt;
  } catch (const StoreError& error) {
    return error.what();
  }
  return "its content is not what was written";
}

}  // namespace tonne
