#include "search/surrogates/power_transform.h"

#include <algorithm>
#include <cmath>

namespace tonne {
namespace {

constexpr double kLowest = 1.0;
constexpr double kHighest = 3.0;

double yeo_johnson(double y, double lambda) {
  if (y >= 0.0) return (std::pow(1.0 + y, lambda) - 1.0) / lambda;
  const double exponent = 2.0 - lambda;
  if (std::abs(exponent) < 1e-6) return -std::log1p(-y);
  return -(std::pow(1.0 - y, exponent) - 1.0) / exponent;
}

// Logarithm of yeo_johnson's derivative by y.
double log_yeo_johnson_slope(double y, double lambda) {
  return (lambda - 1.0) * (y >= 0.0 ? 1.0 : -1.0) * std::log1p(std::abs(y));
}

// Log likelihood of lambda up to a constant (Yeo and Johnson 2000, eq. 3.1), mean and variance profiled out.
double log_likelihood(const std::vector<double>& standardised, double lambda) {
  double sum = 0.0;
  double squares = 0.0;
  double jacobian = 0.0;
  for (const double y : standardised) {
    const double t = yeo_johnson(y, lambda);
    sum += t;
    squares += t * t;
    jacobian += (y >= 0.0 ? 1.0 : -1.0) * std::log1p(std::abs(y));
  }
  const auto count = static_cast<double>(standardised.size());
  const double variance = squares / count - sum * sum / (count * count);
  return -0.5 * count * std::log(variance) + (lambda - 1.0) * jacobian;
}

// Golden-section search; the likelihood has one mode.
double most_likely(const std::vector<double>& standardised) {
  constexpr double kRatio = 0.61803398874989485;
  constexpr int kSteps = 25;  // down to 1e-5 of the interval
  double low = kLowest;
  double high = kHighest;
  double left = high - kRatio * (high - low);
  double right = low + kRatio * (high - low);
  double at_left = log_likelihood(standardised, left);
  double at_right = log_likelihood(standardised, right);
  for (int step = 0; step < kSteps; ++step) {
    if (at_left > at_right) {
      high = right;
      right = left;
      at_right = at_left;
      left = high - kRatio * (high - low);
      at_left = log_likelihood(standardised, left);
    } else {
      low = left;
      left = right;
      at_left = at_right;
      right = low + kRatio * (high - low);
      at_right = log_likelihood(standardised, right);
    }
  }
  return 0.5 * (low + high);
}

}  // namespace

PowerTransform::PowerTransform(const std::vector<double>& losses) {
  const auto count = static_cast<double>(losses.size());
  double sum = 0.0;
  for (const double loss : losses) sum += loss;
  shift_ = sum / count;
  double squares = 0.0;
  for (const double loss : losses) squares += (loss - shift_) * (loss - shift_);
  const double deviation = std::sqrt(squares / count);
  if (!(deviation > 1e-12 * std::max(1.0, std::abs(shift_)))) return;
  unit_ = deviation;
  std::vector<double> standardised;
  standardised.reserve(losses.size());
  for (const double loss : losses) standardised.push_back((loss - shift_) / unit_);
  lambda_ = most_likely(standardised);
}

double PowerTransform::operator()(double loss) const {
  return yeo_johnson((loss - shift_) / unit_, lambda_);
}

double PowerTransform::log_slope(double loss) const {
  return log_yeo_johnson_slope((loss - shift_) / unit_, lambda_) - std::log(unit_);
}

}  // namespace tonne
