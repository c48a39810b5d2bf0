#pragma once
// A synthetic landscape's positive values, mapped to a table's by rank: its quantiles down to the best
// candidates are then the table's, whatever the landscape drew.

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "search/problems/landscape/monotone_curve.h"

namespace tonne {

/// A quantile of a table: the value at `rank`, from 0 (the lowest) to 1 (the highest).
struct Quantile {
  double rank;
  double value;
};

/// Monotone in logarithms through given pairs; beyond them in proportion.
class LogLogCurve {
 public:
  /// Pairs of positive numbers, ascending; of those with equal first numbers the first counts. At least two
  /// different ones.
  explicit LogLogCurve(std::span<const std::pair<double, double>> pairs);
  [[nodiscard]] double operator()(double x) const;

 private:
  double low_, low_value_, high_, high_value_;
  MonotoneCurve curve_;
};

/// The curve on which a landscape's values (positive) have the table's quantiles (of ascending rank).
[[nodiscard]] LogLogCurve quantile_map(std::vector<double> values, std::span<const Quantile> table);

}  // namespace tonne
