#include "experiments/results/row_copy.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

#include "experiments/results/store_columns.h"
#include "experiments/results/store_database.h"
#include "experiments/results/store_schema.h"
#include "experiments/results/stored_space.h"
#include "experiments/results/tidy_views.h"
#include "experiments/results/trial_reader.h"

namespace tonne {
namespace {

constexpr std::string_view kBlocks = "trial_blocks";

// Without a key while it grows: the index is made at once afterwards.
constexpr const char* kTrials = R"sql(
CREATE TABLE trials(cell INTEGER NOT NULL, trial INTEGER NOT NULL, configuration TEXT NOT NULL,
  fidelity REAL NOT NULL, trained_from REAL NOT NULL, resumes INTEGER, repeat INTEGER NOT NULL,
  worker INTEGER NOT NULL, start_s REAL NOT NULL, end_s REAL NOT NULL, status TEXT NOT NULL, objective REAL,
  device_dynamic_j REAL NOT NULL, device_idle_j REAL NOT NULL, host_j REAL NOT NULL, facility_j REAL NOT NULL,
  operational_kg REAL NOT NULL, embodied_kg REAL NOT NULL, usd REAL NOT NULL,
  preemptions INTEGER NOT NULL, lost_s REAL NOT NULL, lost_j REAL NOT NULL, lost_kg REAL NOT NULL, lost_usd REAL NOT NULL,
  objectives TEXT, constraints TEXT, site TEXT, transfer_j REAL NOT NULL))sql";

void bind_column(SQLite::Statement& insert, int at, const SQLite::Column& column) {
  if (column.isInteger()) return insert.bind(at, column.getInt64());
  if (column.isFloat()) return insert.bind(at, column.getDouble());
  if (column.isText()) return insert.bind(at, std::string(column.getText(), static_cast<std::size_t>(column.getBytes())));
  insert.bind(at);
}

void copy_table(const SQLite::Database& from, SQLite::Database& to, const char* table) {
  SQLite::Statement made(from, "SELECT sql FROM sqlite_master WHERE type='table' AND name=?");
  made.bind(1, table);
  made.executeStep();
  to.exec(made.getColumn(0).getString());
  SQLite::Statement query(from, fmt::format("SELECT * FROM {}", table));
  std::string places = "?";
  for (int i = 1; i < query.getColumnCount(); ++i) places += ",?";
  SQLite::Statement insert(to, fmt::format("INSERT INTO {} VALUES({})", table, places));
  while (query.executeStep()) {
    for (int i = 0; i < query.getColumnCount(); ++i) bind_column(insert, i + 1, query.getColumn(i));
    insert.exec();
    insert.reset();
  }
}

std::optional<std::string> list_or_nothing(std::span<const double> numbers) {
  return numbers.empty() ? std::nullopt : std::optional(encode_numbers(numbers));
}

void copy_trials(const StoreDatabase& from, SQLite::Database& to) {
  to.exec(kTrials);
  SQLite::Statement insert(to, "INSERT INTO trials VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  each_trial(from, std::nullopt, [&](const TrialRow& row) {
    const auto& [device_dynamic, device_idle, host, facility, transfer] = row.energy_j;
    const std::string configuration = encode_configuration(row.configuration);
    const auto objectives = list_or_nothing(row.further_objectives());
    const auto constraints = list_or_nothing({row.constraints.data(), row.constraints.size()});
    const auto site = row.site.empty() ? std::nullopt : std::optional(row.site);
    insert_row(insert, row.cell, row.trial, configuration, row.fidelity, row.trained_from, row.resumes, row.repeat, row.worker,
               row.start_s, row.end_s, to_string(row.status), row.objective(), device_dynamic, device_idle, host, facility,
               row.operational_kg, row.embodied_kg, row.usd, row.preemptions, row.lost_s, row.lost_j, row.lost_kg, row.lost_usd,
               objectives, constraints, site, transfer);
  });
  to.exec("CREATE UNIQUE INDEX trials_by_number ON trials(cell, trial)");
}

}  // namespace

void write_row_copy(const StoreDatabase& store, const std::filesystem::path& file) {
  guarded(file, [&] {
    // A database cannot be written to a pipe or a device, and none may lose its place to a file.
    if (std::filesystem::exists(file) && !std::filesystem::is_regular_file(file))
      throw StoreError(file.string() + ": is not a regular file");
    StoreDraft draft(file);
    {
      SQLite::Database copy(draft.path().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
      copy.exec("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536");
      SQLite::Transaction transaction(copy);
      for (const StoreTable& table : store_tables())
        if (table.name != kBlocks) copy_table(store.sql(), copy, table.name);
      copy_trials(store, copy);
      make_tidy_views(store, copy);
      transaction.commit();
    }
    draft.publish();
  });
}

}  // namespace tonne
