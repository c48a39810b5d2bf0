#include "search/surrogates/decay_curves.h"

#include <nlopt.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "search/square.h"
#include "search/surrogates/triangular.h"

namespace tonne {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr int kEvaluations = 150;
constexpr std::size_t kParameters = 4;
constexpr std::array<double, kParameters> kMeans = {0.0, -1.2039728043259361, 0.0, -6.9077552789821368};
constexpr std::array<double, kParameters> kDeviations = {1.0, 1.0, 1.5, 2.0};
constexpr double kLeastNoise = 1e-6;     // of the losses' variance: keeps the covariance positive definite
constexpr double kFallDeviation = 10.0;  // prior of c, in deviations of the losses: next to none

double decay(const DecayShape& shape, double t) {
  return std::pow(shape.b / (t + shape.b), shape.a);
}

// Variance of all losses, 1 where they are equal.
double variance_of(std::span<const std::vector<double>> curves) {
  double count = 0.0;
  double sum = 0.0;
  for (const std::vector<double>& losses : curves) {
    for (const double loss : losses) sum += loss;
    count += static_cast<double>(losses.size());
  }
  double squares = 0.0;
  for (const std::vector<double>& losses : curves)
    for (const double loss : losses) squares += square(loss - sum / count);
  return squares > 0.0 && std::isfinite(squares) ? squares / count : 1.0;
}

}  // namespace

struct DecayCurves::Sums {
  double ones = 0.0;    // 1' K^-1 1
  double losses = 0.0;  // 1' K^-1 y
  double decay = 0.0;   // 1' K^-1 g
  double losses_losses = 0.0;
  double losses_decay = 0.0;
  double decay_decay = 0.0;
};

DecayCurves::DecayCurves(std::vector<double> times) : times_(std::move(times)) {
  assert(!times_.empty());
  fix_cache_sizes();
  factorise();
}

void DecayCurves::set_shape(const DecayShape& shape) {
  shape_ = shape;
  factorise();
}

void DecayCurves::factorise() {
  const auto n = static_cast<Index>(times_.size());
  factor_.setZero(n, n);
  ones_.resize(n);
  decay_.resize(n);
  for (Index i = 0; i < n; ++i) {
    const double t = times_[static_cast<std::size_t>(i)];
    for (Index j = 0; j <= i; ++j)
      factor_(i, j) = shape_.spread * decay(shape_, t + times_[static_cast<std::size_t>(j)]);
    factor_(i, i) += shape_.noise;
    ones_[i] = 1.0;
    decay_[i] = decay(shape_, t);
  }
  // Positive definite but for round-off, and the noise is at least 1e-6 of what the losses vary by.
  for (const Eigen::MatrixXd covariance = factor_; !factorise_lower(factor_) && std::isfinite(shape_.noise);) {
    shape_.noise = 10.0 * std::max(shape_.noise, 1e-300);
    factor_ = covariance;
    factor_.diagonal().array() += shape_.noise;
  }
  const auto lower = factor_.triangularView<Eigen::Lower>();
  lower.solveInPlace(ones_);
  lower.solveInPlace(decay_);
}

VectorXd DecayCurves::whitened(std::span<const double> losses) const {
  const auto n = static_cast<Index>(losses.size());
  VectorXd result(n);
  for (Index i = 0; i < n; ++i) {
    double value = losses[static_cast<std::size_t>(i)];
    for (Index j = 0; j < i; ++j) value -= factor_(i, j) * result[j];
    result[i] = value / factor_(i, i);
  }
  return result;
}

DecayCurves::Sums DecayCurves::sums(std::span<const double> losses) const {
  const VectorXd y = whitened(losses);
  Sums sums;
  for (Index i = 0; i < y.size(); ++i) {
    sums.ones += square(ones_[i]);
    sums.losses += ones_[i] * y[i];
    sums.decay += ones_[i] * decay_[i];
    sums.losses_losses += square(y[i]);
    sums.losses_decay += y[i] * decay_[i];
    sums.decay_decay += square(decay_[i]);
  }
  return sums;
}

