// The Gittins index against its definition, and its derivatives against finite differences.

#include "search/surrogates/gittins_index.h"

#include <gtest/gtest.h>

#include <cmath>

#include "search/surrogates/acquisition.h"

namespace tonne {
namespace {

TEST(GittinsIndex, TheExpectedImprovementOverItIsTheCost) {
  for (const double deviation : {1e-9, 1e-3, 1.0, 50.0})
    for (double log_cost = -200.0; log_cost <= 30.0; log_cost += 3.7) {
      const double index = gittins_index(2.0, deviation, log_cost);
      ASSERT_TRUE(std::isfinite(index));
      // Where the index is far above the mean in units of the deviation, the subtraction of the mean is all that is
      // exact.
      if (index - 2.0 > 1e3 * deviation) {
        EXPECT_NEAR(index - 2.0, std::exp(log_cost), 1e-9 * std::exp(log_cost));
        continue;
      }
      if (deviation < 1e-6) continue;  // the index itself has no digits left for that
      EXPECT_NEAR(log_expected_improvement(2.0, deviation, index), log_cost,
                  1e-8 * (1.0 + std::abs(log_cost)) / deviation);
    }
}

TEST(GittinsIndex, TheOpenedBoxOfKnownContentIsWorthItsContentAndItsCost) {
  EXPECT_NEAR(gittins_index(3.0, 1e-12, std::log(0.25)), 3.25, 1e-9);
}

TEST(GittinsIndex, RisesWithTheCostAndFallsWithTheDeviation) {
  double last = -1e300;
  for (double log_cost = -50.0; log_cost < 10.0; log_cost += 0.5) {
    const double index = gittins_index(0.0, 1.0, log_cost);
    EXPECT_GT(index, last);
    last = index;
  }
  EXPECT_LT(gittins_index(0.0, 2.0, -3.0), gittins_index(0.0, 1.0, -3.0));
}

TEST(GittinsIndex, DerivativesAgreeWithFiniteDifferences) {
  constexpr double kStep = 1e-6;
  for (const double deviation : {0.05, 1.0, 20.0})
    for (const double log_cost : {-60.0, -8.0, -1.0, 0.5, 4.0}) {
      const GittinsIndex index = gittins_index_with_gradient(-1.0, deviation, log_cost);
      EXPECT_EQ(index.value, gittins_index(-1.0, deviation, log_cost));
      const double by_deviation =
          (gittins_index(-1.0, deviation + kStep, log_cost) - gittins_index(-1.0, deviation - kStep, log_cost)) /
          (2 * kStep);
      const double by_cost =
          (gittins_index(-1.0, deviation, log_cost + kStep) - gittins_index(-1.0, deviation, log_cost - kStep)) /
          (2 * kStep);
      EXPECT_NEAR(index.by_deviation, by_deviation, 1e-5 * (1.0 + std::abs(by_deviation)));
      EXPECT_NEAR(index.by_log_cost, by_cost, 1e-5 * (1.0 + std::abs(by_cost)));
    }
}

}  // namespace
}  // namespace tonne
