#pragma once
// Quantiles and tails that tests and intervals need, by Boost.Math, which takes the compiler seconds for each
// distribution: it is compiled here alone. (The normal distribution: core/random.h.)

namespace tonne {

/// Quantile of Student's t. Preconditions: degrees > 0, 0 < p < 1.
[[nodiscard]] double t_quantile(double degrees, double p);
/// P(X > x) of the chi-squared distribution. Preconditions: degrees > 0, x >= 0.
[[nodiscard]] double chi_squared_tail(double degrees, double x);
/// P(X > x) of Fisher's F. Preconditions: both degrees > 0, x >= 0.
[[nodiscard]] double f_tail(double numerator_degrees, double denominator_degrees, double x);

}  // namespace tonne
