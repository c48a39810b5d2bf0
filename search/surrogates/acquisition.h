#pragma once
// Acquisition functions of a Gaussian posterior, for minimisation.

namespace tonne {

/// 1 / sqrt(2 pi): the standard normal density at 0.
inline constexpr double kInvSqrtTwoPi = 0.39894228040143267794;

/// A function of a posterior's mean and standard deviation with its partial derivatives.
struct AcquisitionValue {
  double value = 0.0;
  double by_mean = 0.0;
  double by_deviation = 0.0;
};

/// log(phi(z) + z Phi(z)) for any finite z, to about 1e-14 relative or absolute (whichever is larger), where
/// EI itself underflows below z = -38 (Ament et al. 2023, "Unexpected improvements to expected improvement",
/// eq. 9; their three branches for z <= -1 are replaced by one without cancellation).
[[nodiscard]] double log_h(double z);

/// log Phi(z) of the standard normal distribution for any finite z, also where Phi itself underflows.
[[nodiscard]] double log_normal_distribution(double z);
/// Its derivative, phi(z) / Phi(z).
[[nodiscard]] double normal_hazard(double z);

/// Logarithm of the expected improvement E[max(best - Y, 0)], Y ~ N(mean, deviation^2), deviation > 0:
/// log(deviation) + log_h((best - mean) / deviation).
[[nodiscard]] double log_expected_improvement(double mean, double deviation, double best);
/// The same with derivatives.
[[nodiscard]] AcquisitionValue log_expected_improvement_with_gradient(double mean, double deviation,
                                                                      double best);

}  // namespace tonne
