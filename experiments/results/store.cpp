#include "experiments/results/store.h"

#include <fmt/format.h>

#include <array>
#include <cassert>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/search_space.h"
#include "experiments/plan/experiment.h"
#include "experiments/results/ask_journal.h"
#include "experiments/results/folder_lock.h"
#include "experiments/results/imported.h"
#include "experiments/results/row_copy.h"
#include "experiments/results/store_cell_reader.h"
#include "experiments/results/store_cell_writer.h"
#include "experiments/results/store_database.h"
#include "experiments/results/store_digest.h"
#include "experiments/results/store_plan_reader.h"
#include "experiments/results/store_plan_writer.h"
#include "experiments/results/store_schema.h"
#include "experiments/results/store_verify.h"
#include "experiments/results/trial_reader.h"
#include "experiments/text/version.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 4> kStoreFiles = {"", "-wal", "-shm", "-journal"};

// A pipe or a device would be read for ever.
void require_regular(const fs::path& file) {
  if (!fs::is_regular_file(file)) throw StoreError(file.string() + ": is not a regular file");
}

void check_version(const StoreDatabase& database) {
  check_schema(database);
  if (database.find_meta("format") != kStoreFormat)
    throw StoreError(database.file().string() + ": its format is not known to this program");
}

void check_resumable(const StoreDatabase& database, const Experiment& experiment, const Shard& shard) {
  const auto expect = [&](const char* key, const std::string& wanted, const char* what) {
    const std::string found = database.find_meta(key).value_or("");
    if (found != wanted)
      throw StoreError(fmt::format(
          "{}: cannot resume, it holds another {} ({}, this is {}): choose another folder with --out",
          database.file().string(), what, found.empty() ? "none" : found, wanted.empty() ? "none" : wanted));
  };
  expect("format", kStoreFormat, "format");  // cells may have been dealt to its shards in another way
  expect("program", version(), "program version");
  if (imported_search(read_problems(database)))
    throw StoreError(database.file().string() + ": holds a real search that was imported, which cannot be run again: choose another folder with --out");
  expect("digest", experiment.digest, "experiment");
  expect("shard", shard_text(shard), "shard");
}

// A store with all that SQLite keeps beside it. Throws StoreError where the file is anything else.
void remove_results(const fs::path& file) {
  try {
    (void)Store::open(file);
  } catch (const StoreError& error) {
    throw StoreError(fmt::format("--overwrite replaces only results that can be read: {}", error.what()));
  }
  for (const char* ending : kStoreFiles) fs::remove(file.string() + ending);
}

}  // namespace

struct Store::Parts {
  // The writer has a lock of its own, and nobody reads meanwhile: SQLite need not lock for each value again.
  Parts(const fs::path& file, int flags) : database(file, flags | SQLite::OPEN_NOMUTEX) {}
  // Destroyed from the last to the first: the lock is released when the file is closed.
  std::unique_ptr<FolderLock> lock;  // of a writer
  StoreDatabase database;
  std::unique_ptr<CellWriter> writer;  // none: opened to read, or closed
};

