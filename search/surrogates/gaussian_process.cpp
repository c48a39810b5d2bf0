#include "search/surrogates/gaussian_process.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "search/square.h"
#include "search/surrogates/matern_row.h"
#include "search/surrogates/triangular.h"

namespace tonne {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

}  // namespace

GaussianProcess::GaussianProcess(KernelLayout layout, GaussianProcessOptions options)
    : layout_(std::move(layout)), options_(options), categories_(layout_) {
  fix_cache_sizes();
  set_hyperparameters(prior_mode());
}

void GaussianProcess::set_hyperparameters(const LogHyperparameters& theta) {
  assert(theta.size() == parameter_count());
  theta_ = theta;
  inverse_scale_.resize(static_cast<Index>(layout_.columns.size()));
  for (Index c = 0; c < inverse_scale_.size(); ++c)
    inverse_scale_[c] =
        std::exp(-theta_[static_cast<Index>(layout_.columns[static_cast<std::size_t>(c)].scale)]);
  if (categories_.applies()) category_kernel_ = categories_.values(inverse_scale_, signal_variance());
}

double GaussianProcess::signal_variance() const {
  return std::exp(theta_[scale_count()]);
}
double GaussianProcess::noise_variance() const {
  return std::exp(theta_[scale_count() + 1]);
}

void GaussianProcess::scale_row(const PointSet& points, Index row, PointSet& scaled, Index to) const {
  for (Index c = 0; c < points.columns(); ++c) {
    const bool categorical = layout_.columns[static_cast<std::size_t>(c)].categorical;
    const double x = warps(c) ? warped(theta_, c, points(row, c)).value : points(row, c);
    scaled(to, c) = categorical ? x : x * inverse_scale_[c];
  }
}

Kumaraswamy GaussianProcess::warped(const LogHyperparameters& theta, Index c, double x) const {
  const auto scale = static_cast<Index>(layout_.columns[static_cast<std::size_t>(c)].scale);
  const Index a = scale_count() + 2 + scale;
  return kumaraswamy(x, std::exp(theta[a]), std::exp(theta[a + scale_count()]));
}

void GaussianProcess::standardise(const std::vector<double>& targets) {
  double sum = 0.0;
  for (const double y : targets) sum += y;
  shift_ = sum / static_cast<double>(targets.size());
  double squares = 0.0;
  for (const double y : targets) squares += square(y - shift_);
  unit_ = std::sqrt(squares / static_cast<double>(targets.size()));
  if (!(unit_ > 1e-12 * std::max(1.0, std::abs(shift_)))) unit_ = 1.0;  // all targets equal
}

void GaussianProcess::take(const PointSet& points, const std::vector<double>& targets,
                           std::span<const double> own_noise) {
  assert(points.count() >= 1 && static_cast<std::size_t>(points.count()) == targets.size());
  assert(own_noise.empty() || own_noise.size() == targets.size());
  points_ = points;
  categories_.take(points_);
  observed_ = points.count();
  total_ = observed_;
  targets_.resize(observed_);
  for (Index i = 0; i < observed_; ++i) targets_[i] = (targets[static_cast<std::size_t>(i)] - shift_) / unit_;
  own_noise_.setZero(observed_);
  for (std::size_t i = 0; i < own_noise.size(); ++i)
    own_noise_[static_cast<Index>(i)] = own_noise[i] / square(unit_);
}

void GaussianProcess::fit(const PointSet& points, const std::vector<double>& targets,
                          std::span<const double> own_noise) {
  standardise(targets);
  fitted_ = true;
  take(points, targets, own_noise);
  maximise_posterior();
  factorise();
  solve_weights();
}

void GaussianProcess::condition(const PointSet& points, const std::vector<double>& targets,
                                std::span<const double> own_noise) {
  if (!fitted_) standardise(targets);
  take(points, targets, own_noise);
  factorise();
  solve_weights();
}

