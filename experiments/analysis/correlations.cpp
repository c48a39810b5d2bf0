#include "experiments/analysis/correlations.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/rank_correlation.h"
#include "experiments/analysis/statistics.h"

namespace tonne {

std::vector<double> mid_ranks(const std::vector<double>& values) {
  std::vector<double> result = ranks(values);
  const auto last = static_cast<double>(std::max<std::size_t>(values.size(), 2) - 1);
  for (double& rank : result) rank = (rank - 1.0) / last;
  return result;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const auto n = static_cast<double>(a.size());
  if (a.size() < 2) return std::numeric_limits<double>::quiet_NaN();
  const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / n;
  const double mean_b = std::accumulate(b.begin(), b.end(), 0.0) / n;
  double ab = 0.0;
  double aa = 0.0;
  double bb = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return aa > 0.0 && bb > 0.0 ? ab / std::sqrt(aa * bb) : std::numeric_limits<double>::quiet_NaN();
}

RankCorrelation rank_correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const double spearman = correlation(mid_ranks(a), mid_ranks(b));
  return {spearman, std::isnan(spearman) ? spearman : kendall_tau(a, b)};
}

}  // namespace tonne
