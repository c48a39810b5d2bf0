#pragma once
// Correlations of two lists of the same length.

#include <vector>

namespace tonne {

/// Mid-ranks from 0 to 1, in the order of the values.
[[nodiscard]] std::vector<double> mid_ranks(const std::vector<double>& values);
/// Pearson's; NaN for fewer than two pairs and where one of the lists does not vary.
[[nodiscard]] double correlation(const std::vector<double>& a, const std::vector<double>& b);

/// Spearman's and Kendall's (tau-b) rank correlation.
struct RankCorrelation {
  double spearman = 0.0;
  double kendall = 0.0;
};
/// NaN where correlation() of the ranks is.
[[nodiscard]] RankCorrelation rank_correlation(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace tonne
