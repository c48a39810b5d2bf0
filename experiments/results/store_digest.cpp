#include "experiments/results/store_digest.h"

#include <SQLiteCpp/Column.h>
#include <fmt/format.h>

#include "experiments/results/content_sum.h"
#include "experiments/results/store_columns.h"
#include "experiments/results/store_database.h"
#include "experiments/results/store_schema.h"

namespace tonne {
namespace {

ContentSum sum_of_rows(const SQLite::Database& database, const char* table, const char* columns) {
  SQLite::Statement query(database, fmt::format("SELECT {} FROM {}", columns, table));
  ContentSum sum;
  while (query.executeStep()) {
    RowHash row(table);
    for (int i = 0; i < query.getColumnCount(); ++i) hash_column(row, query.getColumn(i));
    sum += row.sum();
  }
  return sum;
}

}  // namespace

std::string ContentSum::text() const {
  return fmt::format("{:016x}{:016x}", a, b);
}

std::string digest_of_content(const StoreDatabase& database) {
  ContentSum sum = sum_of_rows(database.sql(), "cells", "cell, digest");
  for (const StoreTable& table : store_tables())
    if (table.of != TableOf::cells) sum += sum_of_rows(database.sql(), table.name, "*");
  return sum.text();
}

}  // namespace tonne
