#pragma once
// Readers of real searches as other tools recorded them. Each takes a file that nobody vouches for, and gives
// one history for each search in it; none needs the tool.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/problem.h"
#include "core/search_space.h"
#include "experiments/histories/history.h"

namespace tonne::histories {

/// What wrote the file.
enum class Format : std::uint8_t {
  optuna,     ///< SQLite storage (schema 12; older ones of Optuna 1 and 2 too) or journal file (Optuna 3.1 to
              ///< 4): told by content
  syne_tune,  ///< results.csv of a Syne Tune experiment: a row for each report; metadata.json beside it is
              ///< read too
  csv,        ///< any table, a row for each trial, or for each report where a column of steps is named
  wandb,      ///< a runs table exported from Weights & Biases as CSV
  mlflow,     ///< runs exported from MLflow's page, by `mlflow experiments csv`, or
              ///< mlflow.search_runs().to_csv()
};
/// As the command line names it: "syne-tune"; and for people: "Syne Tune".
[[nodiscard]] std::string_view format_name(Format format);
[[nodiscard]] std::string_view format_title(Format format);
/// Throws InputError that lists the names.
[[nodiscard]] Format format_from_name(std::string_view name);
/// Told from the content: SQLite's first bytes, a journal's first line, the column names of a table; `csv`
/// for any other table. Throws InputError, at the file, where it is none of these.
[[nodiscard]] Format format_of(const std::filesystem::path& file);

/// An objective as the user names it.
struct NamedObjective {
  std::string column;
  std::optional<Direction> direction =
      std::nullopt;  ///< none: as the file says, else guessed from the name, with a note
};
/// "accuracy:max", "loss:min", "loss" (the direction is then not told). Throws InputError for another ending,
/// an empty name.
[[nodiscard]] NamedObjective parse_objective(std::string_view text);

/// A domain as the user gives it for a column of a table.
using NamedDomain = std::pair<std::string, Domain>;
/// "lr=1e-5..0.1:log", "layers=1..8:int", "units=16..512:int:log", "optimiser={adam,sgd}",
/// "batch=[32,64,128]" (levels that have an order). Throws InputError for anything else, and for a domain
/// that is empty or reversed.
[[nodiscard]] NamedDomain parse_domain(std::string_view text);

/// What the user says of a file. All may stay empty.
struct ReadOptions {
  std::string study =
      {};  ///< only the search of this name (Optuna's study, Syne Tune's tuner_name); empty: every one
  std::string time_zone = {};   ///< of times that do not say theirs: "UTC", "+02:00", "Europe/Berlin"; empty:
                                ///< taken as UTC, with a note
  std::string energy_kwh = {};  ///< Optuna's user attribute, or the column, of a trial's energy, in kWh
  std::string co2_kg = {};      ///< the same of its operational kg CO2e

  // Of Optuna: names of the objectives, in its order, where the file names none. Of tables: columns.
  std::vector<NamedObjective> objectives =
      {};  ///< empty: guessed ("value", "loss", "accuracy", "metrics.*", ...), with a note

  // Of tables alone (all but Optuna's files). A column named here that the table lacks is refused.
  std::vector<std::string> parameters =
      {};  ///< empty: the columns that nothing else takes (config_*, params.*: where the format has them)
  std::vector<std::string> ignored = {};  ///< columns that are neither parameter nor anything else
  std::vector<NamedDomain> domains = {};  ///< of parameters; without: what the data show, with a note
  std::string trial = {};                 ///< the trial's number or name
  std::string start = {}, end = {};       ///< times: ISO 8601, or seconds or milliseconds since 1970
  std::string duration = {};              ///< seconds, or "1h 2m 3s", "2.5min" as exports write them
  std::string state = {};                 ///< "COMPLETE", "finished", "failed", "pruned", "running", ...
  /// Epochs and the like: rows of one trial are then its reports, and what they say of values, energy, state
  /// and constraints of the trial stands in the last of them.
  std::string step = {};
  std::vector<std::string> constraints = {};  ///< satisfied where <= 0
};

/// Reads a file of at most 1 GiB. Times of the histories are UTC. Throws InputError, with file and line,
/// table and row or what there is, for: a file that is not of this format or damaged, limits exceeded (1000
/// parameters, 5 objectives, a million trials, 20 million values), a study or column that is not there, a
/// number or time that is none.
[[nodiscard]] std::vector<History> read_history(const std::filesystem::path& file, Format format,
                                                const ReadOptions& options = {});

/// The readers by themselves; read_history calls them. Each gives at least one history.
[[nodiscard]] std::vector<History> read_optuna(const std::filesystem::path& file,
                                               const ReadOptions& options = {});
[[nodiscard]] std::vector<History> read_syne_tune(const std::filesystem::path& file,
                                                  const ReadOptions& options = {});
[[nodiscard]] std::vector<History> read_csv(const std::filesystem::path& file,
                                            const ReadOptions& options = {});
[[nodiscard]] std::vector<History> read_wandb(const std::filesystem::path& file,
                                              const ReadOptions& options = {});
[[nodiscard]] std::vector<History> read_mlflow(const std::filesystem::path& file,
                                               const ReadOptions& options = {});

}  // namespace tonne::histories
