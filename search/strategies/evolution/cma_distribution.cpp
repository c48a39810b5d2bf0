#include "search/strategies/evolution/cma_distribution.h"

#include <algorithm>
#include <cmath>

#include "search/strategies/evolution/standard_normals.h"

namespace tonne {
namespace {

/// Least variance along an axis, as a share of the largest: round-off makes it negative below.
constexpr double kLeastShare = 1e-16;

}  // namespace

CmaParameters::CmaParameters(std::size_t n, std::size_t lambda, bool active)
    : mu(lambda / 2), weights(lambda) {
  for (std::size_t i = 0; i < lambda; ++i)  // eq. 49
    weights[i] = std::log((static_cast<double>(lambda) + 1.0) / 2.0) - std::log(static_cast<double>(i + 1));
  set_weights(static_cast<double>(n), active && n > 0);
}

void CmaParameters::set_weights(double n, bool active) {
  double positive = 0.0, negative = 0.0, positive_squares = 0.0, negative_squares = 0.0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    (i < mu ? positive : negative) += weights[i];
    (i < mu ? positive_squares : negative_squares) += weights[i] * weights[i];
  }
  mu_eff = positive * positive / positive_squares;
  set_rates(n);
  const double mu_eff_minus = negative_squares > 0.0 ? negative * negative / negative_squares : 0.0;
  const double alpha =  // eqs. 50 to 53
      active ? std::min({1.0 + c_1 / c_mu, 1.0 + 2.0 * mu_eff_minus / (mu_eff + 2.0),
                         (1.0 - c_1 - c_mu) / (n * c_mu)})
             : 0.0;
  weight_sum = 0.0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double negative_part = active && negative < 0.0 ? alpha * weights[i] / -negative : 0.0;
    weights[i] = i < mu ? weights[i] / positive : std::min(0.0, negative_part);
    weight_sum += weights[i];
  }
}

void CmaParameters::set_rates(double n) {
  if (n == 0.0) return;
  c_sigma = (mu_eff + 2.0) / (n + mu_eff + 5.0);
  d_sigma = 1.0 + 2.0 * std::max(0.0, std::sqrt((mu_eff - 1.0) / (n + 1.0)) - 1.0) + c_sigma;
  c_c = (4.0 + mu_eff / n) / (n + 4.0 + 2.0 * mu_eff / n);
  c_1 = 2.0 / ((n + 1.3) * (n + 1.3) + mu_eff);
  c_mu = std::min(1.0 - c_1, 2.0 * (0.25 + mu_eff + 1.0 / mu_eff - 2.0) / ((n + 2.0) * (n + 2.0) + mu_eff));
  chi_n = std::sqrt(n) * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n));
}

CmaDistribution::CmaDistribution(std::size_t n, bool active) : n_(n), active_(active), d_(n, 1.0) {}

void CmaDistribution::begin(std::span<const double> mean, double sigma, std::size_t lambda) {
  if (parameters_.weights.size() != lambda) {
    parameters_ = CmaParameters(n_, lambda, active_);
    y_ = Columns(n_, lambda);
    weighted_ = Columns(n_, lambda);
    squared_length_.resize(lambda);
    rank_weights_.resize(lambda);
  }
  sigma_ = sigma;
  for (std::size_t i = 0; i < n_; ++i) m_[0][i] = mean[i];
  c_ = Columns(n_, n_);
  for (std::size_t i = 0; i < n_; ++i) c_[i][i] = 1.0;
  p_sigma_ = Columns(n_, 1);
  p_c_ = Columns(n_, 1);
  generations_ = 0;
  decomposed_ = -1;
}

void CmaDistribution::decompose() {
  const double n = static_cast<double>(n_);
  const double patience = 1.0 / ((parameters_.c_1 + parameters_.c_mu) * n * 10.0);
  const bool first = decomposed_ < 0;
  if (generations_ == decomposed_ || (!first && static_cast<double>(generations_ - decomposed_) < patience))
    return;
  decomposed_ = generations_;
  eigen_.compute(c_);
  operations_ += 9.0 * n * n * n;
  double largest = 0.0;
  for (const double value : eigen_.values()) largest = std::max(largest, value);
  for (std::size_t j = 0; j < n_; ++j) d_[j] = std::sqrt(std::max(eigen_.values()[j], kLeastShare * largest));
}

double CmaDistribution::draw(Random& random, double* x) {
  const std::size_t count = c_.stride();
  double* const y = scratch_[0];
  double* const z = scratch_[1];
  draw_normals(random, z, n_);
  double squared = 0.0;
  for (std::size_t j = 0; j < n_; ++j) {
    squared += z[j] * z[j];
    z[j] *= d_[j];
  }
  std::fill(y, y + count, 0.0);
  add_combination(y, z, 1, eigen_.vectors()[0], count, n_, count);
  std::copy(m_[0], m_[0] + count, x);
  add_scaled(x, sigma_, y, count);
  operations_ += 2.0 * static_cast<double>(n_ * n_);
  return squared;
}

