// grid, sobol, latin_hypercube: what defines each.

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "tests/search/strategies/strategy_helpers.h"

namespace tonne {
namespace {

ProblemTraits one_objective() {
  ProblemTraits traits;
  traits.name = "sampling";
  traits.objectives = {{"error", "%", Direction::minimise}};
  return traits;
}

SearchSpace cube(std::size_t dimensions) {
  std::vector<Parameter> parameters;
  for (std::size_t i = 0; i < dimensions; ++i)
    parameters.push_back({.name = "x" + std::to_string(i), .domain = Real{0.0, 1.0}});
  return SearchSpace(std::move(parameters));
}

std::vector<Configuration> draw(std::string_view name, const std::string& settings, const SearchSpace& space,
                                std::size_t count, std::uint64_t seed) {
  const ProblemTraits traits = one_objective();
  const auto strategy = testing::strategy_recipe(name, settings)->make({space, traits, 1.0, 1});
  std::vector<Configuration> result;
  for (TrialId id = 0; id < count; ++id) {
    auto proposal = strategy->ask(id, Random(seed).child(id));
    if (!proposal) break;
    result.push_back(proposal->configuration);
  }
  return result;
}

// Warnock's formula: squared L2 star discrepancy.
double l2_star_discrepancy(const std::vector<Configuration>& points) {
  const auto n = static_cast<double>(points.size());
  const std::size_t d = points.front().size();
  double first = 1.0, second = 0.0, third = 0.0;
  for (std::size_t j = 0; j < d; ++j) first /= 3.0;
  for (const auto& x : points) {
    double product = 1.0;
    for (std::size_t j = 0; j < d; ++j) product *= (1.0 - x[j] * x[j]) / 2.0;
    second += product;
    for (const auto& y : points) {
      double cross = 1.0;
      for (std::size_t j = 0; j < d; ++j) cross *= 1.0 - std::max(x[j], y[j]);
      third += cross;
    }
  }
  return first - 2.0 / n * second + third / (n * n);
}

TEST(Sampling, SobolAndLatinHypercubeFillTheCubeMoreEvenlyThanRandom) {
  const SearchSpace space = cube(4);
  double random = 0.0, sobol = 0.0, hypercube = 0.0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    random += l2_star_discrepancy(draw("random", "", space, 256, seed));
    sobol += l2_star_discrepancy(draw("sobol", "", space, 256, seed));
    hypercube += l2_star_discrepancy(draw("latin_hypercube", "{points: 256}", space, 256, seed));
  }
  // Expected of random points: (2^-d - 3^-d) / n. A scrambled Sobol net of 256 is seven times better (measured).
  EXPECT_NEAR(random / 10.0, (1.0 / 16 - 1.0 / 81) / 256, 1e-4);
  EXPECT_LT(sobol, random / 5.0);
  EXPECT_LT(hypercube, random / 1.5);
}

TEST(Sampling, EveryBinaryBoxOfTheSobolNetHoldsOnePoint) {
  // The first two dimensions of Sobol's sequence are a (0, 2)-sequence, and the scramble keeps that: of 64 points each
  // of the 64 boxes of 2^a x 2^(6-a) holds one, for every a.
  const auto points = draw("sobol", "", cube(2), 64, 3);
  for (int a = 0; a <= 6; ++a) {
    std::set<std::pair<int, int>> boxes;
    for (const auto& x : points)
      boxes.emplace(static_cast<int>(std::ldexp(x[0], a)), static_cast<int>(std::ldexp(x[1], 6 - a)));
    EXPECT_EQ(boxes.size(), 64U) << a;
  }
}

TEST(Sampling, EachStratumOfALatinHypercubeHoldsOnePoint) {
  const auto points = draw("latin_hypercube", "{points: 50}", cube(6), 100, 5);
  for (std::size_t design = 0; design < 2; ++design)
    for (std::size_t j = 0; j < 6; ++j) {
      std::set<int> strata;
      for (std::size_t i = 0; i < 50; ++i) strata.insert(static_cast<int>(points[50 * design + i][j] * 50.0));
      EXPECT_EQ(strata.size(), 50U);
    }
}

// optimiser a, b or c; only a has a rate (3 levels), only b has a depth (4 values), and a flag for all.
SearchSpace tree() {
  return SearchSpace({{.name = "optimiser", .domain = Categorical{{"a", "b", "c"}}},
                      {.name = "rate", .domain = Real{1e-4, 1e-2, Scale::log}, .active_when = Condition{0, {0}}},
                      {.name = "depth", .domain = Integer{2, 5}, .active_when = Condition{0, {1}}},
                      {.name = "flag", .domain = Ordinal{{"no", "yes"}}}});
}

TEST(Sampling, AGridHoldsEveryActiveCombinationOnce) {
  for (const char* order : {"shuffled", "lexicographic"}) {
    const SearchSpace space = tree();
    const auto points = draw("grid", std::string("{levels: 3, order: ") + order + "}", space, 1000, 7);
    // (3 rates + 3 of the 4 depths + 1) x 2 flags.
    EXPECT_EQ(points.size(), 14U) << order;
    std::set<std::uint64_t> distinct;
    std::set<double> rates;
    for (const auto& point : points) {
      EXPECT_TRUE(space.contains(point));
      distinct.insert(point.digest());
      if (point.is_active(1)) rates.insert(point[1]);
    }
    EXPECT_EQ(distinct.size(), 14U);
    ASSERT_EQ(rates.size(), 3U);
    EXPECT_NEAR(*rates.begin(), 1e-4, 1e-15);
    EXPECT_NEAR(*std::next(rates.begin()), 1e-3, 1e-15);
    EXPECT_NEAR(*rates.rbegin(), 1e-2, 1e-15);
  }
}

TEST(Sampling, AShuffledGridBeginsEverywhere) {
  std::vector<Parameter> parameters;
  for (int i = 0; i < 25; ++i) parameters.push_back({.name = "x" + std::to_string(i), .domain = Real{0.0, 1.0}});
  // 5^25 = 3e17 points, none of them listed.
  const auto points = draw("grid", "{levels: 5}", SearchSpace(std::move(parameters)), 500, 8);
  ASSERT_EQ(points.size(), 500U);
  std::map<double, int> first;
  for (const auto& point : points) ++first[point[0]];
  // A binomial of 500 draws at 1/5 lies within 100 +- 45 but with probability 5e-7.
  for (const auto& [value, count] : first) EXPECT_NEAR(count, 100, 45) << value;
}

TEST(Sampling, AnUncountableGridIsRefused) {
  const SearchSpace space = cube(40);
  const ProblemTraits traits = one_objective();
  const auto reason = testing::strategy_recipe("grid", "")->refuses({space, traits, 1.0, 1});
  ASSERT_TRUE(reason);
  EXPECT_NE(reason->find("fewer levels"), std::string::npos);
}

}  // namespace
}  // namespace tonne
