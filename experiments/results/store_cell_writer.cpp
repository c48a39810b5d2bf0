#include "experiments/results/store_cell_writer.h"

#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "core/simulator.h"
#include "experiments/plan/experiment.h"
#include "experiments/results/store_columns.h"
#include "experiments/results/store_database.h"
#include "experiments/results/store_schema.h"
#include "experiments/results/trial_block.h"
#include "experiments/text/log.h"

namespace tonne {
namespace {

// One transaction as the log hears of it: how long it waited for the other threads, and how long the disk took.
class TimedWrite {
 public:
  TimedWrite(std::mutex& mutex, const char* what, std::size_t cell)
      : what_(what), cell_(cell), lock_(mutex), waited_(watch_.seconds()) {}

  void committed(std::size_t rows) const {
    constexpr double kLong = 1.0;  // seconds after which it is worth a line without being asked
    const double wrote = watch_.seconds() - waited_;
    log_event(waited_ + wrote > kLong ? LogLevel::info : LogLevel::debug, "store_write",
              {{"what", std::string(what_)}, {"cell", cell_}, {"rows", rows}, {"waited_s", waited_}, {"wrote_s", wrote}});
  }

 private:
  const Stopwatch watch_;  // first, so that it counts the wait for the lock
  const char* const what_;
  const std::size_t cell_;
  const std::scoped_lock<std::mutex> lock_;
  const double waited_;
};

}  // namespace

void begin_writing(StoreDatabase& database) {
  database.sql().exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536");
}

void fold_log(StoreDatabase& database) {
  database.sql().exec("PRAGMA wal_checkpoint(TRUNCATE)");
}

void end_writing(StoreDatabase& database) {
  database.sql().exec("PRAGMA journal_mode=DELETE");
}

void remove_unfinished(StoreDatabase& database) {
  SQLite::Transaction transaction(database.sql());
  for (const StoreTable& table : store_tables())
    if (table.of == TableOf::cells && std::string_view(table.name) != "cells")
      database.sql().exec(
          fmt::format("DELETE FROM {} WHERE cell NOT IN (SELECT cell FROM cells)", table.name));
  transaction.commit();
}

CellWriter::CellWriter(StoreDatabase& database)
    : database_(database),
      keeps_trials_(database.find_meta("record") == "trials"),
      block_(database.sql(), "INSERT INTO trial_blocks VALUES(?,?,?,?)"),
      incumbent_(database.sql(), "INSERT INTO incumbents VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)"),
      cell_(database.sql(), "INSERT INTO cells VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"),
      account_(database.sql(), "INSERT INTO accounts VALUES(?,?,?)"),
      ledger_(database.sql(), "INSERT INTO ledger VALUES(?,?,?,?,?,?,?,?)"),
      variant_(database.sql(), "INSERT INTO variants VALUES(?,?,?,?,?,?,?,?,?,?,?,?)"),
      payback_(database.sql(), "INSERT INTO payback VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)"),
      stage_(database.sql(), "INSERT INTO stages VALUES(?,?,?,?,?,?,?,?)") {}

void CellWriter::append_trials(std::size_t cell, const TrialBlock& block) {
  const TimedWrite write(mutex_, "trials", cell);
  const ResetAfter done(block_);
  block_.bindNoCopy(4, block.data.data(), static_cast<int>(block.data.size()));
  bind_value(block_, 1, cell);
  bind_value(block_, 2, block.first_trial);
  bind_value(block_, 3, block.trials);
  block_.exec();
  trials_[cell] += block.content;
  write.committed(block.trials);
}

void CellWriter::finish_cell(const Cell& cell, const SearchResult& result,
                             const std::vector<IncumbentRow>& incumbents,
                             const std::vector<VariantRow>& variants, const std::optional<Payback>& payback,
                             const std::vector<std::string>& stages, const Charge& earlier) {
  const TimedWrite write(mutex_, "cell", cell.index);
  SQLite::Transaction transaction(database_.sql());
  sum_ = {};
  if (keeps_trials_) check_trials(cell.index, result.evaluations + result.cached + result.screenings);
  if (payback) insert_payback(cell.index, *payback);
  for (const IncumbentRow& row : incumbents) insert_incumbent(cell.index, row);
  insert_ledger(cell.index, result.ledger);
  if (earlier != Charge{}) insert_account(cell.index, kWarmStartAccount, earlier);
  insert_stages(cell.index, result, stages);
  for (const VariantRow& row : variants) insert_variant(cell.index, row);
  insert_cell(cell, result);
  transaction.commit();
  write.committed(incumbents.size() + variants.size());
}

// A row, and its part of the cell's digest.
template <class... Values>
void CellWriter::insert(SQLite::Statement& statement, std::string_view table, const Values&... values) {
  RowHash hash(table);
  (hash_value(hash, values), ...);
  sum_ += hash.sum();
  insert_row(statement, values...);
}

void CellWriter::insert_payback(std::size_t cell, const Payback& payback) {
  insert_uses(cell, "winner", payback.winner);
  insert_uses(cell, "default", payback.standard);
  if (payback.cheapest) insert_uses(cell, "cheapest", *payback.cheapest);
}

void CellWriter::insert_uses(std::size_t cell, const char* side, const Uses& uses) {
  insert(payback_, "payback", cell, side, uses.trained_to, uses.training, uses.inference);
}

void CellWriter::insert_incumbent(std::size_t cell, const IncumbentRow& row) {
  insert(incumbent_, "incumbents", cell, row.number, row.trial, row.configuration, row.fidelity, row.observed,
             row.true_value, row.time_s, row.evaluations, row.trained, row.energy_j, row.operational_kg,
             row.embodied_kg, row.usd);
}

void CellWriter::insert_ledger(std::size_t cell, const Ledger& ledger) {
  for (std::size_t a = 0; a < kAccounts; ++a) insert_account(cell, kAccountNames[a], ledger.accounts[a]);
}

void CellWriter::insert_account(std::size_t cell, std::string_view account, const Charge& charge) {
  insert(account_, "accounts", cell, account, charge.time / second);
  for (std::size_t l = 0; l < kLines; ++l) {
    const Usage& usage = charge.lines[l];
    // Where nothing moves, the ledger is what it was before there were sites.
    if (l == static_cast<std::size_t>(Line::transfer) && usage == Usage{}) continue;
    insert(ledger_, "ledger", cell, account, kLineNames[l], usage);
  }
}

void CellWriter::insert_stages(std::size_t cell, const SearchResult& result,
                               const std::vector<std::string>& stages) {
  for (std::size_t s = 0; s < result.stages.size(); ++s)
    insert(stage_, "stages", cell, s, stages.at(s), result.stages[s].total());
}

void CellWriter::insert_variant(std::size_t cell, const VariantRow& row) {
  insert(variant_, "variants", cell, row.variant, row.search, row.training);
}

void CellWriter::insert_cell(const Cell& cell, const SearchResult& result) {
  std::optional<std::uint64_t> winner;
  std::optional<double> true_value;
  if (result.winner) {
    winner = result.winner->trial;
    true_value = result.winner->true_value;
  }
  std::optional<double> time_s, energy_j, operational_kg, embodied_kg, usd;  // of training the winner
  if (result.winner_training) {
    const Usage training = result.winner_training->total();
    time_s = result.winner_training->time / second;
    energy_j = training.energy / joule;
    operational_kg = training.operational / kilogram;
    embodied_kg = training.embodied / kilogram;
    usd = training.money / dollar;
  }
  RowHash own("cells");
  const auto with_values = [&](const auto& function) {
    function(cell.index, cell.problem, cell.scenario, cell.strategy, cell.seed, to_string(result.stop), result.evaluations,
             result.failures, result.cached, result.trained, result.makespan / second, winner, true_value, time_s, energy_j,
             operational_kg, embodied_kg, usd, result.screenings);
  };
  with_values([&](const auto&... values) { (hash_value(own, values), ...); });
  sum_ += own.sum();
  const std::string digest = take_digest(cell.index);
  with_values([&](const auto&... values) { insert_row(cell_, values..., digest); });
}

// Of everything that was recorded of the cell.
std::string CellWriter::take_digest(std::size_t cell) {
  if (const auto trials = trials_.find(cell); trials != trials_.end()) {
    sum_ += trials->second;
    trials_.erase(trials);
  }
  return sum_.text();
}

// No row may have gone missing since it was written.
void CellWriter::check_trials(std::size_t cell, std::uint64_t expected) const {
  SQLite::Statement query(database_.sql(), "SELECT coalesce(sum(trials), 0) FROM trial_blocks WHERE cell=?");
  bind_value(query, 1, cell);
  query.executeStep();
  std::uint64_t found = 0;
  Columns(query) >> found;
  if (found != expected)
    throw StoreError(
        fmt::format("{}: holds {} trials of cell {}, which had {}: something else wrote into the file",
                    database_.file().string(), found, cell, expected));
}

}  // namespace tonne
