#include "experiments/results/repair.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Savepoint.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "experiments/plan/experiment.h"
#include "experiments/results/checked_file.h"
#include "experiments/results/folder_lock.h"
#include "experiments/results/merge.h"
#include "experiments/results/schema_mending.h"
#include "experiments/results/store.h"
#include "experiments/results/store_columns.h"
#include "experiments/results/store_database.h"
#include "experiments/results/store_plan_reader.h"
#include "experiments/results/store_plan_writer.h"
#include "experiments/results/store_schema.h"
#include "experiments/results/store_verify.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;

// Whether the damaged store let itself be read that far.
bool can_read(const std::function<void()>& read) {
  try {
    read();
    return true;
  } catch (const SQLite::Exception&) {
    return false;
  } catch (const StoreError&) {
    return false;
  }
}

void copy_column(SQLite::Statement& insert, int at, const SQLite::Column& column) {
  if (column.isInteger()) {
    insert.bind(at, column.getInt64());
  } else if (column.isFloat()) {
    insert.bind(at, column.getDouble());
  } else if (column.isText()) {
    insert.bind(at, std::string(column.getText(), static_cast<std::size_t>(column.getBytes())));
  } else if (column.isBlob()) {
    insert.bind(at, column.getBlob(), column.getBytes());
  } else {
    insert.bind(at);
  }
}

// What the damaged store does not give; failures of the new one are SQLite's.
class Unreadable : public StoreError {
  using StoreError::StoreError;
};

bool next_row(SQLite::Statement& query) {
  try {
    return query.executeStep();
  } catch (const SQLite::Exception& error) {
    throw Unreadable(error.what());
  }
}

// Copies what a query finds; it may be of any table. Throws Unreadable where a page is not what was written.
void copy_rows(SQLite::Statement& query, SQLite::Statement& insert) {
  while (next_row(query)) {
    for (int i = 0; i < query.getColumnCount(); ++i) copy_column(insert, i + 1, query.getColumn(i));
    insert.exec();
    insert.reset();
  }
}

std::string insert_text(const SQLite::Database& database, const StoreTable& table) {
  const int columns =
      SQLite::Statement(database, fmt::format("SELECT * FROM {}", table.name)).getColumnCount();
  std::string marks = "?";
  for (int i = 1; i < columns; ++i) marks += ",?";
  return fmt::format("INSERT INTO {} VALUES({})", table.name, marks);
}

// One table's rows of one cell after the other.
struct CellTable {
  CellTable(const SQLite::Database& damaged, const SQLite::Database& made, const StoreTable& table)
      : name(table.name),
        query(damaged, fmt::format("SELECT * FROM {} WHERE cell=? ORDER BY {}", table.name, table.key)),
        insert(made, insert_text(made, table)) {}
  std::string_view name;
  SQLite::Statement query, insert;
};

// Blocks of trials are the only rows that are found through an index, which is small and easily lost with one
// page: here they are found without it.
class BlocksByRow {
 public:
  explicit BlocksByRow(const SQLite::Database& damaged)
      : from_(damaged, "SELECT rowid, cell FROM trial_blocks NOT INDEXED WHERE rowid>=? ORDER BY rowid"),
        block_(damaged, "SELECT * FROM trial_blocks WHERE rowid=?") {}

  // Throws Unreadable.
  void copy(std::size_t cell, SQLite::Statement& insert) {
    if (rows_.empty()) find();
    for (const std::int64_t row : rows_[cell]) {
      block_.tryReset();
      bind_value(block_, 1, row);
      copy_rows(block_, insert);
    }
  }

 private:
  void find() {
    constexpr int kMostMissing = 10'000;  // one after the other: more than one lost page can hold
    std::int64_t next = 1;
    for (int missing = 0; missing < kMostMissing; ++missing, ++next) {
      from_.tryReset();
      bind_value(from_, 1, next);
      try {
        for (; next_row(from_); missing = 0) {
          std::size_t cell = 0;
          Columns(from_) >> next >> cell;
          rows_[cell].push_back(next);
        }
        return;
      } catch (const Unreadable&) {
        continue;
      }
    }
  }

