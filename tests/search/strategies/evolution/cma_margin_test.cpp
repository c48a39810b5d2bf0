// The margin of integers, the distribution of categories, and the restarts of cma_es.

#include "search/strategies/evolution/cma_margin.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <span>
#include <vector>

#include "search/strategies/evolution/category_distribution.h"
#include "search/strategies/evolution/cma_restarts.h"
#include "search/strategies/evolution/trial_rows.h"

namespace tonne {
namespace {

// Whatever mean and deviation: each neighbour keeps its least probability, and the value of the mean stays
// the same.
TEST(CmaMargin, KeepsTheNeighboursOfEveryIntegerWithinReach) {
  const std::array<Domain, 4> domains = {Integer{0, 1}, Integer{-3, 7}, Integer{1, 256, Scale::log},
                                         Ordinal{{"s", "m", "l"}}};
  Random random(3);
  for (int i = 0; i < 20'000; ++i) {
    const Domain& domain = domains[random.below(domains.size())];
    const double alpha = 0.3 * random.uniform() + 1e-6;
    const double deviation = std::pow(10.0, random.uniform(-12.0, 1.0));
    const Marginal before{random.uniform(-0.5, 1.5), std::pow(10.0, random.uniform(-2.0, 2.0))};
    const Cell cell = cell_at(domain, before.mean);
    const Marginal after = with_margin(before, cell, deviation, alpha);
    const double sd = after.stretch * deviation;
    const double below = cell.first ? 0.0 : normal_cdf((cell.low - after.mean) / sd);
    const double above = cell.last ? 0.0 : normal_cdf((after.mean - cell.high) / sd);
    const double rounding = 1e-6 * alpha + 1e-15 / sd;  // of a mean near 1 whose deviation is tiny
    if (cell.first || cell.last) {
      EXPECT_GE(below + above, alpha - rounding);
      EXPECT_EQ(after.stretch, before.stretch);
    } else {
      EXPECT_GE(below, alpha / 2.0 - rounding);
      EXPECT_GE(above, alpha / 2.0 - rounding);
      EXPECT_EQ(from_unit(domain, after.mean), from_unit(domain, before.mean));
    }
  }
}

TEST(CmaMargin, LeavesADistributionAloneThatReachesItsNeighbours) {
  const Domain domain = Integer{0, 9};
  const Marginal wide{0.42, 1.0};
  const Marginal after = with_margin(wide, cell_at(domain, wide.mean), 0.3, 0.1);
  EXPECT_EQ(after.mean, wide.mean);
  EXPECT_EQ(after.stretch, wide.stretch);
}

TEST(CmaMargin, CellsMeetAndCoverTheCoordinate) {
  for (const Domain& domain :
       {Domain(Integer{1, 40, Scale::log}), Domain(Integer{-5, 5}), Domain(Ordinal{{"a", "b", "c"}})}) {
    Cell cell = cell_at(domain, -1.0);
    EXPECT_TRUE(cell.first);
    EXPECT_NEAR(cell.low, 0.0, 1e-12);
    for (std::uint64_t value = 1; value < *cardinality(domain); ++value) {
      EXPECT_FALSE(cell.last);
      const Cell next = cell_at(domain, cell.high + 1e-9);
      EXPECT_NEAR(next.low, cell.high, 1e-12);
      cell = next;
    }
    EXPECT_TRUE(cell.last);
    EXPECT_NEAR(cell.high, 1.0, 1e-12);
  }
}

// Samples ranked by `loss`, in generations of eight.
void learn(CategoryDistribution& distribution, int generations,
           const std::function<double(const double*)>& loss) {
  const std::array<double, 4> weights = {0.5, 0.25, 0.15, 0.1};
  Random random(11);
  for (int generation = 0; generation < generations; ++generation) {
    std::vector<std::vector<double>> samples(8, std::vector<double>(distribution.size()));
    for (auto& sample : samples) distribution.draw(random, sample.data());
    std::ranges::sort(samples, {}, [&](const auto& sample) { return std::pair(loss(sample.data()), sample); });
    std::vector<const double*> ranked;
    for (const auto& sample : samples) ranked.push_back(sample.data());
    distribution.update(ranked, weights);
  }
}

double sum(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

TEST(CategoryDistribution, LearnsTheBestChoicesAndKeepsTheMarginOfTheOthers) {
  CategoryDistribution distribution({3, 5, 2});
  learn(distribution, 200, [](const double* c) { return (c[0] != 1.0) + (c[1] != 4.0) + (c[2] != 0.0); });
  double favourites = 1.0;
  for (std::size_t category = 0; category < 3; ++category) {
    const auto q = distribution.probabilities(category);
    EXPECT_NEAR(sum(q), 1.0, 1e-12);
    for (const double probability : q)
      EXPECT_GE(probability, distribution.least_probability(category) * (1.0 - 1e-9));
    const std::array<std::size_t, 3> best = {1, 4, 0};
    favourites *= q[best[category]];
  }
  EXPECT_NEAR(favourites, 0.73, 1e-6);  // as far as the margin allows
}

TEST(CategoryDistribution, TheOrderOfChoicesMeansNothing) {
  CategoryDistribution a({4, 4});
  CategoryDistribution b({4, 4});
  const std::array<double, 4> weights = {0.4, 0.3, 0.2, 0.1};
  const std::array<double, 4> renamed = {2.0, 0.0, 3.0, 1.0};
  Random random(6);
  for (int generation = 0; generation < 50; ++generation) {
    std::vector<std::array<double, 2>> first(4), second(4);
    std::vector<const double*> of_a, of_b;
    for (std::size_t i = 0; i < 4; ++i)
      for (std::size_t k = 0; k < 2; ++k) {
        first[i][k] = static_cast<double>(random.below(4));
        second[i][k] = renamed[static_cast<std::size_t>(first[i][k])];
      }
    for (std::size_t i = 0; i < 4; ++i) {
      of_a.push_back(first[i].data());
      of_b.push_back(second[i].data());
    }
    a.update(of_a, weights);
    b.update(of_b, weights);
  }
  for (std::size_t k = 0; k < 4; ++k)
    EXPECT_NEAR(a.probabilities(0)[k], b.probabilities(0)[static_cast<std::size_t>(renamed[k])], 1e-9);
}

TEST(CategoryDistribution, DrawsByItsProbabilities) {
  CategoryDistribution distribution({3});
  learn(distribution, 30, [](const double* c) { return c[0]; });
  const auto q = distribution.probabilities(0);
  std::array<double, 3> counts{};
  Random random(4);
  for (int i = 0; i < 30'000; ++i) {
    double choice = 0.0;
    distribution.draw(random, &choice);
    counts[static_cast<std::size_t>(choice)] += 1.0 / 30'000;
  }
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(counts[k], q[k], 0.0145);  // five standard errors
}

TEST(CmaRestarts, IpopDoublesThePopulation) {
  CmaRestarts restarts(Restarts::ipop, 10, 0.3);
  Random random(1);
  for (const std::size_t population : {10U, 20U, 40U, 80U}) {
    EXPECT_EQ(restarts.run().population, population);
    EXPECT_EQ(restarts.run().sigma, 0.3);
    restarts.advance(1000, random);
  }
}

// Hansen 2009: the regime with fewer evaluations goes on; small runs have at most half of the last large
// population, a hundredth to all of the step size, and half of the last large run's evaluations.
TEST(CmaRestarts, BipopGivesBothRegimesTheSameEvaluations) {
  CmaRestarts restarts(Restarts::bipop, 10, 0.3);
  Random random(2);
  restarts.advance(500, random);
  EXPECT_EQ(restarts.run().population, 20U);  // the first restart is large
  std::size_t large = 20;
  std::size_t large_spent = 0;
  std::size_t small_spent = 0;
  std::size_t last_large = 0;
  for (int i = 0; i < 200; ++i) {
    const CmaRestarts::Run run = restarts.run();
    const bool is_large = run.most_evaluations == 0;
    const std::size_t spent = is_large ? 1000 : std::min<std::size_t>(run.most_evaluations, 300);
    if (is_large) {
      EXPECT_LE(large_spent, small_spent);
      EXPECT_EQ(run.population, large);
      large *= 2;
      large_spent += spent;
      last_large = spent;
    } else {
      EXPECT_GT(large_spent, small_spent);
      EXPECT_GE(run.population, 10U);
      EXPECT_LE(run.population, std::max<std::size_t>(large / 4, 10));
      EXPECT_LE(run.sigma, 0.3);
      EXPECT_GE(run.sigma, 0.003);
      EXPECT_EQ(run.most_evaluations, last_large / 2);
      small_spent += spent;
    }
    restarts.advance(spent, random);
    if (large > 1U << 20U) break;
  }
  EXPECT_GT(small_spent, 1000U);
}

// Against a plain list, with ids that come in order and end in any.
TEST(TrialRows, FindsTheRowsOfRunningTrials) {
  TrialRows<int> rows(3);
  std::vector<TrialId> running;
  Random random(9);
  TrialId next = 0;
  for (int step = 0; step < 5000; ++step) {
    if (running.size() < 40 && random.bernoulli(0.55)) {
      const std::size_t row = rows.put(next);
      rows[row][2] = static_cast<double>(next);
      rows.label(row) = static_cast<int>(next) + 1;
      running.push_back(next);
      next += random.bernoulli(0.1) ? 1000U : 1U;
    } else if (!running.empty()) {
      const auto at = running.begin() + static_cast<std::ptrdiff_t>(random.below(running.size()));
      const std::size_t row = rows.take(*at);
      ASSERT_NE(row, rows.kNone);
      EXPECT_EQ(rows[row][2], static_cast<double>(*at));
      EXPECT_EQ(rows.label(row), static_cast<int>(*at) + 1);
      EXPECT_EQ(rows.take(*at), rows.kNone);
      rows.release(row);
      running.erase(at);
    }
  }
  rows.clear();
  for (const TrialId id : running) EXPECT_EQ(rows.take(id), rows.kNone);
}

}  // namespace
}  // namespace tonne
