#include "experiments/results/merge.h"

#include <SQLiteCpp/Transaction.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <system_error>

#include "experiments/results/folder_lock.h"
#include "experiments/results/store_database.h"
#include "experiments/results/store_schema.h"
#include "experiments/text/log.h"
#include "experiments/text/number_ranges.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;

// What all shards share, as the first of them has it.
struct Common {
  fs::path first;
  std::string digest, program;
  CellGrid grid;
};

Common common_of(const fs::path& shard) {
  const Store store = Store::open(shard);
  return {shard, store.meta("digest"), store.meta("program"), grid_of(store)};
}

void check_same_experiment(const fs::path& shard, const Store& store, const Common& common) {
  if (store.meta("digest") != common.digest)
    throw StoreError(shard.string() + ": belongs to another experiment than " + common.first.string());
  if (store.meta("program") != common.program)
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

// What the shards hold together.
struct Coverage {
  std::vector<bool> covered;  // by cell
  std::size_t of = 1;         // the number of shards, where all that say one say the same
};

Coverage coverage_of(const std::vector<fs::path>& shards, const Common& common) {
  Coverage coverage{std::vector<bool>(common.grid.cells(), false), 1};
  std::optional<std::size_t> of;
  for (const fs::path& shard : shards) {
    const Store store = Store::open(shard);
    check_same_experiment(shard, store, common);
    cover(coverage.covered, shard, store);
    const std::size_t own = shard_of(store).of;
    if (own > 1) of = of.value_or(own) == own ? own : 1;
  }
  coverage.of = of.value_or(1);
  return coverage;
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

// What the disk has not taken yet must not get the name of a store that is complete.
void sync_file(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  const int why = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!synced)
    throw StoreError(file.string() + ": cannot be written in full: " + std::generic_category().message(why));
}

void join(const std::vector<fs::path>& shards, const fs::path& file) {
  {
    StoreDatabase database(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    SQLite::Database& joined = database.sql();
    // A draft that does not come to its end is thrown away: it needs no journal, and the disk is asked once,
    // at the end.
    joined.exec("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536");
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
  sync_file(file);
}

// A task that was killed before it wrote anything leaves an empty folder.
std::vector<fs::path> begun(std::vector<fs::path> shards) {
  std::vector<fs::path> with_store;
  for (fs::path& shard : shards) {
    if (fs::is_directory(shard) && !fs::exists(Store::file_at(shard)))
      log_event(LogLevel::warning, "shard_empty", {{"shard", shard.string()}},
                shard.string() + " holds no results yet and is passed over");
    else
      with_store.push_back(std::move(shard));
  }
  if (with_store.empty()) throw StoreError("none of the shards holds results yet");
  return with_store;
}

std::size_t number_in(std::string_view text) {
  std::size_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && rest == text.data() + text.size() ? value : 0;
}

}  // namespace

Store merge_shards(const std::vector<fs::path>& shards, const fs::path& folder, Missing missing) {
  const fs::path file = folder / Store::kFileName;
  return guarded(file, [&] {
    if (fs::exists(file))
      throw StoreError(file.string() + " exists already: choose another folder with --out");
    const std::vector<fs::path> parts = missing == Missing::left_out ? begun(shards) : shards;
    const Common common = common_of(parts.front());
    const Coverage coverage = coverage_of(parts, common);
    const std::string lacks = missing_text(coverage.covered, common.grid, coverage.of);
    if (missing == Missing::refused && !lacks.empty())
      throw StoreError(lacks + ": run or resume them first, or join what there is with --partial");
    fs::create_directories(folder);
    const FolderLock lock(folder);
    if (fs::exists(file)) throw StoreError(file.string() + " was made meanwhile by another merge");
    StoreDraft draft(file);
    join(parts, draft.path());
    draft.publish();
    return Store::open(folder);
  });
}

CellGrid grid_of(const Store& store) {
  const CellGrid grid{store.problems().size() * store.scenarios().size(), store.strategies().size(),
                      store.seeds().size()};
  if (grid.cells() != store.planned_cells())
    throw StoreError("results are damaged: they do not hold the plan of their cells");
  return grid;
}

std::string missing_text(const std::vector<bool>& finished, const CellGrid& grid, std::size_t of) {
  const auto missing = std::ranges::count(finished, false);
  if (missing == 0) return "";
  const std::string cells = fmt::format("{} of {} cells are missing", missing, finished.size());
  if (of == 1) return cells;
  std::vector<bool> lacks(of, false);
  for (std::size_t cell = 0; cell < finished.size(); ++cell)
    if (!finished[cell]) lacks[Shard::dealt_to(cell, grid, of) - 1] = true;
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < of; ++i)
    if (lacks[i]) numbers.push_back(i + 1);
  const std::string list = number_ranges(numbers);
  return fmt::format("{}, of {} {} of {} (sbatch --array={})", cells,
                     numbers.size() == 1 ? "shard" : "shards", list, of, list);
}

std::optional<Shard> parse_shard(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const Shard shard{number_in(text.substr(0, slash)), number_in(text.substr(slash + 1))};
  if (shard.number < 1 || shard.number > shard.of || shard.of > kMostShards) return std::nullopt;
  return shard;
}

Shard shard_of(const Store& store) {
  const std::string text = store.meta("shard");
  if (text.empty()) return {};
  if (const auto shard = parse_shard(text)) return *shard;
  throw StoreError("results are damaged: their shard '" + text + "' cannot be read");
}

}  // namespace tonne
