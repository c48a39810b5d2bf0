#include "search/surrogates/decay_curves.h"

#include <gtest/gtest.h>

#include <Eigen/LU>
#include <cmath>

#include "core/random.h"

namespace tonne {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

const std::vector<double> kTimes = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0};
constexpr DecayShape kShape = {.a = 1.4, .b = 0.25, .fall = 2.0, .spread = 0.5, .noise = 0.01};

double decay(double t) {
  return std::pow(kShape.b / (t + kShape.b), kShape.a);
}
// Swersky et al. 2014, eq. 13 and the noise.
double covariance(Index i, Index j) {
  const double t = kTimes[static_cast<std::size_t>(i)] + kTimes[static_cast<std::size_t>(j)];
  return kShape.spread * decay(t) + (i == j ? kShape.noise : 0.0);
}

// The joint normal distribution of a curve's losses and its asymptote f ~ N(mean, variance), conditioned
// densely.
struct Dense {
  MatrixXd inverse;
  VectorXd residual;
  double mean;
  double variance;

  Dense(const std::vector<double>& losses, double mean_of_f, double variance_of_f)
      : mean(mean_of_f), variance(variance_of_f) {
    const auto n = static_cast<Index>(losses.size());
    MatrixXd joint(n, n);
    residual.resize(n);
    for (Index i = 0; i < n; ++i) {
      residual[i] = losses[static_cast<std::size_t>(i)] - mean -
                    kShape.fall * decay(kTimes[static_cast<std::size_t>(i)]);
      for (Index j = 0; j < n; ++j) joint(i, j) = covariance(i, j) + variance;
    }
    inverse = joint.inverse();
  }
  [[nodiscard]] NormalBelief given(const VectorXd& cross, double prior_mean, double prior_variance) const {
    return {prior_mean + cross.dot(inverse * residual), prior_variance - cross.dot(inverse * cross)};
  }
  [[nodiscard]] NormalBelief asymptote() const {
    return given(VectorXd::Constant(residual.size(), variance), mean, variance);
  }
  [[nodiscard]] NormalBelief loss_at(Index time) const {
    VectorXd cross(residual.size());
    for (Index i = 0; i < cross.size(); ++i) cross[i] = covariance(time, i) + variance;
    const double t = kTimes[static_cast<std::size_t>(time)];
    return given(cross, mean + kShape.fall * decay(t), variance + kShape.spread * decay(2.0 * t));
  }
};

void expect_near(const NormalBelief& found, const NormalBelief& expected) {
  EXPECT_NEAR(found.mean, expected.mean, 1e-9);
  EXPECT_NEAR(found.variance, expected.variance, 1e-9);
}

// What is passed on as one observation of the asymptote loses nothing of the curve: eq. 15 to 18 of the
// paper.
TEST(DecayCurves, EvidenceAndPredictionsAreThoseOfTheJointDistribution) {
  DecayCurves curves(kTimes);
  curves.set_shape(kShape);
  for (const std::vector<double>& losses :
       {std::vector<double>{3.0}, {2.5, 2.4, 1.9}, {4.0, 3.0, 3.5, 2.0, 2.2, 1.9}}) {
    const Dense dense(losses, 1.0, 0.7);
    const AsymptoteEvidence evidence = curves.evidence(losses);
    const double variance = 1.0 / (1.0 / 0.7 + 1.0 / evidence.variance);
    const NormalBelief asymptote{variance * (1.0 / 0.7 + evidence.value / evidence.variance), variance};
    expect_near(asymptote, dense.asymptote());
    for (const std::size_t time : {losses.size(), kTimes.size() - 1})
      expect_near(curves.predict(losses, time, asymptote), dense.loss_at(static_cast<Index>(time)));
  }
}

TEST(DecayCurves, WithoutALossThePredictionIsThePrior) {
  DecayCurves curves(kTimes);
  curves.set_shape(kShape);
  expect_near(curves.predict({}, 4, {1.0, 0.3}), {1.0 + 2.0 * decay(0.5), 0.3 + 0.5 * decay(1.0)});
}

TEST(DecayCurves, TheFitForeseesTheEndBetterThanTheLastLoss) {
  Random random(3);
  std::vector<std::vector<double>> losses;
  for (int i = 0; i < 60; ++i) {
    const double asymptote = random.normal();
    const double fall = 2.0 + 0.5 * random.normal();
    std::vector<double> curve;
    for (const double t : kTimes) curve.push_back(asymptote + fall * decay(t) + 0.05 * random.normal());
    losses.push_back(curve);
  }
  DecayCurves curves(kTimes);
  curves.fit(std::span(losses).first(30));
  EXPECT_GT(curves.computed(), 1e3 * flop);
  double error = 0.0;
  double last_error = 0.0;
  for (std::size_t i = 30; i < losses.size(); ++i) {
    const auto begun = std::span(losses[i]).first(3);
    const AsymptoteEvidence evidence = curves.evidence(begun);
    const double end = curves.predict(begun, 9, {evidence.value, evidence.variance}).mean;
    error += std::abs(end - losses[i].back());
    last_error += std::abs(begun.back() - losses[i].back());
  }
  EXPECT_LT(error, 0.3 * last_error);
}

TEST(DecayCurves, CurvesOfOneLossAndEqualLossesLeaveAShape) {
  DecayCurves curves(kTimes);
  for (const std::vector<std::vector<double>>& losses :
       {std::vector<std::vector<double>>{{1.0}, {2.0}}, {{1.0, 1.0}, {1.0, 1.0, 1.0}}}) {
    curves.fit(losses);
    EXPECT_TRUE(std::isfinite(curves.evidence(losses.front()).value));
    EXPECT_GT(curves.evidence(losses.front()).variance, 0.0);
  }
}

}  // namespace
}  // namespace tonne
