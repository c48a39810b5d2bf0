#pragma once
// Means over seeds, with what they leave open.

#include <cstddef>
#include <optional>
#include <vector>

#include "core/problem.h"

namespace tonne {

/// A mean over seeds with its 95 % confidence interval (Student's t; none for fewer than two seeds).
struct SeedMean {
  double mean = 0.0;
  std::optional<double> low, high;
  std::size_t count = 0;  ///< values
};
/// Mean and t interval of values; `values` must not be empty.
[[nodiscard]] SeedMean estimate_mean(const std::vector<double>& values);
/// Ratio of the means of paired values with its t interval, from the residuals a - ratio * b (Cochran 1977,
/// Sampling Techniques, section 6.3). Both of one size, not empty; the mean of `b` is above 0.
[[nodiscard]] SeedMean estimate_ratio(const std::vector<double>& a, const std::vector<double>& b);
/// Distance of a mean of true values from the problem's optimum, in the objective's unit; 0 where the mean
/// lies beyond the optimum by no more than the rounding of its sum (1e-9 of the two). What is beyond by more
/// stays below 0: no rounding makes it, so that the optimum is none, and that must be seen.
[[nodiscard]] double regret_of_mean(Direction direction, double mean, double optimum);

}  // namespace tonne
