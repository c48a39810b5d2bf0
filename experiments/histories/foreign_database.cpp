#include "experiments/histories/foreign_database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <fstream>
#include <string_view>

#include "experiments/text/percent.h"

namespace tonne::histories {
namespace {

namespace fs = std::filesystem;

constexpr int kInterval = 10'000;           // steps between two calls of the counter
constexpr int kLongest = 64 * 1024 * 1024;  // bytes of a field or a row

// Bytes 18 and 19 of the header are 2 where a log is written beside the file
// (https://sqlite.org/fileformat.html).
bool logs_ahead(const fs::path& file) {
  std::array<char, 20> header{};
  std::ifstream(file, std::ios::binary).read(header.data(), header.size());
  return header[18] == 2 || header[19] == 2;
}

bool has_log(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file.string() + "-wal", error);
  return !error && size > 0;
}

// Without a log to read, a file in that mode is opened as one that nobody changes: SQLite would else make two
// files beside it.
std::string address(const fs::path& file) {
  const std::string path = "file:" + percent_encoded(fs::absolute(file).string(), "?#");
  return logs_ahead(file) && !has_log(file) ? path + "?immutable=1" : path;
}

std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

}  // namespace

std::int64_t ForeignRow::integer(int column) const {
  const SQLite::Column value = statement_.getColumn(column);
  if (!value.isInteger())
    refuse(fmt::format("column '{}' holds no integer", columns_[static_cast<std::size_t>(column)]));
  return value.getInt64();
}

double ForeignRow::number(int column) const {
  const SQLite::Column value = statement_.getColumn(column);
  if (!value.isInteger() && !value.isFloat())
    refuse(fmt::format("column '{}' holds no number", columns_[static_cast<std::size_t>(column)]));
  return value.getDouble();
}

std::string ForeignRow::text(int column) const {
  const SQLite::Column value = statement_.getColumn(column);
  if (!value.isText())
    refuse(fmt::format("column '{}' holds no text", columns_[static_cast<std::size_t>(column)]));
  return value.getString();
}

Location ForeignRow::where() const {
  const SQLite::Column id = statement_.getColumn(0);
  return {fmt::format("{}: table {}, row {}", file_, table_,
                      id.isInteger() ? std::to_string(id.getInt64()) : "?"),
          0, 0};
}

void ForeignRow::refuse(const std::string& what) const {
  throw InputError(where(), "", what);
}

template <class Function>
auto ForeignDatabase::guarded(Function&& function) {
  try {
    return function();
  } catch (const SQLite::Exception& error) {
    const Location where{file_, 0, 0};
    if (error.getErrorCode() == SQLITE_INTERRUPT)
      throw InputError(where, "", "reading its tables takes far longer than a file of this size should");
    if (error.getErrorCode() == SQLITE_CANTOPEN && has_log(file_))
      throw InputError(where, "",
                       "cannot be read together with its log, the file of this name and -wal: copy both to a "
                       "folder that can be written");
    throw InputError(where, "", std::string("cannot be read as SQLite: ") + error.what());
  }
}

ForeignDatabase::ForeignDatabase(const fs::path& file) : file_(file.string()) {
  std::error_code error;
  if (!fs::is_regular_file(file, error))
    throw InputError({file_, 0, 0}, "", "no such file, or not a regular file");
  // Half a second's worth for any file, and some twenty for each byte, where a row needs a few for each
  // field.
  steps_left_ = (20'000'000 + 20 * static_cast<std::int64_t>(fs::file_size(file))) / kInterval;
  guarded([&] {
    constexpr int kWait = 5000;  // milliseconds: a search may just be writing
    database_.emplace(address(file), SQLite::OPEN_READONLY | SQLite::OPEN_URI, kWait);
    sqlite3_limit(database_->getHandle(), SQLITE_LIMIT_LENGTH, kLongest);
    sqlite3_progress_handler(database_->getHandle(), kInterval, &ForeignDatabase::count, this);
    database_->exec("PRAGMA trusted_schema=OFF");
    database_->exec("PRAGMA cell_size_check=ON");
  });
}

ForeignDatabase::~ForeignDatabase() {
  if (database_) sqlite3_progress_handler(database_->getHandle(), 0, nullptr, nullptr);
}

int ForeignDatabase::count(void* self) {
  return --static_cast<ForeignDatabase*>(self)->steps_left_ < 0 ? 1 : 0;
}

bool ForeignDatabase::has(const std::string& table) {
  return guarded([&] {
    SQLite::Statement query(*database_,
                            "SELECT 1 FROM sqlite_master WHERE name = ?1 AND type IN ('table', 'view')");
    query.bind(1, table);
    return query.executeStep();
  });
}

bool ForeignDatabase::has(const std::string& table, const std::string& column) {
  return guarded([&] {
    SQLite::Statement query(*database_, "SELECT 1 FROM pragma_table_xinfo(?1) WHERE name = ?2");
    query.bind(1, table);
    query.bind(2, column);
    return has(table) && query.executeStep();
  });
}

// A virtual table has no root page.
void ForeignDatabase::refuse_computed(const std::string& table) {
  SQLite::Statement query(
      *database_,
      "SELECT EXISTS(SELECT 1 FROM sqlite_master WHERE name = ?1 AND type = 'table' AND rootpage > 0) AND "
      "NOT EXISTS(SELECT 1 FROM pragma_table_xinfo(?1) WHERE hidden > 0)");
  query.bind(1, table);
  if (query.executeStep() && query.getColumn(0).getInt() != 0) return;
  throw InputError(
      {file_, 0, 0}, "",
      fmt::format("its '{}' is no plain table but computes what it shows: only plain tables are read",
                  table));
}

void ForeignDatabase::each(const std::string& table, const std::vector<std::string>& columns,
                           const std::function<void(const ForeignRow&)>& take) {
  for (const std::string& column : columns)
    if (!has(table, column))
      throw InputError({file_, 0, 0}, "",
                       has(table) ? fmt::format("its table '{}' has no column '{}'", table, column)
                                  : fmt::format("has no table '{}'", table));
  guarded([&] {
    refuse_computed(table);
    std::string names;
    for (const std::string& column : columns) names += (names.empty() ? "" : ", ") + quoted(column);
    SQLite::Statement query(*database_, "SELECT " + names + " FROM " + quoted(table) + " NOT INDEXED");
    const ForeignRow row(query, file_, table, columns);
    while (query.executeStep()) take(row);
  });
}

}  // namespace tonne::histories
