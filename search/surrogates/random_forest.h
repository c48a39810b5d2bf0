#pragma once
// Random forests for regression: Breiman 2001, with the choices of SMAC (Hutter et al. 2011; 2014).

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/random.h"
#include "core/units.h"

namespace tonne {

/// Defaults: SMAC3's HyperparameterOptimizationFacade.
struct ForestOptions {
  std::size_t trees = 10;
  std::size_t min_split = 2;  ///< a node with fewer samples (bootstrap copies count) is a leaf
  std::size_t min_leaf = 1;   ///< samples that each side of a split must keep
  double features = 1.0;      ///< part of the features that a node tries, at least one
  bool bootstrap = true;      ///< each tree sees as many samples, drawn with replacement; else all of them
  /// Thresholds uniformly between the two neighbouring values, so that the forest interpolates and its
  /// variance grows with the distance from the data (Hutter, Xu, Hoos and Leyton-Brown 2014, section 4.3);
  /// else midway.
  bool random_thresholds = true;
};

/// One entry a point. The variance is the law of total variance over the trees: the mean of the variances
/// within their leaves plus the variance of their means (Hutter et al. 2014, section 4.1).
struct ForestPrediction {
  std::vector<double> mean;
  std::vector<double> variance;
};

/// A regression forest over numeric and categorical features. Points are rows of a row-major matrix. The same
/// input and stream give the same trees on every machine; predictions may run on many threads at once.
///
/// Numeric features split by `x <= t`, categorical ones by a subset of their categories: with these sorted by
/// their mean response the best subset is among the prefixes (Fisher 1958). A category that a node has not
/// seen goes either way, by a coin of the node's.
class RandomForest {
 public:
  /// `categories`: one entry a feature, 0 for a number, else the number of categories (codes 0, 1, ...).
  explicit RandomForest(std::vector<std::uint32_t> categories, const ForestOptions& options = {});

  /// Forgets what was fitted before. `points`: y.size() rows of finite values; y: at least one, each below
  /// 1e100 in magnitude. Costs O(trees features n log n) for balanced trees.
  void fit(std::span<const double> points, std::span<const double> y, Random random);

  /// Precondition: fitted. Any number of rows.
  void predict(std::span<const double> points, ForestPrediction& prediction) const;
  /// The mean of each tree's leaf, tree by tree: values[t * rows + row].
  void predict_trees(std::span<const double> points, std::vector<double>& values) const;

  /// The mean of one point of features() values, as predict() has it but for rounding; without allocation.
  [[nodiscard]] double mean(const double* point) const;

  [[nodiscard]] std::size_t features() const { return categories_.size(); }
  [[nodiscard]] std::size_t trees() const { return roots_.size(); }
  [[nodiscard]] std::size_t nodes() const { return nodes_.size(); }
  /// Work of all fits so far, counted from the samples that split searches passed.
  [[nodiscard]] Work computed() const { return computed_; }
  /// Work of predicting one point, from the mean depth of the samples' leaves.
  [[nodiscard]] Work prediction_work() const { return prediction_work_; }

 private:
  friend class ForestBuilder;
  // 16 bytes; the children stand side by side, so that a step is `left + goes_right`. A leaf has an infinite
  // threshold and is its own left child. A categorical node has kCategorical in `feature`, and instead of a
  // threshold the bits of its subset (a bit for each category that goes right) or, beyond 64 categories,
  // their place in masks_.
  struct Node {
    double threshold;
    std::uint32_t feature;
    std::uint32_t left;
  };
  struct Leaf {
    double mean;
    double variance;
  };

  static constexpr std::uint32_t kCategorical = std::uint32_t{1} << 31U;
  enum class Kinds : std::uint8_t { numbers, few_categories, many_categories };

  template <Kinds kinds, class Visit>
  void visit_leaves(std::span<const double> points, Visit&& visit) const;
  template <class Visit>
  void visit_leaves(std::span<const double> points, Visit&& visit) const;
  template <Kinds kinds>
  [[nodiscard]] double mean_of_leaves(const double* point) const;
  template <Kinds kinds>
  [[nodiscard]] std::uint32_t child(const Node& node, const double* point) const;
  [[nodiscard]] bool goes_right(const Node& node, double x) const;

  std::vector<std::uint32_t> categories_;
  ForestOptions options_;
  Kinds kinds_ = Kinds::numbers;
  std::vector<Node> nodes_;   // of all trees
  std::vector<Leaf> leaves_;  // beside nodes_; of inner nodes unused
  std::vector<std::uint32_t> roots_;
  std::vector<std::uint64_t> masks_;
  Work computed_{};
  Work prediction_work_{};
};

}  // namespace tonne
