#pragma once
// The normal distribution of CMA-ES and its update: Hansen 2016, "The CMA Evolution Strategy: A Tutorial"
// (arXiv 1604.00772). Symbols and equation numbers are the tutorial's; n coordinates, population lambda.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/random.h"
#include "search/strategies/evolution/columns.h"
#include "search/strategies/evolution/symmetric_eigen.h"

namespace tonne {

/// Table 1 of the tutorial: what depends on n and lambda only.
struct CmaParameters {
  CmaParameters() = default;
  /// `active`: the worse half has negative weights (eq. 53). n may be 0: then only the weights mean anything.
  CmaParameters(std::size_t n, std::size_t lambda, bool active);

  std::size_t mu = 0;
  std::vector<double> weights;  ///< by rank; the first mu sum to 1
  double weight_sum = 0.0;
  double mu_eff = 0.0, c_sigma = 0.0, d_sigma = 0.0, c_c = 0.0, c_1 = 0.0, c_mu = 0.0;
  double chi_n = 0.0;  ///< expectation of the length of a standard normal vector

 private:
  void set_rates(double n);
  void set_weights(double n, bool active);
};

/// Whatever stands in a row beyond the n-th coordinate up to padded(n) must be zero, and stays zero.
class CmaDistribution {
 public:
  /// A sample: its coordinates, and the squared length of C^(-1/2) (x - m) / sigma under the distribution
  /// that it is told to; negative: not known.
  struct Sample {
    const double* x = nullptr;
    double squared_length = -1.0;
  };

  CmaDistribution(std::size_t n, bool active);

  /// Begins at m = `mean` (n values) with C = I.
  void begin(std::span<const double> mean, double sigma, std::size_t lambda);
  /// Brings the eigenvectors up to date, where they are due (section B.2).
  void decompose();
  /// Writes x = m + sigma B D z (eqs. 38 to 40) with z standard normal, and returns |z|^2. Shape of x:
  /// padded(n).
  double draw(Random& random, double* x);
  /// Eqs. 41 to 47 for the lambda samples, the best first. A sample that lies improbably far is shortened: of
  /// a distribution that is not the present one it may be (injection: Hansen 2011, "Injecting External
  /// Solutions Into CMA-ES", eq. 4).
  void update(std::span<const Sample> ranked);
  /// Raises the standard deviation of coordinate i to `least`.
  void keep_deviation(std::size_t i, double least);
  void set_mean(std::size_t i, double value) { m_[0][i] = value; }

  [[nodiscard]] std::size_t size() const { return n_; }
  [[nodiscard]] const CmaParameters& parameters() const { return parameters_; }
  [[nodiscard]] std::int64_t generations() const { return generations_; }
  [[nodiscard]] double mean(std::size_t i) const { return m_[0][i]; }
  [[nodiscard]] double sigma() const { return sigma_; }
  /// Standard deviation of coordinate i.
  [[nodiscard]] double deviation(std::size_t i) const;
  /// The path of C in coordinate i, p_c.
  [[nodiscard]] double path(std::size_t i) const { return p_c_[0][i]; }
  /// Standard deviation along principal axis j, and the axis (eigenvectors as of the last decompose()).
  [[nodiscard]] double axis_deviation(std::size_t j) const { return sigma_ * d_[j]; }
  [[nodiscard]] const double* axis(std::size_t j) const { return eigen_.vectors()[j]; }
  /// Floating-point operations so far.
  [[nodiscard]] double operations() const { return operations_; }

 private:
  void load(std::span<const Sample> ranked);
  void move_mean();
  void whiten(const double* y, double* result);
  [[nodiscard]] double whitened_length(const double* y);
  void adapt_covariance(double keep);

  std::size_t n_;
  bool active_;
  CmaParameters parameters_;
  Columns m_{n_, 1};
  double sigma_ = 0.0;
  Columns c_{n_, n_};  // column j holds rows j .. n - 1; what is above the diagonal is not kept
  SymmetricEigen eigen_{n_};
  std::vector<double> d_;
  Columns p_sigma_{n_, 1};
  Columns p_c_{n_, 1};
  std::int64_t generations_ = 0;
  std::int64_t decomposed_ = -1;
  double operations_ = 0.0;

  Columns y_;                           // (x - m) / sigma of the generation, by rank
  std::vector<double> squared_length_;  // of C^(-1/2) y
  std::vector<double> rank_weights_;    // times c_mu, and by eq. 46
  Columns weighted_;                    // rows of y_ times their weights
  Columns mean_step_{n_, 1};
  Columns scratch_{n_, 2};
};

}  // namespace tonne
