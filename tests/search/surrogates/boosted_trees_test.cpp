#include "search/surrogates/boosted_trees.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/random.h"

namespace tonne {
namespace {

struct Data {
  std::vector<double> points;
  std::vector<double> y;
};

// Friedman 1991's first function of five uniform variables with standard normal noise, and five variables
// that do nothing.
Data friedman(std::size_t rows, std::uint64_t seed, double noise = 1.0) {
  Random random(seed);
  Data data;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < 10; ++j) data.points.push_back(random.uniform());
    const double* x = data.points.data() + 10 * i;
    data.y.push_back(10.0 * std::sin(3.14159265358979 * x[0] * x[1]) + 20.0 * (x[2] - 0.5) * (x[2] - 0.5) +
                     10.0 * x[3] + 5.0 * x[4] + noise * random.normal());
  }
  return data;
}

std::vector<std::uint32_t> numbers(std::size_t count) {
  return std::vector<std::uint32_t>(count, 0);
}

std::vector<double> predictions(const BoostedTrees& trees, const std::vector<double>& points,
                                std::size_t rows) {
  std::vector<double> values(rows);
  trees.predict(points, values);
  return values;
}

TEST(SmallestQuantile, IsTheInverseOfTheDistributionFunction) {
  std::vector<double> values = {5, 1, 4, 2, 3};
  for (const auto& [alpha, expected] :
       {std::pair(0.0, 1.0), {0.2, 1.0}, {0.21, 2.0}, {0.5, 3.0}, {0.8, 4.0}, {0.81, 5.0}, {1.0, 5.0}})
    EXPECT_EQ(smallest_quantile(values, alpha), expected) << alpha;
}

TEST(BinnedPoints, OneBinForEachValueWhereTheyAreFew) {
  const std::vector<double> x = {3, 1, 2, 1, 3};
  const BinnedPoints points(numbers(1), x);
  ASSERT_EQ(points.bins(0), 3U);
  EXPECT_EQ(points.threshold(0, 0), 1.5);
  EXPECT_EQ(points.threshold(0, 1), 2.5);
  EXPECT_EQ(std::vector<int>(points.column(0), points.column(0) + 5), (std::vector<int>{2, 0, 1, 0, 2}));
}

TEST(BinnedPoints, BinsHoldEquallyManyWhereValuesAreMany) {
  std::vector<double> x;
  for (int i = 0; i < 1000; ++i) x.push_back(i * i);
  const BinnedPoints points(numbers(1), x, 10);
  ASSERT_EQ(points.bins(0), 10U);
  for (int bin = 0; bin < 10; ++bin)
    EXPECT_EQ(std::count(points.column(0), points.column(0) + 1000, bin), 100);
}

// y = 1, 1, 5, 9 at x = 0..3, rate 1, two leaves: the first tree splits {1, 1} from {5, 9}, as every other
// cut leaves more squares; the second one corrects by the means of the residuals.
TEST(BoostedTrees, ASquaredLossTreeIsTheBestCutByHand) {
  const std::vector<double> x = {0, 1, 2, 3};
  const std::vector<double> y = {1, 1, 5, 9};
  const BinnedPoints points(numbers(1), x);
  BoostedTrees one({.trees = 1, .depth = 1, .rate = 1.0});
  one.fit(points, y);
  EXPECT_EQ(predictions(one, x, 4), (std::vector<double>{1, 1, 7, 7}));
  EXPECT_EQ(one.predict(std::vector<double>{1.5}.data()), 1.0);
  EXPECT_EQ(one.predict(std::vector<double>{1.51}.data()), 7.0);
  BoostedTrees half({.trees = 1, .depth = 1, .rate = 0.5});
  half.fit(points, y);
  EXPECT_EQ(predictions(half, x, 4), (std::vector<double>{2.5, 2.5, 5.5, 5.5}));
}

// The constant is the smallest 3/4-quantile, 5. Derivatives are .25 but for -.75 of the 9: it is cut off, and
// the leaves are the quantiles of the residuals: -4, -4, 0 and 4.
TEST(BoostedTrees, APinballLeafIsTheQuantileOfItsResiduals) {
  const std::vector<double> x = {0, 1, 2, 3};
  const std::vector<double> y = {1, 1, 5, 9};
  BoostedTrees trees({.loss = BoostingLoss::pinball, .quantile = 0.75, .trees = 1, .depth = 1, .rate = 1.0});
  trees.fit(BinnedPoints(numbers(1), x), y);
  EXPECT_EQ(predictions(trees, x, 4), (std::vector<double>{5, 5, 5, 9}));
}

// One Newton step from the log odds 0: -G / (H + lambda) = (2 * .5) / (2 * .25 + 1).
TEST(BoostedTrees, ALogisticLeafIsANewtonStep) {
  const std::vector<double> x = {0, 1, 2, 3};
  const std::vector<double> y = {0, 0, 1, 1};
  BoostedTrees trees(
      {.loss = BoostingLoss::logistic, .trees = 1, .depth = 1, .rate = 1.0, .l2 = 1.0, .min_child = 0.0});
  trees.fit(BinnedPoints(numbers(1), x), y);
  const auto f = predictions(trees, x, 4);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(f[i], i < 2 ? -2.0 / 3.0 : 2.0 / 3.0, 1e-15);
}

