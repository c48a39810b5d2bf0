#include "search/problems/tabular/tabular_file.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "core/error.h"

namespace tonne::tabular {
namespace {

namespace fs = std::filesystem;

bool is_sqlite(const fs::path& file) {
  const auto ending = file.extension().string();
  return ending == ".sqlite" || ending == ".sqlite3" || ending == ".db";
}

std::string quoted_identifier(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

void require_table(const SQLite::Database& database, const fs::path& path, const std::string& table) {
  std::vector<std::string> tables;
  SQLite::Statement query(database,
                          "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name");
  while (query.executeStep()) tables.push_back(query.getColumn(0).getString());
  if (std::ranges::find(tables, table) != tables.end()) return;
  const Location file{path.string(), 0, 0};
  if (table.empty())
    throw InputError(file, "",
                     "is an SQLite file: select its table with table:, one of " + join_names(tables));
  const std::string hint = did_you_mean(table, tables);
  throw InputError(file, "",
                   fmt::format("has no table '{}'. {}Its tables: {}", table, hint.empty() ? "" : hint + " ",
                               join_names(tables)));
}

// SQLite's own text of a real has 15 digits, too few to tell all doubles apart.
std::string text_of(const SQLite::Column& value) {
  return value.isFloat() ? fmt::format("{}", value.getDouble()) : value.getString();
}

// Ends a query that somebody else's view makes run for ever.
class StepLimit {
 public:
  StepLimit(const SQLite::Database& database, std::int64_t most_steps)
      : handle_(database.getHandle()), left_(most_steps / kInterval) {
    sqlite3_progress_handler(handle_, kInterval, &StepLimit::count, this);
  }
  ~StepLimit() { sqlite3_progress_handler(handle_, 0, nullptr, nullptr); }
  StepLimit(const StepLimit&) = delete;
  StepLimit& operator=(const StepLimit&) = delete;

 private:
  static constexpr int kInterval = 100'000;
  static int count(void* self) { return --static_cast<StepLimit*>(self)->left_ < 0 ? 1 : 0; }

  sqlite3* handle_;
  std::int64_t left_;  // intervals
};

// As CSV text, so that one path checks both.
CsvTable read_sqlite(const fs::path& path, const std::string& table, std::int64_t most_steps) {
  const std::string file = path.string();
  constexpr std::size_t kLargest = std::size_t{1} << 30U;
  try {
    if (!fs::is_regular_file(path)) throw InputError({file, 0, 0}, "", "no such file, or not a regular file");
    const SQLite::Database database(file, SQLite::OPEN_READONLY);
    const StepLimit limit(database, most_steps);
    require_table(database, path, table);
    SQLite::Statement query(database, "SELECT * FROM " + quoted_identifier(table));
    std::string text;
    const auto add = [&](const std::string& field, bool last) {
      text += quoted_identifier(field) + (last ? "\n" : ",");  // the same quoting rule as CSV's
    };
    for (int i = 0; i < query.getColumnCount(); ++i)
      add(query.getColumnName(i), i + 1 == query.getColumnCount());
    while (query.executeStep()) {
      for (int i = 0; i < query.getColumnCount(); ++i)
        add(text_of(query.getColumn(i)), i + 1 == query.getColumnCount());
      if (text.size() > kLargest) throw InputError({file, 0, 0}, "", "is larger than 1 GiB as text");
    }
    return CsvTable::parse(std::move(text), file);
  } catch (const SQLite::Exception& error) {
    if (error.getErrorCode() == SQLITE_INTERRUPT)
      throw InputError({file, 0, 0}, "",
                       fmt::format("reading its table '{}' takes more than {:.0e} steps", table,
                                   static_cast<double>(most_steps)));
    throw InputError({file, 0, 0}, "", std::string("cannot be read: ") + error.what());
  }
}

}  // namespace

CsvTable read_table_file(const fs::path& file, const std::string& table, std::int64_t most_steps) {
  return is_sqlite(file) ? read_sqlite(file, table, most_steps) : CsvTable::read(file);
}

}  // namespace tonne::tabular
