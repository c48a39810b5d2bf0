#pragma once
// The SQLite file beneath a store. For the files of this folder, which alone know SQLite.

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>

#include <filesystem>
#include <optional>
#include <string>

#include "experiments/results/records.h"

namespace tonne {

/// What failed, in SQLite's words since they name the cause; where a page is not what was written, which one, and what to do.
[[nodiscard]] StoreError store_error(const std::filesystem::path& file, const SQLite::Exception& error);

/// Calls `function` and tells the world's failures as StoreError.
template <class Function>
auto guarded(const std::filesystem::path& file, Function function) {
  try {
    return function();
  } catch (const SQLite::Exception& error) {
    throw store_error(file, error);
  } catch (const std::filesystem::filesystem_error& error) {
    throw StoreError(error.what());
  }
}

/// An open file with its meta data. Whatever asks SQLite may throw SQLite::Exception, here and in the
/// functions that take a StoreDatabase: Store calls them within guarded().
class StoreDatabase {
 public:
  /// `flags` are SQLite's: SQLite::OPEN_READONLY and others. The pages of a new file get hashes (checked_file.h).
  StoreDatabase(std::filesystem::path file, int flags);

  [[nodiscard]] const std::filesystem::path& file() const { return file_; }
  [[nodiscard]] SQLite::Database& sql() { return sql_; }
  [[nodiscard]] const SQLite::Database& sql() const { return sql_; }

  /// Reads the whole file, so that what is damaged is found whatever is asked of it later: throws StoreError. What stands in
  /// a write-ahead log with the file beneath it is checked page by page as it is read.
  void check_pages();

  /// A row of `meta`; nothing where there is none.
  [[nodiscard]] std::optional<std::string> find_meta(const std::string& key) const;
  /// Precondition: the key is new.
  void set_meta(const std::string& key, const std::string& value);

  /// To be thrown when the file does not hold what this program writes: "FILE: is damaged: WHAT".
  [[nodiscard]] StoreError damaged(const std::string& what) const;

 private:
  std::filesystem::path file_;
  SQLite::Database sql_;
};

/// Undoes the transaction of a process that was killed while it wrote to the file itself (before or after the time in which
/// there is a write-ahead log): whoever opens it only to read could not. Nothing where another tonne is at work, or where the
/// folder cannot be written. Throws SQLite::Exception.
void undo_cut_short(const std::filesystem::path& file);

/// A store under construction. It gets its name only when it is complete, so that a store that exists is a
/// store that can be read; one that is not published is removed.
class StoreDraft {
 public:
  /// For `file`, beside it. Removes what an earlier draft left behind.
  explicit StoreDraft(std::filesystem::path file);
  ~StoreDraft();
  StoreDraft(const StoreDraft&) = delete;
  StoreDraft& operator=(const StoreDraft&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return draft_; }
  /// Precondition: whoever wrote the draft has closed it.
  void publish();

 private:
  void remove() const;

  std::filesystem::path file_;
  std::filesystem::path draft_;
};

}  // namespace tonne
