#include "search/surrogates/forest_encoding.h"
#include "search/surrogates/random_forest.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace tonne {
namespace {

struct Data {
  std::vector<double> points;
  std::vector<double> y;
};

// Friedman 1991's first function of five uniform variables, and further ones that do nothing.
Data friedman(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  Random random(seed);
  Data data;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) data.points.push_back(random.uniform());
    const double* x = data.points.data() + i * columns;
    data.y.push_back(10.0 * std::sin(3.14159265358979 * x[0] * x[1]) + 20.0 * (x[2] - 0.5) * (x[2] - 0.5) +
                     10.0 * x[3] + 5.0 * x[4]);
  }
  return data;
}

ForestPrediction predict(const RandomForest& forest, const std::vector<double>& points) {
  ForestPrediction prediction;
  forest.predict(points, prediction);
  return prediction;
}

TEST(RandomForest, WithoutBootstrapItGoesThroughItsData) {
  const Data data = friedman(300, 5, 1);
  RandomForest forest(std::vector<std::uint32_t>(5, 0), {.bootstrap = false});
  forest.fit(data.points, data.y, Random(2));
  const ForestPrediction prediction = predict(forest, data.points);
  for (std::size_t i = 0; i < data.y.size(); ++i) {
    EXPECT_NEAR(prediction.mean[i], data.y[i], 1e-12);
    EXPECT_NEAR(prediction.variance[i], 0.0, 1e-10);
  }
}

// A tree of n distinct responses has n leaves and n - 1 inner nodes.
TEST(RandomForest, GrowsUntilEveryLeafIsPure) {
  const Data data = friedman(100, 5, 3);
  RandomForest forest(std::vector<std::uint32_t>(5, 0), {.trees = 3, .bootstrap = false});
  forest.fit(data.points, data.y, Random(4));
  EXPECT_EQ(forest.trees(), 3U);
  EXPECT_EQ(forest.nodes(), 3U * (2U * 100U - 1U));
}

TEST(RandomForest, LeavesKeepTheirLeastSize) {
  const Data data = friedman(64, 5, 5);
  RandomForest forest(std::vector<std::uint32_t>(5, 0), {.trees = 1, .min_leaf = 20, .bootstrap = false});
  forest.fit(data.points, data.y, Random(6));
  EXPECT_LE(forest.nodes(), 5U);  // three leaves of 64 samples
  EXPECT_GE(forest.nodes(), 3U);
  RandomForest stump(std::vector<std::uint32_t>(5, 0), {.trees = 1, .min_split = 65, .bootstrap = false});
  stump.fit(data.points, data.y, Random(6));
  EXPECT_EQ(stump.nodes(), 1U);
}

// Worked by hand: 0, 0, 10, 12 at 1, 2, 3, 4. The residuals are least when {0, 0} part from {10, 12}; then 10
// from 12.
TEST(RandomForest, SplitsWhereTheResidualsAreLeast) {
  const std::vector<double> points = {1.0, 2.0, 3.0, 4.0};
  const std::vector<double> y = {0.0, 0.0, 10.0, 12.0};
  RandomForest forest({0}, {.trees = 1, .bootstrap = false, .random_thresholds = false});
  forest.fit(points, y, Random(7));
  EXPECT_EQ(forest.nodes(), 5U);
  const auto mean = predict(forest, {-100.0, 2.49, 2.51, 3.49, 3.51, 100.0}).mean;
  EXPECT_EQ(mean[0], mean[1]);
  EXPECT_NEAR(mean[1], 0.0, 1e-12);
  EXPECT_NEAR(mean[2], 10.0, 1e-12);
  EXPECT_EQ(mean[2], mean[3]);
  EXPECT_NEAR(mean[4], 12.0, 1e-12);
  EXPECT_EQ(mean[4], mean[5]);
}

// The law of total variance, worked by hand: one leaf with 1, 2, 3, 6 has mean 3 and variance 3.5.
TEST(RandomForest, VarianceWithinALeafCounts) {
  RandomForest forest({0}, {.trees = 4, .min_split = 5, .bootstrap = false});
  forest.fit(std::vector{1.0, 2.0, 3.0, 4.0}, std::vector{1.0, 2.0, 3.0, 6.0}, Random(8));
  const ForestPrediction prediction = predict(forest, {0.0, 9.0});
  EXPECT_NEAR(prediction.mean[1], 3.0, 1e-12);
  EXPECT_NEAR(prediction.variance[1], 3.5, 1e-12);
}

TEST(RandomForest, MeanAndVarianceAreThoseOfTheTrees) {
  const Data data = friedman(200, 6, 9);
  const Data other = friedman(37, 6, 10);
  RandomForest forest(std::vector<std::uint32_t>(6, 0));
  forest.fit(data.points, data.y, Random(11));
  std::vector<double> trees;
  forest.predict_trees(other.points, trees);
  const ForestPrediction prediction = predict(forest, other.points);
  for (std::size_t i = 0; i < 37; ++i) {
    double mean = 0.0;
    double square = 0.0;
    for (std::size_t t = 0; t < 10; ++t) {
      mean += trees[t * 37 + i] / 10.0;
      square += trees[t * 37 + i] * trees[t * 37 + i] / 10.0;
    }
    EXPECT_NEAR(prediction.mean[i], mean, 1e-10);
    EXPECT_NEAR(forest.mean(&other.points[i * 6]), mean, 1e-10);
    EXPECT_NEAR(prediction.variance[i], square - mean * mean, 1e-8);
  }
}

