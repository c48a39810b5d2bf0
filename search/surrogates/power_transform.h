#pragma once
// A power transform of losses that makes rare low values less of an outlier.

#include <vector>

namespace tonne {

/// Yeo-Johnson transform of standardised losses (Yeo and Johnson 2000, eq. 2.1; for Bayesian optimisation:
/// Cowen-Rivers et al. 2022, "HEBO"), with 1 <= lambda <= 3 by maximum likelihood: it only ever compresses
/// the low side. A loss whose low values are rare (Hartmann, Ackley, accuracies near their ceiling) would
/// otherwise stand many deviations below a stationary process's mean, which then expects nothing as good
/// anywhere else. Strictly increasing.
class PowerTransform {
 public:
  /// The identity.
  PowerTransform() = default;
  /// Fitted to at least one finite loss; only a shift and a scale when all are equal.
  explicit PowerTransform(const std::vector<double>& losses);

  [[nodiscard]] double operator()(double loss) const;
  /// Logarithm of the derivative: what a density of transformed losses gains as one of losses.
  [[nodiscard]] double log_slope(double loss) const;
  [[nodiscard]] double lambda() const { return lambda_; }

 private:
  double shift_ = 0.0;
  double unit_ = 1.0;
  double lambda_ = 1.0;
};

}  // namespace tonne