Store::Store(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Store Store::create(const fs::path& folder, const Experiment& experiment, const Shard& shard) {
  return make(folder, experiment, shard, false);
}

Store Store::replace(const fs::path& folder, const Experiment& experiment, const Shard& shard) {
  return make(folder, experiment, shard, true);
}

Store Store::make(const fs::path& folder, const Experiment& experiment, const Shard& shard, bool replaces) {
  const fs::path file = folder / kFileName;
  return guarded(file, [&] {
    fs::create_directories(folder);
    auto lock = std::make_unique<FolderLock>(folder);
    if (fs::exists(file) && !replaces)
      throw StoreError(file.string() +
                       " exists already: continue it with --resume, replace it with --overwrite, or choose another folder with --out");
    if (fs::exists(file)) remove_results(file);
    remove_ask_journals(folder, {});
    StoreDraft draft(file);
    {
      StoreDatabase plan(draft.path(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
      write_plan(plan, experiment, shard);
    }
    draft.publish();
    auto parts = std::make_unique<Parts>(file, SQLite::OPEN_READWRITE);
    parts->lock = std::move(lock);
    begin_writing(parts->database);
    parts->writer = std::make_unique<CellWriter>(parts->database);
    return Store(std::move(parts));
  });
}

Store Store::resume(const fs::path& folder, const Experiment& experiment, const Shard& shard) {
  const fs::path file = folder / kFileName;
  if (!fs::exists(file)) return create(folder, experiment, shard);
  return guarded(file, [&] {
    require_regular(file);
    auto lock = std::make_unique<FolderLock>(folder);
    auto parts = std::make_unique<Parts>(file, SQLite::OPEN_READWRITE);
    parts->lock = std::move(lock);
    check_version(parts->database);
    check_resumable(parts->database, experiment, shard);
    fold_log(parts->database);
    parts->database.check_pages();
    begin_writing(parts->database);
    remove_unfinished(parts->database);
    parts->writer = std::make_unique<CellWriter>(parts->database);
    return Store(std::move(parts));
  });
}

namespace {

// A file that somebody named by mistake is not a damaged store. One that is called like a store is.
void require_results(const fs::path& file) {
  constexpr std::size_t kReserved = 20;  // where SQLite's header tells of the bytes that hold hashes here
  if (file.filename() == Store::kFileName) return;
  std::array<char, kReserved + 1> header{};
  std::ifstream(file, std::ios::binary).read(header.data(), header.size());
  if (!std::string_view(header.data(), header.size()).starts_with("SQLite format 3"))
    throw StoreError(file.string() + ": is no results folder: expected one, or its " + std::string(Store::kFileName));
  if (header[kReserved] == 0)
    throw StoreError(file.string() + ": is an SQLite database, but not the results of a run (an export cannot be read back)");
}

}  // namespace

Store Store::open(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder, error)) throw StoreError(folder.string() + ": no such results folder");
  const fs::path file = file_at(folder);
  if (!fs::exists(file, error)) throw StoreError(folder.string() + ": holds no " + std::string(kFileName));
  return guarded(file, [&] {
    require_regular(file);
    require_results(file);
    undo_cut_short(file);
    auto parts = std::make_unique<Parts>(file, SQLite::OPEN_READONLY);
    check_version(parts->database);
    parts->database.check_pages();
    return Store(std::move(parts));
  });
}

fs::path Store::file_at(const fs::path& place) {
  return fs::is_directory(place) ? place / kFileName : place;
}

fs::path Store::folder() const {
  return parts_->database.file().parent_path();
}

template <class Function>
auto Store::read(const Function& function) const {
  return guarded(parts_->database.file(), [&] { return function(std::as_const(parts_->database)); });
}

template <class Function>
void Store::write(const Function& function) {
  assert(parts_->writer);
  guarded(parts_->database.file(), [&] { function(*parts_->writer); });
}

void Store::append_trials(std::size_t cell, const TrialBlock& block) {
  write([&](CellWriter& writer) { writer.append_trials(cell, block); });
}

void Store::finish_cell(const Cell& cell, const SearchResult& result,
                        const std::vector<IncumbentRow>& incumbents, const std::vector<VariantRow>& variants,
                        const std::optional<Payback>& payback, const std::vector<std::string>& stages,
                        const Charge& earlier) {
  write([&](CellWriter& writer) {
    writer.finish_cell(cell, result, incumbents, variants, payback, stages, earlier);
  });
}

void Store::close() {
  guarded(parts_->database.file(), [&] {
    parts_->writer.reset();
    end_writing(parts_->database);
  });
}

void Store::remove() {
  const fs::path file = parts_->database.file();
  guarded(file, [&] {
    parts_.reset();
    for (const char* ending : kStoreFiles) fs::remove(file.string() + ending);
    if (fs::is_empty(file.parent_path())) fs::remove(file.parent_path());
  });
}

std::string Store::meta(const std::string& key) const {
  return read([&](const StoreDatabase& database) { return database.find_meta(key).value_or(""); });
}

std::size_t Store::planned_cells() const {
  return read(read_planned_cells);
}

std::vector<std::uint64_t> Store::seeds() const {
  return read(read_seeds);
}

std::vector<bool> Store::finished(std::size_t cells) const {
  return read([&](const StoreDatabase& database) { return read_finished(database, cells); });
}

std::vector<StoredProblem> Store::problems() const {
  return read(read_problems);
}

std::vector<StoredScenario> Store::scenarios() const {
  return read(read_scenarios);
}

std::vector<StoredStrategy> Store::strategies() const {
  return read(read_strategies);
}

std::vector<CellRecord> Store::cells(CellDetail detail) const {
  return read([&](const StoreDatabase& database) { return read_cells(database, detail); });
}

std::size_t Store::cell_count() const {
  return read(count_cells);
}

Usage Store::search_usage(std::size_t cell) const {
  return read([&](const StoreDatabase& database) { return read_search_usage(database, cell); });
}

std::uint64_t Store::trial_count() const {
  return read(count_trials);
}

bool Store::has_sites() const {
  return !meta("sites").empty();
}

void Store::each_trial(const std::function<void(const TrialRow&)>& visit) const {
  read([&](const StoreDatabase& database) { tonne::each_trial(database, std::nullopt, visit); });
}

void Store::each_trial(std::size_t cell, const std::function<void(const TrialRow&)>& visit) const {
  read([&](const StoreDatabase& database) { tonne::each_trial(database, cell, visit); });
}

void Store::each_trial_block(const std::function<void(std::size_t, const TrialColumns&)>& visit) const {
  read([&](const StoreDatabase& database) { tonne::each_trial_block(database, std::nullopt, visit); });
}

void Store::each_incumbent(const std::function<void(const IncumbentRow&)>& visit) const {
  read([&](const StoreDatabase& database) { tonne::each_incumbent(database, visit); });
}

std::optional<IncumbentRow> Store::final_incumbent(std::size_t cell) const {
  return read([&](const StoreDatabase& database) { return read_final_incumbent(database, cell); });
}

void Store::each_ledger_row(const std::function<void(const LedgerRow&)>& visit) const {
  read([&](const StoreDatabase& database) { tonne::each_ledger_row(database, visit); });
}

void Store::each_variant(const std::function<void(const VariantRow&)>& visit) const {
  read([&](const StoreDatabase& database) { tonne::each_variant(database, visit); });
}

std::vector<StoredUncertain> Store::uncertain() const {
  return read(read_uncertain);
}

std::optional<StoredUncertainty> Store::uncertainty() const {
  return read(read_uncertainty);
}

SearchSpace Store::space(std::size_t problem) const {
  return read([&](const StoreDatabase& database) { return read_space(database, problem); });
}

void Store::write_rows(const fs::path& file) const {
  read([&](const StoreDatabase& database) { write_row_copy(database, file); });
}

std::optional<std::string> Store::damage_of_cell(std::size_t cell) const {
  return read([&](const StoreDatabase& database) { return tonne::damage_of_cell(database, cell); });
}

std::string Store::content_digest() const {
  return read(digest_of_content);
}

}  // namespace tonne