// Uniform thresholds make the mean of many trees a straight line between two points, and the variance largest
// between.
TEST(RandomForest, InterpolatesByRandomThresholds) {
  RandomForest forest({0}, {.trees = 20000, .bootstrap = false});
  forest.fit(std::vector{0.0, 1.0}, std::vector{0.0, 1.0}, Random(12));
  const ForestPrediction prediction = predict(forest, {0.1, 0.5, 0.9});
  // Binomial proportions of 20,000 trees: four standard errors are 0.014.
  EXPECT_NEAR(prediction.mean[0], 0.1, 0.014);
  EXPECT_NEAR(prediction.mean[1], 0.5, 0.014);
  EXPECT_NEAR(prediction.mean[2], 0.9, 0.014);
  EXPECT_GT(prediction.variance[1], prediction.variance[0]);
  EXPECT_GT(prediction.variance[1], prediction.variance[2]);
}

// Categories 0, 2 and 69 (beyond one word of bits) have the response 1, all others 0: one subset split says
// that.
TEST(RandomForest, OneSplitSeparatesASubsetOfCategories) {
  std::vector<double> points;
  std::vector<double> y;
  const auto is_in = [](std::uint32_t c) { return c == 0 || c == 2 || c == 69; };
  for (std::uint32_t c = 0; c < 70; ++c) {
    points.push_back(c);
    y.push_back(is_in(c) ? 1.0 : 0.0);
  }
  RandomForest forest({70}, {.trees = 1, .bootstrap = false});
  forest.fit(points, y, Random(13));
  EXPECT_EQ(forest.nodes(), 3U);
  const auto mean = predict(forest, points).mean;
  for (std::uint32_t c = 0; c < 70; ++c) EXPECT_NEAR(mean[c], is_in(c) ? 1.0 : 0.0, 1e-12);
}

// A category that no sample has goes either way: of 400 trees between 150 and 250 (five standard errors)
// each.
TEST(RandomForest, UnseenCategoriesGoEitherWay) {
  RandomForest forest({3}, {.trees = 400, .bootstrap = false});
  forest.fit(std::vector{0.0, 2.0}, std::vector{0.0, 1.0}, Random(14));
  EXPECT_NEAR(predict(forest, {1.0}).mean[0], 0.5, 0.125);
}

// scikit-learn's RandomForestRegressor reaches R^2 of .8 to .9 here with 10 trees; the mean is 0, a broken
// tree below .5.
TEST(RandomForest, GeneralisesOnFriedmansFunction) {
  const Data train = friedman(1000, 10, 15);
  const Data test = friedman(1000, 10, 16);
  RandomForest forest(std::vector<std::uint32_t>(10, 0));
  forest.fit(train.points, train.y, Random(17));
  const ForestPrediction prediction = predict(forest, test.points);
  double mean = 0.0;
  for (const double y : test.y) mean += y / 1000.0;
  double residual = 0.0;
  double total = 0.0;
  for (std::size_t i = 0; i < 1000; ++i) {
    residual += (prediction.mean[i] - test.y[i]) * (prediction.mean[i] - test.y[i]);
    total += (test.y[i] - mean) * (test.y[i] - mean);
  }
  EXPECT_GT(1.0 - residual / total, 0.85);
}

TEST(RandomForest, IsTheSameForTheSameStreamAndDiffersForAnother) {
  const Data data = friedman(100, 5, 18);
  const auto means = [&](std::uint64_t seed) {
    RandomForest forest(std::vector<std::uint32_t>(5, 0), {.features = 0.5});
    forest.fit(data.points, data.y, Random(seed));
    return predict(forest, data.points).mean;
  };
  EXPECT_EQ(means(1), means(1));
  EXPECT_NE(means(1), means(2));
}

TEST(ForestEncoding, InactiveParametersHaveValuesOfTheirOwn) {
  const SearchSpace space({
      {.name = "kind", .domain = Categorical{{"a", "b"}}},
      {.name = "x", .domain = Real{0.0, 10.0}, .active_when = Condition{0, {0}}},
      {.name = "how", .domain = Categorical{{"p", "q", "r"}}, .active_when = Condition{0, {1}}},
      {.name = "fixed", .domain = Integer{3, 3}},
  });
  const ForestEncoding encoding(space);
  EXPECT_EQ(encoding.categories(), (std::vector<std::uint32_t>{2, 0, 4}));
  Configuration a(4);
  a.set(0, 0);
  a.set(1, 2.5);
  a.set(3, 3);
  std::vector<double> row(3);
  encoding.encode(a, row.data());
  EXPECT_EQ(row, (std::vector{0.0, 0.25, 3.0}));
  Configuration b(4);
  b.set(0, 1);
  b.set(2, 2);
  b.set(3, 3);
  encoding.encode(b, row.data());
  EXPECT_EQ(row, (std::vector{1.0, -1.0, 2.0}));
}

}  // namespace
}  // namespace tonne
