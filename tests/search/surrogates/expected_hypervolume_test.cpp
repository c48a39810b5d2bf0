// Expected hypervolume improvement: by hand, against Monte Carlo, its gradient, its far tail.

#include "search/surrogates/expected_hypervolume.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"
#include "search/surrogates/acquisition.h"

namespace tonne {
namespace {

// `count` points of which none dominates another: on the unit sphere, as DTLZ2's front.
std::vector<Objectives> sphere(std::size_t count, std::size_t m, std::uint64_t seed) {
  Random random(seed);
  std::vector<Objectives> points;
  for (std::size_t i = 0; i < count; ++i) {
    Objectives point;
    double squares = 0.0;
    for (std::size_t j = 0; j < m; ++j) {
      const double u = std::abs(random.normal());
      point.push_back(u);
      squares += u * u;
    }
    for (double& value : point) value /= std::sqrt(squares);
    points.push_back(point);
  }
  return points;
}

struct Posterior {
  std::vector<double> means;
  std::vector<double> deviations;
};

struct Estimate {
  double mean;
  double error;
};

// Mean hypervolume improvement of draws from the posterior.
Estimate monte_carlo(const std::vector<Objectives>& front, const Objectives& reference,
                     const Posterior& posterior, int draws) {
  Random random(17);
  const double before = hypervolume(front, reference);
  std::vector<Objectives> with = front;
  with.emplace_back(reference.size(), 0.0);
  double sum = 0.0;
  double squares = 0.0;
  for (int k = 0; k < draws; ++k) {
    for (std::size_t j = 0; j < reference.size(); ++j)
      with.back()[j] = posterior.means[j] + posterior.deviations[j] * random.normal();
    const double gain = hypervolume(with, reference) - before;
    sum += gain;
    squares += gain * gain;
  }
  const double mean = sum / draws;
  return {mean, std::sqrt((squares / draws - mean * mean) / draws)};
}

double log_ei(double mean, double deviation, double level) {
  return log_expected_improvement(mean, deviation, level);
}

// Without a front all of the box below the reference is to be won: EI_1(r_1) EI_2(r_2).
TEST(ExpectedHypervolume, OfAnEmptyFrontIsAProduct) {
  ExpectedHypervolumeImprovement plane({}, {1.0, 2.0});
  const std::vector<double> means = {0.4, 2.5, 0.1};
  const std::vector<double> deviations = {0.3, 0.8, 0.05};
  EXPECT_EQ(plane.boxes(), 1U);
  EXPECT_NEAR(plane.log_value(means, deviations), log_ei(0.4, 0.3, 1.0) + log_ei(2.5, 0.8, 2.0), 1e-13);
  ExpectedHypervolumeImprovement space({}, {1.0, 2.0, 0.0});
  EXPECT_NEAR(space.log_value(means, deviations),
              log_ei(0.4, 0.3, 1.0) + log_ei(2.5, 0.8, 2.0) + log_ei(0.1, 0.05, 0.0), 1e-13);
}

// Where the posterior is sure, it is the hypervolume improvement of the mean: front (1, 3), (2, 2), (3, 1),
// reference (4, 4), which dominate 6; (1.5, 1.5) adds (2 - 1.5)(3 - 1.5) + (3 - 2)(2 - 1.5) = 1.25, (0, 0)
// adds 10, (2.5, 2.5) nothing.
TEST(ExpectedHypervolume, OfASurePointIsItsImprovement) {
  const std::vector<Objectives> front = {{1.0, 3.0}, {2.0, 2.0}, {3.0, 1.0},
                                         {3.0, 3.0}, {2.0, 2.0}, {0.0, 4.0}};
  ExpectedHypervolumeImprovement improvement(front, {4.0, 4.0});
  EXPECT_EQ(improvement.boxes(), 4U);
  const std::vector<double> sure = {1e-9, 1e-9};
  EXPECT_NEAR(std::exp(improvement.log_value(std::vector<double>{1.5, 1.5}, sure)), 1.25, 1e-8);
  EXPECT_NEAR(std::exp(improvement.log_value(std::vector<double>{0.0, 0.0}, sure)), 10.0, 1e-8);
  EXPECT_LT(improvement.log_value(std::vector<double>{2.5, 2.5}, sure), -1e6);
}

// One point (1, 1) below (2, 2): the strips are f1 < 1 under 2, and 1 < f1 < 2 under 1. At mean (1, 1),
// deviation 1, with EI(1) = phi(0) and EI(2) = phi(1) + Phi(1): phi(0) EI(2) + (EI(2) - phi(0)) phi(0).
TEST(ExpectedHypervolume, OfOnePointByHand) {
  ExpectedHypervolumeImprovement improvement(std::vector<Objectives>{{1.0, 1.0}}, {2.0, 2.0});
  const double at_1 = 0.39894228040143268;
  const double at_2 = 0.24197072451914335 + 0.84134474606854293;
  EXPECT_NEAR(std::exp(improvement.log_value(std::vector<double>{1.0, 1.0}, std::vector<double>{1.0, 1.0})),
              at_1 * at_2 + (at_2 - at_1) * at_1, 1e-14);
}

// Within five standard errors in each of 16 comparisons: one in 10^5 false alarms.
TEST(ExpectedHypervolume, AgreesWithMonteCarlo) {
  for (const std::size_t m : {2U, 3U}) {
    const Objectives reference(m, 1.1);
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      Random random(100 + seed);
      const auto front = sphere(8, m, seed);
      Posterior posterior;
      for (std::size_t j = 0; j < m; ++j) {
        posterior.means.push_back(random.uniform(0.2, 0.9));
        posterior.deviations.push_back(random.uniform(0.05, 0.4));
      }
      ExpectedHypervolumeImprovement improvement(front, reference);
      const Estimate expected = monte_carlo(front, reference, posterior, 40000);
      EXPECT_NEAR(std::exp(improvement.log_value(posterior.means, posterior.deviations)), expected.mean,
                  5.0 * expected.error)
          << m << " " << seed;
    }
  }
}

// The boxes tile what is not dominated: a sure point at the corner of everything gains all of it. With ties
// between points, too.
TEST(ExpectedHypervolume, BoxesTileTheNonDominatedRegion) {
  const std::vector<double> sure(3, 1e-9);
  for (const std::size_t m : {2U, 3U}) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      Random random(seed);
      std::vector<Objectives> points;
      for (int i = 0; i < 30; ++i) {
        Objectives point;
        for (std::size_t j = 0; j < m; ++j) {
          const double u = random.uniform();
          point.push_back(seed % 2 == 0 ? std::floor(6.0 * u) / 6.0 : u);
        }
        points.push_back(point);
      }
      const Objectives reference(m, 0.9);
      ExpectedHypervolumeImprovement improvement(points, reference);
      for (int k = 0; k < 5; ++k) {
        std::vector<double> y;
        std::vector<Objectives> with = points;
        with.emplace_back();
        for (std::size_t j = 0; j < m; ++j) {
          y.push_back(random.uniform(-0.5, 0.5));
          with.back().push_back(y.back());
        }
        const double gain = hypervolume(with, reference) - hypervolume(points, reference);
        EXPECT_NEAR(std::exp(improvement.log_value(y, sure)), gain, 1e-7) << m << " " << seed;
      }
    }
  }
}

