#pragma once
// The tables of one board: means of a search, what it takes to reach a value, further measures.

#include "experiments/report/board_facts.h"
#include "experiments/report/report_view.h"

namespace tonne {

[[nodiscard]] TextTable leaderboard_table(const BoardFacts& facts);
/// Of a board with a target.
[[nodiscard]] TextTable target_table(const BoardFacts& facts);
[[nodiscard]] TextTable metrics_table(const BoardFacts& facts);

}  // namespace tonne
