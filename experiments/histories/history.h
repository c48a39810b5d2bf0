#pragma once
// A history: the trials of a real search as another tool recorded them. Readers make it (readers.h), whatever the tool; what becomes
// of it, results or a table, does not know the tool.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/configuration.h"
#include "core/problem.h"
#include "core/search_space.h"

namespace tonne::histories {

/// How a real trial stands: ended with a value; ended early by a pruner; ended with an error; not ended when it was recorded.
enum class State : std::uint8_t { complete, pruned, failed, running };

/// An intermediate value of the first objective, in its own direction.
struct Report {
  double step = 0.0;   ///< in the history's unit of fidelity (epochs, say); reports ascend in it
  double value = 0.0;  ///< may be infinite or no number, as recorded
};

/// One real trial.
struct RecordedTrial {
  std::uint64_t number = 0;       ///< the tool's own
  State state = State::complete;
  std::optional<double> start_s;  ///< seconds since 1970 UTC; none: not recorded
  std::optional<double> end_s;    ///< not before the start; none: not recorded, or not ended
  Configuration configuration;    ///< of the history's space
  std::vector<double> values;     ///< one for each objective, in its own direction; may be infinite or no number; empty: none
  std::vector<Report> reports;
  std::vector<double> constraints;     ///< one for each, satisfied where <= 0; empty: not recorded
  std::optional<double> energy_j;      ///< measured: of all that the measuring tool saw; none: not measured
  std::optional<double> operational_kg;  ///< measured or reckoned by the tool that wrote it; none: not given
  std::string reason;             ///< of a failure, as the tool says it; may be empty
  /// Parameters that were not recorded, since the trial ended before it had them, stand at the middle of their domains: such a
  /// configuration says nothing of the trial's value.
  bool is_filled = false;
};

/// One real search.
struct History {
  std::string name;    ///< the study's
  std::string source;  ///< tool and format, for people: "Optuna 3.1 SQLite"
  std::string method;  ///< the sampler or scheduler where it was recorded; may be empty
  /// Whether the trials' times are those of clocks. Else the file had durations alone: each trial begins where the one before ended,
  /// the first at 0.
  bool has_clock = true;
  std::string time_zone;  ///< how its times were understood: "UTC", "local time, taken as UTC"
  SearchSpace space;
  std::vector<ObjectiveTraits> objectives;  ///< at least one
  std::vector<std::string> constraints;     ///< names
  std::string step_name;                    ///< what reports count in; empty: no reports
  std::vector<RecordedTrial> trials;        ///< by number
  /// What a reader had to decide or leave out, as whole sentences: domains that changed, trials without values, inferred conditions.
  std::vector<std::string> notes;
};

}  // namespace tonne::histories
