#pragma once
// A board's verdict for programs: the same that the sentence says.

#include "core/json_fwd.h"
#include "experiments/analysis/leaderboard.h"

namespace tonne {

/// {"sentence", "standing": "nothing_found" | "not_above_default" | "may_be_chance" | "above_default", "leader",
/// "candidates", "ahead_of", "not_separated" (strategies' names), "gain_over_default", "gain_p", "pairs": the leader
/// against each other strategy, with p adjusted over all pairs}.
[[nodiscard]] Json verdict_json(const Leaderboard& board);

}  // namespace tonne
