#pragma once
// An exact Gaussian process with a Matern-5/2 kernel, fitted by maximum a posteriori.

#include <Eigen/Core>
#include <span>
#include <utility>
#include <vector>

#include "core/random.h"
#include "core/units.h"
#include "search/surrogates/category_table.h"
#include "search/surrogates/encoding.h"
#include "search/surrogates/kumaraswamy.h"

namespace tonne {

/// Priors, bounds and limits of the fit. Targets are standardised before the fit, so all variances are in
/// units of the targets' variance.
struct GaussianProcessOptions {
  /// Length scales, in the unit cube: LogNormal(sqrt 2 + ln(d) / 2, sqrt 3) for d parameters (Hvarfner et al.
  /// 2024, "Vanilla Bayesian optimization performs great in high dimensions"). A category's weight is 1 /
  /// length scale.
  double length_location = 1.4142135623730951;
  double length_deviation = 1.7320508075688772;
  /// Signal variance: LogNormal(1, 1), whose mode is the variance 1 of the targets.
  double signal_location = 1.0;
  double signal_deviation = 1.0;
  /// Noise variance: LogNormal(-4, 1) (the same reference, as BoTorch has it).
  double noise_location = -4.0;
  double noise_deviation = 1.0;
  double noise_floor = 1e-4;
  /// Evaluations of the posterior in one fit, from one start.
  int max_evaluations = 50;
  /// Whether numbers are bent by the Kumaraswamy distribution function with two parameters a, b for each (Snoek et al.
  /// 2014), fitted with the others; ln a and ln b are N(0, warp_deviation^2), so that no warp is the most probable.
  bool input_warp = false;
  double warp_deviation = 0.75;
};

/// theta: logarithms of the length scales, then of the signal variance, then of the noise variance; with input_warp then
/// those of a and of b, one of each for a length scale (without effect on categories).
using LogHyperparameters = Eigen::VectorXd;

/// How often round-off made the usual way impossible.
struct NumericalFallbacks {
  std::size_t noise_raised = 0;  ///< the covariance was not positive definite: the noise variance rose tenfold
  std::size_t failed_fits = 0;   ///< the optimiser of the hyper-parameters reported a failure: the best that it saw was taken
};

/// Posterior of a batch, in the targets' own units, and the scratch space that its computation needs.
struct BatchPrediction {
  Eigen::VectorXd mean;
  Eigen::VectorXd variance;  ///< of the function, without noise; positive
  Eigen::MatrixXd cross;     ///< scratch: of the last batch, the covariances with the points conditioned on
  Eigen::MatrixXd solved;    ///< scratch
  Eigen::MatrixXd chosen;    ///< scratch: the covariances of points picked from the batch, and what is solved of them
  Eigen::MatrixXd chosen_solved;
  Eigen::VectorXd column;  ///< scratch
};

/// Posterior at one point with its derivatives by the point's columns (zero for categorical ones).
struct PointPrediction {
  double mean = 0.0;
  double variance = 0.0;
  Eigen::VectorXd mean_gradient;
  Eigen::VectorXd variance_gradient;
};

/// k(x, y) = s^2 (1 + r + r^2/3) exp(-r - sum_c w_c [x_c != y_c]),  r^2 = 5 sum_n (x_n - y_n)^2 / l_n^2,
/// over numeric columns n and categorical columns c with w_c = 1 / l_c: Matern-5/2 with automatic relevance
/// determination, times an exponential Hamming kernel. The mean is a constant with prior N(0, 1), profiled
/// out.
///
/// The factor L of K + noise and its inverse are kept, so that one more point costs O(n^2).
class GaussianProcess {
 public:
  static constexpr Eigen::Index kBatch = 256;  ///< points predicted at once, so that the scratch stays in the cache

  explicit GaussianProcess(KernelLayout layout, GaussianProcessOptions options = {});

