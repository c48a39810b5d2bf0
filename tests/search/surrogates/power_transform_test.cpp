#include "search/surrogates/power_transform.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/random.h"

namespace tonne {
namespace {

std::vector<double> draws(double (*map)(double)) {
  Random random(71);
  std::vector<double> losses;
  for (int i = 0; i < 400; ++i) losses.push_back(map(random.normal()));
  return losses;
}

double skewness(const std::vector<double>& values, const PowerTransform& transform) {
  double mean = 0.0;
  for (const double v : values) mean += transform(v) / static_cast<double>(values.size());
  double second = 0.0;
  double third = 0.0;
  for (const double v : values) {
    const double d = transform(v) - mean;
    second += d * d;
    third += d * d * d;
  }
  const auto count = static_cast<double>(values.size());
  return third / count / std::pow(second / count, 1.5);
}

TEST(PowerTransform, StrictlyIncreases) {
  const PowerTransform transform(draws([](double z) { return -std::exp(z); }));
  EXPECT_GT(transform.lambda(), 1.0);
  double last = transform(-100.0);
  for (double loss = -99.9; loss < 20.0; loss += 0.1) {
    EXPECT_GT(transform(loss), last);
    last = transform(loss);
  }
}

TEST(PowerTransform, RareLowValuesLoseTheirSkew) {
  const auto losses = draws([](double z) { return -std::exp(0.7 * z); });
  EXPECT_LT(skewness(losses, PowerTransform()), -1.5);
  EXPECT_GT(skewness(losses, PowerTransform(losses)), -0.5);
}

// One-sided: the high side is never compressed.
TEST(PowerTransform, RareHighValuesStayAsTheyAre) {
  const auto losses = draws([](double z) { return std::exp(0.7 * z); });
  EXPECT_NEAR(PowerTransform(losses).lambda(), 1.0, 1e-4);
}

TEST(PowerTransform, ItsSlopeIsItsDerivative) {
  const PowerTransform transform(draws([](double z) { return 20.0 - 5.0 * std::exp(z); }));
  EXPECT_GT(transform.lambda(), 1.0);
  constexpr double kStep = 1e-5;
  for (double loss = -60.0; loss < 30.0; loss += 7.3) {
    const double slope = (transform(loss + kStep) - transform(loss - kStep)) / (2.0 * kStep);
    EXPECT_NEAR(transform.log_slope(loss), std::log(slope), 1e-6) << loss;
  }
  EXPECT_EQ(PowerTransform().log_slope(3.0), 0.0);
}

TEST(PowerTransform, EqualLossesAreOnlyShifted) {
  const PowerTransform transform(std::vector<double>(5, 7.0));
  EXPECT_EQ(transform(7.0), transform(7.0));
  EXPECT_EQ(transform.lambda(), 1.0);
  EXPECT_LT(transform(6.0), transform(7.0));
}

}  // namespace
}  // namespace tonne
