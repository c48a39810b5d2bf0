// How a Gaussian process finds its hyper-parameters: the posterior density, its gradient, and their maximum.

#include <nlopt.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "search/square.h"
#include "search/surrogates/gaussian_process.h"
#include "search/surrogates/matern_row.h"
#include "search/surrogates/triangular.h"

namespace tonne {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using MatrixRef = Eigen::Ref<MatrixXd>;

}  // namespace

struct GaussianProcess::FitScratch {
  explicit FitScratch(Index count, Index columns, Index scales)
      : kernel(PointSet::padded(count), PointSet::padded(count)),
        slope(PointSet::padded(count), PointSet::padded(count)),
        inverse(MatrixXd::Zero(PointSet::padded(count), PointSet::padded(count))),
        row(PointSet::padded(count)),
        weights(VectorXd::Zero(PointSet::padded(count))),
        scaled(count, columns),
        inverse_scale(columns),
        length_gradient(scales) {}

  void make_warped(Index count, Index columns) {
    by_log_a.setZero(PointSet::padded(count), columns);
    by_log_b.setZero(PointSet::padded(count), columns);
  }

  MatrixXd kernel;   // K + noise, then its factor
  MatrixXd slope;    // -dk/d(r^2 / 5) * 2: what a squared difference is multiplied with in dk/d(log l)
  MatrixXd inverse;  // (K + noise)^-1
  MatrixXd inverse_factor;
  KernelRow row;
  VectorXd weights;
  PointSet scaled;
  VectorXd inverse_scale;
  VectorXd length_gradient;
  MatrixXd by_log_a;  // derivatives of `scaled`; empty without input_warp
  MatrixXd by_log_b;
};

LogHyperparameters GaussianProcess::prior_mode() const {
  // The mode of LogNormal(m, s) is exp(m - s^2).
  const double dimensions = std::max(1.0, static_cast<double>(layout_.scales));
  LogHyperparameters theta = LogHyperparameters::Zero(parameter_count());
  theta.head(scale_count())
      .setConstant(options_.length_location + 0.5 * std::log(dimensions) - square(options_.length_deviation));
  theta[scale_count()] = options_.signal_location - square(options_.signal_deviation);
  theta[scale_count() + 1] =
      std::max(options_.noise_location - square(options_.noise_deviation), std::log(options_.noise_floor));
  return theta;
}

void GaussianProcess::add_log_prior(const LogHyperparameters& theta, double& value,
                                    VectorXd& gradient) const {
  // ln LogNormal(x; m, s) = -ln x - (ln x - m)^2 / (2 s^2) + const.
  const auto add = [&](Index i, double location, double deviation) {
    const double z = (theta[i] - location) / deviation;
    value -= theta[i] + 0.5 * z * z;
    gradient[i] -= 1.0 + z / deviation;
  };
  const double dimensions = std::max(1.0, static_cast<double>(layout_.scales));
  const double length_location = options_.length_location + 0.5 * std::log(dimensions);
  for (Index i = 0; i < scale_count(); ++i) add(i, length_location, options_.length_deviation);
  add(scale_count(), options_.signal_location, options_.signal_deviation);
  add(scale_count() + 1, options_.noise_location, options_.noise_deviation);
  for (Index i = scale_count() + 2; i < theta.size(); ++i) {
    const double z = theta[i] / options_.warp_deviation;
    value -= 0.5 * z * z;
    gradient[i] -= z / options_.warp_deviation;
  }
}

void GaussianProcess::warp_points(const LogHyperparameters& theta, FitScratch& s) const {
  if (!options_.input_warp) return;
  s.make_warped(observed_, points_.columns());
  for (Index c = 0; c < points_.columns(); ++c) {
    if (!warps(c)) continue;
    for (Index i = 0; i < observed_; ++i) {
      const Kumaraswamy w = warped(theta, c, points_(i, c));
      s.scaled(i, c) = w.value * s.inverse_scale[c];
      s.by_log_a(i, c) = w.by_log_a * s.inverse_scale[c];
      s.by_log_b(i, c) = w.by_log_b * s.inverse_scale[c];
    }
  }
}

// What pairs of point j with later ones add by column c: dk/dx_i = -slope (x_i - x_j), of which the scratch has the product
// of slope and outer weights in row.decay.
void GaussianProcess::add_warp_gradient(FitScratch& s, Index j, Index c, VectorXd& gradient) const {
  const Index first = j / 4 * 4;
  const Index size = s.by_log_a.rows() - first;
  const Index a = scale_count() + 2 + static_cast<Index>(layout_.columns[static_cast<std::size_t>(c)].scale);
  const auto pulls = s.row.decay.head(size) * (s.scaled.storage().col(c).segment(first, size) - s.scaled(j, c));
  gradient[a] -= (pulls * (s.by_log_a.col(c).segment(first, size).array() - s.by_log_a(j, c))).sum();
  gradient[a + scale_count()] -= (pulls * (s.by_log_b.col(c).segment(first, size).array() - s.by_log_b(j, c))).sum();
}

