#include "search/surrogates/best_scores.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "core/random.h"
#include "search/surrogates/acquisition.h"
#include "search/surrogates/acquisition_search.h"
#include "search/surrogates/matern_row.h"

namespace tonne {
namespace {

using Eigen::Index;

SearchSpace reals(std::size_t dimensions) {
  std::vector<Parameter> parameters;
  for (std::size_t i = 0; i < dimensions; ++i) parameters.push_back({"x" + std::to_string(i), Real{0.0, 1.0}});
  return SearchSpace(std::move(parameters));
}

SearchSpace cells() {
  std::vector<Parameter> parameters;
  for (int i = 0; i < 6; ++i)
    parameters.push_back({"edge" + std::to_string(i), Categorical{{"none", "skip", "conv1", "conv3", "pool"}}});
  return SearchSpace(std::move(parameters));
}

SearchSpace mixed() {
  return SearchSpace({{"rate", Real{1e-5, 1e-1, Scale::log}},
                      {"layers", Integer{1, 9}},
                      {"optimiser", Categorical{{"sgd", "adam", "lamb"}}},
                      {"momentum", Real{0.0, 0.99}, Condition{2, {0}}}});
}

PointSet draw(const SearchSpace& space, const PointEncoding& encoding, Index count, Random random) {
  PointSet points(count, encoding.columns());
  for (Index i = 0; i < count; ++i) encoding.encode(space.sample(random), points, i);
  return points;
}

// All that counts has the bits that predict() leads to, whatever the sizes: they decide how products are grouped.
void expect_same_best(const SearchSpace& space, Index observed, Index count, std::size_t most, bool floor) {
  SCOPED_TRACE(std::to_string(observed) + " observations, " + std::to_string(count) + " candidates");
  const PointEncoding encoding(space);
  const PointSet points = draw(space, encoding, observed, Random(1));
  const PointSet candidates = draw(space, encoding, count, Random(2));
  std::vector<double> targets;
  Random noise(3);
  for (Index i = 0; i < observed; ++i) targets.push_back(std::sin(5.0 * points(i, 0)) + 0.1 * noise.normal());
  GaussianProcess process(encoding.layout());
  process.condition(points, targets);
  process.fantasise(candidates, 0);

  const double best = process.lowest_mean();
  const auto score = [&](double mean, double variance) {
    return log_expected_improvement(mean, std::sqrt(variance), best);
  };
  BatchPrediction all;
  process.predict(candidates, all);
  std::vector<double> expected;
  for (Index i = 0; i < count; ++i) expected.push_back(score(all.mean[i], all.variance[i]));
  std::vector<double> sorted = expected;
  std::ranges::sort(sorted, std::greater<>());
  const double least = floor ? sorted[sorted.size() / 2] : kPassedOver;

  BatchPrediction scratch;
  std::vector<double> scores;
  score_best_of(process, candidates, most, least, score, scratch, scores);
  const double mark = std::max(sorted[std::min(most, sorted.size()) - 1], least);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (scores[i] == kPassedOver) {
      EXPECT_LE(expected[i], mark) << i;
      EXPECT_TRUE(expected[i] < mark || floor) << i;
    } else {
      EXPECT_EQ(scores[i], expected[i]) << i;
    }
  }
}

TEST(BestScores, AreThoseOfAllPoints) {
  for (const SearchSpace& space : {reals(2), reals(6), cells(), mixed()})
    for (const Index observed : {1, 3, 14, 37, 62, 101})
      for (const Index count : {1, 7, 24, 255, 258, 600}) {
        expect_same_best(space, observed, count, 10, false);
        expect_same_best(space, observed, count, 1, true);
      }
}

TEST(BestScores, PassOverMostPoints) {
  const SearchSpace space = cells();
  const PointEncoding encoding(space);
  const PointSet points = draw(space, encoding, 100, Random(1));
  std::vector<double> targets;
  for (Index i = 0; i < 100; ++i) targets.push_back(points(i, 0) + 0.5 * points(i, 1));
  GaussianProcess process(encoding.layout());
  process.fit(points, targets);
  const double best = process.lowest_mean();
  BatchPrediction scratch;
  std::vector<double> scores;
  score_best_of(process, draw(space, encoding, 2304, Random(2)), 10, kPassedOver,
                [&](double mean, double variance) { return log_expected_improvement(mean, std::sqrt(variance), best); },
                scratch, scores);
  EXPECT_GT(std::ranges::count(scores, kPassedOver), 1200);
}

TEST(BestScores, ABoundIsNoLessThanTheVariance) {
  const SearchSpace space = reals(3);
  const PointEncoding encoding(space);
  const PointSet points = draw(space, encoding, 60, Random(1));
  const PointSet candidates = draw(space, encoding, 200, Random(2));
  const std::vector<double> targets(60, 1.0);
  std::vector<double> own_noise(60, 0.0);
  own_noise[7] = 2.0;
  GaussianProcess process(encoding.layout());
  process.condition(points, targets, own_noise);
  BatchPrediction exact;
  process.predict(candidates, exact);
  BatchPrediction bounds;
  process.predict_bounds(candidates, 0, 200, bounds);
  const Eigen::VectorXd loose = bounds.variance;
  std::vector<Index> places(200);
  std::iota(places.begin(), places.end(), Index{0});
  process.tighten_bounds(places, bounds);
  for (Index j = 0; j < 200; ++j) {
    EXPECT_EQ(bounds.mean[j], exact.mean[j]);
    EXPECT_LE(exact.variance[j], bounds.variance[j]);
    EXPECT_LE(bounds.variance[j], loose[j]);
  }
}

TEST(BestScores, CategoriesHaveTheKernelOfTheirDefinition) {
  const SearchSpace space = cells();
  const PointEncoding encoding(space);
  const PointSet points = draw(space, encoding, 45, Random(1));
  const PointSet others = draw(space, encoding, 9, Random(2));
  CategoryTable table(encoding.layout());
  table.take(points);
  ASSERT_TRUE(table.usable());
  Eigen::VectorXd inverse_scale(6);
  inverse_scale << 0.3, 1.7, 0.01, 2.2, 0.9, 0.45;
  const Eigen::ArrayXd values = table.values(inverse_scale, 1.3);
  KernelRow row(48);
  Eigen::ArrayXd looked_up(48);
  for (Index j = 0; j < 9; ++j) {
    row.compute(encoding.layout(), inverse_scale, points, 0, 48, others, j);
    table.look_up(values, others, j, 0, 48, looked_up.data());
    for (Index i = 0; i < 45; ++i) EXPECT_EQ(looked_up[i], 1.3 * row.decay[i]) << i;
  }
}

TEST(BestScores, CategoriesBeyondAByteAreComputed) {
  std::vector<std::string> names;
  for (int i = 0; i < 400; ++i) names.push_back("c" + std::to_string(i));
  const SearchSpace space({{"many", Categorical{names}}, {"few", Categorical{{"a", "b"}}}});
  const PointEncoding encoding(space);
  CategoryTable table(encoding.layout());
  table.take(draw(space, encoding, 60, Random(1)));
  EXPECT_FALSE(table.usable());
  expect_same_best(space, 40, 300, 10, false);
}

// Beyond 256 points one pass serves both products; the values are the same but for round-off.
TEST(BestScores, OnePassGivesTheSamePosterior) {
  const SearchSpace space = reals(4);
  const PointEncoding encoding(space);
  const PointSet points = draw(space, encoding, 261, Random(1));
  std::vector<double> targets;
  for (Index i = 0; i < 261; ++i) targets.push_back(std::sin(5.0 * points(i, 0)) + points(i, 1));
  GaussianProcess process(encoding.layout());
  process.condition(points, targets);
  const PointSet more = draw(space, encoding, 3, Random(5));
  process.append(more, 0, 0.5);
  const PointSet candidates = draw(space, encoding, 20, Random(2));
  BatchPrediction batch;
  process.predict(candidates, batch);
  for (Index j = 0; j < candidates.count(); ++j) {
    PointPrediction point;
    process.predict(candidates, j, point);
    EXPECT_NEAR(point.mean, batch.mean[j], 1e-9);
    EXPECT_NEAR(point.variance, batch.variance[j], 1e-9);
    constexpr double kStep = 1e-5;
    PointSet shifted(2, candidates.columns());
    for (Index i = 0; i < 2; ++i) shifted.copy_row(i, candidates, j);
    shifted(0, 1) -= kStep;
    shifted(1, 1) += kStep;
    BatchPrediction beside;
    process.predict(shifted, beside);
    EXPECT_NEAR(point.variance_gradient[1], (beside.variance[1] - beside.variance[0]) / (2.0 * kStep), 1e-5);
  }
}

}  // namespace
}  // namespace tonne