  /// Fits the hyper-parameters to points and targets (at least one, all finite), from where the last fit
  /// ended if there was one, and conditions on them. Standardisation is fixed until the next fit. `own_noise`: variances
  /// of the targets, in their own units squared, that come on top of the noise variance common to all, one each; empty:
  /// none.
  void fit(const PointSet& points, const std::vector<double>& targets, std::span<const double> own_noise = {});
  /// Conditions on points and targets under the hyper-parameters as they are: O(n^3).
  void condition(const PointSet& points, const std::vector<double>& targets, std::span<const double> own_noise = {});
  /// Conditions on one more point (row of `points`), which has no noise of its own: O(n^2).
  void append(const PointSet& points, Eigen::Index row, double target);
  /// Pretends that the posterior mean was observed at the point (the kriging believer, Ginsbourger et al.
  /// 2010): the mean stays what it is, the variance shrinks. No append before forget_fantasies().
  void fantasise(const PointSet& points, Eigen::Index row);
  void forget_fantasies();

  [[nodiscard]] Eigen::Index size() const { return observed_; }
  /// The lowest posterior mean at an observed point: y_i - noise_i * weight_i, O(n).
  [[nodiscard]] double lowest_mean() const;
  /// Standard deviation of the fitted noise, in the targets' own units.
  [[nodiscard]] double noise_deviation() const;
  /// Posterior at each of the points; size() >= 1.
  void predict(const PointSet& points, BatchPrediction& out) const;
  /// The posterior means of at most kBatch points, rows of `points` from `first` on, as predict() has them, and in place
  /// of the variances upper bounds, from the one observation that says most: O(n) a point.
  void predict_bounds(const PointSet& points, Eigen::Index first, Eigen::Index count, BatchPrediction& out) const;
  /// Lowers bounds of the last predict_bounds() to the variances given the older half of the points conditioned on: a
  /// quarter of the work of predict_variances(), of which the places are.
  void tighten_bounds(std::span<const Eigen::Index> places, BatchPrediction& batch) const;
  /// Replaces bounds of the last predict_bounds() by the variances that predict() has: of the points at these places of
  /// the batch, which are in ascending order.
  void predict_variances(std::span<const Eigen::Index> places, BatchPrediction& batch) const;
  /// The posterior mean alone at each of the points: O(n) a point, mean_work().
  void predict_mean(const PointSet& points, std::vector<double>& mean) const;
  /// One joint draw from the posterior at the points, in the targets' own units, in O(m^3 + m^2 n + m n^2) for m points.
  /// Returns how often the diagonal had to be raised beyond the usual jitter.
  std::size_t sample(const PointSet& points, Random& random, std::vector<double>& out) const;
  /// Posterior and derivatives at one point, a row of `points`.
  void predict(const PointSet& points, Eigen::Index row, PointPrediction& out) const;

  /// Joint draws from the posterior at the points, in the targets' own units: one for each column of `normals`, which has
  /// a standard normal number for each point. `raises` grows by how often the diagonal had to be raised beyond the usual
  /// jitter. Cost as of sample(), and O(m^2) a draw.
  [[nodiscard]] Eigen::MatrixXd draws(const PointSet& points, const Eigen::MatrixXd& normals, std::size_t& raises) const;
  /// The constant mean, in the targets' own units.
  [[nodiscard]] double trend() const { return shift_ + unit_ * constant_; }
  /// What other targets would say under the same covariance: columns of targets less a trend, at the points conditioned
  /// on, become weights for means() and mean_gradients(). O(n^2) a column.
  [[nodiscard]] Eigen::MatrixXd weights_of(const Eigen::MatrixXd& deviations) const;
  /// Posterior means less the trend at points of which predict(points, out) has just been called, one column for each
  /// column of weights. Precondition: at most kBatch points, no fantasies.
  void means(const BatchPrediction& predicted, const Eigen::MatrixXd& weights, Eigen::MatrixXd& out) const;
  /// The same at one point, a row of `points`, with the derivatives by the point's columns (a row for each).
  void means(const PointSet& points, Eigen::Index row, const Eigen::MatrixXd& weights, Eigen::VectorXd& out,
             Eigen::MatrixXd& gradients) const;

  /// Log posterior density of theta (up to a constant) given the points conditioned on, with its gradient.
  [[nodiscard]] double log_posterior(const LogHyperparameters& theta, Eigen::VectorXd& gradient) const;

