#pragma once
// Rank correlation.

#include <span>

namespace tonne {

/// Kendall's tau-b: concordant less discordant pairs, over the geometric mean of the pairs that are not tied
/// in one and in the other (Kendall 1945). By Knight's algorithm (1966), O(n log n). 0 where one of the two
/// does not vary. Precondition: as many values in both, no NaN.
[[nodiscard]] double kendall_tau(std::span<const double> a, std::span<const double> b);

}  // namespace tonne
