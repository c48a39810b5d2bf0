#pragma once
// The store: one SQLite file with everything that an experiment recorded, and nothing that differs between
// two runs of the same experiment (no clock, no machine, no thread count).

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "experiments/results/records.h"

namespace tonne {

struct Cell;
struct Experiment;
struct SearchResult;
struct TrialBlock;
class TrialColumns;

/// Whoever writes holds a lock on the folder until the store is destroyed; a second writer gets a StoreError.
/// Every function throws StoreError when the file cannot be read or written, or is damaged.
class Store {
 public:
  /// Makes a new store in `folder` (made too). Throws StoreError when one is there already.
  static Store create(const std::filesystem::path& folder, const Experiment& experiment, const Shard& shard);
  /// Like create(), in place of results that are there: those of this program only, and nobody may be writing them.
  /// What else stands in the folder stays.
  static Store replace(const std::filesystem::path& folder, const Experiment& experiment, const Shard& shard);
  /// Opens a store to go on writing: same experiment and program version, or StoreError says what differs.
  /// Rows of cells that did not finish are removed.
  static Store resume(const std::filesystem::path& folder, const Experiment& experiment, const Shard& shard);
  /// Opens a store to read (a folder, or the file itself). Throws StoreError when it is no store of this
  /// version, or holds anything but a store's tables.
  static Store open(const std::filesystem::path& folder);
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  static constexpr const char* kFileName = "results.sqlite";
  /// The store's file at a place that a user names: a results folder, or the file itself.
  [[nodiscard]] static std::filesystem::path file_at(const std::filesystem::path& place);

  /// In which its file stands.
  [[nodiscard]] std::filesystem::path folder() const;

  // Writing, of a store that was made or resumed; safe to call from several threads. One call is one
  // transaction.

  /// Encoded before (TrialCollector), by the thread that calls: here they only go into the file.
  void append_trials(std::size_t cell, const TrialBlock& block);
  /// A cell counts from here on. `stages` are the names of those of `result`. `earlier` is what it was charged for
  /// earlier searches: the account kWarmStartAccount. Throws StoreError also when trials of the cell have gone missing.
  void finish_cell(const Cell& cell, const SearchResult& result, const std::vector<IncumbentRow>& incumbents,
                   const std::vector<VariantRow>& variants = {},
                   const std::optional<Payback>& payback = std::nullopt,
                   const std::vector<std::string>& stages = {}, const Charge& earlier = {});
  /// Folds the write-ahead log into the one file; nothing can be written after.
  void close();
  /// Deletes the store's file, and its folder when nothing else stands in it. The store cannot be used after.
  void remove();

  // Reading.

  /// "name", "digest", "program", "shard" and others; empty where there is none.
  [[nodiscard]] std::string meta(const std::string& key) const;
  /// Cells of the whole experiment, finished or not.
  [[nodiscard]] std::size_t planned_cells() const;
  [[nodiscard]] std::vector<std::uint64_t> seeds() const;
  /// Which of so many cells have.
  [[nodiscard]] std::vector<bool> finished(std::size_t cells) const;
  [[nodiscard]] std::vector<StoredProblem> problems() const;
  [[nodiscard]] std::vector<StoredScenario> scenarios() const;
  [[nodiscard]] std::vector<StoredStrategy> strategies() const;
  /// The finished ones, by number.
  [[nodiscard]] std::vector<CellRecord> cells(CellDetail detail = CellDetail::all) const;
  /// How many have finished.
  [[nodiscard]] std::size_t cell_count() const;
  /// CellRecord::search of one cell.
  [[nodiscard]] Usage search_usage(std::size_t cell) const;
  [[nodiscard]] std::uint64_t trial_count() const;
  /// Whether trials could run at several sites.
  [[nodiscard]] bool has_sites() const;
  /// In the order of cells, and in each of trials (but one that ended very late comes later: TrialCollector).
  void each_trial(const std::function<void(const TrialRow&)>& visit) const;
  /// Of one cell.
  void each_trial(std::size_t cell, const std::function<void(const TrialRow&)>& visit) const;
  /// The same block by block, with the cell of each: faster where a few columns are read.
  void each_trial_block(const std::function<void(std::size_t, const TrialColumns&)>& visit) const;
  /// What the search of a cell ended with; none where every candidate failed.
  [[nodiscard]] std::optional<IncumbentRow> final_incumbent(std::size_t cell) const;
  void each_incumbent(const std::function<void(const IncumbentRow&)>& visit) const;
  void each_ledger_row(const std::function<void(const LedgerRow&)>& visit) const;
  /// In the order of cells and variants.
  void each_variant(const std::function<void(const VariantRow&)>& visit) const;
  /// In the order of scenarios, and in each in the order of the file.
  [[nodiscard]] std::vector<StoredUncertain> uncertain() const;
  /// Absent when nothing is uncertain.
  [[nodiscard]] std::optional<StoredUncertainty> uncertainty() const;
  /// Of a problem by its number, with domains, conditions and defaults.
  [[nodiscard]] SearchSpace space(std::size_t problem) const;
  /// Writes everything as plain tables of another SQLite file, for SQL: write_row_copy() (results/row_copy.h).
  void write_rows(const std::filesystem::path& file) const;
  /// 32 hex digits over everything recorded, from the digests that were written with each cell: equal stores have equal digests.
  [[nodiscard]] std::string content_digest() const;
  /// Reads a finished cell in full and compares it with its digest: nothing where they agree, else what is wrong.
  [[nodiscard]] std::optional<std::string> damage_of_cell(std::size_t cell) const;

 private:
  struct Parts;
  static Store make(const std::filesystem::path& folder, const Experiment& experiment, const Shard& shard, bool replaces);
  explicit Store(std::unique_ptr<Parts> parts);
  template <class Function>
  auto read(const Function& function) const;
  template <class Function>
  void write(const Function& function);

  std::unique_ptr<Parts> parts_;
};

}  // namespace tonne
