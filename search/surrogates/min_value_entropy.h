#pragma once
// Max-value entropy search, for minimisation: Wang and Jegelka 2017, "Max-value Entropy Search for Efficient
// Bayesian Optimization". What an observation tells about the value of the minimum, wherever it lies.

#include <cstddef>
#include <span>
#include <vector>

#include "core/random.h"
#include "core/units.h"
#include "search/surrogates/acquisition.h"
#include "search/surrogates/gaussian_process.h"

namespace tonne {

/// Draws of the function's lowest value, given the posterior at points that stand for the space (section 3.1
/// there, with signs turned): the values at the points are taken as independent, quartiles of their minimum
/// are found by bisection, and a Gumbel distribution is fitted to them. None is above `most`, what is known
/// to be reached. `points` must not be empty.
[[nodiscard]] std::vector<double> sample_minimum(const BatchPrediction& points, double most,
                                                 std::size_t draws, Random& random);

/// What sample_minimum() computes for so many points, and log_minimum_information() for so many minima.
[[nodiscard]] Work sample_minimum_work(std::size_t points);
[[nodiscard]] Work minimum_information_work(std::size_t minima);

/// Logarithm of the mean over the minima y* of g h(g) / 2 - log Phi(g), g = (mean - y*) / deviation, h = phi
/// / Phi: the entropy in nats that a noise-free observation is expected to lose (eq. 6 there). With
/// derivatives; finite for any deviation > 0. `minima` must not be empty.
[[nodiscard]] AcquisitionValue log_minimum_information(double mean, double deviation,
                                                       std::span<const double> minima);

}  // namespace tonne
