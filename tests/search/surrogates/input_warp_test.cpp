// A Gaussian process that bends its inputs, and the power transform of its targets, as HEBO has them.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/search_space.h"
#include "search/surrogates/gaussian_process.h"
#include "search/surrogates/output_transform.h"

namespace tonne {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

SearchSpace mixed() {
  return SearchSpace({{.name = "x", .domain = Real{0.0, 1.0}},
                      {.name = "kind", .domain = Categorical{{"a", "b", "c"}}},
                      {.name = "rate", .domain = Real{1e-4, 1.0, Scale::log}, .active_when = Condition{1, {0, 1}}}});
}

GaussianProcessOptions warping() {
  GaussianProcessOptions options;
  options.input_warp = true;
  return options;
}

struct Data {
  PointSet points;
  std::vector<double> targets;
};

Data drawn(const SearchSpace& space, const PointEncoding& encoding, Index count, std::uint64_t seed) {
  Random random(seed);
  Data data{PointSet(count, encoding.columns()), {}};
  for (Index i = 0; i < count; ++i) {
    encoding.encode(space.sample(random), data.points, i);
    data.targets.push_back(std::sin(20.0 * std::pow(data.points(i, 0), 4.0)) + 0.1 * random.normal());
  }
  return data;
}

TEST(InputWarp, KumaraswamyIsADistributionFunctionWithTheseDerivatives) {
  constexpr double kStep = 1e-7;
  EXPECT_NEAR(kumaraswamy(0.3, 1.0, 1.0).value, 0.3, 1e-15);
  EXPECT_NEAR(kumaraswamy(0.5, 2.0, 3.0).value, 1.0 - std::pow(0.75, 3.0), 1e-15);
  for (const double x : {0.01, 0.4, 0.97})
    for (const double a : {0.3, 1.0, 4.0})
      for (const double b : {0.5, 2.0}) {
        const Kumaraswamy w = kumaraswamy(x, a, b);
        const double up = std::exp(kStep);
        EXPECT_NEAR(w.by_x, (kumaraswamy(x + kStep, a, b).value - kumaraswamy(x - kStep, a, b).value) / (2 * kStep),
                    1e-5);
        EXPECT_NEAR(w.by_log_a, (kumaraswamy(x, a * up, b).value - kumaraswamy(x, a / up, b).value) / (2 * kStep),
                    1e-5);
        EXPECT_NEAR(w.by_log_b, (kumaraswamy(x, a, b * up).value - kumaraswamy(x, a, b / up).value) / (2 * kStep),
                    1e-5);
      }
}

TEST(InputWarp, GradientOfTheLogPosteriorAgreesWithFiniteDifferences) {
  const SearchSpace space = mixed();
  const PointEncoding encoding(space);
  const Data data = drawn(space, encoding, 30, 1);
  GaussianProcess process(encoding.layout(), warping());
  process.condition(data.points, data.targets);
  Random random(2);
  for (int trial = 0; trial < 5; ++trial) {
    VectorXd theta = process.prior_mode();
    ASSERT_EQ(theta.size(), 3 * 3 + 2);
    for (double& value : theta) value += random.uniform(-1.0, 1.0);
    VectorXd gradient;
    VectorXd ignored;
    static_cast<void>(process.log_posterior(theta, gradient));
    for (Index i = 0; i < theta.size(); ++i) {
      constexpr double kStep = 1e-5;
      VectorXd up = theta;
      VectorXd down = theta;
      up[i] += kStep;
      down[i] -= kStep;
      const double slope = (process.log_posterior(up, ignored) - process.log_posterior(down, ignored)) / (2.0 * kStep);
      EXPECT_NEAR(gradient[i], slope, 1e-5 * (1.0 + std::abs(slope))) << "parameter " << i;
    }
  }
}

TEST(InputWarp, GradientOfThePredictionAgreesWithFiniteDifferences) {
  const SearchSpace space = mixed();
  const PointEncoding encoding(space);
  const Data data = drawn(space, encoding, 40, 3);
  GaussianProcess process(encoding.layout(), warping());
  process.fit(data.points, data.targets);
  Data test = drawn(space, encoding, 10, 4);
  PointPrediction at;
  PointPrediction up;
  PointPrediction down;
  constexpr double kStep = 1e-6;
  for (Index t = 0; t < test.points.count(); ++t) {
    process.predict(test.points, t, at);
    const double x = test.points(t, 0);
    test.points(t, 0) = x + kStep;
    process.predict(test.points, t, up);
    test.points(t, 0) = x - kStep;
    process.predict(test.points, t, down);
    test.points(t, 0) = x;
    EXPECT_NEAR(at.mean_gradient[0], (up.mean - down.mean) / (2 * kStep), 1e-4);
    EXPECT_NEAR(at.variance_gradient[0], (up.variance - down.variance) / (2 * kStep), 1e-4);
  }
}

// A function that hardly changes on the left and fast on the right: bent inputs predict what was held out.
TEST(InputWarp, PredictsANonStationaryFunctionBetterThanStraightInputs) {
  const SearchSpace space({{.name = "x", .domain = Real{0.0, 1.0}}});
  const PointEncoding encoding(space);
  const Data data = drawn(space, encoding, 40, 5);
  const Data held_out = drawn(space, encoding, 200, 6);
  const auto error = [&](const GaussianProcessOptions& options) {
    GaussianProcess process(encoding.layout(), options);
    process.fit(data.points, data.targets);
    BatchPrediction prediction;
    process.predict(held_out.points, prediction);
    double squares = 0.0;
    for (Index i = 0; i < held_out.points.count(); ++i)
      squares += std::pow(prediction.mean[i] - held_out.targets[static_cast<std::size_t>(i)], 2.0);
    return squares;
  };
  EXPECT_LT(error(warping()), 0.8 * error({}));
}

TEST(OutputTransform, MakesLogNormalLossesNormal) {
  Random random(7);
  std::vector<double> losses;
  for (int i = 0; i < 500; ++i) losses.push_back(std::exp(1.5 * random.normal()));
  const OutputTransform transform(losses);
  EXPECT_TRUE(transform.is_box_cox());
  EXPECT_NEAR(transform.lambda(), 0.0, 0.1);
}

TEST(OutputTransform, TakesNegativeLossesAndKeepsTheirOrder) {
  Random random(8);
  std::vector<double> losses;
  for (int i = 0; i < 100; ++i) losses.push_back(std::pow(random.normal(), 3.0));
  const OutputTransform transform(losses);
  EXPECT_FALSE(transform.is_box_cox());
  std::ranges::sort(losses);
  for (std::size_t i = 1; i < losses.size(); ++i) EXPECT_LT(transform(losses[i - 1]), transform(losses[i]));
}

TEST(OutputTransform, EqualAndHugeLossesStayFinite) {
  EXPECT_EQ(OutputTransform({2.0, 2.0, 2.0})(5.0), 5.0);
  const OutputTransform huge({-1e100, 3.0, 1e100});
  EXPECT_TRUE(std::isfinite(huge(-1e100)));
  EXPECT_TRUE(std::isfinite(huge(1e100)));
}

}  // namespace
}  // namespace tonne
