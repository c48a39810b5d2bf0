#include "search/surrogates/gaussian_process.h"

#include <gtest/gtest.h>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <cmath>
#include <vector>

// RapidCheck wants GoogleTest first.
#include <rapidcheck/gtest.h>

#include "core/random.h"

namespace tonne {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

SearchSpace mixed_space() {
  return SearchSpace({{"rate", Real{1e-5, 1e-1, Scale::log}},
                      {"layers", Integer{1, 9}},
                      {"optimiser", Categorical{{"sgd", "adam", "lamb"}}},
                      {"momentum", Real{0.0, 0.99}, Condition{2, {0}}},
                      {"schedule", Categorical{{"step", "cosine"}}, Condition{2, {0, 1}}},
                      {"width", Ordinal{{"16", "32", "64", "128"}}},
                      {"steps", Integer{1, 5}, Condition{4, {0}}}});
}

SearchSpace real_space(std::size_t dimensions) {
  std::vector<Parameter> parameters;
  for (std::size_t i = 0; i < dimensions; ++i)
    parameters.push_back({"x" + std::to_string(i), Real{0.0, 1.0}});
  return SearchSpace(std::move(parameters));
}

struct Data {
  PointSet points;
  std::vector<double> targets;
};

Data random_data(const SearchSpace& space, const PointEncoding& encoding, Index count, std::uint64_t seed) {
  Random random(seed);
  Data data;
  data.points.resize(count, encoding.columns());
  for (Index i = 0; i < count; ++i) {
    encoding.encode(space.sample(random), data.points, i);
    data.targets.push_back(std::sin(5.0 * data.points(i, 0)) + data.points(i, 1) + 0.1 * random.normal());
  }
  return data;
}

// The kernel as its definition reads, one pair at a time.
double reference_kernel(const KernelLayout& layout, const VectorXd& theta, const PointSet& a, Index i,
                        const PointSet& b, Index j) {
  double squares = 0.0;
  double hamming = 0.0;
  for (Index c = 0; c < a.columns(); ++c) {
    const auto& column = layout.columns[static_cast<std::size_t>(c)];
    const double length = std::exp(theta[static_cast<Index>(column.scale)]);
    const double difference = a(i, c) - b(j, c);
    if (column.categorical)
      hamming += difference == 0.0 ? 0.0 : 1.0 / length;
    else
      squares += difference * difference / (length * length);
  }
  const double r = std::sqrt(5.0 * squares);
  const double signal = std::exp(theta[static_cast<Index>(layout.scales)]);
  return signal * (1.0 + r + r * r / 3.0) * std::exp(-r - hamming);
}

TEST(GaussianProcess, PosteriorAgreesWithANaiveDenseComputation) {
  const SearchSpace space = mixed_space();
  const PointEncoding encoding(space);
  for (const Index count : {1, 2, 7, 50, 83}) {
    const Data data = random_data(space, encoding, count, 11);
    GaussianProcess process(encoding.layout());
    process.fit(data.points, data.targets);
    const VectorXd theta = process.hyperparameters();
    const double noise = std::exp(theta[theta.size() - 1]);

    double mean = 0.0;
    for (const double y : data.targets) mean += y / static_cast<double>(count);
    double variance = 0.0;
    for (const double y : data.targets) variance += (y - mean) * (y - mean) / static_cast<double>(count);
    const double unit = count == 1 ? 1.0 : std::sqrt(variance);
    VectorXd y(count);
    for (Index i = 0; i < count; ++i) y[i] = (data.targets[static_cast<std::size_t>(i)] - mean) / unit;
    MatrixXd k(count, count);
    for (Index i = 0; i < count; ++i)
      for (Index j = 0; j < count; ++j)
        k(i, j) = reference_kernel(encoding.layout(), theta, data.points, i, data.points, j) +
                  (i == j ? noise : 0.0);
    const MatrixXd inverse = k.inverse();
    const VectorXd ones = VectorXd::Ones(count);
    const double constant = ones.dot(inverse * y) / (ones.dot(inverse * ones) + 1.0);

    const Data test = random_data(space, encoding, 300, 12);
    BatchPrediction batch;
    process.predict(test.points, batch);
    PointPrediction single;
    for (Index t = 0; t < test.points.count(); ++t) {
      VectorXd cross(count);
      for (Index i = 0; i < count; ++i)
        cross[i] = reference_kernel(encoding.layout(), theta, data.points, i, test.points, t);
      const double expected_mean = mean + unit * (constant + cross.dot(inverse * (y - constant * ones)));
      const double expected_variance =
          unit * unit * (std::exp(theta[theta.size() - 2]) - cross.dot(inverse * cross));
      EXPECT_NEAR(batch.mean[t], expected_mean, 1e-9);
      EXPECT_NEAR(batch.variance[t], expected_variance, 1e-9);
      process.predict(test.points, t, single);
      EXPECT_NEAR(single.mean, expected_mean, 1e-9);
      EXPECT_NEAR(single.variance, expected_variance, 1e-9);
    }
  }
}

TEST(GaussianProcess, GradientOfTheLogPosteriorAgreesWithFiniteDifferences) {
  const SearchSpace space = mixed_space();
  const PointEncoding encoding(space);
  Random random(3);
  for (const Index count : {3, 30, 70}) {
    const Data data = random_data(space, encoding, count, 21);
    GaussianProcess process(encoding.layout());
    process.condition(data.points, data.targets);
    for (int trial = 0; trial < 5; ++trial) {
      VectorXd theta = process.prior_mode();
      for (Index i = 0; i < theta.size(); ++i) theta[i] += random.uniform(-1.0, 1.0);
      VectorXd gradient;
      VectorXd ignored;
      static_cast<void>(process.log_posterior(theta, gradient));
      for (Index i = 0; i < theta.size(); ++i) {
        constexpr double kStep = 1e-5;
        VectorXd up = theta;
        VectorXd down = theta;
        up[i] += kStep;
        down[i] -= kStep;
        const double slope =
            (process.log_posterior(up, ignored) - process.log_posterior(down, ignored)) / (2.0 * kStep);
        EXPECT_NEAR(gradient[i], slope, 1e-5 * (1.0 + std::abs(slope))) << "parameter " << i;
      }
    }
  }
}

TEST(GaussianProcess, TargetsMayHaveNoiseOfTheirOwn) {
  const SearchSpace space = real_space(2);
  const PointEncoding encoding(space);
  const Data data = random_data(space, encoding, 12, 31);
  // A point that has a thousand times more noise than it varies by says nothing: as if it were not there.
  std::vector<double> noise(12, 0.0);
  noise.back() = 1e6;
  GaussianProcess with(encoding.layout());
  with.fit(data.points, data.targets);
  GaussianProcess without = with;
  with.condition(data.points, data.targets, noise);
  PointSet others = data.points;
  others.truncate(11);
  without.condition(others, {data.targets.begin(), data.targets.end() - 1});
  BatchPrediction of_all;
  BatchPrediction of_others;
  with.predict(data.points, of_all);
  without.predict(data.points, of_others);
  for (Index i = 0; i < 12; ++i) {
    EXPECT_NEAR(of_all.mean[i], of_others.mean[i], 1e-4);
    EXPECT_NEAR(of_all.variance[i], of_others.variance[i], 1e-4);
  }
}

TEST(GaussianProcess, GradientWithNoiseOfTheirOwnAgreesWithFiniteDifferences) {
  const SearchSpace space = mixed_space();
  const PointEncoding encoding(space);
  const Data data = random_data(space, encoding, 30, 22);
  std::vector<double> noise;
  for (int i = 0; i < 30; ++i) noise.push_back(0.02 * i);
  GaussianProcess process(encoding.layout());
  process.condition(data.points, data.targets, noise);
  const VectorXd theta = process.prior_mode();
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

TEST(GaussianProcess, GradientOfThePredictionAgreesWithFiniteDifferences) {
  const SearchSpace space = mixed_space();
  const PointEncoding encoding(space);
  const Data data = random_data(space, encoding, 40, 31);
  GaussianProcess process(encoding.layout());
  process.fit(data.points, data.targets);
  Data test = random_data(space, encoding, 20, 32);
  PointPrediction at;
  PointPrediction up;
  PointPrediction down;
  constexpr double kStep = 1e-6;
  for (Index t = 0; t < test.points.count(); ++t) {
    process.predict(test.points, t, at);
    for (Index c = 0; c < test.points.columns(); ++c) {
      if (encoding.layout().columns[static_cast<std::size_t>(c)].categorical) {
        EXPECT_EQ(at.mean_gradient[c], 0.0);
        continue;
      }
      const double x = test.points(t, c);
      test.points(t, c) = x + kStep;
      process.predict(test.points, t, up);
      test.points(t, c) = x - kStep;
      process.predict(test.points, t, down);
      test.points(t, c) = x;
      EXPECT_NEAR(at.mean_gradient[c], (up.mean - down.mean) / (2 * kStep), 1e-6);
      EXPECT_NEAR(at.variance_gradient[c], (up.variance - down.variance) / (2 * kStep), 1e-6);
    }
  }
}

TEST(GaussianProcess, AppendingPointsEqualsConditioningOnAllOfThem) {
  const SearchSpace space = mixed_space();
  const PointEncoding encoding(space);
  const Data data = random_data(space, encoding, 130, 41);
  const Data test = random_data(space, encoding, 50, 42);
  Data part;
  part.points.resize(20, encoding.columns());
  for (Index i = 0; i < 20; ++i) part.points.copy_row(i, data.points, i);
  part.targets.assign(data.targets.begin(), data.targets.begin() + 20);

  GaussianProcess grown(encoding.layout());
  grown.fit(part.points, part.targets);
  GaussianProcess whole = grown;  // the same standardisation and hyper-parameters
  for (Index i = 20; i < data.points.count(); ++i)
    grown.append(data.points, i, data.targets[static_cast<std::size_t>(i)]);
  whole.condition(data.points, data.targets);
  BatchPrediction a;
  BatchPrediction b;
  grown.predict(test.points, a);
  whole.predict(test.points, b);
  EXPECT_LT((a.mean - b.mean).cwiseAbs().maxCoeff(), 1e-9);
  EXPECT_LT((a.variance - b.variance).cwiseAbs().maxCoeff(), 1e-9);
  EXPECT_NEAR(grown.lowest_mean(), whole.lowest_mean(), 1e-9);
}

// Of an observed point the process knows no less than its observation told: the posterior variance is at most the noise's, even
// where the signal is 10^11 times as large.
TEST(GaussianProcess, RoundOffDoesNotHideWhatTheNoiseAllowsToSee) {
  const SearchSpace space = real_space(1);
  const PointEncoding encoding(space);
  constexpr Index kCount = 60;
  PointSet points(kCount, encoding.columns());
  std::vector<double> targets;
  for (Index i = 0; i < kCount; ++i) {
    points(i, 0) = 0.5 + 1e-3 * static_cast<double>(i - 30);
    targets.push_back(std::sin(9.0 * points(i, 0)));
  }
  GaussianProcess process(encoding.layout());
  LogHyperparameters theta(3);
  theta << std::log(1.0), std::log(1000.0), std::log(1e-8);
  process.set_hyperparameters(theta);
  process.condition(points, targets);
  BatchPrediction batch;
  PointPrediction single;
  process.predict(points, batch);
  for (Index i = 0; i < kCount; ++i) {
    process.predict(points, i, single);
    EXPECT_LT(std::sqrt(batch.variance[i]), process.noise_deviation());
    EXPECT_LT(std::sqrt(single.variance), process.noise_deviation());
  }
}

// A density of targets three times as large is a third as large for each.
TEST(GaussianProcess, TheDensityIsOneOfTheTargetsInTheirOwnUnits) {
  const SearchSpace space = real_space(3);
  const PointEncoding encoding(space);
  Data data = random_data(space, encoding, 40, 43);
  GaussianProcess process(encoding.layout());
  process.fit(data.points, data.targets);
  GaussianProcess larger = process;
  for (double& target : data.targets) target = 3.0 * target + 5.0;
  larger.fit(data.points, data.targets);
  larger.set_hyperparameters(process.hyperparameters());
  EXPECT_NEAR(larger.log_posterior(), process.log_posterior() - 40.0 * std::log(3.0), 1e-8);
}

TEST(GaussianProcess, FantasiesKeepTheMeanAndShrinkTheVarianceUntilForgotten) {
  const SearchSpace space = mixed_space();
  const PointEncoding encoding(space);
  const Data data = random_data(space, encoding, 30, 51);
  const Data test = random_data(space, encoding, 40, 52);
  GaussianProcess process(encoding.layout());
  process.fit(data.points, data.targets);
  BatchPrediction before;
  BatchPrediction during;
  BatchPrediction after;
  process.predict(test.points, before);
  for (Index i = 0; i < 10; ++i) process.fantasise(test.points, i);
  process.predict(test.points, during);
  std::vector<double> means;
  process.predict_mean(test.points, means);
  for (Index i = 0; i < 40; ++i) EXPECT_NEAR(means[static_cast<std::size_t>(i)], during.mean[i], 1e-12);
  process.forget_fantasies();
  process.predict(test.points, after);
  EXPECT_LT((before.mean - during.mean).cwiseAbs().maxCoeff(), 1e-12);
  EXPECT_LT((during.variance - before.variance).maxCoeff(), 1e-12);
  for (Index i = 0; i < 10; ++i) EXPECT_LT(during.variance[i], before.variance[i]);
  EXPECT_EQ(before.variance, after.variance);
}

TEST(GaussianProcess, InterpolatesASmoothFunction) {
  const SearchSpace space = real_space(1);
  const PointEncoding encoding(space);
  Data data;
  data.points.resize(15, 1);
  for (Index i = 0; i < 15; ++i) {
    data.points(i, 0) = static_cast<double>(i) / 14.0;
    data.targets.push_back(std::sin(6.0 * data.points(i, 0)));
  }
  GaussianProcessOptions options;
  options.noise_floor = 1e-6;
  GaussianProcess process(encoding.layout(), options);
  process.fit(data.points, data.targets);
  BatchPrediction out;
  process.predict(data.points, out);
  for (Index i = 0; i < 15; ++i) EXPECT_NEAR(out.mean[i], data.targets[static_cast<std::size_t>(i)], 5e-3);
  PointSet between(14, 1);
  for (Index i = 0; i < 14; ++i) between(i, 0) = (static_cast<double>(i) + 0.5) / 14.0;
  process.predict(between, out);
  for (Index i = 0; i < 14; ++i) EXPECT_NEAR(out.mean[i], std::sin(6.0 * between(i, 0)), 2e-2);
}

TEST(GaussianProcess, LengthScalesFindTheRelevantParameter) {
  const SearchSpace space = real_space(4);
  const PointEncoding encoding(space);
  Data data = random_data(space, encoding, 60, 61);
  for (Index i = 0; i < 60; ++i)
    data.targets[static_cast<std::size_t>(i)] = std::sin(8.0 * data.points(i, 2));
  GaussianProcess process(encoding.layout());
  process.fit(data.points, data.targets);
  for (const Index irrelevant : {0, 1, 3})
    EXPECT_GT(process.hyperparameters()[irrelevant], process.hyperparameters()[2] + std::log(5.0));
}

TEST(GaussianProcess, DuplicatesAndEqualTargetsDoNotBreakTheFactorisation) {
  const SearchSpace space = real_space(2);
  const PointEncoding encoding(space);
  Data data;
  data.points.resize(60, 2);
  for (Index i = 0; i < 60; ++i) {
    data.points(i, 0) = 0.25 * static_cast<double>(i % 2);
    data.points(i, 1) = 0.5;
    data.targets.push_back(static_cast<double>(i % 2));
  }
  GaussianProcessOptions options;
  options.noise_floor = 1e-8;
  GaussianProcess process(encoding.layout(), options);
  process.fit(data.points, data.targets);
  for (Index i = 0; i < 40; ++i) process.append(data.points, 0, 0.0);
  BatchPrediction out;
  process.predict(data.points, out);
  for (Index i = 0; i < 60; ++i) {
    ASSERT_TRUE(std::isfinite(out.mean[i]));
    EXPECT_NEAR(out.mean[i], static_cast<double>(i % 2), 0.05);
    EXPECT_GT(out.variance[i], 0.0);
  }
  process.fit(data.points, std::vector<double>(60, 3.0));
  process.predict(data.points, out);
  EXPECT_NEAR(out.mean[0], 3.0, 1e-6);
}

RC_GTEST_PROP(GaussianProcess, KernelIsPositiveSemidefiniteOnMixedConditionalPoints, (std::uint64_t seed)) {
  const SearchSpace space = mixed_space();
  const PointEncoding encoding(space);
  GaussianProcess process(encoding.layout());
  Random random(seed);
  VectorXd theta = process.prior_mode();
  for (Index i = 0; i < theta.size(); ++i) theta[i] += 2.0 * random.normal();
  process.set_hyperparameters(theta);
  constexpr Index kCount = 40;
  const Data data = random_data(space, encoding, kCount, seed ^ 1U);
  MatrixXd k(kCount, kCount);
  for (Index i = 0; i < kCount; ++i)
    for (Index j = 0; j < kCount; ++j) k(i, j) = process.kernel(data.points, i, data.points, j);
  RC_ASSERT(k.isApprox(k.transpose(), 1e-14));
  const double lowest = Eigen::SelfAdjointEigenSolver<MatrixXd>(k).eigenvalues().minCoeff();
  RC_ASSERT(lowest > -1e-12 * k.trace());
}

TEST(PointEncoding, InactiveParametersAreFarFromActiveOnesAndEqualToEachOther) {
  const SearchSpace space({{"kind", Categorical{{"a", "b"}}}, {"x", Real{0.0, 1.0}, Condition{0, {0}}}});
  const PointEncoding encoding(space);
  ASSERT_EQ(encoding.columns(), 3);
  Configuration active(2);
  active.set(0, 0);
  active.set(1, 0.2);
  Configuration inactive(2);
  inactive.set(0, 1);
  PointSet points(2, encoding.columns());
  encoding.encode(active, points, 0);
  encoding.encode(inactive, points, 1);
  EXPECT_EQ(points(0, 1), 0.2);
  EXPECT_EQ(points(0, 2), 0.0);
  EXPECT_EQ(points(1, 1), 0.5);
  EXPECT_EQ(points(1, 2), 1.0);
}

// Mean and variance of 4,000 joint draws are those of the prediction, each within 5 standard errors, and two candidates at
// nearly the same place are drawn alike.
TEST(GaussianProcess, DrawsFromItsPosterior) {
  const SearchSpace space({{.name = "x", .domain = Real{0.0, 1.0}}});
  const PointEncoding encoding(space);
  GaussianProcess process(encoding.layout());
  PointSet data(4, 1);
  const std::vector<double> x = {0.1, 0.35, 0.6, 0.95};
  for (Eigen::Index i = 0; i < 4; ++i) data(i, 0) = x[static_cast<std::size_t>(i)];
  process.fit(data, {1.0, -2.0, 0.5, 3.0});
  PointSet points(4, 1);
  points(0, 0) = 0.2;
  points(1, 0) = 0.5;
  points(2, 0) = 0.8;
  points(3, 0) = 0.8001;
  BatchPrediction expected;
  process.predict(points, expected);
  constexpr int kDraws = 4000;
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(4);
  Eigen::VectorXd squares = Eigen::VectorXd::Zero(4);
  Random random(3);
  std::vector<double> draw;
  for (int k = 0; k < kDraws; ++k) {
    process.sample(points, random, draw);
    EXPECT_NEAR(draw[2], draw[3], 0.02);
    for (Eigen::Index i = 0; i < 4; ++i) {
      sum[i] += draw[static_cast<std::size_t>(i)] / kDraws;
      squares[i] += draw[static_cast<std::size_t>(i)] * draw[static_cast<std::size_t>(i)] / kDraws;
    }
  }
  for (Eigen::Index i = 0; i < 4; ++i) {
    const double variance = expected.variance[i];
    EXPECT_NEAR(sum[i], expected.mean[i], 5.0 * std::sqrt(variance / kDraws)) << i;
    EXPECT_NEAR(squares[i] - sum[i] * sum[i], variance, 5.0 * variance * std::sqrt(2.0 / kDraws)) << i;
  }
}

}  // namespace
}  // namespace tonne