void GaussianProcess::factorise() {
  const Index n = observed_;
  const Index padded = PointSet::padded(n);
  scaled_.resize(n, points_.columns());
  for (Index i = 0; i < n; ++i) scale_row(points_, i, scaled_, i);
  if (transposed_.rows() < n) {
    const Index capacity = std::max<Index>(PointSet::padded(n + n / 4), 32);
    transposed_.resize(capacity, capacity);
    inverse_factor_.resize(capacity, capacity);
  }
  MatrixXd& factor = transposed_;
  KernelRow row(padded);
  const double signal = signal_variance();
  // With the noise floor the matrix is positive definite; should round-off have it otherwise, the noise
  // rises.
  for (;;) {
    for (Index j = 0; j < n; ++j) {
      const Index first = j / 4 * 4;
      if (categories_.usable()) {
        categories_.look_up(category_kernel_, points_, j, first, padded - first, row.decay.data());
        factor.col(j).segment(j, n - j) = row.decay.segment(j - first, n - j).matrix();
      } else {
        row.compute(layout_, inverse_scale_, scaled_, first, padded - first, scaled_, j);
        const auto r = row.distance.segment(j - first, n - j);
        factor.col(j).segment(j, n - j) =
            (signal * row.decay.segment(j - first, n - j) * (1.0 + r + r.square() * (1.0 / 3.0))).matrix();
      }
      factor(j, j) += noise_variance() + own_noise_[j];
    }
    if (factorise_lower(factor.topLeftCorner(n, n))) break;
    theta_[scale_count() + 1] += std::log(10.0);
    ++fallbacks_.noise_raised;
  }
  factor.topLeftCorner(n, n).triangularView<Eigen::StrictlyUpper>().setZero();
  invert_lower(factor.topLeftCorner(n, n), inverse_factor_.topLeftCorner(n, n));
  transposed_.topLeftCorner(n, n) = inverse_factor_.topLeftCorner(n, n).transpose();
  const auto count = static_cast<double>(n);
  computed_ += (2.0 / 3.0 * count * count * count) * flop;
}

void GaussianProcess::solve_weights() {
  const Index n = observed_;
  const auto lower = inverse_factor_.topLeftCorner(n, n).triangularView<Eigen::Lower>();
  const VectorXd solved_ones = lower * VectorXd::Ones(n);
  const VectorXd solved_targets = lower * targets_.head(n);
  constant_ = solved_ones.dot(solved_targets) / (solved_ones.squaredNorm() + 1.0);
  weights_.setZero(PointSet::padded(n));
  weights_.head(n) = inverse_factor_.topLeftCorner(n, n).transpose().triangularView<Eigen::Upper>() *
                     (solved_targets - constant_ * solved_ones);
  computed_ += 3.0 * square(static_cast<double>(n)) * flop;
}

void GaussianProcess::append_row(const PointSet& points, Index row) {
  const Index n = total_;
  if (transposed_.rows() == n) {
    const Index capacity = PointSet::padded(n + std::max<Index>(n / 4, 32));
    transposed_.conservativeResize(capacity, capacity);
    inverse_factor_.conservativeResize(capacity, capacity);
  }
  points_.append();
  points_.copy_row(n, points, row);
  categories_.append(points_);
  scaled_.append();
  scale_row(points_, n, scaled_, n);
  ++total_;

  const Index padded = PointSet::padded(n);
  KernelRow kernel_row(padded);
  kernel_row.compute(layout_, inverse_scale_, scaled_, 0, padded, scaled_, n);
  const auto r = kernel_row.distance.head(n);
  const VectorXd cross =
      (signal_variance() * kernel_row.decay.head(n) * (1.0 + r + r.square() * (1.0 / 3.0))).matrix();
  const auto lower = inverse_factor_.topLeftCorner(n, n).triangularView<Eigen::Lower>();
  const VectorXd solved = lower * cross;
  // The posterior variance is not negative, so the pivot is at least the noise, whatever round-off says.
  const double pivot =
      std::sqrt(std::max(signal_variance() + noise_variance() - solved.squaredNorm(), noise_variance()));
  const VectorXd inverse_row =
      inverse_factor_.topLeftCorner(n, n).transpose().triangularView<Eigen::Upper>() * solved;
  inverse_factor_.row(n).head(n) = -inverse_row.transpose() / pivot;
  inverse_factor_.col(n).head(n).setZero();
  inverse_factor_(n, n) = 1.0 / pivot;
  transposed_.col(n).head(n + 1) = inverse_factor_.row(n).head(n + 1).transpose();
  transposed_.row(n).head(n).setZero();
  computed_ += 2.0 * square(static_cast<double>(n)) * flop;
}

