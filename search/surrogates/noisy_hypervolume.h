#pragma once
// Noisy expected hypervolume improvement: Daulton, Balandat and Bakshy 2021, "Parallel Bayesian Optimization of Multiple
// Noisy Objectives with Expected Hypervolume Improvement" (NeurIPS).

#include <span>
#include <vector>

#include "search/surrogates/acquisition_search.h"
#include "search/surrogates/expected_hypervolume.h"
#include "search/surrogates/gaussian_process.h"

namespace tonne {

/// NEHVI(x) = E[HV(f(X) + f(x)) - HV(f(X))] over the posterior of f at the points X where something was observed, with
/// noise, or is running: the logarithm of its mean over S joint draws f_s of f(X). The boxes that each draw's front leaves
/// free are cut once (the paper's cached box decomposition), and the draws stay the same for all x.
///
/// Unlike the paper, f(x) is not drawn too: given f_s(X) it is normal, with the mean and the variance of a process that
/// has seen f_s(X) without noise, so that each draw's improvement is exact (ExpectedHypervolumeImprovement). The
/// covariance is the same for all draws: one factorisation, S sets of weights.
class LogNoisyHypervolumeImprovement final : public AcquisitionFunction {
 public:
  /// processes: one an objective, 2 or 3, no fantasies; points: X; counts: whether a point may be on a front (a failed one
  /// may not); normals: of each objective a matrix of standard normals, a row for each point and a column for each draw.
  LogNoisyHypervolumeImprovement(const std::vector<GaussianProcess>& processes, const PointSet& points,
                                 const std::vector<bool>& counts, const Objectives& reference,
                                 const std::vector<Eigen::MatrixXd>& normals);

  void score(const PointSet& points, std::vector<double>& scores) override;
  double score(const PointSet& points, Eigen::Index row, Eigen::VectorXd& gradient) override;
  /// Counted from sizes.
  [[nodiscard]] Work computed() const;

 private:
  void score_batch(const PointSet& points, std::span<double> scores);
  [[nodiscard]] double log_mean() const;
  void count(Eigen::Index points);

  std::vector<GaussianProcess> exact_;  // have seen f_s(X) without noise
  std::vector<double> trends_;
  std::vector<Eigen::MatrixXd> weights_;  // of each objective a column for each draw
  std::vector<ExpectedHypervolumeImprovement> improvements_;  // one a draw
  std::vector<double> logs_;                                  // scratch, one a draw
  std::vector<BatchPrediction> batch_;
  std::vector<Eigen::MatrixXd> means_;
  std::vector<PointPrediction> point_;
  std::vector<Eigen::VectorXd> point_means_;
  std::vector<Eigen::MatrixXd> mean_gradients_;
  Work computed_{};
};

}  // namespace tonne
