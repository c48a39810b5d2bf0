#include "search/surrogates/hypervolume_subset.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "core/pareto.h"
#include "core/random.h"

namespace tonne {
namespace {

// By the definition: the point with the greatest volume together with those chosen.
std::vector<std::uint32_t> by_definition(const std::vector<Objectives>& points, std::size_t count,
                                         const Objectives& reference) {
  std::vector<std::uint32_t> chosen;
  std::vector<Objectives> volume;
  while (chosen.size() < count) {
    double greatest = -1.0;
    std::uint32_t best = 0;
    for (std::uint32_t i = 0; i < points.size(); ++i) {
      if (std::ranges::find(chosen, i) != chosen.end()) continue;
      volume.push_back(points[i]);
      if (const double with = hypervolume(volume, reference); with > greatest + 1e-12) {
        greatest = with;
        best = i;
      }
      volume.pop_back();
    }
    chosen.push_back(best);
    volume.push_back(points[best]);
  }
  return chosen;
}

TEST(HypervolumeSubset, IsGreedy) {
  Random random(4);
  for (const std::size_t objectives : {2U, 3U, 4U}) {
    std::vector<Objectives> points;
    for (int i = 0; i < 25; ++i) {
      Objectives point;
      for (std::size_t j = 0; j < objectives; ++j) point.push_back(random.uniform());
      points.push_back(point);
    }
    const Objectives reference = reference_behind(points);
    const HypervolumeSubset subset = hypervolume_subset(points, 8, reference);
    EXPECT_EQ(subset.chosen, by_definition(points, 8, reference)) << objectives;
    EXPECT_GT(subset.operations, 0.0);
  }
}

TEST(HypervolumeSubset, TakesEqualPointsLast) {
  const std::vector<Objectives> points = {{0.1, 0.9}, {0.1, 0.9}, {0.5, 0.5}, {0.9, 0.1}};
  std::vector<std::uint32_t> chosen = hypervolume_subset(points, 3, {1.0, 1.0}).chosen;
  std::ranges::sort(chosen);
  EXPECT_EQ(chosen, (std::vector<std::uint32_t>{0, 2, 3}));
}

TEST(HypervolumeSubset, TakesTheFirstWhereVolumesAreInfinite) {
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<Objectives> points = {{infinity, 0.0}, {1.0, 0.5}, {0.0, 1.0}};
  EXPECT_EQ(hypervolume_subset(points, 2, reference_behind(points)).chosen,
            (std::vector<std::uint32_t>{0, 1}));
}

TEST(HypervolumeSubset, TheReferenceIsATenthBehind) {
  const std::vector<Objectives> points = {{2.0, -1.0, 0.0}, {1.0, -2.0, -3.0}};
  const Objectives reference = reference_behind(points);
  EXPECT_DOUBLE_EQ(reference[0], 2.2);
  EXPECT_DOUBLE_EQ(reference[1], -0.9);
  EXPECT_GT(reference[2], 0.0);
}

}  // namespace
}  // namespace tonne
