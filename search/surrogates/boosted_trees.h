#pragma once
// Gradient-boosted trees: Friedman 2001, "Greedy Function Approximation: A Gradient Boosting Machine"; leaves
// and gains of the logistic loss by second derivatives, as in XGBoost (Chen and Guestrin 2016); splits by
// histograms.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/units.h"

namespace tonne {

/// Points with each feature cut into bins, once for all fits to them. Splits are exact where a feature has no
/// more distinct values than bins; else bins hold about equally many points. (Friedman's function, 200
/// points: 32, 64, 128 and 200 bins err by 1.77, 1.78, 1.80 and 1.82, and take time in proportion.)
class BinnedPoints {
 public:
  /// `categories`: one entry a feature, 0 for a number, else the number of categories (codes 0, 1, ..., each
  /// a bin; at most 65,536). `points`: rows of finite values, row-major.
  BinnedPoints(std::vector<std::uint32_t> categories, std::span<const double> points,
               std::size_t most_bins = 64);

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t features() const { return categories_.size(); }
  [[nodiscard]] std::size_t categories(std::size_t feature) const { return categories_[feature]; }
  [[nodiscard]] std::size_t bins(std::size_t feature) const { return bins_[feature]; }
  /// The bin of each row.
  [[nodiscard]] const std::uint16_t* column(std::size_t feature) const {
    return codes_.data() + feature * rows_;
  }
  /// Midway between a bin of a number and the next one.
  [[nodiscard]] double threshold(std::size_t feature, std::size_t bin) const {
    return thresholds_[feature][bin];
  }
  /// Work of the binning.
  [[nodiscard]] Work computed() const { return computed_; }

 private:
  void bin_numbers(std::size_t feature, std::span<const double> points, std::size_t most_bins);

  std::vector<std::uint32_t> categories_;
  std::size_t rows_ = 0;
  std::vector<std::size_t> bins_;
  std::vector<std::uint16_t> codes_;             // feature by feature
  std::vector<std::vector<double>> thresholds_;  // of each feature, bins - 1
  Work computed_{};
};

enum class BoostingLoss : std::uint8_t {
  squared,   ///< (y - f)^2 / 2
  logistic,  ///< log(1 + exp(-f)) or log(1 + exp(f)) for y = 1 or 0
  pinball,   ///< alpha (y - f) or (1 - alpha) (f - y): f is the alpha-quantile of y
};

/// Defaults: scikit-learn's GradientBoostingRegressor.
struct BoostingOptions {
  BoostingLoss loss = BoostingLoss::squared;
  double quantile = 0.5;  ///< alpha of pinball
  std::size_t trees = 100;
  std::size_t depth = 3;  ///< splits on the way to a leaf, at most
  double rate = 0.1;      ///< what a tree's leaves are multiplied by
  double l2 = 0.0;        ///< lambda: added to the second derivatives of a node
  double min_child =
      1.0;  ///< least sum of second derivatives on each side of a split; samples but for `logistic`
};

/// f(x) = constant + rate * sum over the trees. Each tree splits where the first derivatives G and second
/// derivatives H (1 but for `logistic`) gain most, G_l^2 / (H_l + lambda) + G_r^2 / (H_r + lambda) - G^2 / (H
/// + lambda), the first of equal gains. A leaf is -G / (H + lambda), or for `pinball` the smallest residual r
/// of its samples below or at which are at least a share alpha of them, which minimises their loss. Numbers
/// split by `x <= t`, categories by a subset (Fisher 1958, as in RandomForest), and those that a node has not
/// seen go with most of its samples. No draws: the same input gives the same trees on every machine.
class BoostedTrees {
 public:
  explicit BoostedTrees(const BoostingOptions& options = {}) : options_(options) {}

  /// Forgets what was fitted before. y: points.rows() finite values, at least one; 0 or 1 where `logistic`.
  void fit(const BinnedPoints& points, std::span<const double> y);

  /// f at one point (the log odds of 1 where `logistic`). Precondition: fitted.
  [[nodiscard]] double predict(const double* point) const;
  /// f at each row of a row-major matrix: one value a row.
  void predict(std::span<const double> points, std::span<double> values) const;

  [[nodiscard]] std::size_t trees() const { return roots_.size(); }
  [[nodiscard]] const BoostingOptions& options() const { return options_; }
  /// Work of all fits so far, counted from the samples and bins that split searches passed.
  [[nodiscard]] Work computed() const { return computed_; }
  /// Work of predicting one point, counted as the longest way down each tree.
  [[nodiscard]] Work prediction_work() const;

 private:
  friend class BoostedTreeBuilder;
  // 16 bytes, children side by side, as in RandomForest. A leaf has an infinite threshold and is its own left
  // child. A categorical node has kCategorical in `feature`, and instead of a threshold the place of its
  // subset in masks_ (a bit for each category that goes right).
  struct Node {
    double threshold;
    std::uint32_t feature;
    std::uint32_t left;
  };
  static constexpr std::uint32_t kCategorical = std::uint32_t{1} << 31U;

  [[nodiscard]] double start(std::span<const double> y) const;
  void differentiate(std::span<const double> y, std::span<const double> f, std::vector<double>& slopes,
                     std::vector<double>& curvatures) const;
  template <bool categories>
  [[nodiscard]] std::uint32_t step(std::uint32_t at, const double* point) const;
  template <bool categories>
  void add_trees(std::span<const double> points, std::span<double> values) const;

  BoostingOptions options_;
  std::size_t features_ = 0;
  double constant_ = 0.0;
  std::vector<Node> nodes_;     // of all trees
  std::vector<double> values_;  // beside nodes_: what a leaf adds
  std::vector<std::uint32_t> roots_;
  std::vector<std::uint64_t> masks_;
  Work computed_{};
};

/// The smallest value of which at least a share alpha of the values are at or below it (the alpha-quantile as
/// the inverse of the distribution function); reorders. Precondition: not empty.
[[nodiscard]] double smallest_quantile(std::span<double> values, double alpha);

}  // namespace tonne