TEST(ExpectedHypervolume, HasAtMostTwiceAsManyBoxesAsPoints) {
  for (const std::size_t count : {1U, 10U, 200U}) {
    EXPECT_EQ(ExpectedHypervolumeImprovement(sphere(count, 2, 3), {1.1, 1.1}).boxes(), count + 1);
    EXPECT_LE(ExpectedHypervolumeImprovement(sphere(count, 3, 3), {1.1, 1.1, 1.1}).boxes(), 2 * count + 1);
  }
}

TEST(ExpectedHypervolume, GradientAgreesWithFiniteDifferences) {
  for (const std::size_t m : {2U, 3U}) {
    ExpectedHypervolumeImprovement improvement(sphere(12, m, 5), Objectives(m, 1.1));
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      Random random(seed);
      Posterior at;
      for (std::size_t j = 0; j < m; ++j) {
        at.means.push_back(random.uniform(0.1, 2.0));  // beyond the reference too
        at.deviations.push_back(random.uniform(0.05, 0.3));
      }
      const auto value = improvement.log_value_with_gradient(at.means, at.deviations);
      EXPECT_NEAR(value.log, improvement.log_value(at.means, at.deviations),
                  1e-9 * (1.0 + std::abs(value.log)));
      for (std::size_t j = 0; j < m; ++j) {
        const auto slope = [&](std::vector<double> Posterior::*which) {
          Posterior up = at;
          Posterior down = at;
          (up.*which)[j] += 1e-6;
          (down.*which)[j] -= 1e-6;
          return (improvement.log_value_with_gradient(up.means, up.deviations).log -
                  improvement.log_value_with_gradient(down.means, down.deviations).log) /
                 2e-6;
        };
        EXPECT_NEAR(value.by_mean[j], slope(&Posterior::means), 1e-4 * (1.0 + std::abs(value.by_mean[j])))
            << seed;
        EXPECT_NEAR(value.by_deviation[j], slope(&Posterior::deviations),
                    1e-4 * (1.0 + std::abs(value.by_deviation[j])))
            << seed;
      }
    }
  }
}