double CmaDistribution::deviation(std::size_t i) const {
  return sigma_ * std::sqrt(c_[i][i]);
}

void CmaDistribution::keep_deviation(std::size_t i, double least) {
  c_[i][i] = std::max(c_[i][i], least / sigma_ * (least / sigma_));
}

// D^(-1) B^T y
void CmaDistribution::whiten(const double* y, double* result) {
  for (std::size_t j = 0; j < n_; ++j) result[j] = dot(eigen_.vectors()[j], y, c_.stride()) / d_[j];
}

double CmaDistribution::whitened_length(const double* y) {
  whiten(y, scratch_[0]);
  return squared_norm(scratch_[0], c_.stride());
}

void CmaDistribution::load(std::span<const Sample> ranked) {
  const double n = static_cast<double>(n_);
  const double longest = std::sqrt(n) + 2.0 * n / (n + 2.0);
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    double* const y = y_[i];
    std::copy(ranked[i].x, ranked[i].x + c_.stride(), y);
    add_scaled(y, -1.0, m_[0], c_.stride());
    scale(y, 1.0 / sigma_, c_.stride());
    double squared = ranked[i].squared_length;
    if (squared < 0.0) squared = whitened_length(y);
    if (squared > longest * longest) {
      scale(y, longest / std::sqrt(squared), c_.stride());
      squared = longest * longest;
    }
    squared_length_[i] = squared;
  }
}

void CmaDistribution::move_mean() {  // eqs. 41, 42
  double* const step = mean_step_[0];
  std::fill(step, step + c_.stride(), 0.0);
  add_combination(step, parameters_.weights.data(), 1, y_[0], c_.stride(), parameters_.mu, c_.stride());
  add_scaled(m_[0], sigma_, step, c_.stride());
}

void CmaDistribution::update(std::span<const Sample> ranked) {
  if (n_ == 0) {
    ++generations_;
    return;
  }
  const CmaParameters& p = parameters_;
  const double n = static_cast<double>(n_);
  const std::size_t count = c_.stride();
  load(ranked);
  move_mean();
  ++generations_;
  double* const whitened = scratch_[0];
  whiten(mean_step_[0], whitened);
  scale(p_sigma_[0], 1.0 - p.c_sigma, count);  // 43
  const double sigma_gain = std::sqrt(p.c_sigma * (2.0 - p.c_sigma) * p.mu_eff);
  scale(whitened, sigma_gain, count);
  add_combination(p_sigma_[0], whitened, 1, eigen_.vectors()[0], count, n_, count);
  const double decay = 1.0 - std::pow(1.0 - p.c_sigma, 2.0 * static_cast<double>(generations_));
  const double length = std::sqrt(squared_norm(p_sigma_[0], count));
  const bool h_sigma = length / std::sqrt(decay) < (1.4 + 2.0 / (n + 1.0)) * p.chi_n;
  scale(p_c_[0], 1.0 - p.c_c, count);  // 45
  if (h_sigma) add_scaled(p_c_[0], std::sqrt(p.c_c * (2.0 - p.c_c) * p.mu_eff), mean_step_[0], count);
  const double delta = h_sigma ? 0.0 : p.c_c * (2.0 - p.c_c);
  adapt_covariance(1.0 + p.c_1 * delta - p.c_1 - p.c_mu * p.weight_sum);
  // Without restarts a search goes on after it has converged: its step must not fall until 1 / sigma overflows.
  constexpr double kLeastSigma = 1e-100;
  sigma_ *= std::exp(std::min(1.0, p.c_sigma / p.d_sigma * (length / p.chi_n - 1.0)));  // 44
  sigma_ = std::max(sigma_, kLeastSigma);
  operations_ += static_cast<double>(ranked.size()) * 2.0 * n * n + 6.0 * n * n;
}

void CmaDistribution::adapt_covariance(double keep) {
  const double n = static_cast<double>(n_);
  std::size_t counting = 0;  // samples with a weight: without negative weights the better half
  for (std::size_t i = 0; i < rank_weights_.size(); ++i) {
    // 46: a long step must not shrink the distribution more than a short one.
    const double w = parameters_.weights[i];
    rank_weights_[i] = parameters_.c_mu * (w >= 0.0 ? w : w * n / std::max(squared_length_[i], 1e-300));
    if (rank_weights_[i] == 0.0) continue;
    std::copy(y_[i], y_[i] + y_.stride(), y_[counting]);
    std::copy(y_[i], y_[i] + y_.stride(), weighted_[counting]);
    scale(weighted_[counting++], rank_weights_[i], weighted_.stride());
  }
  for (std::size_t j = 0; j < n_; ++j) {  // 47
    const std::size_t from = j / kLaneCount * kLaneCount;
    const std::size_t count = c_.stride() - from;
    double* const column = c_[j] + from;
    scale(column, keep, count);
    add_scaled(column, parameters_.c_1 * p_c_[0][j], p_c_[0] + from, count);
    add_combination(column, weighted_[0] + j, c_.stride(), y_[0] + from, c_.stride(), counting, count);
  }
}

}  // namespace tonne
