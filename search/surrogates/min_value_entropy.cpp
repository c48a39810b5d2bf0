#include "search/surrogates/min_value_entropy.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "search/surrogates/truncated_normal.h"

namespace tonne {
namespace {

constexpr int kBisections = 24;  // to a millionth of a deviation
constexpr std::size_t kQuartiles = 3;
constexpr double kOperations = 30.0;  // of one value of the normal distribution
constexpr double kCertain = 8.5;      // log Phi is below a double's resolution of 1 from here on
constexpr double kTail = 6.0;         // beyond, -log Phi(g) is Phi(-g) to nine digits

// Log probability that the minimum lies above y.
double log_survival(const BatchPrediction& points, double y) {
  double sum = 0.0;
  for (Eigen::Index i = 0; i < points.mean.size(); ++i) {
    const double z = (points.mean[i] - y) / std::sqrt(points.variance[i]);
    if (z < kCertain) sum += log_normal_distribution(z);
  }
  return sum;
}

struct Information {
  double log = 0.0;
  double slope = 0.0;  // of the logarithm, by g
};

Information information(double g) {
  if (g < kTail) {
    const double h = normal_hazard(g);
    const double value = 0.5 * g * h - log_normal_distribution(g);
    return {std::log(value), -0.5 * h * (1.0 + g * (g + h)) / value};
  }
  const double mills = 1.0 / normal_hazard(-g);
  const double factor = 0.5 * g + mills;
  return {-0.5 * g * g - kLogSqrtTwoPi + std::log(factor), -g + (g * mills - 0.5) / factor};
}

}  // namespace

std::vector<double> sample_minimum(const BatchPrediction& points, double most, std::size_t draws,
                                   Random& random) {
  double low = std::numeric_limits<double>::infinity();
  double high = low;
  for (Eigen::Index i = 0; i < points.mean.size(); ++i) {
    const double deviation = std::sqrt(points.variance[i]);
    low = std::min(low, points.mean[i] - 10.0 * deviation);
    high = std::min(high, points.mean[i] + 10.0 * deviation);
  }
  std::array<double, kQuartiles> quartiles{};
  for (std::size_t q = 0; q < kQuartiles; ++q) {
    const double target = std::log(1.0 - 0.25 * static_cast<double>(q + 1));
    double below = low;
    double above = high;
    for (int step = 0; step < kBisections; ++step) {
      const double middle = 0.5 * (below + above);
      (log_survival(points, middle) > target ? below : above) = middle;
    }
    quartiles[q] = 0.5 * (below + above);
  }
  // P(minimum > y) = exp(-exp((y - a) / b)): quantile p at a + b log(-log(1 - p)).
  const double scale =
      (quartiles[2] - quartiles[0]) / (std::log(std::log(4.0)) - std::log(std::log(4.0 / 3.0)));
  const double location = quartiles[1] - scale * std::log(std::log(2.0));
  std::vector<double> minima(draws);
  for (double& minimum : minima)
    minimum = std::min(most, location + scale * std::log(-std::log(1.0 - random.uniform())));
  return minima;
}

Work sample_minimum_work(std::size_t points) {
  return static_cast<double>(kQuartiles * points) * kBisections * kOperations * flop;
}

Work minimum_information_work(std::size_t minima) {
  return static_cast<double>(2 * minima) * kOperations * flop;
}

AcquisitionValue log_minimum_information(double mean, double deviation, std::span<const double> minima) {
  double largest = -std::numeric_limits<double>::infinity();
  for (const double minimum : minima)
    largest = std::max(largest, information((mean - minimum) / deviation).log);
  double sum = 0.0;
  double by_mean = 0.0;
  double by_deviation = 0.0;
  for (const double minimum : minima) {
    const double g = (mean - minimum) / deviation;
    const Information of = information(g);
    const double weight = std::exp(of.log - largest);
    sum += weight;
    by_mean += weight * of.slope / deviation;
    by_deviation -= weight * of.slope * g / deviation;
  }
  return {largest + std::log(sum / static_cast<double>(minima.size())), by_mean / sum, by_deviation / sum};
}

}  // namespace tonne