  SQLite::Statement from_, block_;
  std::map<std::size_t, std::vector<std::int64_t>> rows_;
};

class Salvage {
 public:
  Salvage(StoreDatabase& damaged, StoreDatabase& made) : damaged_(damaged), made_(made) {}

  // Throws Unreadable where a table of the plan cannot be read.
  void copy_plan() {
    create_tables(made_.sql());
    for (const StoreTable& table : store_tables()) {
      if (table.of == TableOf::cells) continue;
      SQLite::Statement query(damaged_.sql(),
                              fmt::format("SELECT * FROM {} ORDER BY {}", table.name, table.key));
      SQLite::Statement insert(made_.sql(), insert_text(made_.sql(), table));
      copy_rows(query, insert);
    }
    (void)read_planned_cells(made_);
  }

  void copy_cells(const Shard& shard, Repair& repair) {
    std::vector<std::unique_ptr<CellTable>> tables;
    for (const StoreTable& table : store_tables())
      if (table.of == TableOf::cells)
        tables.push_back(std::make_unique<CellTable>(damaged_.sql(), made_.sql(), table));
    SQLite::Statement finished(damaged_.sql(), "SELECT 1 FROM cells WHERE cell=?");
    const CellGrid grid{read_problems(made_).size() * read_scenarios(made_).size(), read_strategies(made_).size(),
                        read_seeds(made_).size()};
    if (grid.cells() != read_planned_cells(made_)) throw made_.damaged("it does not hold the plan of its cells");
    for (std::size_t cell = 0; cell < grid.cells(); ++cell) {
      if (!shard.holds(cell, grid)) continue;
      if (const auto found = is_finished(finished, cell); found && !*found) {
        ++repair.unfinished;
      } else if (found && copy_cell(tables, cell)) {
        ++repair.saved;
      } else {
        repair.lost.push_back({cell, {}, 0});
      }
    }
  }

 private:
  // Nothing where that cannot be read.
  static std::optional<bool> is_finished(SQLite::Statement& query, std::size_t cell) {
    query.tryReset();
    bind_value(query, 1, cell);
    try {
      return next_row(query);
    } catch (const Unreadable&) {
      return std::nullopt;
    }
  }

  // All of its rows, or none. What cannot be read may be a page without a row of this cell: its digest tells.
  bool copy_cell(std::vector<std::unique_ptr<CellTable>>& tables, std::size_t cell) {
    SQLite::Savepoint all(made_.sql(), "cell");
    for (const auto& table : tables) {
      table->query.tryReset();
      bind_value(table->query, 1, cell);
      try {
        copy_rows(table->query, table->insert);
      } catch (const Unreadable&) {
        if (table->name == "trial_blocks") copy_blocks(*table, cell);
      }
    }
    if (damage_of_cell(made_, cell)) return false;
    all.release();
    return true;
  }

  // What the index led to before it ended is copied again.
  void copy_blocks(CellTable& table, std::size_t cell) {
    made_.sql().exec(fmt::format("DELETE FROM trial_blocks WHERE cell={}", cell));
    if (!blocks_) blocks_.emplace(damaged_.sql());
    try {
      blocks_->copy(cell, table.insert);
    } catch (const Unreadable&) {
      return;  // the cell's digest tells
    }
  }

  StoreDatabase& damaged_;
  StoreDatabase& made_;
  std::optional<BlocksByRow> blocks_;
};

// Opens a store whose list of tables may be damaged; then a mended copy beside the new store is read in its
// place.
class DamagedStore {
 public:
  DamagedStore(const fs::path& file, const fs::path& beside) : mended_(beside) {
    database_ = std::make_unique<StoreDatabase>(file, SQLite::OPEN_READONLY);
    const bool hashed = has_page_hashes(database_->sql().getHandle());
    if (can_read([&] { check_schema(*database_); })) {
      if (hashed) return;
      throw StoreError(file.string() +
                       ": its pages have no hashes, so that what is intact cannot be told: another version "
                       "or program made it");
    }
    if (!hashed) check_schema(*database_);
    database_.reset();
    mend_schema(file, mended_.path());
    database_ = std::make_unique<StoreDatabase>(mended_.path(), SQLite::OPEN_READONLY);
    check_schema(*database_);
  }

