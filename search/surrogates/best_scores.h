#pragma once
// The scores of a Gaussian process's best points alone.

#include <cstddef>
#include <functional>
#include <vector>

#include "search/surrogates/gaussian_process.h"

namespace tonne {

/// Scores by mean and variance what may be among the `most` best points and above `least`, as
/// AcquisitionFunction::score_best() has it. A point's score at the bound of its variance, which one observation gives,
/// is at least its score: points that cannot reach the best by it are passed over, at O(n) instead of O(n^2) each.
/// `of` must not fall when the variance grows. The scores have the same bits as those from predict().
void score_best_of(const GaussianProcess& process, const PointSet& points, std::size_t most, double least,
                   const std::function<double(double mean, double variance)>& of, BatchPrediction& scratch,
                   std::vector<double>& scores);

}  // namespace tonne
