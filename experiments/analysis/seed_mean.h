#pragma once
// Means over seeds, with what they leave open.

#include <cstddef>
#include <optional>
#include <vector>

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

}  // namespace tonne
