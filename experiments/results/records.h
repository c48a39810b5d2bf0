#pragma once
// The rows of a store, as they are written and read back: plain values that know nothing of SQLite.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/problem.h"
#include "core/trial.h"
#include "core/units.h"
#include "experiments/plan/cell_grid.h"
#include "experiments/plan/deployment.h"

namespace tonne {

/// The results cannot be written or read (disk full, read-only folder, no such file, not a store). Not the
/// user's input but the world: the program exits with 3.
class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Which part of an experiment a store holds. Cells are dealt to the shards one by one, strategy by strategy, so that of any
/// two shards neither has more than one cell more: in all, of each strategy, and of each strategy on one problem in one
/// scenario. Where the deal would give a problem to the same shards with each strategy, the strategies begin at different
/// problems, so that these are nearly as even.
struct Shard {
  std::size_t number = 1;
  std::size_t of = 1;
  [[nodiscard]] bool holds(std::size_t cell, const CellGrid& grid) const { return of == 1 || dealt_to(cell, grid, of) == number; }
  /// How many cells it holds.
  [[nodiscard]] std::size_t size(const CellGrid& grid) const { return (grid.cells() + of - number) / of; }
  /// The number of the shard, of so many, that holds a cell. A pure function: machines agree on it without a word.
  [[nodiscard]] static std::size_t dealt_to(std::size_t cell, const CellGrid& grid, std::size_t of);
};
/// A store of more is refused.
inline constexpr std::size_t kMostShards = 100'000;

/// The account of earlier searches that a search learned from (`warm_start`), where they are counted; beside the
/// simulator's accounts (Account), and only in ledgers that have it.
inline constexpr std::string_view kWarmStartAccount = "warm_start";
/// The names of all accounts of a ledger: by Account, then the above.
inline constexpr std::size_t kLedgerAccounts = kAccounts + 1;
inline constexpr auto kLedgerAccountNames = [] {
  std::array<std::string_view, kLedgerAccounts> names{};
  for (std::size_t i = 0; i < kAccounts; ++i) names[i] = kAccountNames[i];
  names.back() = kWarmStartAccount;
  return names;
}();

/// What the trials of one search used in one stage of its problem.
struct StageUsage {
  std::string stage;
  Usage usage;
};

/// own: without what stands in other tables (search, retraining, worker_time, payback, stages), which takes most of the time.
enum class CellDetail : std::uint8_t { own, all };

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
  Usage search;                          ///< all accounts but retraining
  Usage retraining;
  Duration worker_time{};          ///< of trials, strategy and waiting: device time that is paid
  std::optional<Payback> payback;  ///< only where something is deployed and the search has a winner
  std::vector<StageUsage> stages;  ///< empty where the problem has none
};

/// A problem of the experiment, as it stood when the store was made.
struct StoredProblem {
  std::string label, settings, objective, unit, fidelity;
  Direction direction = Direction::minimise;
  std::optional<double> optimum;
  double default_true_value = 0.0;
  std::vector<ObjectiveTraits> objectives;  ///< all of them, the above first
  std::vector<std::string> notes;           ///< as ProblemTraits::notes
  /// Fidelity of a full training, in the problem's unit. Only of problems with several objectives and several
  /// fidelities; none: of several objectives, every training is a full one.
  std::optional<double> full_fidelity;
};
/// Hardware, grid, budget and rules.
struct StoredScenario {
  std::string label, summary, settings;
  DeploymentSettings deployment;   ///< given() only where something is deployed
  std::string deployment_summary;  ///< where
  bool priced = true;             ///< whether what a search costs is known; if not, its money is recorded as 0
  bool deployment_priced = true;  ///< the same of what is deployed
};
/// A strategy with its settings as canonical JSON; `name` is the catalogue's.
struct StoredStrategy {
  std::string label, name, settings;
};

/// How a trial ended: evaluated, answered from an earlier trial, looked at (Screening), or why it failed.
enum class TrialStatus : std::uint8_t { completed, cached, screened, diverged, out_of_memory, invalid, infeasible };
inline constexpr std::array<std::string_view, 7> kTrialStatusNames = {
    "completed", "cached", "screened", "diverged", "out_of_memory", "invalid", "infeasible"};
[[nodiscard]] constexpr std::string_view to_string(TrialStatus status) {
  return kTrialStatusNames[static_cast<std::size_t>(status)];
}

/// One trial. Energy in J, carbon in kg CO2e, money in USD, times in seconds from the search's start, here
/// and below.
struct TrialRow {
  std::size_t cell = 0;
  std::uint64_t trial = 0;
  Configuration configuration;
  double fidelity = 0.0, trained_from = 0.0;
  std::optional<std::uint64_t> resumes;
  std::uint32_t repeat = 0, worker = 0;
  double start_s = 0.0, end_s = 0.0;
  double charged_s = 0.0;  ///< what its worker was charged for; with lost_s the time from start to end
  TrialStatus status = TrialStatus::completed;
  Objectives objectives;   ///< in their own direction; of a screening its score; empty: none
  Objectives constraints;
  std::array<double, 5> energy_j{};  ///< device_dynamic, device_idle, host, facility, transfer
  double operational_kg = 0.0, embodied_kg = 0.0, usd = 0.0;
  std::uint32_t preemptions = 0;
  double lost_s = 0.0, lost_j = 0.0, lost_kg = 0.0,
         lost_usd = 0.0;  ///< of work that preemptions destroyed, beside the above
  std::string site;       ///< where it ran; empty: at home, or nowhere (cached)

  [[nodiscard]] std::span<const double> further_objectives() const {
    return std::span(objectives.data(), objectives.size()).subspan(objectives.empty() ? 0 : 1);
  }
  /// The first objective; none where the trial has none or it is no number.
  [[nodiscard]] std::optional<double> objective() const {
    if (objectives.empty() || objectives.front() != objectives.front()) return std::nullopt;
    return objectives.front();
  }
};
/// A new best of a search, and what the search had spent by then.
struct IncumbentRow {
  std::size_t cell = 0;
  std::uint64_t number = 0, trial = 0, evaluations = 0;
  std::string configuration;
  double fidelity = 0.0, observed = 0.0, true_value = 0.0, time_s = 0.0, trained = 0.0;
  double energy_j = 0.0, operational_kg = 0.0, embodied_kg = 0.0, usd = 0.0;
};
/// What a search was charged in one account (Account) on one line (Line).
struct LedgerRow {
  std::size_t cell = 0;
  std::string account, line;
  double energy_j = 0.0, operational_kg = 0.0, embodied_kg = 0.0, usd = 0.0, water_l = 0.0;
};

/// A cell's search in one variant of its scenario: first the draws, then each uncertain setting at its low
/// and high quantile (experiments/run/repricing.h).
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

}  // namespace tonne
