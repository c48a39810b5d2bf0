#include "search/surrogates/gittins_index.h"

#include <algorithm>
#include <cmath>

#include "search/surrogates/acquisition.h"

namespace tonne {
namespace {

constexpr double kLargestLogRatio = 600.0;  // of log(cost / deviation): exp() of it is finite, with room for products

// Left of the root for small costs, where h(z) < phi(z) beyond |z| = 1; right of it for large ones, where h(z) > z.
double start_of(double log_ratio) {
  constexpr double kLogRootOfTwoPi = 0.91893853320467274178;
  if (log_ratio > 0.0) return std::exp(log_ratio);
  return -std::sqrt(std::max(0.0, -2.0 * (log_ratio + kLogRootOfTwoPi)));
}

// The z with h(z) = phi(z) + z Phi(z) = cost / deviation. log h is concave and rises, so that Newton's method stays
// left of the root after its first step and converges from there.
double standard_index(double log_ratio) {
  constexpr int kMostSteps = 100;
  constexpr double kAccuracy = 1e-13;
  double z = start_of(log_ratio);
  for (int i = 0; i < kMostSteps; ++i) {
    const AcquisitionValue h = log_expected_improvement_with_gradient(0.0, 1.0, z);
    const double step = (log_ratio - h.value) / -h.by_mean;
    z += step;
    if (std::abs(step) <= kAccuracy * (1.0 + std::abs(z))) break;
  }
  return z;
}

double log_ratio_of(double deviation, double log_cost) {
  return std::min(kLargestLogRatio, log_cost - std::log(deviation));
}

}  // namespace

double gittins_index(double mean, double deviation, double log_cost) {
  return mean + deviation * standard_index(log_ratio_of(deviation, log_cost));
}

GittinsIndex gittins_index_with_gradient(double mean, double deviation, double log_cost) {
  // Of E(mean, s, g) = s h((g - mean) / s) = cost: Phi (dg - dmean) + phi ds = cost dlog(cost), and cost = s h.
  const double z = standard_index(log_ratio_of(deviation, log_cost));
  const double hazard_of_h = -log_expected_improvement_with_gradient(0.0, 1.0, z).by_mean;  // Phi / h
  return {mean + deviation * z, -normal_hazard(z), deviation / hazard_of_h};
}

}  // namespace tonne
