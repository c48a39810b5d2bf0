// What a Gaussian process says of points: the posterior, its derivatives, and joint draws.

#include <Eigen/Cholesky>
#include <algorithm>
#include <cassert>
#include <cmath>

#include "search/surrogates/gaussian_process.h"
#include "search/surrogates/matern_row.h"

namespace tonne {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Least posterior variance, as a share of the signal variance: about what the difference of two sums of
// squares loses to round-off. It has to stay far below the noise floor: where it does not, a search that has
// come near the optimum sees the same deviation everywhere and proposes the same point again and again.
constexpr double kLeastVariance = 1e-14;
constexpr Index kBatch = 256;  // points predicted at once, so that the scratch stays in the cache

}  // namespace

void GaussianProcess::predict(const PointSet& points, BatchPrediction& out) const {
  assert(observed_ >= 1);
  const Index count = points.count();
  const Index padded = PointSet::padded(total_);
  const double signal = signal_variance();
  out.mean.resize(count);
  out.variance.resize(count);
  out.cross.resize(padded, std::min(count, kBatch));
  out.solved.resize(total_, std::min(count, kBatch));
  KernelRow row(padded);
  PointSet scaled(1, points.columns());
  for (Index start = 0; start < count; start += kBatch) {
    const Index batch = std::min(kBatch, count - start);
    for (Index j = 0; j < batch; ++j) {
      scale_row(points, start + j, scaled, 0);
      row.compute(layout_, inverse_scale_, scaled_, 0, padded, scaled, 0);
      out.cross.col(j) =
          (signal * row.decay * (1.0 + row.distance + row.distance.square() * (1.0 / 3.0))).matrix();
    }
    const auto cross = out.cross.topLeftCorner(total_, batch);
    out.mean.segment(start, batch).noalias() =
        cross.topRows(observed_).transpose() * weights_.head(observed_);
    auto solved = out.solved.leftCols(batch);
    solved.noalias() = inverse_factor_.topLeftCorner(total_, total_).triangularView<Eigen::Lower>() * cross;
    for (Index j = 0; j < batch; ++j)
      out.variance[start + j] = std::max(signal - solved.col(j).squaredNorm(), kLeastVariance * signal);
  }
  out.mean = (shift_ + unit_ * (constant_ + out.mean.array())).matrix();
  out.variance *= unit_ * unit_;
}

void GaussianProcess::predict(const PointSet& points, Index row_index, PointPrediction& out) const {
  assert(observed_ >= 1);
  const Index padded = PointSet::padded(total_);
  const Index columns = points.columns();
  const double signal = signal_variance();
  KernelRow row(padded);
  PointSet scaled(1, columns);
  scale_row(points, row_index, scaled, 0);
  row.compute(layout_, inverse_scale_, scaled_, 0, padded, scaled, 0);
  const VectorXd cross =
      (signal * row.decay * (1.0 + row.distance + row.distance.square() * (1.0 / 3.0))).matrix();
  const auto lower = inverse_factor_.topLeftCorner(total_, total_);
  const VectorXd solved = lower.triangularView<Eigen::Lower>() * cross.head(total_);
  VectorXd twice = VectorXd::Zero(padded);  // (K + noise)^-1 k
  twice.head(total_) = lower.transpose().triangularView<Eigen::Upper>() * solved;
  const double variance = signal - solved.squaredNorm();

  // dk_i / dx_c = -(5/3) s^2 exp(-r) (1 + r) (x_c - x_ic) / l_c^2 on numeric columns.
  row.decay *= (5.0 / 3.0) * signal * (1.0 + row.distance);
  out.mean_gradient.setZero(columns);
  out.variance_gradient.setZero(columns);
  ArrayXd slope(padded);
  VectorXd padded_weights = VectorXd::Zero(padded);
  padded_weights.head(observed_) = weights_.head(observed_);
  for (Index c = 0; c < columns; ++c) {
    if (layout_.columns[static_cast<std::size_t>(c)].categorical) continue;
    slope = row.decay * (scaled_.storage().col(c).head(padded) - scaled(0, c)) * inverse_scale_[c];
    out.mean_gradient[c] = unit_ * slope.matrix().dot(padded_weights);
    out.variance_gradient[c] = -2.0 * unit_ * unit_ * slope.matrix().dot(twice);
  }
  out.mean = shift_ + unit_ * (constant_ + cross.head(observed_).dot(weights_.head(observed_)));
  out.variance = unit_ * unit_ * std::max(variance, kLeastVariance * signal);
}

void GaussianProcess::sample(const PointSet& points, Random& random, std::vector<double>& out) const {
  assert(observed_ >= 1);
  const Index m = points.count();
  const Index padded = PointSet::padded(m);
  const double signal = signal_variance();
  PointSet scaled(m, points.columns());
  for (Index j = 0; j < m; ++j) scale_row(points, j, scaled, j);
  const auto covariances = [&](const KernelRow& row, Index size) {
    return (signal * row.decay.head(size) *
            (1.0 + row.distance.head(size) + row.distance.head(size).square() * (1.0 / 3.0)))
        .matrix();
  };
  // Column j: what the observations say of candidate j, L^-1 k_j.
  const auto lower = inverse_factor_.topLeftCorner(total_, total_).triangularView<Eigen::Lower>();
  MatrixXd solved(total_, m);
  KernelRow of_points(PointSet::padded(total_));
  VectorXd mean(m);
  for (Index j = 0; j < m; ++j) {
    of_points.compute(layout_, inverse_scale_, scaled_, 0, PointSet::padded(total_), scaled, j);
    const VectorXd cross = covariances(of_points, total_);
    mean[j] = constant_ + cross.head(observed_).dot(weights_.head(observed_));
    solved.col(j) = lower * cross;
  }
  MatrixXd covariance(padded, m);
  KernelRow of_candidates(padded);
  for (Index j = 0; j < m; ++j) {
    of_candidates.compute(layout_, inverse_scale_, scaled, 0, padded, scaled, j);
    covariance.col(j) = covariances(of_candidates, padded);
  }
  MatrixXd posterior = covariance.topRows(m) - solved.transpose() * solved;
  // Candidates may stand close to one another; what is added is far below any deviation that matters.
  constexpr double kJitter = 1e-8;
  posterior.diagonal().array() += kJitter * signal;
  Eigen::LLT<MatrixXd> factor(posterior);
  for (double jitter = 10.0 * kJitter; factor.info() != Eigen::Success; jitter *= 10.0) {
    posterior.diagonal().array() += jitter * signal;
    factor.compute(posterior);
  }
  VectorXd normal(m);
  for (Index j = 0; j < m; ++j) normal[j] = random.normal();
  const VectorXd draw = mean + factor.matrixL() * normal;
  out.resize(static_cast<std::size_t>(m));
  for (Index j = 0; j < m; ++j) out[static_cast<std::size_t>(j)] = shift_ + unit_ * draw[j];
}

}  // namespace tonne
