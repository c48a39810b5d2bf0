#include "experiments/results/store_database.h"

#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <system_error>
#include <utility>

#include "experiments/results/checked_file.h"
#include "experiments/results/folder_lock.h"
#include "experiments/results/store_columns.h"

namespace tonne {
namespace {

StoreError damage_error(const std::filesystem::path& file, const std::string& damage) {
  return StoreError(fmt::format(
      "{}: is damaged: {}. The disk, a copy or another program did this; save what is intact: tonne repair {} --out FOLDER",
      file.string(), damage, file.has_parent_path() ? file.parent_path().string() : file.string()));
}

// A disk or quota that is full, or a file that may not grow: the log is not folded into the file then, so that the file's length
// is not what its header says.
bool is_of_writing(const SQLite::Exception& error) {
  switch (error.getExtendedErrorCode()) {
    case SQLITE_IOERR_WRITE:
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_DIR_FSYNC:
    case SQLITE_IOERR_TRUNCATE:
    case SQLITE_IOERR_SHMOPEN:
    case SQLITE_IOERR_SHMSIZE:
    case SQLITE_IOERR_CLOSE: return true;
    default: return false;
  }
}

// SQLite loses the details of some: what was read while it learned the list of tables.
bool may_be_damage(const SQLite::Exception& error) {
  const int kind = error.getErrorCode();
  return kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB || kind == SQLITE_FORMAT || kind == SQLITE_IOERR || kind == SQLITE_ERROR;
}

}  // namespace

StoreError store_error(const std::filesystem::path& file, const SQLite::Exception& error) {
  if (error.getErrorCode() == SQLITE_BUSY)
    return StoreError(file.string() +
                      ": another program keeps it locked, or its file system has no locks: wait, or copy the folder to a local disk");
  if (error.getErrorCode() == SQLITE_READONLY)
    return StoreError(file.string() + ": was being written when its program ended, and can only be read where it can be written: "
                                      "copy the folder, or continue the run with --resume");
  const StoreError plain(file.string() + ": " + error.what());
  if (is_of_writing(error))
    return StoreError(fmt::format("{}: {} while writing: the disk or a quota is full, or the file may not grow", file.string(), error.what()));
  if (!may_be_damage(error)) return plain;
  try {
    const SQLite::Database database(file.string(), SQLite::OPEN_READONLY, 0, checked_vfs());
    std::error_code ignored;
    const bool ours = has_page_hashes(database.getHandle()) || std::filesystem::file_size(file, ignored) < kPageBytes;
    const auto damage = ours ? find_damage(database.getHandle()) : std::nullopt;
    return damage ? damage_error(file, *damage) : plain;
  } catch (const SQLite::Exception&) {
    return plain;
  }
}

void undo_cut_short(const std::filesystem::path& file) {
  std::error_code none;
  if (const auto bytes = std::filesystem::file_size(file.string() + "-journal", none); none || bytes == 0) return;
  try {
    const FolderLock lock(file.has_parent_path() ? file.parent_path() : std::filesystem::path("."));
    const SQLite::Database database(file.string(), SQLite::OPEN_READWRITE, 0, checked_vfs());
    SQLite::Statement(database, "SELECT count(*) FROM sqlite_master").executeStep();
  } catch (const StoreError&) {
    return;  // of the lock
  }
}

StoreDatabase::StoreDatabase(std::filesystem::path file, int flags)
    : file_(std::move(file)), sql_(file_.string(), flags, 0, checked_vfs()) {
  constexpr int kMilliseconds = 10'000;
  sql_.setBusyTimeout(kMilliseconds);
  if ((flags & SQLite::OPEN_CREATE) == 0) return;
  sql_.exec(fmt::format("PRAGMA page_size={}", kPageBytes));
  int reserved = kReservedBytes;
  sqlite3_file_control(sql_.getHandle(), "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
}

void StoreDatabase::check_pages() {
  if (!has_page_hashes(sql_.getHandle())) throw damaged("its header is not what was written there");
  // While a transaction reads from the file, and its log is empty, no page of it can change.
  const SQLite::Transaction reading(sql_);
  SQLite::Statement(sql_, "SELECT count(*) FROM sqlite_master").executeStep();
  std::error_code none;
  for (const char* log : {"-wal", "-journal"})
    if (const auto bytes = std::filesystem::file_size(file_.string() + log, none); !none && bytes > 0) return;
  if (const auto damage = find_damage(sql_.getHandle())) throw damage_error(file_, *damage);
}

std::optional<std::string> StoreDatabase::find_meta(const std::string& key) const {
  SQLite::Statement query(sql_, "SELECT value FROM meta WHERE key=?");
  query.bind(1, key);
  if (!query.executeStep()) return std::nullopt;
  return query.getColumn(0).getString();
}

void StoreDatabase::set_meta(const std::string& key, const std::string& value) {
  SQLite::Statement insert(sql_, "INSERT INTO meta VALUES(?,?)");
  insert_row(insert, key, value);
}

StoreError StoreDatabase::damaged(const std::string& what) const {
  return StoreError(file_.string() + ": is damaged: " + what);
}

StoreDraft::StoreDraft(std::filesystem::path file) : file_(std::move(file)), draft_(file_.string() + ".new") {
  remove();
}

StoreDraft::~StoreDraft() {
  remove();  // after publish() there is nothing
}

void StoreDraft::remove() const {
  std::error_code ignored;
  for (const char* ending : {"", "-journal", "-wal", "-shm"}) std::filesystem::remove(draft_.string() + ending, ignored);
}

void StoreDraft::publish() {
  std::filesystem::rename(draft_, file_);
}

}  // namespace tonne
