#include "search/problems/tabular/tabular_file.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <string_view>
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

// Whether reading the table runs expressions of whoever made the file: it is a view, or has generated columns.
bool is_computed(const SQLite::Database& database, const std::string& table) {
  SQLite::Statement query(database,
                          "SELECT (SELECT type FROM sqlite_master WHERE name = ?1) = 'view' OR "
                          "EXISTS(SELECT 1 FROM pragma_table_xinfo(?1) WHERE hidden > 1)");
  query.bind(1, table);
  return query.executeStep() && query.getColumn(0).getInt() != 0;
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
  static constexpr int kInterval = 10'000;
  static int count(void* self) { return --static_cast<StepLimit*>(self)->left_ < 0 ? 1 : 0; }

  sqlite3* handle_;
  std::int64_t left_;  // intervals
};

// Steps of SQLite's virtual machine: half a second's worth for any file, and ten for each byte, where a table needs a few for each field.
std::int64_t most_steps_of(const fs::path& path) {
  constexpr std::int64_t kAnyFile = 10'000'000;
  return kAnyFile + 10 * static_cast<std::int64_t>(fs::file_size(path));
}

// Functions whose time does not grow faster than their arguments.
constexpr auto kHarmless = std::to_array<std::string_view>(
    {"abs", "avg", "cast", "coalesce", "count", "iif", "ifnull", "instr", "length", "lower", "ltrim", "max", "min", "nullif", "round",
     "rtrim", "row_number", "sign", "substr", "substring", "sum", "total", "trim", "typeof", "upper"});

int allow_harmless(void*, int action, const char*, const char* function, const char*, const char*) {
  const bool harmless = action != SQLITE_FUNCTION || std::ranges::find(kHarmless, function) != kHarmless.end();
  return harmless ? SQLITE_OK : SQLITE_DENY;
}

// For expressions of whoever made the file: short values and simple functions, so that each step is short.
void restrict_expressions(const SQLite::Database& database) {
  constexpr int kLongest = 4096;  // bytes
  sqlite3_limit(database.getHandle(), SQLITE_LIMIT_LENGTH, kLongest);
  sqlite3_set_authorizer(database.getHandle(), &allow_harmless, nullptr);
}

// As CSV text, so that one path checks both.
CsvTable read_sqlite(const fs::path& path, const std::string& table) {
  const std::string file = path.string();
  constexpr std::size_t kLargest = std::size_t{1} << 30U;
  try {
    if (!fs::is_regular_file(path)) throw InputError({file, 0, 0}, "", "no such file, or not a regular file");
    SQLite::Database database(file, SQLite::OPEN_READONLY);
    database.exec("PRAGMA trusted_schema=OFF");
    const StepLimit limit(database, most_steps_of(path));
    require_table(database, path, table);
    if (is_computed(database, table)) restrict_expressions(database);
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
                       fmt::format("reading its table '{}' takes far longer than a file of this size should; if it is a view, store "
                                   "its rows in a table (CREATE TABLE ... AS SELECT ...)",
                                   table));
    if (error.getErrorCode() == SQLITE_TOOBIG || std::string_view(error.what()).starts_with("not authorized"))
      throw InputError({file, 0, 0}, "",
                       fmt::format("its view '{}' computes more than arithmetic on short fields ({}): store its rows in a table", table,
                                   error.what()));
    throw InputError({file, 0, 0}, "", std::string("cannot be read: ") + error.what());
  }
}

}  // namespace

CsvTable read_table_file(const fs::path& file, const std::string& table) {
  return is_sqlite(file) ? read_sqlite(file, table) : CsvTable::read(file);
}

}  // namespace tonne::tabular
