#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tests/support/recipes.h"

namespace tonne {
namespace {

std::shared_ptr<const Problem> make(const std::string& settings) {
  return testing::problem_recipe("nk", settings)->make();
}

// All states, the first site fastest.
std::vector<double> all_values(const Problem& problem, std::size_t alphabet) {
  const std::size_t n = problem.space().size();
  const auto states = static_cast<std::size_t>(std::pow(alphabet, n));
  std::vector<double> values;
  Configuration configuration = problem.default_configuration();
  for (std::size_t code = 0; code < states; ++code) {
    for (std::size_t i = 0, rest = code; i < n; ++i, rest /= alphabet)
      configuration.set(i, static_cast<double>(rest % alphabet));
    values.push_back(problem.true_value(configuration));
  }
  return values;
}

// Of binary strings, under flips of one site.
std::size_t local_optima(const std::vector<double>& values) {
  std::size_t count = 0;
  for (std::size_t code = 0; code < values.size(); ++code) {
    bool best = true;
    for (std::size_t bit = 1; bit < values.size(); bit *= 2) best = best && values[code] > values[code ^ bit];
    count += best ? 1 : 0;
  }
  return count;
}

TEST(Nk, TheOptimumOfTheRingIsThatOfBruteForce) {
  for (const char* settings :
       {"{n: 10, k: 0}", "{n: 10, k: 3}", "{n: 9, k: 5, landscape: 2}", "{n: 8, k: 7}", "{n: 1, k: 0}"}) {
    const auto problem = make(settings);
    EXPECT_EQ(problem->optimum().value(), std::ranges::max(all_values(*problem, 2))) << settings;
  }
  const auto ternary = make("{n: 7, k: 2, alphabet: 3}");
  EXPECT_EQ(ternary->optimum().value(), std::ranges::max(all_values(*ternary, 3)));
}

TEST(Nk, TheOptimumWithRandomNeighboursIsThatOfBruteForce) {
  const auto problem = make("{n: 11, k: 4, neighbours: random}");
  EXPECT_EQ(problem->optimum().value(), std::ranges::max(all_values(*problem, 2)));
}

TEST(Nk, TheOptimumIsKnownWhereItCanBeHad) {
  EXPECT_TRUE(make("{n: 64, k: 6}")->optimum());
  EXPECT_FALSE(make("{n: 64, k: 6, neighbours: random}")->optimum());
  EXPECT_FALSE(make("{n: 64, k: 40}")->optimum());
}

// K = 0: each site by itself, so one local optimum, and its expected value is 2/3 (the larger of two uniform
// draws).
TEST(Nk, WithoutNeighboursItIsAdditive) {
  double sum = 0.0;
  for (int landscape = 0; landscape < 30; ++landscape) {
    const auto problem = make("{n: 64, k: 0, landscape: " + std::to_string(landscape) + "}");
    sum += problem->optimum().value() / 30.0;
  }
  EXPECT_NEAR(sum, 2.0 / 3.0, 0.02);  // sd .24 / sqrt(30 * 64) = .005
  EXPECT_EQ(local_optima(all_values(*make("{n: 10, k: 0}"), 2)), 1U);
}

// K = N - 1: 2^N / (N + 1) local optima in the mean (Kauffman and Weinberger 1989).
TEST(Nk, WithAllNeighboursItIsRandom) {
  double count = 0.0;
  for (int landscape = 0; landscape < 40; ++landscape)
    count += static_cast<double>(local_optima(
                 all_values(*make("{n: 10, k: 9, landscape: " + std::to_string(landscape) + "}"), 2))) /
             40.0;
  EXPECT_NEAR(count, 1'024.0 / 11.0, 4.0);  // sd of the mean about 1.2
}

TEST(Nk, MoreNeighboursMakeItMoreRugged) {
  double before = 0.0;
  for (const int k : {0, 2, 4, 8}) {
    double count = 0.0;
    for (int landscape = 0; landscape < 10; ++landscape)
      count += static_cast<double>(local_optima(all_values(
          *make("{n: 10, k: " + std::to_string(k) + ", landscape: " + std::to_string(landscape) + "}"), 2)));
    EXPECT_GT(count, before);
    before = count;
  }
}

// Flipping a site changes only the contributions that read it: 1 / N of the value at most for K = 0.
TEST(Nk, LandscapesDifferAndNeighboursMatter) {
  const auto ring = make("{n: 12, k: 3}");
  const auto mixed = make("{n: 12, k: 3, neighbours: random}");
  const auto other = make("{n: 12, k: 3, landscape: 1}");
  Random random(4);
  const Configuration configuration = ring->space().sample(random);
  EXPECT_NE(ring->true_value(configuration), mixed->true_value(configuration));
  EXPECT_NE(ring->true_value(configuration), other->true_value(configuration));
}

}  // namespace
}  // namespace tonne
