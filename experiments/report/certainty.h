#pragma once
// How sure a page is of what it says of a board: the tests behind it in words and as tables.

#include <optional>
#include <string>

#include "experiments/report/board_facts.h"
#include "experiments/report/report_view.h"

namespace tonne {

/// Which leads of the best strategy the seeds settle, and how many seeds the others would take.
[[nodiscard]] std::string certainty_text(const BoardFacts& facts);
/// The best strategy against each other one; no rows where it has no rivals.
[[nodiscard]] TextTable pairs_table(const BoardFacts& facts);
/// Mean ranks over the seeds; none where there are too few strategies or seeds to rank.
[[nodiscard]] std::optional<Drawing> ranking_drawing(const BoardFacts& facts);

/// "< 0.001" or "0.013".
[[nodiscard]] std::string p_text(double p);
/// "p < 0.001" or "p = 0.013".
[[nodiscard]] std::string p_clause(double p);

}  // namespace tonne
