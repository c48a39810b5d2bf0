#pragma once
// The store: one SQLite file with everything that an experiment recorded, and nothing that differs between two
// runs of the same experiment (no clock, no machine, no thread count).

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/simulator.h"
#include "core/trial.h"
#include "experiments/plan/experiment.h"

namespace tonne {

/// The results cannot be written or read (disk full, read-only folder, no such file, not a store). Not the user's
/// input but the world: the program exits with 3.
class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Which part of an experiment a store holds: cells whose index is `number - 1` modulo `of`.
struct Shard {
  std::size_t number = 1;
  std::size_t of = 1;
  [[nodiscard]] bool holds(std::size_t cell) const { return cell % of == number - 1; }
};

/// What the trials of one search used in one stage of its problem.
struct StageUsage {
  std::string stage;
  Usage usage;
};

/// What is read back of one finished cell.
struct CellRecord {
  std::size_t index = 0;
  std::size_t problem = 0;
  std::size_t scenario = 0;
  std::size_t strategy = 0;
  std::uint64_t seed = 0;
  std::string stop;
  std::uint64_t evaluations = 0;
  std::uint64_t failures = 0;
  std::uint64_t cached = 0;
  std::uint64_t screenings = 0;
  double trained = 0.0;
  Duration makespan{};
  std::optional<double> winner_true_value;
  std::optional<Usage> winner_training;  ///< none also when the winner cannot be trained in full
  Usage search;      ///< all accounts but retraining
  Usage retraining;
  Duration worker_time{};  ///< of trials, strategy and waiting: device time that is paid
  std::optional<Payback> payback;  ///< only where something is deployed and the search has a winner
  std::vector<StageUsage> stages;  ///< empty where the problem has none
};

struct StoredProblem {
  std::string label, settings, objective, unit, fidelity;
  Direction direction = Direction::minimise;
  std::optional<double> optimum;
  double default_true_value = 0.0;
  std::vector<ObjectiveTraits> objectives;  ///< all of them, the above first
  std::vector<std::string> notes;           ///< as ProblemTraits::notes
};
struct StoredScenario {
  std::string label, summary, settings;
  DeploymentSettings deployment;   ///< given() only where something is deployed
  std::string deployment_summary;  ///< where
};
struct StoredStrategy {
  std::string label, name, settings;
};

/// One row of an export, handed out in order.
struct TrialRow {
  std::size_t cell = 0;
  std::uint64_t trial = 0;
  std::string configuration;  ///< JSON array: number or index of the choice, null where inactive
  double fidelity = 0.0, trained_from = 0.0;
  std::optional<std::uint64_t> resumes;
  std::uint32_t repeat = 0, worker = 0;
  double start_s = 0.0, end_s = 0.0;
  std::string status;  ///< "completed", "cached", "screened" or the failure
  std::optional<double> objective;  ///< the first one; of a screening its score
  std::string objectives;           ///< the others, separated by semicolons; empty: none
  std::string constraints;          ///< likewise
  std::array<double, 5> energy_j{};  ///< device_dynamic, device_idle, host, facility, transfer
  double operational_kg = 0.0, embodied_kg = 0.0, usd = 0.0;
  std::uint32_t preemptions = 0;
  double lost_s = 0.0, lost_j = 0.0, lost_kg = 0.0, lost_usd = 0.0;  ///< of work that preemptions destroyed, beside the above
  std::string site;  ///< where it ran; empty: at home, or nowhere (cached)
};
struct IncumbentRow {
  std::size_t cell = 0;
  std::uint64_t number = 0, trial = 0, evaluations = 0;
  std::string configuration;
  double fidelity = 0.0, observed = 0.0, true_value = 0.0, time_s = 0.0, trained = 0.0;
  double energy_j = 0.0, operational_kg = 0.0, embodied_kg = 0.0, usd = 0.0;
};
struct LedgerRow {
  std::size_t cell = 0;
  std::string account, line;
  double energy_j = 0.0, operational_kg = 0.0, embodied_kg = 0.0, usd = 0.0, water_l = 0.0;
};

/// A cell's search in one variant of its scenario: first the draws, then each uncertain setting at its low and high
/// quantile (experiments/run/repricing.h).
struct VariantRow {
  std::size_t cell = 0, variant = 0;
  Usage search;                   ///< all accounts but retraining
  std::optional<Usage> training;  ///< one training of the winner, where that is known
};
/// A setting of a scenario that is known as a distribution.
struct StoredUncertain {
  std::size_t scenario = 0;
  std::string key, distribution;  ///< as the user wrote it
  std::string low, high;          ///< the tornado's values, with unit
};
/// How the variants were drawn.
struct StoredUncertainty {
  std::size_t draws = 0;
  std::uint64_t seed = 0;
  double level = 0.0;  ///< of intervals
};

class Store {
 public:
  // Whoever writes holds a lock on the folder until the store is destroyed; a second writer gets a StoreError.

