#include "search/surrogates/output_transform.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tonne {
namespace {

constexpr double kLowestPower = -5.0;
constexpr double kHighestPower = 5.0;
constexpr double kNoPower = 1e-9;  // below which a power is the logarithm

double box_cox(double x, double lambda) {
  return std::abs(lambda) < kNoPower ? std::log(x) : std::expm1(lambda * std::log(x)) / lambda;
}

double deviation_of(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  double sum = 0.0;
  double squares = 0.0;
  for (const double value : values) sum += value;
  for (const double value : values) squares += (value - sum / n) * (value - sum / n);
  return std::sqrt(squares / n);
}

}  // namespace

OutputTransform::OutputTransform(const std::vector<double>& losses) {
  const double deviation = deviation_of(losses);
  const double largest = std::abs(*std::ranges::max_element(losses, {}, [](double loss) { return std::abs(loss); }));
  if (!(deviation > 1e-12 * std::max(1.0, largest))) return;
  unit_ = deviation;
  std::vector<double> scaled;
  scaled.reserve(losses.size());
  for (const double loss : losses) scaled.push_back(loss / unit_);
  kind_ = *std::ranges::min_element(scaled) > 0.0 ? Kind::box_cox : Kind::yeo_johnson;
  fit(scaled);
  if (!std::isfinite(log_likelihood(scaled))) *this = OutputTransform();
}

// Golden-section search.
void OutputTransform::fit(const std::vector<double>& scaled) {
  constexpr double kRatio = 0.61803398874989485;
  constexpr int kSteps = 30;  // down to 1e-5
  double low = kLowestPower;
  double high = kHighestPower;
  const auto at = [&](double lambda) {
    lambda_ = lambda;
    return log_likelihood(scaled);
  };
  double left = high - kRatio * (high - low);
  double right = low + kRatio * (high - low);
  double at_left = at(left);
  double at_right = at(right);
  for (int step = 0; step < kSteps; ++step) {
    if (at_left > at_right) {
      high = right;
      right = left;
      at_right = at_left;
      left = high - kRatio * (high - low);
      at_left = at(left);
    } else {
      low = left;
      left = right;
      at_left = at_right;
      right = low + kRatio * (high - low);
      at_right = at(right);
    }
  }
  lambda_ = 0.5 * (low + high);
}

// Mean and variance profiled out; minus infinity where the values are not finite or all alike.
double OutputTransform::log_likelihood(const std::vector<double>& scaled) {
  constexpr double kNone = -std::numeric_limits<double>::infinity();
  double jacobian = 0.0;
  std::vector<double> values;
  values.reserve(scaled.size());
  for (const double x : scaled) {
    values.push_back(transformed(x));
    jacobian += log_slope(x);
  }
  const double deviation = deviation_of(values);
  if (!std::isfinite(deviation) || !(deviation > 0.0)) return kNone;
  return jacobian - static_cast<double>(scaled.size()) * std::log(deviation);
}

double OutputTransform::transformed(double x) const {
  if (kind_ == Kind::box_cox) return box_cox(x, lambda_);
  return x >= 0.0 ? box_cox(1.0 + x, lambda_) : -box_cox(1.0 - x, 2.0 - lambda_);
}

double OutputTransform::log_slope(double x) const {
  if (kind_ == Kind::box_cox) return (lambda_ - 1.0) * std::log(x);
  return (lambda_ - 1.0) * (x >= 0.0 ? 1.0 : -1.0) * std::log1p(std::abs(x));
}

double OutputTransform::operator()(double loss) const {
  return kind_ == Kind::identity ? loss : transformed(loss / unit_);
}

}  // namespace tonne
