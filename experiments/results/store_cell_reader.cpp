#include "experiments/results/store_cell_reader.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "experiments/results/row_scan.h"
#include "experiments/results/store_columns.h"
#include "experiments/results/store_database.h"
#include "experiments/results/store_plan_reader.h"

namespace tonne {
namespace {

// A cell's own row names things of the plan by their numbers: these must exist.
class PlanBounds {
 public:
  explicit PlanBounds(const StoreDatabase& database)
      : database_(database),
        cells_(read_planned_cells(database)),
        problems_(read_problems(database).size()),
        scenarios_(read_scenarios(database).size()),
        strategies_(read_strategies(database).size()) {}

  void check(const CellRecord& row) const {
    if (row.index >= cells_) throw database_.damaged("it holds a cell beyond its plan");
    if (row.problem >= problems_ || row.scenario >= scenarios_ || row.strategy >= strategies_)
      throw database_.damaged("it holds a cell of a problem, scenario or strategy that it does not hold");
  }

 private:
  const StoreDatabase& database_;
  std::size_t cells_, problems_, scenarios_, strategies_;
};

// The tables beside `cells`, walked along with them.
class CellParts {
 public:
  explicit CellParts(const StoreDatabase& database)
      : ledger_(database,
                "SELECT cell, account, energy_j, operational_kg, embodied_kg, usd, water_l FROM ledger "
                "ORDER BY cell, account, line"),
        accounts_(database, "SELECT cell, account, worker_s FROM accounts ORDER BY cell, account"),
        payback_(database,
                 "SELECT cell, side, trained_to, training_energy_j, training_operational_kg, training_embodied_kg, "
                 "training_usd, training_water_l, inference_energy_j, inference_operational_kg, "
                 "inference_embodied_kg, inference_usd, inference_water_l FROM payback ORDER BY cell, side"),
        stages_(database,
                "SELECT cell, stage, energy_j, operational_kg, embodied_kg, usd, water_l FROM stages "
                "ORDER BY cell, position") {}

  void add_to(CellRecord& row) {
    ledger_.each_of(row.index, [&](const RowScan& columns) {
      (columns.text(1) == "retraining" ? row.retraining : row.search) += columns.usage(2);
    });
    accounts_.each_of(row.index, [&](const RowScan& columns) {
      const std::string_view account = columns.text(1);
      if (account != "retraining" && account != "strategy") row.worker_time += columns.real(2) * second;
    });
    payback_.each_of(row.index, [&](const RowScan& columns) { add_payback(row, columns); });
    stages_.each_of(row.index, [&](const RowScan& columns) {
      row.stages.push_back({std::string(columns.text(1)), columns.usage(2)});
    });
  }

 private:
  static void add_payback(CellRecord& row, const RowScan& columns) {
    constexpr int kTraining = 3, kInference = kTraining + kUsageColumns;
    if (!row.payback) row.payback.emplace();
    Uses uses;
    uses.trained_to = columns.real(2);
    if (!columns.is_null(kTraining)) uses.training = columns.usage(kTraining);
    if (!columns.is_null(kInference)) uses.inference = columns.usage(kInference);
    const std::string_view side = columns.text(1);
    if (side == "cheapest") {
      row.payback->cheapest = uses;
    } else {
      (side == "winner" ? row.payback->winner : row.payback->standard) = uses;
    }
  }