TEST(BoostedTrees, SidesKeepTheirLeastSecondDerivatives) {
  const std::vector<double> x = {0, 1, 2, 3};
  const std::vector<double> y = {1, 1, 1, 9};
  BoostedTrees trees({.trees = 1, .depth = 1, .rate = 1.0, .min_child = 2.0});
  trees.fit(BinnedPoints(numbers(1), x), y);
  EXPECT_EQ(predictions(trees, x, 4), (std::vector<double>{1, 1, 5, 5}));
}

// 70 categories, of which every third is high: one split by a subset. What was not seen goes with the most.
TEST(BoostedTrees, CategoriesSplitBySubset) {
  std::vector<double> x;
  std::vector<double> y;
  for (int c = 0; c < 69; ++c) {
    x.push_back(c);
    y.push_back(c % 3 == 0 ? 1.0 : 0.0);
  }
  BoostedTrees trees({.trees = 1, .depth = 1, .rate = 1.0});
  trees.fit(BinnedPoints({70}, x), y);
  const auto f = predictions(trees, x, y.size());
  for (std::size_t i = 0; i < y.size(); ++i) EXPECT_NEAR(f[i], y[i], 1e-12) << i;
  EXPECT_NEAR(trees.predict(std::vector<double>{69.0}.data()), 0.0, 1e-12);
}

TEST(BoostedTrees, OnePointAndManyAgree) {
  Data data = friedman(200, 1);
  for (std::size_t i = 0; i < 200; ++i) data.points[10 * i + 3] = std::floor(5.0 * data.points[10 * i + 3]);
  std::vector<std::uint32_t> categories = numbers(10);
  categories[3] = 5;
  BoostedTrees trees;
  trees.fit(BinnedPoints(categories, data.points), data.y);
  const auto f = predictions(trees, data.points, 200);
  for (std::size_t i = 0; i < 200; ++i) EXPECT_EQ(f[i], trees.predict(data.points.data() + 10 * i));
}

TEST(BoostedTrees, ConstantTargetsAndNoFeaturesGiveAConstant) {
  const Data data = friedman(50, 2);
  BoostedTrees trees;
  trees.fit(BinnedPoints(numbers(10), data.points), std::vector<double>(50, 3.0));
  EXPECT_EQ(trees.predict(data.points.data()), 3.0);
  trees.fit(BinnedPoints({}, {}), std::vector<double>{1.0, 3.0});
  EXPECT_EQ(trees.predict(nullptr), 2.0);
  std::vector<double> values(2);
  trees.predict({}, values);
  EXPECT_EQ(values, (std::vector<double>{2.0, 2.0}));
}

TEST(BoostedTrees, WorkIsCountedAndGrowsWithTheData) {
  BoostedTrees trees;
  const Data few = friedman(100, 3);
  trees.fit(BinnedPoints(numbers(10), few.points), few.y);
  const double once = trees.computed() / flop;
  EXPECT_GT(once, 100 * 100 * 10.0);
  const Data many = friedman(400, 3);
  trees.fit(BinnedPoints(numbers(10), many.points), many.y);
  EXPECT_GT(trees.computed() / flop - once, 1.2 * once);  // the bins that are passed are as many
}

// Trained on 200 points with noise: root mean squared error of the mean at new points, of the median, and the
// share of new observations below the quantile 1/6. scikit-learn 1.2's GradientBoostingRegressor with the
// same settings has 1.80, 2.00 and .26 (20 seeds, standard errors .02, .03 and .006); here 1.78, 1.93 and
// .28.
TEST(BoostedTreesQuality, IsLevelWithScikitLearn) {
  double squared = 0.0;
  double median = 0.0;
  double coverage = 0.0;
  constexpr int kSeeds = 20;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Data train = friedman(200, 100 + seed);
    const Data fresh = friedman(1000, 200 + seed, 0.0);
    const Data noisy = friedman(1000, 300 + seed);
    const BinnedPoints points(numbers(10), train.points);
    const auto error = [&](const BoostedTrees& trees) {
      const auto f = predictions(trees, fresh.points, 1000);
      double sum = 0.0;
      for (std::size_t i = 0; i < 1000; ++i) sum += (f[i] - fresh.y[i]) * (f[i] - fresh.y[i]);
      return std::sqrt(sum / 1000.0);
    };
    BoostedTrees trees;
    trees.fit(points, train.y);
    squared += error(trees) / kSeeds;
    BoostedTrees half({.loss = BoostingLoss::pinball});
    half.fit(points, train.y);
    median += error(half) / kSeeds;
    BoostedTrees low({.loss = BoostingLoss::pinball, .quantile = 1.0 / 6.0});
    low.fit(points, train.y);
    const auto f = predictions(low, noisy.points, 1000);
    for (std::size_t i = 0; i < 1000; ++i) coverage += noisy.y[i] <= f[i] ? 1.0 / (1000.0 * kSeeds) : 0.0;
  }
  EXPECT_LT(squared, 1.88);
  EXPECT_LT(median, 2.08);
  EXPECT_LT(coverage, 0.30);
}

}  // namespace
}  // namespace tonne
