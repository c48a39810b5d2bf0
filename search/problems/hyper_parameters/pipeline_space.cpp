#include "search/problems/hyper_parameters/pipeline_space.h"

#include <optional>
#include <utility>
#include <vector>

namespace tonne::pipeline {
namespace {

constexpr double kSelectingTrees = 50;  // deep ones

}  // namespace

// The default: medians, indicator columns per category, standard scales, scikit-learn's forest of 100
// trees.
SearchSpace make_space() {
  const auto when = [](std::size_t parent, std::vector<std::size_t> choices) {
    return std::optional<Condition>(Condition{parent, std::move(choices)});
  };
  return SearchSpace({
      {"imputation", Categorical{{"none", "mean", "median", "nearest", "iterative"}}, std::nullopt, 2.0},
      {"imputation_neighbours", Integer{1, 30, Scale::log}, when(kImputation, {kNearest}), 5.0},
      {"imputation_rounds", Integer{1, 20, Scale::log}, when(kImputation, {kIterative}), 10.0},
      {"missing_indicator", Categorical{{"no", "yes"}},
       when(kImputation, {kMean, kMedian, kNearest, kIterative}), 0.0},
      {"encoding", Categorical{{"ordinal", "one_hot", "target", "hash"}}, std::nullopt, 1.0},
      {"rare_share", Real{1e-4, 0.1, Scale::log}, when(kEncoding, {kOneHot}), 1e-3},
      {"smoothing", Real{0.1, 1'000.0, Scale::log}, when(kEncoding, {kTarget}), 10.0},
      {"buckets", Ordinal{{"16", "64", "256", "1024"}}, when(kEncoding, {kHash}), 2.0},
      {"scaling", Categorical{{"none", "standard", "min_max", "quantile"}}, std::nullopt, 1.0},
      {"generated", Categorical{{"none", "polynomial", "aggregates", "random"}}, std::nullopt, 0.0},
      {"degree", Ordinal{{"2", "3"}}, when(kGenerated, {kPolynomial}), 0.0},
      {"groups", Integer{1, 10}, when(kGenerated, {kAggregates}), 3.0},
      {"random_features", Integer{16, 4'096, Scale::log}, when(kGenerated, {kRandom}), 256.0},
      {"selection", Categorical{{"none", "univariate", "forest", "pca"}}, std::nullopt, 0.0},
      {"kept", Real{0.02, 1.0, Scale::log}, when(kSelection, {kUnivariate, kByForest}), 0.5},
      {"selecting_trees", Integer{10, 200, Scale::log}, when(kSelection, {kByForest}), kSelectingTrees},
      {"explained", Real{0.5, 0.999}, when(kSelection, {kPca}), 0.95},
      {"model", Categorical{{"linear", "random_forest", "gradient_boosting", "mlp", "knn"}}, std::nullopt,
       1.0},
      {"penalty", Categorical{{"l1", "l2"}}, when(kModel, {kLinear}), 1.0},
      {"regularisation", Real{1e-6, 1e2, Scale::log}, when(kModel, {kLinear}), 1.0},
      {"forest_trees", Integer{10, 1'000, Scale::log}, when(kModel, {kForest}), 100.0},
      {"forest_depth", Integer{2, 40, Scale::log}, when(kModel, {kForest}), 20.0},
      {"forest_columns", Real{0.05, 1.0, Scale::log}, when(kModel, {kForest}), 0.2},
      {"rounds", Integer{10, 2'000, Scale::log}, when(kModel, {kBoosting}), 100.0},
      {"shrinkage", Real{0.005, 1.0, Scale::log}, when(kModel, {kBoosting}), 0.1},
      {"boosting_depth", Integer{1, 12}, when(kModel, {kBoosting}), 6.0},
      {"subsample", Real{0.3, 1.0}, when(kModel, {kBoosting}), 1.0},
      {"layers", Integer{1, 4}, when(kModel, {kPerceptron}), 2.0},
      {"width", Integer{16, 1'024, Scale::log}, when(kModel, {kPerceptron}), 128.0},
      {"learning_rate", Real{1e-5, 0.3, Scale::log}, when(kModel, {kPerceptron}), 1e-3},
      {"weight_decay", Real{1e-7, 1e-1, Scale::log}, when(kModel, {kPerceptron}), 1e-4},
      {"epochs", Integer{5, 200, Scale::log}, when(kModel, {kPerceptron}), 30.0},
      {"neighbours", Integer{1, 200, Scale::log}, when(kModel, {kKnn}), 15.0},
      {"weighting", Categorical{{"uniform", "distance"}}, when(kModel, {kKnn}), 0.0},
  });
}

}  // namespace tonne::pipeline
