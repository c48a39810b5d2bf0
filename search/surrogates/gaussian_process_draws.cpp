// Draws from the posterior, and what other targets would say under the same covariance.

#include <cassert>

#include "search/surrogates/gaussian_process.h"
#include "search/surrogates/matern_row.h"
#include "search/surrogates/triangular.h"

namespace tonne {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

std::size_t GaussianProcess::sample(const PointSet& points, Random& random, std::vector<double>& out) const {
  MatrixXd normal(points.count(), 1);
  for (Index j = 0; j < normal.rows(); ++j) normal(j, 0) = random.normal();
  std::size_t raises = 0;
  const MatrixXd draw = draws(points, normal, raises);
  out.resize(static_cast<std::size_t>(draw.rows()));
  for (Index j = 0; j < draw.rows(); ++j) out[static_cast<std::size_t>(j)] = draw(j, 0);
  return raises;
}

MatrixXd GaussianProcess::draws(const PointSet& points, const MatrixXd& normals, std::size_t& raises) const {
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
  MatrixXd cross(total_, m);
  KernelRow of_points(PointSet::padded(total_));
  for (Index j = 0; j < m; ++j) {
    of_points.compute(layout_, inverse_scale_, scaled_, 0, PointSet::padded(total_), scaled, j);
    cross.col(j) = covariances(of_points, total_);
  }
  const VectorXd mean = (cross.topRows(observed_).transpose() * weights_.head(observed_)).array() + constant_;
  MatrixXd solved(total_, m);
  solved.noalias() = inverse_factor_.topLeftCorner(total_, total_).triangularView<Eigen::Lower>() * cross;
  // Candidates may stand close to one another; what is added is far below any deviation that matters.
  constexpr double kJitter = 1e-8;
  MatrixXd factor(m, m);
  const auto fill = [&](double jitter) {
    KernelRow row(padded);
    for (Index j = 0; j < m; ++j) {
      const Index first = j / 4 * 4;
      row.compute(layout_, inverse_scale_, scaled, first, padded - first, scaled, j);
      factor.col(j).tail(m - j) = covariances(row, padded - first).segment(j - first, m - j);
    }
    factor.triangularView<Eigen::Lower>() -= solved.transpose() * solved;
    factor.diagonal().array() += jitter * signal;
    return factorise_lower(factor);
  };
  for (double jitter = kJitter; !fill(jitter); jitter *= 10.0) ++raises;
  MatrixXd drawn(m, normals.cols());
  for (Index s = 0; s < normals.cols(); ++s) {
    const VectorXd draw = mean + factor.triangularView<Eigen::Lower>() * normals.col(s);
    for (Index j = 0; j < m; ++j) drawn(j, s) = shift_ + unit_ * draw[j];
  }
  return drawn;
}

MatrixXd GaussianProcess::weights_of(const MatrixXd& deviations) const {
  assert(deviations.rows() == observed_ && total_ == observed_);
  const auto lower = inverse_factor_.topLeftCorner(observed_, observed_);
  const MatrixXd solved = lower.triangularView<Eigen::Lower>() * deviations;
  MatrixXd weights = lower.transpose().triangularView<Eigen::Upper>() * solved;
  weights /= unit_;
  return weights;
}

void GaussianProcess::means(const BatchPrediction& predicted, const MatrixXd& weights, MatrixXd& out) const {
  assert(predicted.mean.size() <= kBatch && weights.rows() == observed_);
  out.noalias() = predicted.cross.topLeftCorner(observed_, predicted.mean.size()).transpose() * weights;
  out *= unit_;
}

void GaussianProcess::means(const PointSet& points, Index row_index, const MatrixXd& weights, VectorXd& out,
                            MatrixXd& gradients) const {
  assert(weights.rows() == observed_);
  const Index padded = PointSet::padded(observed_);
  const Index columns = points.columns();
  KernelRow row(padded);
  PointSet scaled(1, columns);
  scale_row(points, row_index, scaled, 0);
  row.compute(layout_, inverse_scale_, scaled_, 0, padded, scaled, 0);
  const ArrayXd rising = 1.0 + row.distance + row.distance.square() * (1.0 / 3.0);
  const VectorXd cross = ((unit_ * signal_variance()) * row.decay * rising).matrix();
  out = weights.transpose() * cross.head(observed_);

  // As in predict(): the kernel's derivative by column c.
  row.decay *= (5.0 / 3.0) * signal_variance() * (1.0 + row.distance);
  gradients.setZero(columns, weights.cols());
  VectorXd slope(padded);
  for (Index c = 0; c < columns; ++c) {
    if (layout_.columns[static_cast<std::size_t>(c)].categorical) continue;
    slope = (unit_ * inverse_scale_[c] * row.decay * (scaled_.storage().col(c).head(padded) - scaled(0, c))).matrix();
    gradients.row(c) = slope.head(observed_).transpose() * weights;
  }
}

}  // namespace tonne
