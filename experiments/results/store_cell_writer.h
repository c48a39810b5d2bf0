#pragma once
// Writes searches into a store while they run.

#include <SQLiteCpp/Statement.h>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "experiments/results/content_sum.h"
#include "experiments/results/records.h"

namespace tonne {

struct Cell;
struct SearchResult;
struct TrialBlock;
class StoreDatabase;

/// From here on the file is written to, crash-safe: a killed process leaves whole transactions only.
void begin_writing(StoreDatabase& database);
/// Moves what a killed process left in the write-ahead log into the file, as far as nobody reads it.
void fold_log(StoreDatabase& database);
/// Folds the write-ahead log into the one file. Precondition: no statement is open.
void end_writing(StoreDatabase& database);

/// Removes rows of cells that did not finish.
void remove_unfinished(StoreDatabase& database);

/// The prepared inserts of all tables that hold rows of cells. Safe to call from several threads; one call is
/// one transaction. Outlived by its database.
class CellWriter {
 public:
  explicit CellWriter(StoreDatabase& database);

  /// As Store's functions of the same names.
  void append_trials(std::size_t cell, const TrialBlock& block);
  void finish_cell(const Cell& cell, const SearchResult& result, const std::vector<IncumbentRow>& incumbents,
                   const std::vector<VariantRow>& variants, const std::optional<Payback>& payback,
                   const std::vector<std::string>& stages, const Charge& earlier);

 private:
  template <class... Values>
  void insert(SQLite::Statement& statement, std::string_view table, const Values&... values);
  void insert_payback(std::size_t cell, const Payback& payback);
  void insert_uses(std::size_t cell, const char* side, const Uses& uses);
  void insert_incumbent(std::size_t cell, const IncumbentRow& row);
  void insert_ledger(std::size_t cell, const Ledger& ledger);
  void insert_account(std::size_t cell, std::string_view account, const Charge& charge);
  void insert_stages(std::size_t cell, const SearchResult& result, const std::vector<std::string>& stages);
  void insert_variant(std::size_t cell, const VariantRow& row);
  void insert_cell(const Cell& cell, const SearchResult& result);
  void check_trials(std::size_t cell, std::uint64_t expected) const;
  [[nodiscard]] std::string take_digest(std::size_t cell);

  StoreDatabase& database_;
  std::mutex mutex_;
  const bool keeps_trials_;
  std::unordered_map<std::size_t, ContentSum> trials_;  // of running cells
  ContentSum sum_;                                      // of the cell that is being finished
  SQLite::Statement block_, incumbent_, cell_, account_, ledger_, variant_, payback_, stage_;
};

}  // namespace tonne
