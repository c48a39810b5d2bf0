#pragma once
// The portrait of a problem, measured and shown.

#include <string>
#include <vector>

#include "core/problem.h"
#include "experiments/analysis/portrait_figures.h"
#include "experiments/text/text_table.h"

namespace tonne {

/// Deterministic by options. A few seconds at most for the default number of samples of the built-in
/// problems.
[[nodiscard]] Portrait portrait_of(const Problem& problem, const PortraitOptions& options);

/// For people.
[[nodiscard]] std::string format_portrait(const Portrait& portrait, const TextStyle& style = {});
/// The figures that decide late regret of several portraits side by side, for people; empty unless there are
/// two or more of one objective.
[[nodiscard]] std::string format_side_by_side(const std::vector<Portrait>& portraits,
                                              const TextStyle& style = {});
/// All of it as JSON.
[[nodiscard]] std::string portrait_json(const std::vector<Portrait>& portraits);

}  // namespace tonne
