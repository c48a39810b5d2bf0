#pragma once
// Conformalised quantile regression: Romano, Patterson and Candes 2019, on boosted trees, as used by Salinas,
// Golebiowski, Klein, Seeger and Archambeau 2023, "Optimizing Hyperparameters with Conformal Quantile
// Regression", ICML.

#include <cstdint>
#include <span>
#include <vector>

#include "core/random.h"
#include "core/units.h"
#include "search/surrogates/boosted_trees.h"

namespace tonne {

/// Defaults: Syne Tune's ConformalQuantileRegression.
struct ConformalOptions {
  std::size_t quantiles = 5;      ///< m, odd: of the levels 1 / (m + 1), .., m / (m + 1)
  double valid_fraction = 0.1;    ///< of the points, held out to correct the quantiles
  std::size_t least_points = 32;  ///< no points are held out, and nothing is corrected, up to this number
  BoostingOptions boosting;       ///< loss and quantile are set
};

/// Quantiles of y given x. Each pair of levels alpha and 1 - alpha is moved apart (or together) by one
/// number, such that the held-out points lie between in a share of 1 - 2 alpha of cases.
class ConformalQuantiles {
 public:
  /// Precondition: an odd number of quantiles, a fraction between 0 and 1.
  explicit ConformalQuantiles(const ConformalOptions& options);

  /// Forgets what was fitted before. `points`: rows of as many columns as `categories` (as of BinnedPoints),
  /// at least one; y: finite. The stream draws which points are held out.
  void fit(const std::vector<std::uint32_t>& categories, std::span<const double> points,
           std::span<const double> y, Random random);

  [[nodiscard]] std::size_t quantiles() const { return models_.size(); }
  [[nodiscard]] double level(std::size_t q) const { return models_[q].options().quantile; }
  /// What is added to the regression of this quantile.
  [[nodiscard]] double correction(std::size_t q) const { return corrections_[q]; }
  /// One quantile at one point.
  [[nodiscard]] double predict(std::size_t q, const double* point) const {
    return models_[q].predict(point) + corrections_[q];
  }
  /// One quantile at each row.
  void predict(std::size_t q, std::span<const double> points, std::span<double> values) const;

  /// Work of all fits so far.
  [[nodiscard]] Work computed() const;
  /// Work of predicting one quantile of one point.
  [[nodiscard]] Work prediction_work() const { return models_.front().prediction_work(); }

 private:
  void correct(std::span<const double> points, std::span<const double> y);

  ConformalOptions options_;
  std::vector<BoostedTrees> models_;
  std::vector<double> corrections_;
  Work computed_{};
};

/// The alpha-quantile by linear interpolation between order statistics (numpy's default); reorders. Not
/// empty.
[[nodiscard]] double interpolated_quantile(std::span<double> values, double alpha);

}  // namespace tonne
