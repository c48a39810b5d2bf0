// Cells are dealt to shards so that these are equally heavy.

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "experiments/results/records.h"

namespace tonne {
namespace {

// How many cells each shard has of those that `of_group` picks.
template <class Pick>
std::vector<std::size_t> loads(const CellGrid& grid, std::size_t shards, const Pick& pick) {
  std::vector<std::size_t> loads(shards, 0);
  for (std::size_t cell = 0; cell < grid.cells(); ++cell) {
    const std::size_t number = Shard::dealt_to(cell, grid, shards);
    EXPECT_TRUE(number >= 1 && number <= shards);
    if (pick(cell / grid.seeds / grid.strategies, cell / grid.seeds % grid.strategies)) ++loads[number - 1];
  }
  return loads;
}

std::size_t spread(const std::vector<std::size_t>& loads) {
  const auto [least, most] = std::ranges::minmax_element(loads);
  return *most - *least;
}

constexpr CellGrid kGrids[] = {{2, 4, 5}, {1, 4, 20}, {3, 7, 10}, {8, 5, 12}, {6, 4, 1}, {12, 3, 9}, {1, 1, 7}, {5, 11, 3}};

TEST(Shards, DifferByOneCellAtMostInAllAndOfEachStrategyAndGroup) {
  for (const CellGrid& grid : kGrids)
    for (std::size_t n = 1; n <= 23; ++n) {
      EXPECT_LE(spread(loads(grid, n, [](auto, auto) { return true; })), 1U);
      for (std::size_t s = 0; s < grid.strategies; ++s) {
        EXPECT_LE(spread(loads(grid, n, [&](auto, auto strategy) { return strategy == s; })), 1U) << n;
        EXPECT_LE(spread(loads(grid, n, [&](auto block, auto strategy) { return strategy == s && block == grid.blocks / 2; })), 1U) << n;
      }
    }
}

// cell % n gave the first five shards two strategies and the last five the others.
TEST(Shards, MixStrategiesAndProblems) {
  const CellGrid grid{2, 4, 5};
  for (std::size_t s = 0; s < 4; ++s) EXPECT_EQ(spread(loads(grid, 10, [&](auto, auto strategy) { return strategy == s; })), 0U);
  for (std::size_t b = 0; b < 2; ++b) EXPECT_EQ(spread(loads(grid, 10, [&](auto block, auto) { return block == b; })), 0U);
}

TEST(Shards, HoldEachCellOnceAndKnowTheirSize) {
  for (const CellGrid& grid : kGrids)
    for (const std::size_t n : {1U, 2U, 7U, 40U, 500U}) {
      std::vector<std::size_t> held(grid.cells(), 0);
      for (std::size_t number = 1; number <= n; ++number) {
        const Shard shard{number, n};
        std::size_t size = 0;
        for (std::size_t cell = 0; cell < grid.cells(); ++cell)
          if (shard.holds(cell, grid)) ++held[cell], ++size;
        EXPECT_EQ(shard.size(grid), size) << number << "/" << n;
      }
      EXPECT_EQ(std::ranges::count(held, 1U), static_cast<std::ptrdiff_t>(grid.cells()));
    }
}

// Stores of earlier days are resumed and merged by this rule: it may not change without another format.
TEST(Shards, AreDealtAsEver) {
  const CellGrid grid{2, 3, 4};
  std::vector<std::size_t> numbers;
  for (std::size_t cell = 0; cell < grid.cells(); ++cell) numbers.push_back(Shard::dealt_to(cell, grid, 5));
  EXPECT_EQ(numbers, (std::vector<std::size_t>{1, 2, 3, 4, 4, 5, 1, 2, 2, 3, 4, 5, 5, 1, 2, 3, 3, 4, 5, 1, 1, 2, 3, 4}));
}

}  // namespace
}  // namespace tonne
