#include "experiments/results/schema_mending.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <set>
#include <span>
#include <vector>

#include "experiments/results/checked_file.h"
#include "experiments/results/store_database.h"
#include "experiments/results/store_schema.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;

// A store without rows has a page for the root of each table, and the others are those of the list of tables.
// Tables are made in one order, so that both lie where they lie in every store.
std::vector<std::uint32_t> schema_pages(SQLite::Database& empty) {
  std::set<std::uint32_t> roots;
  SQLite::Statement query(empty, "SELECT rootpage FROM sqlite_master");
  while (query.executeStep()) roots.insert(query.getColumn(0).getUInt());
  const std::uint32_t pages = empty.execAndGet("PRAGMA page_count").getUInt();
  std::vector<std::uint32_t> schema;
  for (std::uint32_t page = 1; page <= pages; ++page)
    if (!roots.contains(page)) schema.push_back(page);
  return schema;
}

std::vector<std::uint32_t> make_empty(const fs::path& file) {
  StoreDatabase empty(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  SQLite::Transaction transaction(empty.sql());
  create_tables(empty.sql());
  transaction.commit();
  return schema_pages(empty.sql());
}

}  // namespace

void mend_schema(const fs::path& damaged, const fs::path& copy) {
  const StoreDraft empty(copy);
  const std::vector<std::uint32_t> pages = make_empty(empty.path());
  fs::copy_file(damaged, copy, fs::copy_options::overwrite_existing);
  const std::uintmax_t whole = fs::file_size(copy) / kPageBytes;
  fs::resize_file(copy, whole * kPageBytes);
  std::ifstream from(empty.path(), std::ios::binary);
  std::fstream to(copy, std::ios::binary | std::ios::in | std::ios::out);
  std::array<char, kPageBytes> page{};
  for (const std::uint32_t number : pages) {
    if (number > whole) continue;
    const auto at = static_cast<std::streamoff>(number - 1) * kPageBytes;
    from.seekg(at).read(page.data(), kPageBytes);
    if (number == 1)
      set_page_count(std::as_writable_bytes(std::span(page)), static_cast<std::uint32_t>(whole));
    to.seekp(at).write(page.data(), kPageBytes);
  }
  to.close();
  if (!from || !to) throw StoreError(copy.string() + ": cannot be written in full");
}

}  // namespace tonne
