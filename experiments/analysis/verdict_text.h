#pragma once
// A verdict in words, the same in every output.

#include <cstddef>
#include <string>

#include "experiments/analysis/leaderboard_rows.h"

namespace tonne {

/// The verdict in a sentence or a few: what was compared, who leads, by how much, for how much, and how sure that is.
[[nodiscard]] std::string verdict_text(const Leaderboard& board);

/// "about 60", of seeds: an estimate of that kind has no more than two digits.
[[nodiscard]] std::string seeds_text(std::size_t seeds);

/// The strategy of a row for a sentence, in quotes where it has several words: 'when it is clean'.
[[nodiscard]] std::string name_in_text(const LeaderboardRow& row);

/// The short form for tables over several boards: "tpe", "tpe or gp", "keep the default".
[[nodiscard]] std::string verdict_label(const Leaderboard& board);

}  // namespace tonne
