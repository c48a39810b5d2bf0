#pragma once
// What stands in the cells of tables that tools export.

#include <optional>
#include <string>
#include <string_view>

#include "core/problem.h"
#include "experiments/histories/history.h"

namespace tonne::histories {

/// Lower case, with '_' for blanks, '-' and '.': "Start Time" is "start_time".
[[nodiscard]] std::string plain_name(std::string_view name);
/// Empty, or what stands for a missing number: NaN, NA, N/A, None, null, <NA>.
[[nodiscard]] bool is_missing_number(std::string_view cell);
/// A number, infinite ones and NaN included; nullopt: anything else.
[[nodiscard]] std::optional<double> cell_number(std::string_view cell);
/// Seconds: "12.5", "1h 2m 3s", "2.5min", "350ms", "1.2d", "01:02:03.5", "0 days 00:00:01.5"; at least 0.
/// nullopt: anything else.
[[nodiscard]] std::optional<double> cell_seconds(std::string_view cell);

/// A trial that waits has not begun: it is left out.
struct CellState {
  State state = State::complete;
  bool waits = false;
};
/// "COMPLETE", "finished", "Crashed", "TrialState.PRUNED", ... as tools write them, in any case. nullopt:
/// none of them.
[[nodiscard]] std::optional<CellState> cell_state(std::string_view cell);
/// What cell_state() knows, for messages.
[[nodiscard]] std::string known_states();

/// The rank of a column's name as that of an objective, 0 the likeliest; nullopt: not by its name. The last
/// part counts of "metrics.val/loss".
[[nodiscard]] std::optional<std::size_t> objective_rank(std::string_view name);
/// Whether the name is of a measure: of an objective, or of a time, a count, a loss of training.
[[nodiscard]] bool is_measure(std::string_view name);
/// maximise for "accuracy", "f1", "score" and the like; else minimise.
[[nodiscard]] Direction direction_of(std::string_view name);

}  // namespace tonne::histories