double GaussianProcess::log_posterior(const LogHyperparameters& theta, VectorXd& gradient) const {
  FitScratch scratch(observed_, points_.columns(), scale_count());
  return log_posterior(theta, gradient, scratch);
}

double GaussianProcess::log_posterior() const {
  VectorXd gradient(theta_.size());
  return log_posterior(theta_, gradient) - static_cast<double>(observed_) * std::log(unit_);
}

double GaussianProcess::log_posterior(const LogHyperparameters& theta, VectorXd& gradient,
                                      FitScratch& s) const {
  const Index n = observed_;
  const Index padded = PointSet::padded(n);
  const double signal = std::exp(theta[scale_count()]);
  const double noise = std::exp(theta[scale_count() + 1]);
  for (Index c = 0; c < points_.columns(); ++c) {
    const auto& column = layout_.columns[static_cast<std::size_t>(c)];
    s.inverse_scale[c] = std::exp(-theta[static_cast<Index>(column.scale)]);
    const double factor = column.categorical ? 1.0 : s.inverse_scale[c];
    for (Index i = 0; i < n; ++i) s.scaled(i, c) = points_(i, c) * factor;
  }
  warp_points(theta, s);
  const bool looks_up = categories_.usable();
  const ArrayXd category_kernel = looks_up ? categories_.values(s.inverse_scale, signal) : ArrayXd();
  for (Index j = 0; j < n; ++j) {
    const Index first = j / 4 * 4;
    const Index size = padded - first;
    if (looks_up) {
      categories_.look_up(category_kernel, points_, j, first, size, s.kernel.col(j).data() + first);
      s.kernel(j, j) += noise + own_noise_[j];
      continue;
    }
    s.row.compute(layout_, s.inverse_scale, s.scaled, first, size, s.scaled, j);
    const auto r = s.row.distance.head(size);
    const auto decay = s.row.decay.head(size);
    s.kernel.col(j).segment(first, size) = (signal * decay * (1.0 + r + r.square() * (1.0 / 3.0))).matrix();
    s.slope.col(j).segment(first, size) = ((5.0 / 3.0) * signal * decay * (1.0 + r)).matrix();
    s.kernel(j, j) += noise + own_noise_[j];
  }
  // The kernel matrix is needed again for the categorical gradient: keep it, factorise in `inverse`.
  MatrixXd& factor = s.inverse;
  for (Index j = 0; j < n; ++j) factor.col(j).segment(j, n - j) = s.kernel.col(j).segment(j, n - j);
  MatrixRef leading = factor.topLeftCorner(n, n);
  const bool positive_definite = factorise_lower(leading);
  gradient.setZero(theta.size());
  if (!positive_definite) return -std::numeric_limits<double>::max();

  s.inverse_factor.resize(n, n);
  MatrixXd& inverse_factor = s.inverse_factor;
  invert_lower(leading, inverse_factor);
  // Profiled constant mean under N(0, 1): m = 1' A y / (1' A 1 + 1) with A = (K + noise)^-1.
  const VectorXd solved_ones = inverse_factor.triangularView<Eigen::Lower>() * VectorXd::Ones(n);
  const VectorXd solved_targets = inverse_factor.triangularView<Eigen::Lower>() * targets_.head(n);
  const double constant = solved_ones.dot(solved_targets) / (solved_ones.squaredNorm() + 1.0);
  const VectorXd whitened = solved_targets - constant * solved_ones;
  s.weights.head(n) = inverse_factor.transpose().triangularView<Eigen::Upper>() * whitened;

  double value = -0.5 * whitened.squaredNorm() - 0.5 * constant * constant;
  for (Index i = 0; i < n; ++i) value -= std::log(factor(i, i));

  multiply_lower(inverse_factor, s.inverse.topLeftCorner(n, n));
  const double trace = s.inverse.diagonal().head(n).sum();
  const double squared_weights = s.weights.head(n).squaredNorm();
  // tr((w w' - A) K) / 2 with K = (K + noise) - noise.
  const double data_fit = s.weights.head(n).dot((targets_.head(n).array() - constant).matrix());
  const double own_noise =
      own_noise_.dot((s.weights.head(n).array().square() - s.inverse.diagonal().head(n).array()).matrix());
  gradient[scale_count()] =
      0.5 * (data_fit - noise * squared_weights - (static_cast<double>(n) - noise * trace) - own_noise);
  gradient[scale_count() + 1] = 0.5 * noise * (squared_weights - trace);

  s.length_gradient.setZero();
  for (Index j = 0; j < n; ++j) {
    const Index first = j / 4 * 4;
    const Index size = padded - first;
    auto outer = s.row.distance.head(size);  // w_i w_j - A_ij below the diagonal, zero elsewhere
    outer =
        s.weights[j] * s.weights.segment(first, size).array() - s.inverse.col(j).segment(first, size).array();
    outer.head(j - first + 1).setZero();
    outer.tail(padded - n).setZero();
    auto numeric = s.row.decay.head(size);
    if (!looks_up) numeric = outer * s.slope.col(j).segment(first, size).array();
    for (Index c = 0; c < points_.columns(); ++c) {
      const auto& column = layout_.columns[static_cast<std::size_t>(c)];
      const auto difference = s.scaled.storage().col(c).segment(first, size) - s.scaled(j, c);
      const double sum =
          column.categorical
              ? s.inverse_scale[c] *
                    (outer * s.kernel.col(j).segment(first, size).array() * difference.abs().min(1.0)).sum()
              : (numeric * difference.square()).sum();
      s.length_gradient[static_cast<Index>(column.scale)] += sum;
      if (warps(c)) add_warp_gradient(s, j, c, gradient);
    }
  }
  gradient.head(scale_count()) = s.length_gradient;
  add_log_prior(theta, value, gradient);
  return value;
}

