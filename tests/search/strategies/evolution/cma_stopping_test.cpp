// Each of Hansen's stopping criteria, by a function that triggers it.

#include "search/strategies/evolution/cma_stopping.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace tonne {
namespace {

constexpr std::size_t kLambda = 12;
using Function = std::function<double(const double* x, std::size_t sample)>;

struct End {
  std::optional<CmaStop> reason;
  std::int64_t generation = 0;
};

// Runs CMA-ES without a box on `function` from `start` until a criterion holds.
End run(const std::vector<double>& start, const Function& function, std::int64_t most = 20'000) {
  const std::size_t n = start.size();
  CmaDistribution distribution(n, true);
  CmaStopping stopping;
  distribution.begin(start, 0.3, kLambda);
  stopping.begin(n, kLambda, 0.3);
  Random random(17);
  while (distribution.generations() < most) {
    distribution.decompose();
    Columns x(n, kLambda);
    std::vector<std::pair<double, CmaDistribution::Sample>> samples;
    for (std::size_t i = 0; i < kLambda; ++i) {
      const double squared = distribution.draw(random, x[i]);
      samples.push_back({function(x[i], i), {x[i], squared}});
    }
    std::ranges::sort(samples, {}, [](const auto& sample) { return sample.first; });
    std::vector<double> losses;
    std::vector<CmaDistribution::Sample> ranked;
    for (const auto& [loss, sample] : samples) {
      losses.push_back(loss);
      ranked.push_back(sample);
    }
    distribution.update(ranked);
    stopping.record(losses);
    if (const auto reason = stopping.reason(distribution)) return {reason, distribution.generations()};
  }
  return {std::nullopt, most};
}

double squares(const double* x, std::size_t n) {
  double sum = 0.0;
  for (std::size_t i = 0; i < n; ++i) sum += x[i] * x[i];
  return sum;
}

TEST(CmaStopping, TolFunWhereLossesLieWithin1eMinus12) {
  EXPECT_EQ(
      run(std::vector<double>(5, 0.5), [](const double* x, std::size_t) { return squares(x, 5); }).reason,
      CmaStop::tol_fun);
}

// W = 10 + ceil(30 n / lambda) generations, neither more nor less.
TEST(CmaStopping, TolFunTakesItsWindow) {
  const End end = run(std::vector<double>(4, 0.5), [](const double*, std::size_t) { return 1.0; });
  EXPECT_EQ(end.reason, CmaStop::tol_fun);
  EXPECT_EQ(end.generation, 10 + 10);
}

TEST(CmaStopping, EqualFunValuesWhereTheBestIsAlwaysTheSame) {
  const End end = run(std::vector<double>(4, 0.5),
                      [](const double*, std::size_t sample) { return static_cast<double>(sample); });
  EXPECT_EQ(end.reason, CmaStop::equal_fun_values);
  EXPECT_EQ(end.generation, 10 + 10);
}

// Losses of any size differ by more than 1e-12 here, so that the distribution itself must become small.
TEST(CmaStopping, TolXWhereTheDistributionVanishes) {
  EXPECT_EQ(
      run(std::vector<double>(5, 0.5), [](const double* x, std::size_t) { return 1e40 * squares(x, 5); })
          .reason,
      CmaStop::tol_x);
}

TEST(CmaStopping, ConditionCovOnANeedle) {
  EXPECT_EQ(run(std::vector<double>(2, 0.5),
                [](const double* x, std::size_t) { return 1e40 * (x[0] * x[0] + 1e20 * x[1] * x[1]); })
                .reason,
            CmaStop::condition_cov);
}

// At 10^4 numbers are 2e-12 apart.
TEST(CmaStopping, NoEffectAxisWhereAStepRoundsToNothing) {
  const auto far = [](const double* x, std::size_t) {
    double sum = 0.0;
    for (std::size_t i = 0; i < 4; ++i) sum += (x[i] - 1e4) * (x[i] - 1e4);
    return 1e40 * sum;
  };
  EXPECT_EQ(run(std::vector<double>(4, 1e4), far).reason, CmaStop::no_effect_axis);
}

TEST(CmaStopping, NoEffectCoordWhereOneCoordinateRoundsToNothing) {
  const auto far = [](const double* x, std::size_t) {
    return 1e40 * (squares(x, 3) + (x[3] - 1e4) * (x[3] - 1e4));
  };
  EXPECT_EQ(run({0.5, 0.5, 0.5, 1e4}, far).reason, CmaStop::no_effect_coord);
}

TEST(CmaStopping, StagnationOnNoise) {
  Random noise(5);
  const End end =
      run(std::vector<double>(4, 0.5), [&](const double*, std::size_t) { return noise.uniform(); });
  EXPECT_EQ(end.reason, CmaStop::stagnation);
  EXPECT_GE(end.generation, 120 + 10);
}

TEST(CmaStopping, TolXUpOnASlope) {
  const End end = run(std::vector<double>(4, 0.5), [](const double* x, std::size_t) { return x[0]; });
  EXPECT_EQ(end.reason, CmaStop::tol_x_up);
  EXPECT_LT(end.generation, 100);
}

TEST(CmaStopping, NothingStopsARunThatStillImproves) {
  // The criteria hold at round-off only: an ellipsoid of condition 10^6 is followed down to 1e-10.
  const End end = run(std::vector<double>(8, 0.5), [](const double* x, std::size_t) {
    double sum = 0.0;
    for (std::size_t i = 0; i < 8; ++i) sum += std::pow(1e6, static_cast<double>(i) / 7.0) * x[i] * x[i];
    return sum;
  });
  EXPECT_EQ(end.reason, CmaStop::tol_fun);
  EXPECT_GT(end.generation, 200);
}

}  // namespace
}  // namespace tonne
