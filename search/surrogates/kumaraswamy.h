#pragma once
// The Kumaraswamy distribution function, by which a Gaussian process bends its inputs.

#include <algorithm>
#include <cmath>

namespace tonne {

/// w(x) = 1 - (1 - x^a)^b with derivatives by x and by the logarithms of a and b.
struct Kumaraswamy {
  double value = 0.0;
  double by_x = 0.0;
  double by_log_a = 0.0;
  double by_log_b = 0.0;
};

/// Of x in [0, 1], a and b > 0 (Snoek, Swersky, Zemel and Adams 2014, "Input Warping for Bayesian Optimization of
/// Non-stationary Functions"). x is kept a millionth from 0 and 1, where the slope may be infinite.
[[nodiscard]] inline Kumaraswamy kumaraswamy(double x, double a, double b) {
  constexpr double kMargin = 1e-6;
  const double u = std::clamp(x, kMargin, 1.0 - kMargin);
  const double log_u = std::log(u);
  const double power = std::exp(a * log_u);
  const double log_rest = std::log1p(-power);
  const double rest = std::exp(b * log_rest);
  const double slope = a * b * power * std::exp((b - 1.0) * log_rest);  // times u, by u
  return {1.0 - rest, slope / u, slope * log_u, -b * rest * log_rest};
}

}  // namespace tonne
