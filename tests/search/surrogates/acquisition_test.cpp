#include "search/surrogates/acquisition.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace tonne {
namespace {

// {z, log(phi(z) + z Phi(z))}, computed with 60 digits (mpmath: npdf(z) + z erfc(-z / sqrt 2) / 2).
constexpr std::array<std::array<double, 2>, 19> kReference = {{{5.0, 1.6094379231264313851},
                                                               {2.0, 0.69738354578822831219},
                                                               {1.0, 0.080026218849306940029},
                                                               {0.5, -0.35982768374506381859},
                                                               {0.0, -0.91893853320467274178},
                                                               {-0.5, -1.6205162643873199193},
                                                               {-0.999, -2.4832171154475854429},
                                                               {-1.0, -2.4851210257126413368},
                                                               {-1.001, -2.4870256579553894227},
                                                               {-2.0, -4.7687835239171141569},
                                                               {-3.9, -11.410393270072435734},
                                                               {-4.0, -11.849061577550663111},
                                                               {-4.1, -12.296899546413046403},
                                                               {-6.0, -22.578879392169797367},
                                                               {-10.0, -55.553122036122355927},
                                                               {-20.0, -206.91783850942509785},
                                                               {-38.0, -730.19618340211373916},
                                                               {-40.0, -808.29856835661996024},
                                                               {-100.0, -5010.1295788002497923}}};

TEST(LogH, AgreesWithHighPrecisionValuesIntoTheFarTail) {
  for (const auto& [z, expected] : kReference)
    EXPECT_NEAR(log_h(z), expected, 2e-14 * (1 + std::abs(expected))) << z;
}

TEST(LogH, IsFiniteAndIncreasingWhereExpectedImprovementUnderflows) {
  double last = log_h(-1e8);
  EXPECT_TRUE(std::isfinite(last));
  for (double z = -1e4; z < 10.0; z += 0.7) {
    const double value = log_h(z);
    EXPECT_GT(value, last) << z;
    last = value;
  }
}

TEST(LogExpectedImprovement, GradientAgreesWithFiniteDifferences) {
  constexpr double kBest = 0.3;
  for (const double deviation : {0.01, 0.5, 3.0}) {
    for (double z = -30.0; z <= 5.0; z += 0.25) {
      const double mean = kBest - z * deviation;
      const AcquisitionValue at = log_expected_improvement_with_gradient(mean, deviation, kBest);
      EXPECT_DOUBLE_EQ(at.value, log_expected_improvement(mean, deviation, kBest));
      const double step = 1e-6 * deviation;
      const double by_mean = (log_expected_improvement(mean + step, deviation, kBest) -
                              log_expected_improvement(mean - step, deviation, kBest)) /
                             (2.0 * step);
      const double by_deviation = (log_expected_improvement(mean, deviation + step, kBest) -
                                   log_expected_improvement(mean, deviation - step, kBest)) /
                                  (2.0 * step);
      EXPECT_NEAR(at.by_mean, by_mean, 1e-5 * (1.0 + std::abs(by_mean))) << z;
      EXPECT_NEAR(at.by_deviation, by_deviation, 1e-5 * (1.0 + std::abs(by_deviation))) << z;
    }
  }
}

// Reference values by scipy.stats.norm.logcdf; far out -z^2 / 2 - log(-z) - log(2 pi) / 2 - 1 / z^2.
TEST(LogNormalDistribution, HoldsFarIntoTheTail) {
  EXPECT_NEAR(log_normal_distribution(0.0), -0.6931471805599453, 1e-15);
  EXPECT_NEAR(log_normal_distribution(-1.0), -1.8410216450092636, 1e-13);
  EXPECT_NEAR(log_normal_distribution(-5.0), -15.064998393988727, 1e-12);
  EXPECT_NEAR(log_normal_distribution(-40.0), -804.6084420137538, 1e-9);
  EXPECT_NEAR(log_normal_distribution(3.0), -0.0013508099647481925, 1e-15);
  for (const double z : {-30.0, -3.0, -1.0, -0.999, 0.5, 4.0}) {
    const double slope = (log_normal_distribution(z + 1e-5) - log_normal_distribution(z - 1e-5)) / 2e-5;
    EXPECT_NEAR(normal_hazard(z), slope, 1e-6 * std::max(1.0, std::abs(slope))) << z;
  }
}

}  // namespace
}  // namespace tonne
