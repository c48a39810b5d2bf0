#pragma once
// What Optuna's two kinds of files have in common: distributions, attributes, and how its trials become a
// history.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/json_fwd.h"
#include "experiments/histories/clock.h"
#include "experiments/histories/raw_study.h"
#include "experiments/histories/readers.h"

namespace tonne::histories {

/// As optuna.trial.TrialState numbers them.
enum class OptunaState : std::uint8_t { running = 0, complete = 1, pruned = 2, failed = 3, waiting = 4 };

struct OptunaTrial {
  std::uint64_t number = 0;
  OptunaState state = OptunaState::running;
  std::optional<double> start_s;
  std::optional<double> end_s;
  std::map<std::size_t, double> values;  ///< by objective
  std::map<std::int64_t, double> reports;
  std::vector<RawValue> parameters;
  std::vector<double> constraints;
  std::optional<double> kilowatt_hours;
  std::optional<double> kilograms;
  std::string reason;
};

struct OptunaStudy {
  std::string name;
  std::vector<std::optional<Direction>> directions;  ///< none: NOT_SET
  std::vector<std::string> metric_names;
  Interned parameter_indices;
  std::vector<std::string> parameters;
  Interned domain_indices;  ///< by the text of the distribution
  std::vector<RawDomain> domains;
  std::vector<OptunaTrial> trials;

  /// The parameter's value, which replaces one that the trial has. `distribution`: JSON text. Throws
  /// InputError at `where`.
  void set_parameter(OptunaTrial& trial, const std::string& parameter, double value,
                     const std::string& distribution, const Location& where);
  /// Index of the domain of a distribution; throws likewise.
  [[nodiscard]] std::uint32_t domain(const std::string& distribution, const Location& where);
};

/// FloatDistribution, IntDistribution, CategoricalDistribution and the names of Optuna before 3.0. Throws
/// InputError at `where`.
[[nodiscard]] RawDomain parse_distribution(std::string_view json, const Location& where);

/// The number of a state, a direction. Throw InputError at `where`.
[[nodiscard]] OptunaState optuna_state(std::int64_t number, const Location& where);
[[nodiscard]] std::optional<Direction> optuna_direction(std::int64_t number, const Location& where);

/// Whether an attribute of this name is one that set_attribute() looks at.
[[nodiscard]] bool is_read(std::string_view key, bool by_user, const ReadOptions& options);
/// Takes energy, emissions, constraints or the reason of a failure. Throws InputError at `where` for one that
/// is no number, negative.
void set_attribute(OptunaTrial& trial, const std::string& key, bool by_user, const Json& value,
                   const ReadOptions& options, const Location& where);
/// The names of objectives of a study's system attribute; empty: another attribute.
[[nodiscard]] std::vector<std::string> metric_names(std::string_view key, const Json& value);

/// The studies as histories: those without trials left out; the one that `options` name. Throws InputError at
/// `file`.
[[nodiscard]] std::vector<History> optuna_histories(std::vector<OptunaStudy> studies,
                                                    const std::string& source, const Clock& clock,
                                                    const ReadOptions& options, const std::string& file);

/// The two kinds. `text`: of the journal.
[[nodiscard]] std::vector<History> read_optuna_sqlite(const std::filesystem::path& file,
                                                      const ReadOptions& options);
[[nodiscard]] std::vector<History> read_optuna_journal(std::string_view text, const std::string& file,
                                                       const ReadOptions& options);
/// Whether a file begins as SQLite's do; whether a line is one of a journal.
[[nodiscard]] bool is_sqlite(std::string_view beginning);
[[nodiscard]] bool is_journal_line(std::string_view line);

}  // namespace tonne::histories