  /// The same at the hyper-parameters as they are, as a density of the targets in their own units.
  [[nodiscard]] double log_posterior() const;
  [[nodiscard]] const LogHyperparameters& hyperparameters() const { return theta_; }
  /// Sets hyper-parameters without a fit; the next condition() uses them.
  void set_hyperparameters(const LogHyperparameters& theta);
  /// The mode of the prior, where the first fit starts.
  [[nodiscard]] LogHyperparameters prior_mode() const;
  /// k(x, y) of two rows under the hyper-parameters as they are, in the targets' own units squared.
  [[nodiscard]] double kernel(const PointSet& a, Eigen::Index row_a, const PointSet& b,
                              Eigen::Index row_b) const;

  /// Floating-point operations of all fits and conditionings so far, counted from their sizes; predictions
  /// count prediction_work() a point.
  [[nodiscard]] Work computed() const { return computed_; }
  /// Sets what computed() says, where another instance has computed the same.
  void set_computed(Work work) { computed_ = work; }
  [[nodiscard]] Work prediction_work() const;
  /// Of the mean alone, a point.
  [[nodiscard]] Work mean_work() const;
  /// Those since the last call.
  [[nodiscard]] NumericalFallbacks take_fallbacks() { return std::exchange(fallbacks_, {}); }

 private:
  struct FitScratch;
  struct CrossScratch;
  void standardise(const std::vector<double>& targets);
  void take(const PointSet& points, const std::vector<double>& targets, std::span<const double> own_noise);
  void factorise();
  void solve_weights();
  void append_row(const PointSet& points, Eigen::Index row);
  [[nodiscard]] double signal_variance() const;
  [[nodiscard]] double noise_variance() const;
  [[nodiscard]] Eigen::Index scale_count() const { return static_cast<Eigen::Index>(layout_.scales); }
  [[nodiscard]] Eigen::Index parameter_count() const { return scale_count() * (options_.input_warp ? 3 : 1) + 2; }
  // The coordinate x of column c as `theta` warps it, and its derivatives.
  [[nodiscard]] Kumaraswamy warped(const LogHyperparameters& theta, Eigen::Index c, double x) const;
  [[nodiscard]] bool warps(Eigen::Index c) const {
    return options_.input_warp && !layout_.columns[static_cast<std::size_t>(c)].categorical;
  }
  void warp_points(const LogHyperparameters& theta, FitScratch& scratch) const;
  void add_warp_gradient(FitScratch& scratch, Eigen::Index j, Eigen::Index c, Eigen::VectorXd& gradient) const;
  void add_log_prior(const LogHyperparameters& theta, double& value, Eigen::VectorXd& gradient) const;
  [[nodiscard]] double log_posterior(const LogHyperparameters& theta, Eigen::VectorXd& gradient,
                                     FitScratch& scratch) const;
  void maximise_posterior();
  void scale_row(const PointSet& points, Eigen::Index row, PointSet& scaled, Eigen::Index to) const;
  // (K + noise)^-1 cross into `twice`, but for its padding; returns the squared norm of L^-1 cross.
  double solve_twice(const Eigen::VectorXd& cross, Eigen::VectorXd& twice) const;
  // Covariances of a row of `points` with all points conditioned on, padded.
  void fill_cross(const PointSet& points, Eigen::Index row, CrossScratch& scratch, Eigen::Ref<Eigen::VectorXd> out) const;

  KernelLayout layout_;
  GaussianProcessOptions options_;
  LogHyperparameters theta_;
  bool fitted_ = false;
  CategoryTable categories_;        // of points_
  Eigen::ArrayXd category_kernel_;  // under theta_

  PointSet points_;                // conditioned on, then fantasies
  PointSet scaled_;                // numeric columns divided by their length scales
  Eigen::VectorXd inverse_scale_;  // per column: 1 / l
  Eigen::Index observed_ = 0;
  Eigen::Index total_ = 0;   // observed_ and fantasies
  Eigen::VectorXd targets_;    // standardised
  Eigen::VectorXd own_noise_;  // variances, standardised
  double shift_ = 0.0;
  double unit_ = 1.0;
  double constant_ = 0.0;  // profiled mean, standardised

  // Leading total_ x total_ blocks of larger storage; the upper triangles are zero.
  Eigen::MatrixXd inverse_factor_;
  Eigen::MatrixXd transposed_;  // the inverse factor's transpose, whose columns one pass reads; while factorising, the factor
  Eigen::VectorXd weights_;  // (K + noise)^-1 (y - constant), padded with zeros
  Work computed_{};
  NumericalFallbacks fallbacks_;
};

}  // namespace tonne
