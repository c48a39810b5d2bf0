#include "experiments/analysis/seed_mean.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "experiments/analysis/distributions.h"

namespace tonne {

SeedMean estimate_mean(const std::vector<double>& values) {
  const std::size_t count = values.size();
  const auto n = static_cast<double>(count);
  double mean = 0.0;
  for (const double v : values) mean += v;
  mean /= n;
  if (count < 2) return {mean, std::nullopt, std::nullopt, count};
  double squares = 0.0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  const double error = std::sqrt(squares / (n - 1.0) / n);
  const double t = t_quantile(n - 1.0, 0.975);
  return {mean, mean - t * error, mean + t * error, count};
}

SeedMean estimate_ratio(const std::vector<double>& a, const std::vector<double>& b) {
  const auto n = static_cast<double>(a.size());
  const double sum_a = std::accumulate(a.begin(), a.end(), 0.0);
  const double sum_b = std::accumulate(b.begin(), b.end(), 0.0);
  const double ratio = sum_a / sum_b;
  if (a.size() < 2) return {ratio, std::nullopt, std::nullopt, a.size()};
  double squares = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double residual = a[i] - ratio * b[i];
    squares += residual * residual;
  }
  const double error = std::sqrt(squares / (n - 1.0) / n) / (sum_b / n);
  const double t = t_quantile(n - 1.0, 0.975);
  return {ratio, ratio - t * error, ratio + t * error, a.size()};
}

double regret_of_mean(Direction direction, double mean, double optimum) {
  constexpr double kRounding = 1e-9;
  const double regret = direction == Direction::maximise ? optimum - mean : mean - optimum;
  const bool rounded = regret >= -kRounding * std::max(std::abs(mean), std::abs(optimum));
  return rounded ? std::max(0.0, regret) : regret;
}

}  // namespace tonne
