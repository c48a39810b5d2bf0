#include "search/surrogates/min_value_entropy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace tonne {
namespace {

double log_information(double mean, double deviation, double minimum) {
  return log_minimum_information(mean, deviation, std::array{minimum}).value;
}

// Entropy of N(0, 1) less that of N(0, 1) above -g, both by quadrature.
double entropy_lost(double g) {
  const auto density = [](double z) { return std::exp(-0.5 * z * z) / std::sqrt(2.0 * std::numbers::pi); };
  constexpr double kStep = 1e-4;
  double mass = 0.0;
  double sum = 0.0;
  for (double z = -g + 0.5 * kStep; z < 10.0; z += kStep) {
    mass += kStep * density(z);
    sum += kStep * density(z) * std::log(density(z));
  }
  const double truncated = std::log(mass) - sum / mass;
  return 0.5 * std::log(2.0 * std::numbers::pi * std::numbers::e) - truncated;
}

TEST(MinimumInformation, IsTheEntropyThatTheMinimumTakesAway) {
  for (const double g : {-3.0, -1.0, 0.0, 0.5, 2.0, 3.5})
    EXPECT_NEAR(std::exp(log_information(g, 1.0, 0.0)), entropy_lost(g), 1e-6) << g;
}

TEST(MinimumInformation, DependsOnTheDistanceInDeviations) {
  EXPECT_DOUBLE_EQ(log_information(1.5, 1.0, 0.5), log_information(12.0, 2.0, 10.0));
}

TEST(MinimumInformation, IsAMeanOverTheMinima) {
  const double mean =
      0.5 * (std::exp(log_information(1.0, 1.0, 0.0)) + std::exp(log_information(1.0, 1.0, -2.0)));
  EXPECT_NEAR(log_minimum_information(1.0, 1.0, std::array{0.0, -2.0}).value, std::log(mean), 1e-14);
}

TEST(MinimumInformation, IsFiniteAndFallsFarFromTheMinimum) {
  double last = log_information(-30.0, 1.0, 0.0);
  for (double g = -29.9; g < 60.0; g += 0.1) {
    const double value = log_information(g, 1.0, 0.0);
    EXPECT_LT(value, last) << g;
    last = value;
  }
  EXPECT_TRUE(std::isfinite(log_information(1e6, 1.0, 0.0)));
}

TEST(MinimumInformation, GradientAgreesWithFiniteDifferences) {
  const std::array minima{0.0, -0.7, -0.1};
  for (const double deviation : {0.01, 0.5, 3.0})
    for (double g = -6.0; g <= 30.0; g += 0.3) {
      const double mean = g * deviation;
      const AcquisitionValue at = log_minimum_information(mean, deviation, minima);
      const double step = 1e-5 * deviation;
      const double by_mean = (log_minimum_information(mean + step, deviation, minima).value -
                              log_minimum_information(mean - step, deviation, minima).value) /
                             (2.0 * step);
      const double by_deviation = (log_minimum_information(mean, deviation + step, minima).value -
                                   log_minimum_information(mean, deviation - step, minima).value) /
                                  (2.0 * step);
      EXPECT_NEAR(at.by_mean, by_mean, 1e-4 * (1.0 / deviation + std::abs(by_mean))) << g;
      EXPECT_NEAR(at.by_deviation, by_deviation, 1e-4 * (1.0 / deviation + std::abs(by_deviation))) << g;
    }
}

// Two hundred independent values, whose minimum has the distribution 1 - prod Phi((mean - y) / deviation). A
// Gumbel distribution is not quite of that form, but agrees with it at the quartiles.
TEST(SampleMinimum, HasTheQuartilesOfTheMinimum) {
  BatchPrediction points;
  points.mean.resize(200);
  points.variance.resize(200);
  for (Eigen::Index i = 0; i < 200; ++i) {
    points.mean[i] = 0.01 * static_cast<double>(i);
    points.variance[i] = i % 2 == 0 ? 1.0 : 0.25;
  }
  constexpr std::size_t kDraws = 8000;
  Random random(1);
  std::vector<double> drawn = sample_minimum(points, 100.0, kDraws, random);
  std::vector<double> minima(kDraws, 1e9);
  for (double& minimum : minima)
    for (Eigen::Index i = 0; i < 200; ++i)
      minimum = std::min(minimum, points.mean[i] + std::sqrt(points.variance[i]) * random.normal());
  std::ranges::sort(drawn);
  std::ranges::sort(minima);
  for (const std::size_t q : {1U, 2U, 3U})
    EXPECT_NEAR(drawn[q * kDraws / 4], minima[q * kDraws / 4], 0.04) << q;
}

TEST(SampleMinimum, IsNeverAboveWhatIsReached) {
  BatchPrediction points;
  points.mean.setConstant(5, 1.0);
  points.variance.setConstant(5, 1.0);
  Random random(2);
  const std::vector<double> drawn = sample_minimum(points, -3.0, 100, random);
  EXPECT_LE(*std::ranges::max_element(drawn), -3.0);
}

}  // namespace
}  // namespace tonne
