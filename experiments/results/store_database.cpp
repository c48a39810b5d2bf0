#include "experiments/results/store_database.h"

#include <system_error>
#include <utility>

#include "experiments/results/store_columns.h"

namespace tonne {

StoreDatabase::StoreDatabase(std::filesystem::path file, int flags)
    : file_(std::move(file)), sql_(file_.string(), flags) {
  constexpr int kMilliseconds = 10'000;
  sql_.setBusyTimeout(kMilliseconds);
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
  std::filesystem::remove(draft_);
}

StoreDraft::~StoreDraft() {
  std::error_code ignored;
  std::filesystem::remove(draft_, ignored);  // after publish() there is nothing to remove
}

void StoreDraft::publish() {
  std::filesystem::rename(draft_, file_);
}

}  // namespace tonne
