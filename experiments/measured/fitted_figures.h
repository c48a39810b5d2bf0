#pragma once
// The figures of the cost model that measured runs can tell.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "cost_models/cluster_settings.h"

namespace tonne {

/// What can be fitted, in the order of tables.
enum class FittedFigure : std::uint8_t {
  utilisation, bandwidth_utilisation, step_overhead, startup, idle, compute, memory, waiting
};
inline constexpr std::size_t kFittedFigures = 8;
/// By FittedFigure: the catalogue's keys ("idle" is idle.power).
[[nodiscard]] std::string_view name_of(FittedFigure figure);

/// All of them.
[[nodiscard]] std::span<const std::string_view> figure_names();
/// Which rows would tell a figure.
[[nodiscard]] std::string_view what_would_tell(FittedFigure figure);

/// Whether only joules or watts can tell it.
[[nodiscard]] bool needs_energy(FittedFigure figure);
/// Whether the user's cluster gives it, so that it is theirs.
[[nodiscard]] bool is_given(FittedFigure figure, const ClusterSettings& cluster);

/// Figures are fitted where they have no bounds: shares as logits, the rest as logarithms. Shares, seconds, watts.
[[nodiscard]] double to_line(FittedFigure figure, double value);
[[nodiscard]] double from_line(FittedFigure figure, double x);
/// Standard deviation of the prior on that scale. Assumed: what frameworks and drivers differ by.
[[nodiscard]] double prior_spread(FittedFigure figure);

}  // namespace tonne