  CellScan ledger_, accounts_, payback_, stages_;
};

CellRecord read_cell(const SQLite::Statement& query) {
  CellRecord row;
  double makespan_s = 0.0;
  std::optional<double> energy_j;  // of training the winner: nothing, or with all that follow
  Columns columns(query);
  columns >> row.index >> row.problem >> row.scenario >> row.strategy >> row.seed >> row.stop >>
      row.evaluations >> row.failures >> row.cached >> row.screenings >> row.trained >> makespan_s >>
      row.winner_true_value >> energy_j;
  row.makespan = makespan_s * second;
  if (!energy_j) return row;
  double operational_kg = 0.0, embodied_kg = 0.0, usd = 0.0;
  columns >> operational_kg >> embodied_kg >> usd;
  row.winner_training =
      Usage{*energy_j * joule, operational_kg * kilogram, embodied_kg * kilogram, usd * dollar, Water{}};
  return row;
}

constexpr const char* kIncumbentColumns =
    "cell, number, trial, configuration, fidelity, observed, true_value, time_s, evaluations, trained, "
    "energy_j, "
    "operational_kg, embodied_kg, usd";
void read_incumbent(const SQLite::Statement& query, IncumbentRow& row) {
  Columns(query) >> row.cell >> row.number >> row.trial >> row.configuration >> row.fidelity >>
      row.observed >> row.true_value >> row.time_s >> row.evaluations >> row.trained >> row.energy_j >>
      row.operational_kg >> row.embodied_kg >> row.usd;
}

}  // namespace

std::vector<bool> read_finished(const StoreDatabase& database, std::size_t cells) {
  std::vector<bool> finished(cells, false);
  SQLite::Statement query(database.sql(), "SELECT cell FROM cells");
  while (query.executeStep()) {
    std::size_t cell = 0;
    Columns(query) >> cell;
    if (cell < cells) finished[cell] = true;
  }
  return finished;
}

std::vector<CellRecord> read_cells(const StoreDatabase& database, CellDetail detail) {
  const PlanBounds bounds(database);
  CellParts parts(database);
  std::vector<CellRecord> rows;
  SQLite::Statement query(
      database.sql(),
      "SELECT cell, problem, scenario, strategy, seed, stop, evaluations, failures, cached, "
      "screenings, trained, makespan_s, winner_true_value, training_energy_j, "
      "training_operational_kg, training_embodied_kg, training_usd FROM cells ORDER BY cell");
  while (query.executeStep()) {
    CellRecord row = read_cell(query);
    bounds.check(row);
    if (detail == CellDetail::all) parts.add_to(row);
    rows.push_back(std::move(row));
  }
  return rows;
}

Usage read_search_usage(const StoreDatabase& database, std::size_t cell) {
  SQLite::Statement query(database.sql(),
                          "SELECT energy_j, operational_kg, embodied_kg, usd, water_l FROM ledger "
                          "WHERE cell=? AND account<>'retraining' ORDER BY account, line");
  bind_value(query, 1, cell);
  Usage sum;
  while (query.executeStep()) {
    Usage usage;
    Columns(query) >> usage;
    sum += usage;
  }
  return sum;
}

std::size_t count_cells(const StoreDatabase& database) {
  SQLite::Statement query(database.sql(), "SELECT count(*) FROM cells");
  query.executeStep();
  std::size_t count = 0;
  Columns(query) >> count;
  return count;
}

void each_incumbent(const StoreDatabase& database, const std::function<void(const IncumbentRow&)>& visit) {
  SQLite::Statement query(database.sql(),
                          fmt::format("SELECT {} FROM incumbents ORDER BY cell, number", kIncumbentColumns));
  IncumbentRow row;
  while (query.executeStep()) {
    read_incumbent(query, row);
    visit(row);
  }
}

std::optional<IncumbentRow> read_final_incumbent(const StoreDatabase& database, std::size_t cell) {
  SQLite::Statement query(
      database.sql(),
      fmt::format("SELECT {} FROM incumbents WHERE cell=? ORDER BY number DESC LIMIT 1", kIncumbentColumns));
  bind_value(query, 1, cell);
  if (!query.executeStep()) return std::nullopt;
  IncumbentRow row;
  read_incumbent(query, row);
  return row;
}

void each_ledger_row(const StoreDatabase& database, const std::function<void(const LedgerRow&)>& visit) {
  RowScan rows(database,
               "SELECT cell, account, line, energy_j, operational_kg, embodied_kg, usd, water_l FROM ledger "
               "ORDER BY cell, account, line");
  LedgerRow row;
  while (rows.next()) {
    row.cell = rows.whole(0);
    row.account = rows.text(1);
    row.line = rows.text(2);
    row.energy_j = rows.real(3);
    row.operational_kg = rows.real(4);
    row.embodied_kg = rows.real(5);
    row.usd = rows.real(6);
    row.water_l = rows.real(7);
    visit(row);
  }
}

void each_variant(const StoreDatabase& database, const std::function<void(const VariantRow&)>& visit) {
  SQLite::Statement query(database.sql(),
                          "SELECT cell, variant, energy_j, operational_kg, embodied_kg, usd, water_l, "
                          "training_energy_j, training_operational_kg, training_embodied_kg, training_usd, "
                          "training_water_l FROM variants ORDER BY cell, variant");
  VariantRow row;
  while (query.executeStep()) {
    Columns(query) >> row.cell >> row.variant >> row.search >> row.training;
    visit(row);
  }
}

}  // namespace tonne
