#pragma once
// A fit of a Gaussian process that a poor beginning spoils less.

#include <vector>

#include "search/surrogates/gaussian_process.h"

namespace tonne {

/// Fits from where the last fit ended, and again from length scales of 1 and little noise; the fit with the
/// larger posterior density stays. From the prior's mode alone (long length scales, noise of 2 %) a parameter
/// of small effect is taken for noise, fit after fit. Preconditions as of GaussianProcess::fit. Costs two
/// fits.
void fit_from_two_starts(GaussianProcess& process, const PointSet& points,
                         const std::vector<double>& targets);

}  // namespace tonne