// Of the curves under a flat prior of each asymptote, with the factor c that maximises it, which stays in the
// shape.
double DecayCurves::log_density(std::span<const std::vector<double>> curves, double unit) {
  factorise();
  double value = 0.0;
  double losses_losses = 0.0;
  double losses_decay = 0.0;
  double decay_decay = 1.0 / square(kFallDeviation * unit);
  for (const std::vector<double>& curve : curves) {
    const Sums s = sums(curve);
    value -= 0.5 * std::log(s.ones);
    for (Index i = 0; i < static_cast<Index>(curve.size()); ++i) value -= std::log(factor_(i, i));
    losses_losses += s.losses_losses - s.losses * s.losses / s.ones;
    losses_decay += s.losses_decay - s.losses * s.decay / s.ones;
    decay_decay += s.decay_decay - s.decay * s.decay / s.ones;
    computed_ +=
        (square(static_cast<double>(curve.size())) + 14.0 * static_cast<double>(curve.size())) * flop;
  }
  const auto n = static_cast<double>(times_.size());
  computed_ += (n * n * n / 3.0 + 20.0 * n * n) * flop;
  shape_.fall = losses_decay / decay_decay;
  return value - 0.5 * (losses_losses - shape_.fall * losses_decay);
}

struct DecayCurves::Fit {
  DecayCurves& of;
  std::span<const std::vector<double>> curves;
  double variance = 1.0;
  std::array<double, kParameters> best = kMeans;
  double best_value = -std::numeric_limits<double>::max();

  void set(const std::array<double, kParameters>& theta) const {
    of.shape_.a = std::exp(theta[0]);
    of.shape_.b = std::exp(theta[1]);
    of.shape_.spread = std::exp(theta[2]) * variance;
    of.shape_.noise = std::exp(theta[3]) * variance;
  }
  double log_posterior(const std::array<double, kParameters>& theta) {
    set(theta);
    double value = of.log_density(curves, std::sqrt(variance));
    for (std::size_t i = 0; i < kParameters; ++i)
      value -= 0.5 * square((theta[i] - kMeans[i]) / kDeviations[i]);
    if (value > best_value) {
      best_value = value;
      best = theta;
    }
    return value;
  }
  void maximise();
};

void DecayCurves::Fit::maximise() {
  const auto objective = [](unsigned count, const double* x, double*, void* data) -> double {
    std::array<double, kParameters> theta{};
    std::copy_n(x, count, theta.begin());
    return static_cast<Fit*>(data)->log_posterior(theta);
  };
  const std::unique_ptr<nlopt_opt_s, decltype(&nlopt_destroy)> optimiser(
      nlopt_create(NLOPT_LN_NELDERMEAD, static_cast<unsigned>(kParameters)), &nlopt_destroy);
  std::array<double, kParameters> low{};
  std::array<double, kParameters> high{};
  for (std::size_t i = 0; i < kParameters; ++i) {
    low[i] = kMeans[i] - 4.0 * kDeviations[i];
    high[i] = kMeans[i] + 4.0 * kDeviations[i];
  }
  low.back() = std::log(kLeastNoise);
  nlopt_set_max_objective(optimiser.get(), objective, this);
  nlopt_set_lower_bounds(optimiser.get(), low.data());
  nlopt_set_upper_bounds(optimiser.get(), high.data());
  nlopt_set_initial_step1(optimiser.get(), 0.5);
  nlopt_set_maxeval(optimiser.get(), kEvaluations);
  nlopt_set_ftol_abs(optimiser.get(), 1e-3);  // a thousandth of a nat changes no decision
  std::array<double, kParameters> x = kMeans;
  double value = 0.0;
  // Whatever it returns, the best point that it visited counts.
  nlopt_optimize(optimiser.get(), x.data(), &value);
}

void DecayCurves::fit(std::span<const std::vector<double>> curves) {
  std::vector<std::vector<double>> telling;
  for (const std::vector<double>& losses : curves)
    if (losses.size() > 1) telling.push_back(losses);
  Fit fit{*this, telling, variance_of(curves)};
  if (!telling.empty()) fit.maximise();
  static_cast<void>(fit.log_posterior(fit.best));  // leaves shape and factor there
}

AsymptoteEvidence DecayCurves::evidence(std::span<const double> losses) const {
  const Sums s = sums(losses);
  return {(s.losses - shape_.fall * s.decay) / s.ones, 1.0 / s.ones};
}

NormalBelief DecayCurves::predict(std::span<const double> losses, std::size_t time,
                                  const NormalBelief& asymptote) const {
  const double t = times_[time];
  NormalBelief result{shape_.fall * decay(shape_, t), shape_.spread * decay(shape_, 2.0 * t)};
  const VectorXd y = whitened(losses);
  double weight = 1.0;  // of the asymptote
  for (Index i = 0; i < y.size(); ++i) {
    const double v = factor_(static_cast<Index>(time), i);  // its covariances with the losses, whitened
    result.mean += v * (y[i] - shape_.fall * decay_[i]);
    result.variance -= v * v;
    weight -= v * ones_[i];
  }
  result.mean += weight * asymptote.mean;
  result.variance = std::max(result.variance, 0.0) + weight * weight * asymptote.variance;
  return result;
}

}  // namespace tonne