void GaussianProcess::maximise_posterior() {
  struct Search {
    const GaussianProcess& process;
    FitScratch scratch;
    LogHyperparameters theta;
    VectorXd gradient;
    LogHyperparameters best;
    double best_value = -std::numeric_limits<double>::max();
    int evaluations = 0;
  };
  const Index parameters = theta_.size();
  Search search{*this, FitScratch(observed_, points_.columns(), scale_count()), theta_, VectorXd(parameters),
                theta_};
  const auto objective = [](unsigned count, const double* x, double* gradient, void* data) -> double {
    auto& self = *static_cast<Search*>(data);
    std::copy_n(x, count, self.theta.data());
    const double value = self.process.log_posterior(self.theta, self.gradient, self.scratch);
    ++self.evaluations;
    if (gradient != nullptr) std::copy_n(self.gradient.data(), count, gradient);
    if (value > self.best_value) {
      self.best_value = value;
      self.best = self.theta;
    }
    return value;
  };
  // Wide bounds, against overflow and degenerate factors rather than as a prior.
  VectorXd low = VectorXd::Constant(parameters, std::log(5e-3));
  VectorXd high = VectorXd::Constant(parameters, std::log(1e4));
  const Index signal = scale_count();
  low[signal] = std::log(1e-3);
  high[signal] = std::log(1e4);
  low[signal + 1] = std::log(options_.noise_floor);
  high[signal + 1] = std::log(std::max(10.0, 10.0 * options_.noise_floor));
  const Index warp = parameters - signal - 2;
  low.tail(warp).setConstant(std::log(0.1));
  high.tail(warp).setConstant(std::log(10.0));

  const std::unique_ptr<nlopt_opt_s, decltype(&nlopt_destroy)> optimiser(
      nlopt_create(NLOPT_LD_LBFGS, static_cast<unsigned>(parameters)), &nlopt_destroy);
  nlopt_set_max_objective(optimiser.get(), objective, &search);
  nlopt_set_lower_bounds(optimiser.get(), low.data());
  nlopt_set_upper_bounds(optimiser.get(), high.data());
  nlopt_set_maxeval(optimiser.get(), options_.max_evaluations);
  nlopt_set_ftol_abs(optimiser.get(), 1e-3);  // a thousandth of a nat changes no decision
  VectorXd x = theta_.cwiseMax(low).cwiseMin(high);
  double value = 0.0;
  // Whatever it returns (it may stop at round-off), the best point that it visited counts.
  const nlopt_result result = nlopt_optimize(optimiser.get(), x.data(), &value);
  if (result < 0 && result != NLOPT_ROUNDOFF_LIMITED) ++fallbacks_.failed_fits;
  set_hyperparameters(search.best);

  const auto n = static_cast<double>(observed_);
  const auto columns = static_cast<double>(points_.columns());
  const double by_column = options_.input_warp ? 9.0 : 3.0;
  computed_ += static_cast<double>(search.evaluations) * (n * n * n + n * n * (15.0 + by_column * columns)) * flop;
}

}  // namespace tonne
