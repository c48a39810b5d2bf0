#pragma once
// How much of a landscape sums of effects explain.

#include <cstddef>
#include <vector>

namespace tonne {

/// A level for each candidate and parameter, from 0.
struct PortraitLevels {
  std::vector<std::size_t> counts;              ///< levels of each parameter
  std::vector<std::vector<std::size_t>> level;  ///< [candidate][parameter]
};

enum class Effects { single, pairs };
/// whole: fitted to all candidates and judged on them, which are all there are. halves: fitted to every other
/// one and judged on the rest.
enum class Judged { whole, halves };

/// Share of the variance of `values` that a sum of effects of single parameters, or of pairs of them,
/// explains: least squares by backfitting (Friedman and Stuetzle 1981). NaN where the values do not vary, or
/// where pairs are too many to fit in about a second.
[[nodiscard]] double explained(const PortraitLevels& levels, const std::vector<double>& values,
                               Effects effects, Judged judged);

}  // namespace tonne
