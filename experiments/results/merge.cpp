#include "experiments/results/merge.h"

#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

#include "experiments/results/folder_lock.h"
#include "experiments/results/store_database.h"
#include "experiments/results/store_schema.h"
#include "experiments/text/log.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;

void check_same_experiment(const fs::path& shard, const Store& store, const fs::path& first_shard,
                           const Store& first) {
  if (store.meta("digest") != first.meta("digest"))
    throw StoreError(shard.string() + ": belongs to another experiment than " + first_shard.string());
  if (store.meta("program") != first.meta("program"))
    throw StoreError(shard.string() + ": was made by another version of the program");
}

// Marks the cells that the shard holds.
void cover(std::vector<bool>& covered, const fs::path& shard, const Store& store) {
  const auto finished = store.finished(covered.size());
  for (std::size_t i = 0; i < covered.size(); ++i) {
    if (finished[i] && covered[i])
      throw StoreError(
          fmt::format("{}: holds cell {}, which stands in another shard too", shard.string(), i));
    if (finished[i]) covered[i] = true;
  }
}

// Together they hold each cell of one experiment once.
void check_shards(const std::vector<fs::path>& shards, const Store& first) {
  std::vector<bool> covered(first.planned_cells(), false);
  for (const fs::path& shard : shards) {
    const Store store = Store::open(shard);
    check_same_experiment(shard, store, shards.front(), first);
    cover(covered, shard, store);
  }
  const auto missing = std::ranges::count(covered, false);
  if (missing > 0)
    throw StoreError(
        fmt::format("{} of {} cells stand in none of the shards: run or resume the missing shards first",
                    missing, covered.size()));
}

// Of the attached database `part`.
void copy_plan(SQLite::Database& joined, std::span<const StoreTable> tables) {
  for (const StoreTable& table : tables)
    if (table.of == TableOf::plan)
      joined.exec(fmt::format("INSERT INTO {0} SELECT * FROM part.{0}", table.name));
  joined.exec("INSERT INTO meta SELECT * FROM part.meta WHERE key <> 'shard'");
}

// Likewise; cells that did not finish stay behind.
void copy_cells(SQLite::Database& joined, std::span<const StoreTable> tables) {
  for (const StoreTable& table : tables)
    if (table.of == TableOf::cells)
      joined.exec(fmt::format(
          "INSERT INTO {0} SELECT * FROM part.{0} WHERE cell IN (SELECT cell FROM part.cells)", table.name));
}

void join(const std::vector<fs::path>& shards, const fs::path& file) {
  StoreDatabase database(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  SQLite::Database& joined = database.sql();
  create_tables(joined);
  const std::span<const StoreTable> tables = store_tables();
  for (const fs::path& shard : shards) {
    const Stopwatch watch;
    SQLite::Statement attach(joined, "ATTACH ? AS part");
    attach.bind(1, Store::file_at(shard).string());
    attach.exec();
    SQLite::Transaction transaction(joined);
    if (&shard == &shards.front()) copy_plan(joined, tables);  // the same in all
    copy_cells(joined, tables);
    transaction.commit();
    joined.exec("DETACH part");
    log_event(LogLevel::info, "shard_joined", {{"shard", shard.string()}, {"seconds", watch.seconds()}});
  }
}

}  // namespace

Store merge_shards(const std::vector<fs::path>& shards, const fs::path& folder) {
  const fs::path file = folder / Store::kFileName;
  return guarded(file, [&] {
    if (fs::exists(file))
      throw StoreError(file.string() + " exists already: choose another folder with --out");
    const Store first = Store::open(shards.front());
    check_shards(shards, first);
    fs::create_directories(folder);
    const FolderLock lock(folder);
    StoreDraft draft(file);
    join(shards, draft.path());
    draft.publish();
    return Store::open(folder);
  });
}

}  // namespace tonne
