// Fronts, crowding, hypervolume: against definitions computed in the slowest way.

#include "core/pareto.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/random.h"

namespace tonne {
namespace {

std::vector<Objectives> cloud(std::size_t count, std::size_t objectives, std::uint64_t seed, bool coarse) {
  Random random(seed);
  std::vector<Objectives> points;
  for (std::size_t i = 0; i < count; ++i) {
    Objectives point;
    for (std::size_t j = 0; j < objectives; ++j) {
      const double u = random.uniform();
      point.push_back(coarse ? std::floor(5.0 * u) / 5.0 : u);  // coarse: many ties and equal points
    }
    points.push_back(point);
  }
  return points;
}

// Peels fronts one by one.
std::vector<std::uint32_t> peeled(const std::vector<Objectives>& points) {
  std::vector<std::uint32_t> numbers(points.size(), 1000000);
  std::size_t left = points.size();
  for (std::uint32_t front = 0; left > 0; ++front) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < points.size(); ++i) {
      bool free = numbers[i] == 1000000;
      for (std::size_t j = 0; free && j < points.size(); ++j)
        free = !(numbers[j] == 1000000 && dominates(points[j], points[i]));
      if (free) found.push_back(i);
    }
    for (const std::size_t i : found) numbers[i] = front;
    left -= found.size();
  }
  return numbers;
}

// Inclusion and exclusion over all subsets.
double by_inclusion(const std::vector<Objectives>& points, const Objectives& reference) {
  double sum = 0.0;
  for (std::size_t subset = 1; subset < (std::size_t{1} << points.size()); ++subset) {
    double volume = 1.0;
    for (std::size_t j = 0; j < reference.size(); ++j) {
      double worst = -1e9;
      for (std::size_t i = 0; i < points.size(); ++i)
        if ((subset >> i & 1U) != 0) worst = std::max(worst, points[i][j]);
      volume *= std::max(0.0, reference[j] - worst);
    }
    sum += __builtin_popcountll(subset) % 2 == 1 ? volume : -volume;
  }
  return sum;
}

TEST(Pareto, FrontsAreThoseOfPeeling) {
  for (const std::size_t objectives : {1U, 2U, 3U, 4U, 5U})
    for (const bool coarse : {false, true})
      for (std::uint64_t seed = 0; seed < 10; ++seed) {
        const auto points = cloud(80, objectives, seed, coarse);
        EXPECT_EQ(front_numbers(points), peeled(points)) << objectives << " " << coarse << " " << seed;
      }
  EXPECT_TRUE(front_numbers({}).empty());
}

TEST(Pareto, HypervolumeIsThatOfInclusionAndExclusion) {
  for (const std::size_t objectives : {1U, 2U, 3U, 4U, 5U})
    for (const bool coarse : {false, true})
      for (std::uint64_t seed = 0; seed < 10; ++seed) {
        const auto points = cloud(11, objectives, 100 + seed, coarse);
        const Objectives reference(objectives, 0.9);  // some points lie beyond it
        EXPECT_NEAR(hypervolume(points, reference), by_inclusion(points, reference), 1e-12) << objectives << coarse << seed;
      }
  EXPECT_EQ(hypervolume({}, Objectives(2, 1.0)), 0.0);
}

// Larger sets than inclusion and exclusion can take: the share of uniform draws that some point dominates.
TEST(Pareto, HypervolumeIsTheShareOfDominatedDraws) {
  constexpr int kDraws = 40000;
  for (const std::size_t objectives : {3U, 4U, 5U}) {
    const auto points = cloud(60, objectives, 7, false);
    Random random(8);
    int dominated = 0;
    for (int draw = 0; draw < kDraws; ++draw) {
      Objectives place;
      for (std::size_t j = 0; j < objectives; ++j) place.push_back(random.uniform());
      dominated += std::ranges::any_of(points, [&](const Objectives& point) { return dominates(point, place); }) ? 1 : 0;
    }
    EXPECT_NEAR(hypervolume(points, Objectives(objectives, 1.0)), static_cast<double>(dominated) / kDraws, 0.01);
  }
}

TEST(Pareto, AContributionIsWhatTheSetLoses) {
  for (const std::size_t objectives : {1U, 2U, 3U, 4U, 5U})
    for (const bool coarse : {false, true})
      for (std::uint64_t seed = 0; seed < 5; ++seed) {
        const auto points = cloud(25, objectives, 200 + seed, coarse);
        const Objectives reference(objectives, 0.9);
        const auto contributions = hypervolume_contributions(points, reference);
        const double whole = hypervolume(points, reference);
        for (std::size_t i = 0; i < points.size(); ++i) {
          auto others = points;
          others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
          EXPECT_NEAR(contributions[i], whole - hypervolume(others, reference), 1e-12) << objectives << coarse << seed;
          EXPECT_EQ(contributions[i], exclusive_hypervolume(points[i], others, reference));
        }
      }
  EXPECT_TRUE(hypervolume_contributions({}, Objectives(3, 1.0)).empty());
}

TEST(Pareto, ContributionsOfAHandfulByHand) {
  const std::vector<Objectives> points = {{1.0, 3.0}, {2.0, 2.0}, {3.0, 1.0}, {3.0, 3.0}, {2.0, 2.0}, {5.0, 0.0}};
  EXPECT_EQ(hypervolume_contributions(points, {4.0, 4.0}), (std::vector<double>{1.0, 0.0, 1.0, 0.0, 0.0, 0.0}));
}

TEST(Pareto, HypervolumeOfAHandfulByHand) {
  const std::vector<Objectives> points = {{1.0, 3.0}, {2.0, 2.0}, {3.0, 1.0}, {3.0, 3.0}};
  EXPECT_DOUBLE_EQ(hypervolume(points, {4.0, 4.0}), 6.0);
}

TEST(Pareto, CrowdingIsTheSumOfGaps) {
  const std::vector<Objectives> points = {{0.0, 10.0}, {1.0, 6.0}, {4.0, 2.0}, {10.0, 0.0}};
  const auto distances = crowding_distances(points);
  EXPECT_TRUE(std::isinf(distances[0]));
  EXPECT_DOUBLE_EQ(distances[1], 4.0 / 10.0 + 8.0 / 10.0);
  EXPECT_DOUBLE_EQ(distances[2], 9.0 / 10.0 + 6.0 / 10.0);
  EXPECT_TRUE(std::isinf(distances[3]));
}

TEST(Pareto, CrowdingOfInfiniteValuesIsANumber) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  for (const double least : {-kInfinite, 0.0, -1.7e308}) {
    const std::vector<Objectives> points = {{least, 4.0}, {1.0, 3.0}, {2.0, 2.0}, {kInfinite, 1.0}, {kInfinite, 0.0}};
    const auto distances = crowding_distances(points);
    EXPECT_EQ(distances[1], 0.5);
    EXPECT_EQ(distances[2], 0.5);
    EXPECT_FALSE(std::isnan(distances[3]));
  }
}

}  // namespace
}  // namespace tonne
