#pragma once
// Learning curves as decays to an asymptote, of which the amounts of training are the same for all: Swersky,
// Snoek and Adams 2014, "Freeze-Thaw Bayesian Optimization", section 3.

#include <Eigen/Core>
#include <span>
#include <vector>

#include "core/units.h"

namespace tonne {

/// A loss after training t is  f + c b^a / (t + b)^a + r(t) + noise:  f the curve's asymptote, and r a
/// Gaussian process with the paper's kernel  k(t, t') = s b^a / (t + t' + b)^a,  a mixture of exponential
/// decays whose rates have the distribution Gamma(a, b). The second term is the mean of that mixture, with
/// one factor c for all curves: the paper has none, so that it expects a curve to rise as likely as to fall.
struct DecayShape {
  double a = 1.0;
  double b = 0.3;       ///< in units of the full training
  double fall = 0.0;    ///< c, in units of the losses
  double spread = 1.0;  ///< s, in units of the losses squared
  double noise = 1e-3;  ///< variance, in units of the losses squared
};

/// What a curve says of its asymptote: `value` with a normal error of this variance.
struct AsymptoteEvidence {
  double value = 0.0;
  double variance = 0.0;
};

struct NormalBelief {
  double mean = 0.0;
  double variance = 0.0;
};

class DecayCurves {
 public:
  /// `times`: amounts of training at which losses are known, ascending, in parts of the full training.
  explicit DecayCurves(std::vector<double> times);

  /// Maximises the density of the curves (losses at the first times, one a curve at least), whatever their
  /// asymptotes, times that of the prior: ln a ~ N(0, 1), ln b ~ N(ln 0.3, 1), ln s ~ N(0, 1.5^2) and ln
  /// noise ~ N(ln 0.001, 2^2) for losses of variance 1; by Nelder and Mead from the prior's mean. Curves of
  /// one loss tell nothing of the shape.
  void fit(std::span<const std::vector<double>> curves);
  void set_shape(const DecayShape& shape);
  [[nodiscard]] const DecayShape& shape() const { return shape_; }

  /// Of a curve of at least one loss.
  [[nodiscard]] AsymptoteEvidence evidence(std::span<const double> losses) const;
  /// The loss (without noise) at the time of this index, given the curve so far, possibly of none, and the
  /// asymptote.
  [[nodiscard]] NormalBelief predict(std::span<const double> losses, std::size_t time,
                                     const NormalBelief& asymptote) const;

  /// Floating-point operations of the fits so far.
  [[nodiscard]] Work computed() const { return computed_; }

 private:
  // Products of a curve under the inverse of its covariance.
  struct Sums;
  struct Fit;
  [[nodiscard]] Sums sums(std::span<const double> losses) const;
  [[nodiscard]] double log_density(std::span<const std::vector<double>> curves, double unit);
  [[nodiscard]] Eigen::VectorXd whitened(std::span<const double> losses) const;
  void factorise();

  std::vector<double> times_;
  DecayShape shape_;
  // Of the covariance at all times: the factors of its leading blocks are this one's, so that curves of all
  // lengths share it.
  Eigen::MatrixXd factor_;
  Eigen::VectorXd ones_;   // factor^-1 1
  Eigen::VectorXd decay_;  // factor^-1 of b^a / (t + b)^a
  Work computed_{};
};

}  // namespace tonne