void GaussianProcess::append(const PointSet& points, Index row, double target) {
  assert(total_ == observed_ && observed_ >= 1);
  append_row(points, row);
  ++observed_;
  targets_.conservativeResize(observed_);
  targets_[observed_ - 1] = (target - shift_) / unit_;
  own_noise_.conservativeResize(observed_);
  own_noise_[observed_ - 1] = 0.0;
  solve_weights();
}

void GaussianProcess::fantasise(const PointSet& points, Index row) {
  append_row(points, row);
}

void GaussianProcess::forget_fantasies() {
  points_.truncate(observed_);
  scaled_.truncate(observed_);
  total_ = observed_;
}

double GaussianProcess::lowest_mean() const {
  assert(observed_ >= 1);
  const auto noise = own_noise_.array() + noise_variance();
  return shift_ + unit_ * (targets_.array() - noise * weights_.head(observed_).array()).minCoeff();
}

double GaussianProcess::noise_deviation() const {
  return unit_ * std::sqrt(noise_variance());
}

Work GaussianProcess::prediction_work() const {
  const auto n = static_cast<double>(total_);
  return (n * n + n * (10.0 + 3.0 * static_cast<double>(points_.columns()))) * flop;
}

Work GaussianProcess::mean_work() const {
  return static_cast<double>(total_) * (10.0 + 3.0 * static_cast<double>(points_.columns())) * flop;
}

// Matrices that fit the second-level cache are read twice. Beyond, each row of L^-1 is read once, for both products.
double GaussianProcess::solve_twice(const VectorXd& cross, VectorXd& twice) const {
  constexpr Index kFitsCache = 256;
  constexpr Index kRows = 8;
  if (total_ <= kFitsCache) {
    const auto lower = inverse_factor_.topLeftCorner(total_, total_);
    const VectorXd solved = lower.triangularView<Eigen::Lower>() * cross.head(total_);
    twice.head(total_) = lower.transpose().triangularView<Eigen::Upper>() * solved;
    return solved.squaredNorm();
  }
  double squares = 0.0;
  VectorXd solved(kRows);
  for (Index first = 0; first < total_; first += kRows) {
    const Index rows = std::min(kRows, total_ - first);
    const Index length = first + rows;
    const auto panel = transposed_.block(0, first, length, rows);
    solved.head(rows).noalias() = panel.transpose() * cross.head(length);
    twice.head(length).noalias() += panel * solved.head(rows);
    squares += solved.head(rows).squaredNorm();
  }
  return squares;
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
  VectorXd twice = VectorXd::Zero(padded);  // (K + noise)^-1 k
  const double variance = signal - solve_twice(cross, twice);

  // dk_i / dx_c = -(5/3) s^2 exp(-r) (1 + r) (x_c - x_ic) / l_c^2 on numeric columns.
  row.decay *= (5.0 / 3.0) * signal * (1.0 + row.distance);
  out.mean_gradient.setZero(columns);
  out.variance_gradient.setZero(columns);
  ArrayXd slope(padded);
  VectorXd padded_weights = VectorXd::Zero(padded);
  padded_weights.head(observed_) = weights_.head(observed_);
  for (Index c = 0; c < columns; ++c) {
    if (layout_.columns[static_cast<std::size_t>(c)].categorical) continue;
    const double stretch = warps(c) ? warped(theta_, c, points(row_index, c)).by_x : 1.0;
    slope = row.decay * (scaled_.storage().col(c).head(padded) - scaled(0, c)) * (inverse_scale_[c] * stretch);
    out.mean_gradient[c] = unit_ * slope.matrix().dot(padded_weights);
    out.variance_gradient[c] = -2.0 * unit_ * unit_ * slope.matrix().dot(twice);
  }
  out.mean = shift_ + unit_ * (constant_ + cross.head(observed_).dot(weights_.head(observed_)));
  out.variance = unit_ * unit_ * std::max(variance, kLeastPosteriorVariance * signal);
}

double GaussianProcess::kernel(const PointSet& a, Index row_a, const PointSet& b, Index row_b) const {
  PointSet scaled(1, a.columns());
  PointSet other(1, a.columns());
  scale_row(a, row_a, scaled, 0);
  scale_row(b, row_b, other, 0);
  KernelRow row(4);
  row.compute(layout_, inverse_scale_, scaled, 0, 4, other, 0);
  const double r = row.distance[0];
  return unit_ * unit_ * signal_variance() * row.decay[0] * (1.0 + r + r * r * (1.0 / 3.0));
}

}  // namespace tonne
