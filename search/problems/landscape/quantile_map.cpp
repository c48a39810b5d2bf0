#include "search/problems/landscape/quantile_map.h"

#include <algorithm>
#include <cmath>

namespace tonne {
namespace {

std::pair<std::vector<double>, std::vector<double>> logarithms(
    std::span<const std::pair<double, double>> pairs) {
  std::pair<std::vector<double>, std::vector<double>> logs;
  for (const auto& [x, y] : pairs) {
    const double log_x = std::log(x);
    if (!logs.first.empty() && log_x <= logs.first.back()) continue;
    logs.first.push_back(log_x);
    logs.second.push_back(std::log(y));
  }
  return logs;
}

}  // namespace

LogLogCurve::LogLogCurve(std::span<const std::pair<double, double>> pairs)
    : low_(pairs.front().first),
      low_value_(pairs.front().second),
      high_(pairs.back().first),
      high_value_(pairs.back().second),
      curve_([&] {
        auto [x, y] = logarithms(pairs);
        return MonotoneCurve(std::move(x), std::move(y));
      }()) {}

double LogLogCurve::operator()(double x) const {
  if (x <= low_) return low_value_ * (x / low_);
  if (x >= high_) return high_value_ * (x / high_);
  return std::exp(curve_(std::log(x)));
}

LogLogCurve quantile_map(std::vector<double> values, std::span<const Quantile> table) {
  std::sort(values.begin(), values.end());
  std::vector<std::pair<double, double>> pairs;
  for (const Quantile& quantile : table) {
    const double place = std::round(quantile.rank * static_cast<double>(values.size() - 1));
    pairs.emplace_back(values[static_cast<std::size_t>(place)], quantile.value);
  }
  return LogLogCurve(pairs);
}

}  // namespace tonne
