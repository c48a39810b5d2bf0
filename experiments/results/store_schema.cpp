#include "experiments/results/store_schema.h"

#include <SQLiteCpp/Column.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "experiments/results/checked_file.h"
#include "experiments/results/store_database.h"

namespace tonne {
namespace {

// clang-format off
constexpr const char* kSchema = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE seeds(position INTEGER PRIMARY KEY, seed INTEGER NOT NULL);
CREATE TABLE problems(problem INTEGER PRIMARY KEY, label TEXT NOT NULL, settings TEXT NOT NULL,
  objective TEXT NOT NULL, unit TEXT NOT NULL, direction TEXT NOT NULL, fidelity TEXT NOT NULL, optimum REAL,
  default_true_value REAL NOT NULL, parameters TEXT NOT NULL, objectives TEXT NOT NULL, constraints TEXT NOT NULL);
CREATE TABLE scenarios(scenario INTEGER PRIMARY KEY, label TEXT NOT NULL, summary TEXT NOT NULL, settings TEXT NOT NULL,
  deployment TEXT, trainings REAL, inferences REAL, train_until TEXT);
CREATE TABLE strategies(strategy INTEGER PRIMARY KEY, label TEXT NOT NULL, name TEXT NOT NULL, settings TEXT NOT NULL);
CREATE TABLE cells(cell INTEGER PRIMARY KEY, problem INTEGER NOT NULL, scenario INTEGER NOT NULL,
  strategy INTEGER NOT NULL, seed INTEGER NOT NULL, stop TEXT NOT NULL, evaluations INTEGER NOT NULL,
  failures INTEGER NOT NULL, cached INTEGER NOT NULL, trained REAL NOT NULL, makespan_s REAL NOT NULL,
  winner_trial INTEGER, winner_true_value REAL, training_s REAL, training_energy_j REAL,
  training_operational_kg REAL, training_embodied_kg REAL, training_usd REAL, screenings INTEGER NOT NULL, digest TEXT NOT NULL);
CREATE TABLE accounts(cell INTEGER NOT NULL, account TEXT NOT NULL, worker_s REAL NOT NULL,
  PRIMARY KEY(cell, account)) WITHOUT ROWID;
CREATE TABLE ledger(cell INTEGER NOT NULL, account TEXT NOT NULL, line TEXT NOT NULL, energy_j REAL NOT NULL,
  operational_kg REAL NOT NULL, embodied_kg REAL NOT NULL, usd REAL NOT NULL, water_l REAL NOT NULL,
  PRIMARY KEY(cell, account, line)) WITHOUT ROWID;
CREATE TABLE trial_blocks(cell INTEGER NOT NULL, first_trial INTEGER NOT NULL, trials INTEGER NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY(cell, first_trial));
CREATE TABLE incumbents(cell INTEGER NOT NULL, number INTEGER NOT NULL, trial INTEGER NOT NULL,
  configuration TEXT NOT NULL, fidelity REAL NOT NULL, observed REAL NOT NULL, true_value REAL NOT NULL,
  time_s REAL NOT NULL, evaluations INTEGER NOT NULL, trained REAL NOT NULL, energy_j REAL NOT NULL,
  operational_kg REAL NOT NULL, embodied_kg REAL NOT NULL, usd REAL NOT NULL,
  PRIMARY KEY(cell, number)) WITHOUT ROWID;
CREATE TABLE uncertain(scenario INTEGER NOT NULL, position INTEGER NOT NULL, key TEXT NOT NULL, distribution TEXT NOT NULL,
  low TEXT NOT NULL, high TEXT NOT NULL, PRIMARY KEY(scenario, position)) WITHOUT ROWID;
CREATE TABLE variants(cell INTEGER NOT NULL, variant INTEGER NOT NULL, energy_j REAL NOT NULL, operational_kg REAL NOT NULL,
  embodied_kg REAL NOT NULL, usd REAL NOT NULL, water_l REAL NOT NULL, training_energy_j REAL, training_operational_kg REAL,
  training_embodied_kg REAL, training_usd REAL, training_water_l REAL, PRIMARY KEY(cell, variant)) WITHOUT ROWID;
CREATE TABLE payback(cell INTEGER NOT NULL, side TEXT NOT NULL, trained_to REAL NOT NULL,
  training_energy_j REAL, training_operational_kg REAL, training_embodied_kg REAL, training_usd REAL, training_water_l REAL,
  inference_energy_j REAL, inference_operational_kg REAL, inference_embodied_kg REAL, inference_usd REAL, inference_water_l REAL,
  PRIMARY KEY(cell, side)) WITHOUT ROWID;
CREATE TABLE stages(cell INTEGER NOT NULL, position INTEGER NOT NULL, stage TEXT NOT NULL, energy_j REAL NOT NULL,
  operational_kg REAL NOT NULL, embodied_kg REAL NOT NULL, usd REAL NOT NULL, water_l REAL NOT NULL,
  PRIMARY KEY(cell, position)) WITHOUT ROWID;
)sql";

// clang-format on

constexpr auto kTables = std::to_array<StoreTable>({
    {"meta", "key", TableOf::meta},
    {"seeds", "position", TableOf::plan},
    {"problems", "problem", TableOf::plan},
    {"scenarios", "scenario", TableOf::plan},
    {"strategies", "strategy", TableOf::plan},
    {"cells", "cell", TableOf::cells},
    {"accounts", "cell, account", TableOf::cells},
    {"ledger", "cell, account, line", TableOf::cells},
    {"trial_blocks", "cell, first_trial", TableOf::cells},
    {"incumbents", "cell, number", TableOf::cells},
    {"uncertain", "scenario, position", TableOf::plan},
    {"variants", "cell, variant", TableOf::cells},
    {"payback", "cell, side", TableOf::cells},
    {"stages", "cell, position", TableOf::cells},
});

// What stands in a database, as text: every table, view, trigger and index with the statement that made it.
std::vector<std::string> objects_of(const SQLite::Database& database) {
  std::vector<std::string> objects;
  SQLite::Statement query(
      database, "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master ORDER BY 1");
  while (query.executeStep()) objects.push_back(query.getColumn(0).getString());
  return objects;
}

std::vector<std::string> expected_objects() {
  SQLite::Database empty(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  create_tables(empty);
  return objects_of(empty);
}

// Whether another version of the program made the store: it has our table of meta data and says so there.
bool has_other_format(const StoreDatabase& database, const std::vector<std::string>& found,
                      const std::vector<std::string>& expected) {
  const auto meta =
      std::ranges::find_if(expected, [](const std::string& o) { return o.starts_with("table meta "); });
  if (std::ranges::find(found, *meta) == found.end()) return false;
  const auto format = database.find_meta("format");
  return format && *format != kStoreFormat;
}

}  // namespace

void create_tables(SQLite::Database& database) {
  database.exec(fmt::format("PRAGMA application_id={}", kApplicationId));
  database.exec(kSchema);
}

std::span<const StoreTable> store_tables() {
  return kTables;
}

void check_schema(const StoreDatabase& database) {
  static const std::vector<std::string> expected = expected_objects();
  const std::vector<std::string> found = objects_of(database.sql());
  if (found == expected) return;
  if (has_other_format(database, found, expected))
    throw StoreError(database.file().string() +
                     ": its format is not known to this program: another version of tonne made it");
  throw database.damaged("it does not hold the tables that this program makes");
}

}  // namespace tonne