  [[nodiscard]] StoreDatabase& database() { return *database_; }

 private:
  StoreDraft mended_;
  std::unique_ptr<StoreDatabase> database_;  // closed before the copy is removed
};

void check_same(const StoreDatabase& damaged, const fs::path& source, const Experiment& experiment) {
  std::optional<std::string> digest;
  can_read([&] { digest = damaged.find_meta("digest"); });
  if (digest && *digest != experiment.digest)
    throw StoreError(fmt::format("{}: belongs to another experiment ({}, this is {})", source.string(),
                                 *digest, experiment.digest));
}

// Whether it had to be rebuilt.
bool save_plan(StoreDatabase& damaged, const fs::path& source, const fs::path& draft,
               const Experiment* experiment) {
  if (experiment) check_same(damaged, source, *experiment);
  {
    StoreDatabase made(draft, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    SQLite::Transaction transaction(made.sql());
    try {
      Salvage(damaged, made).copy_plan();
      transaction.commit();
      return false;
    } catch (const Unreadable&) {
      if (!experiment)
        throw StoreError(
            source.string() +
            ": its plan is damaged, so that nobody can tell what its cells are: give the experiment "
            "file with --experiment");
    }
  }
  fs::remove(draft);
  StoreDatabase made(draft, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  std::string shard;
  can_read([&] { shard = damaged.find_meta("shard").value_or(""); });
  write_plan(made, *experiment, parse_shard(shard).value_or(Shard{}));
  return true;
}

void name_lost(const Store& store, std::vector<LostCell>& lost) {
  const auto problems = store.problems();
  const auto scenarios = store.scenarios();
  const auto strategies = store.strategies();
  const auto seeds = store.seeds();
  for (LostCell& cell : lost) {
    std::size_t rest = cell.cell;
    const auto take = [&rest](const auto& list) -> const auto& {
      const auto& chosen = list.at(rest % list.size());
      rest /= list.size();
      return chosen;
    };
    cell.seed = take(seeds);
    const std::string& strategy = take(strategies).label;
    const std::string& scenario = take(scenarios).label;
    cell.name = problems.at(rest).label + (scenario.empty() ? "" : " / " + scenario) + " / " + strategy;
  }
}

Repair save(const fs::path& source, const fs::path& file, const Experiment* experiment) {
  Repair repair;
  StoreDraft draft(file);
  {
    const auto opened =
        guarded(source, [&] { return std::make_unique<DamagedStore>(source, file.string() + ".mended"); });
    StoreDatabase& damaged = opened->database();
    repair.plan_rebuilt = save_plan(damaged, source, draft.path(), experiment);
    StoreDatabase made(draft.path(), SQLite::OPEN_READWRITE);
    repair.shard = made.find_meta("shard").value_or("");
    SQLite::Transaction transaction(made.sql());
    Salvage(damaged, made).copy_cells(parse_shard(repair.shard).value_or(Shard{}), repair);
    transaction.commit();
  }
  if (repair.saved == 0 && !repair.lost.empty())
    throw StoreError(source.string() + ": none of its cells can be read: nothing is saved");
  draft.publish();
  return repair;
}

}  // namespace

Repair repair_store(const fs::path& results, const fs::path& folder, const Experiment* experiment) {
  const fs::path source = Store::file_at(results);
  const fs::path file = folder / Store::kFileName;
  return guarded(file, [&] {
    if (!fs::is_regular_file(source)) throw StoreError(source.string() + ": no such store");
    if (fs::exists(file))
      throw StoreError(file.string() + " exists already: choose another folder with --out");
    const bool made_folder = fs::create_directories(folder);
    try {
      const FolderLock lock(folder);
      Repair repair = save(source, file, experiment);
      name_lost(Store::open(folder), repair.lost);
      return repair;
    } catch (...) {
      std::error_code kept;
      if (made_folder) fs::remove(folder, kept);  // only when empty
      throw;
    }
  });
}

}  // namespace tonne
