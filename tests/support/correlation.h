#pragma once
// Means, ranks and correlations of numbers.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

namespace tonne::testing {

inline double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}
inline double correlation(const std::vector<double>& x, const std::vector<double>& y) {
  const double mx = mean(x);
  const double my = mean(y);
  double xx = 0.0;
  double xy = 0.0;
  double yy = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mx) * (x[i] - mx);
    xy += (x[i] - mx) * (y[i] - my);
    yy += (y[i] - my) * (y[i] - my);
  }
  return xy / std::sqrt(xx * yy);
}
// Ranks from 0; ties share their mean.
inline std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> result(values.size());
  for (std::size_t low = 0, high = 0; low < order.size(); low = high) {
    while (high < order.size() && values[order[high]] == values[order[low]]) ++high;
    for (std::size_t k = low; k < high; ++k) result[order[k]] = 0.5 * static_cast<double>(low + high - 1);
  }
  return result;
}
inline double spearman(const std::vector<double>& x, const std::vector<double>& y) {
  return correlation(ranks(x), ranks(y));
}

}  // namespace tonne::testing
