#pragma once
// What a report says of all its boards together.

#include <optional>
#include <string>
#include <vector>

#include "experiments/report/board_facts.h"
#include "experiments/report/report_view.h"

namespace tonne {

/// "2 boards, 3 strategies, 20 seeds: 120 searches simulated".
[[nodiscard]] std::string subtitle(const std::vector<Board>& boards);
/// How often each strategy leads or might be taken as well, and how often none should be; empty of a single board.
[[nodiscard]] std::string across_text(const std::vector<BoardFacts>& boards);
/// Mean ranks over the boards as blocks (Demsar 2006); none of fewer than three boards or strategies.
[[nodiscard]] std::optional<Drawing> across_drawing(const std::vector<Board>& boards);

[[nodiscard]] std::size_t count_searches(const std::vector<Board>& boards);
/// Searches of the strategy that has most on one board.
[[nodiscard]] std::size_t most_seeds(const std::vector<Board>& boards);

}  // namespace tonne