// Where every improvement underflows the logarithm still says which way is better.
TEST(ExpectedHypervolume, IsFiniteAndFallsWhereItUnderflows) {
  for (const std::size_t m : {2U, 3U}) {
    ExpectedHypervolumeImprovement improvement(sphere(20, m, 7), Objectives(m, 1.1));
    const std::vector<double> deviations(m, 0.01);
    double last = 1e300;
    for (double mean = 0.0; mean < 1e4; mean = 1.3 * mean + 0.05) {
      const double value = improvement.log_value(std::vector<double>(m, mean), deviations);
      ASSERT_TRUE(std::isfinite(value)) << mean;
      EXPECT_LT(value, last) << mean;
      last = value;
    }
    EXPECT_LT(last, -1e6);
  }
}

// Losses of any size: shares of a gram or 1e100.
TEST(ExpectedHypervolume, ScalesWithItsUnits) {
  const auto front = sphere(10, 3, 9);
  const std::vector<double> means = {0.5, 0.6, 0.4};
  const std::vector<double> deviations = {0.2, 0.1, 0.3};
  const double plain = ExpectedHypervolumeImprovement(front, {1.1, 1.1, 1.1}).log_value(means, deviations);
  for (const double unit : {1e-80, 1e100}) {
    auto scaled = front;
    for (Objectives& point : scaled)
      for (double& value : point) value *= unit;
    std::vector<double> scaled_means = means;
    std::vector<double> scaled_deviations = deviations;
    for (double& value : scaled_means) value *= unit;
    for (double& value : scaled_deviations) value *= unit;
    ExpectedHypervolumeImprovement improvement(scaled, Objectives(3, 1.1 * unit));
    EXPECT_NEAR(improvement.log_value(scaled_means, scaled_deviations), plain + 3.0 * std::log(unit), 1e-9);
  }
}

TEST(ExpectedHypervolume, ReferenceLiesATenthBehindTheFront) {
  const std::vector<Objectives> front = {{0.0, 5.0}, {2.0, 3.0}};
  const Objectives reference = inferred_reference(front, {9.0, 9.0}, 0.1);
  EXPECT_DOUBLE_EQ(reference[0], 2.2);
  EXPECT_DOUBLE_EQ(reference[1], 5.2);
  const Objectives of_one = inferred_reference(std::vector<Objectives>{{1.0, -4.0}}, {10.0, 0.0}, 0.1);
  EXPECT_DOUBLE_EQ(of_one[0], 2.0);   // the extent of all losses
  EXPECT_DOUBLE_EQ(of_one[1], -3.6);  // all are equal
}

}  // namespace
}  // namespace tonne
