#pragma once
// The one function that every claim comes from.

#include <cstddef>
#include <vector>

#include "experiments/analysis/leaderboard_rows.h"

namespace tonne {

/// A verdict on the rows as they stand, best first. Pairs: Wilcoxon's signed-rank test, Holm over all pairs, since the
/// leader is picked from the same data. The default: the larger p of the signed-rank test and of a t test with Hall's
/// correction for skewness (1992), Holm over the strategies. docs/statistics.md has the false alarms of both.
[[nodiscard]] BoardVerdict judge(const Leaderboard& board);

/// P of a mean at or below 0 that gives values as high as these: one-sided, the larger of both tests above. At least one.
[[nodiscard]] double p_above_zero(const std::vector<double>& values);

/// By how much `to` is better than `from`; negative: worse.
[[nodiscard]] double improvement(const Leaderboard& board, double from, double to);

/// Best mean first; equal means by CO2e, and then as they stand. A permutation of the rows.
[[nodiscard]] std::vector<std::size_t> best_first(const Leaderboard& board);

}  // namespace tonne
