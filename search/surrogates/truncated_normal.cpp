#include "search/surrogates/truncated_normal.h"

#include <cmath>
#include <numbers>

#include "core/random.h"

namespace tonne {
namespace {

// Beyond so many bandwidths a normal has less than 1e-16 of its mass.
constexpr double kReach = 8.3;

}  // namespace

double normal_mass(double a, double b) {
  constexpr double kScale = 1.0 / std::numbers::sqrt2;
  if (a > 0.0) return 0.5 * (std::erfc(a * kScale) - std::erfc(b * kScale));
  if (b < 0.0) return 0.5 * (std::erfc(-b * kScale) - std::erfc(-a * kScale));
  return 1.0 - 0.5 * std::erfc(-a * kScale) - 0.5 * std::erfc(b * kScale);
}

double log_truncation(double mu, double sigma) {
  if (mu > kReach * sigma && 1.0 - mu > kReach * sigma) return 0.0;
  return std::log(normal_mass(-mu / sigma, (1.0 - mu) / sigma));
}

double truncated_normal(double mu, double sigma, double uniform) {
  constexpr double kSmallest = 1e-300;
  constexpr double kLargest = 1.0 - 0x1.0p-53;
  const double low = normal_cdf(-mu / sigma);
  const double high = normal_cdf((1.0 - mu) / sigma);
  const double p = std::clamp(low + uniform * (high - low), kSmallest, kLargest);
  return std::clamp(mu + sigma * normal_quantile(p), 0.0, 1.0);
}

void TruncationTable::make(double sigma) {
  if (sigma == sigma_) return;
  sigma_ = sigma;
  for (std::size_t i = 0; i <= kNodes; ++i) {
    const double mu = static_cast<double>(i) / kNodes;
    const double left = mu / sigma;
    const double right = (1.0 - mu) / sigma;
    const double mass = normal_mass(-left, right);
    value_[i] = std::log(mass);
    const double slope = (std::exp(-0.5 * left * left) - std::exp(-0.5 * right * right)) / (sigma * mass);
    slope_[i] = slope * std::exp(-kLogSqrtTwoPi) / kNodes;
  }
}

}  // namespace tonne
