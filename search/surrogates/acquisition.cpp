#include "search/surrogates/acquisition.h"

#include <cmath>
#include <numbers>

#include "search/surrogates/truncated_normal.h"

namespace tonne {
namespace {

constexpr double kSqrtHalfPi = 1.2533141373155002512;

double normal_density(double z) {
  return kInvSqrtTwoPi * std::exp(-0.5 * z * z);
}
double normal_distribution(double z) {
  return 0.5 * std::erfc(-z / std::numbers::sqrt2);
}

// h(-t) / phi(t) = 1 - t R(t) for t >= 1, where R is Mills' ratio (1 - Phi(t)) / phi(t). Directly where
// little cancels; beyond t = 4 by Laplace's continued fraction R = 1/(t + c), c = 1/(t + 2/(t + 3/(t +
// ...))), so that 1 - t R = c / (t + c). Its first 30 terms are exact to double precision there.
double tail_ratio(double t) {
  if (t <= 4.0) return 1.0 - t * kSqrtHalfPi * std::exp(0.5 * t * t) * std::erfc(t / std::numbers::sqrt2);
  double rest = t;
  for (int term = 30; term >= 2; --term) rest = t + term / rest;
  const double c = 1.0 / rest;
  return c / (t + c);
}

// Mills' ratio (1 - Phi(t)) / phi(t) for t >= 1: (1 - h(-t) / phi(t)) / t.
double mills_ratio(double t) {
  return (1.0 - tail_ratio(t)) / t;
}

}  // namespace

double log_normal_distribution(double z) {
  if (z > -1.0) return std::log(normal_distribution(z));
  return -0.5 * z * z - kLogSqrtTwoPi + std::log(mills_ratio(-z));
}

double normal_hazard(double z) {
  return z > -1.0 ? normal_density(z) / normal_distribution(z) : 1.0 / mills_ratio(-z);
}

double log_h(double z) {
  if (z > -1.0) return std::log(normal_density(z) + z * normal_distribution(z));
  return -0.5 * z * z - kLogSqrtTwoPi + std::log(tail_ratio(-z));
}

double log_expected_improvement(double mean, double deviation, double best) {
  return std::log(deviation) + log_h((best - mean) / deviation);
}

AcquisitionValue log_expected_improvement_with_gradient(double mean, double deviation, double best) {
  // EI = s h(z), z = (best - mean) / s: dEI/dmean = -Phi(z), dEI/ds = phi(z).
  const double z = (best - mean) / deviation;
  if (z > -1.0) {
    const double density = normal_density(z);
    const double distribution = normal_distribution(z);
    const double h = density + z * distribution;
    return {std::log(deviation) + std::log(h), -distribution / (deviation * h), density / (deviation * h)};
  }
  const double ratio = tail_ratio(-z);
  const double log_value = std::log(deviation) - 0.5 * z * z - kLogSqrtTwoPi + std::log(ratio);
  return {log_value, -(1.0 - ratio) / (-z * ratio * deviation), 1.0 / (ratio * deviation)};
}

}  // namespace tonne