  /// Makes a new store in `folder` (made too). Throws StoreError when one is there already.
  static Store create(const std::filesystem::path& folder, const Experiment& experiment, const Shard& shard);
  /// Opens a store to go on writing: same experiment and program version, or StoreError says what differs. Rows
  /// of cells that did not finish are removed.
  static Store resume(const std::filesystem::path& folder, const Experiment& experiment, const Shard& shard);
  /// Opens a store to read (a folder, or the file itself). Throws StoreError when it is no store of this version, or
  /// holds anything but a store's tables.
  static Store open(const std::filesystem::path& folder);
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  static constexpr const char* kFileName = "results.sqlite";

  // Writing; safe to call from several threads. One call is one transaction.
  void append_trials(std::size_t cell, const std::vector<TrialRow>& rows);
  void finish_cell(const Cell& cell, const SearchResult& result, const std::vector<IncumbentRow>& incumbents,
                   const std::vector<VariantRow>& variants = {}, const std::optional<Payback>& payback = std::nullopt,
                   const std::vector<std::string>& stages = {});
  /// Folds the write-ahead log into the one file.
  void close();
  /// Deletes the store's file, and its folder when nothing else stands in it. The store cannot be used after.
  void remove();

  // Reading.
  [[nodiscard]] std::string meta(const std::string& key) const;
  /// Cells of the whole experiment, finished or not.
  [[nodiscard]] std::size_t planned_cells() const;
  [[nodiscard]] std::vector<std::uint64_t> seeds() const;
  [[nodiscard]] std::vector<bool> finished(std::size_t cells) const;
  [[nodiscard]] std::vector<StoredProblem> problems() const;
  [[nodiscard]] std::vector<StoredScenario> scenarios() const;
  [[nodiscard]] std::vector<StoredStrategy> strategies() const;
  [[nodiscard]] std::vector<CellRecord> cells() const;
  [[nodiscard]] std::uint64_t trial_count() const;
  /// Whether trials could run at several sites.
  [[nodiscard]] bool has_sites() const;
  void each_trial(const std::function<void(const TrialRow&)>& visit) const;
  void each_incumbent(const std::function<void(const IncumbentRow&)>& visit) const;
  void each_ledger_row(const std::function<void(const LedgerRow&)>& visit) const;
  /// In the order of cells and variants.
  void each_variant(const std::function<void(const VariantRow&)>& visit) const;
  /// In the order of scenarios, and in each in the order of the file.
  [[nodiscard]] std::vector<StoredUncertain> uncertain() const;
  /// Absent when nothing is uncertain.
  [[nodiscard]] std::optional<StoredUncertainty> uncertainty() const;
  /// A problem's parameters, as JSON; stored_space() (experiments/results/stored_space.h) makes a search space of it.
  [[nodiscard]] std::string parameters(std::size_t problem) const;
  /// 32 hex digits over every row of every table, in key order: equal stores have equal digests.
  [[nodiscard]] std::string content_digest() const;

  /// Joins shards of one experiment into a new store in `folder`. Throws StoreError when they belong to different
  /// experiments, overlap, or leave cells out.
  static Store merge(const std::vector<std::filesystem::path>& shards, const std::filesystem::path& folder);

 private:
  class Implementation;
  explicit Store(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

/// A configuration as the store holds it: JSON array of numbers and choice indices, null where inactive.
[[nodiscard]] std::string encode_configuration(const Configuration& configuration);

}  // namespace tonne
