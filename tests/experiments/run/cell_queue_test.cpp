#include "experiments/run/cell_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <queue>
#include <vector>

namespace tonne {
namespace {

using Cells = std::vector<std::size_t>;

// 0 to 3 of one kind, 4 to 7 of another and so on.
Cells four_of_each(std::size_t kinds) {
  Cells list(4 * kinds);
  for (std::size_t i = 0; i < list.size(); ++i) list[i] = i / 4;
  return list;
}

TEST(CellQueue, BeginsWithOneOfEachKindAndGoesOnWithTheLongest) {
  CellQueue queue(four_of_each(3), std::vector<double>(12, 1.0));
  Cells order;
  const std::vector<double> seconds = {1.0, 9.0, 3.0};
  while (const auto cell = queue.next()) {
    order.push_back(*cell);
    queue.ended(*cell, seconds[*cell / 4]);
  }
  EXPECT_EQ(order, (Cells{0, 4, 8, 5, 6, 7, 9, 10, 11, 1, 2, 3}));
  EXPECT_EQ(queue.next(), std::nullopt);
}

TEST(CellQueue, GoesOnWithAKindOfWhichNoneHasEndedYet) {
  CellQueue queue(four_of_each(2), std::vector<double>(8, 1.0));
  EXPECT_EQ(queue.next(), 0U);
  EXPECT_EQ(queue.next(), 4U);
  queue.ended(0, 100.0);
  EXPECT_EQ(queue.next(), 5U) << "4 runs still: its kind may take longer than any";
  queue.ended(4, 1000.0);
  EXPECT_EQ(queue.next(), 6U);
}

TEST(CellQueue, TakesTheLargerOfAKindFirst) {
  CellQueue queue(Cells{0, 0, 0, 1}, std::vector<double>{1.0, 5.0, 2.0, 1.0});
  EXPECT_EQ(queue.next(), 1U);
  EXPECT_EQ(queue.next(), 3U);
  queue.ended(1, 10.0);  // 2 s for each unit
  queue.ended(3, 3.0);
  EXPECT_EQ(queue.next(), 2U) << "4 s are expected of it";
  EXPECT_DOUBLE_EQ(*queue.seconds_left(), 2.0 * (1.0 + 2.0));
}

TEST(CellQueue, TellsTheTimeLeft) {
  CellQueue queue(four_of_each(2), std::vector<double>(8, 1.0));
  EXPECT_EQ(queue.seconds_left(), std::nullopt);
  EXPECT_EQ(queue.next(), 0U);
  queue.ended(0, 2.0);
  EXPECT_DOUBLE_EQ(*queue.seconds_left(), 14.0) << "nothing is known of the other kind";
  EXPECT_EQ(queue.next(), 4U);
  queue.ended(4, 10.0);
  EXPECT_DOUBLE_EQ(*queue.seconds_left(), 3 * 2.0 + 3 * 10.0);
}

TEST(CellQueue, IsEmptyWithoutCells) { EXPECT_EQ(CellQueue({}, {}).next(), std::nullopt); }

// Two simulated threads: each takes the next cell as soon as it is free. The last to end is at most a short cell after the
// other.
TEST(CellQueue, LeavesNoThreadAloneWithALongCell) {
  const std::vector<double> seconds = {1.0, 2.0, 40.0, 7.0, 3.0};
  Cells kinds;
  for (std::size_t seed = 0; seed < 20; ++seed)
    for (std::size_t kind = 0; kind < seconds.size(); ++kind) kinds.push_back(kind);
  CellQueue queue(kinds, std::vector<double>(kinds.size(), 1.0));
  using Running = std::pair<double, std::size_t>;  // its end, and the cell
  std::priority_queue<Running, std::vector<Running>, std::greater<>> running;
  const auto start = [&](double now) {
    if (const auto cell = queue.next()) running.push({now + seconds[kinds[*cell]], *cell});
  };
  start(0.0);
  start(0.0);
  double end = 0.0;
  while (!running.empty()) {
    const auto [now, cell] = running.top();
    running.pop();
    end = now;
    queue.ended(cell, seconds[kinds[cell]]);
    start(now);
  }
  const double all = 20.0 * std::accumulate(seconds.begin(), seconds.end(), 0.0);
  EXPECT_LE(end, 0.5 * all + 1.0);
}

}  // namespace
}  // namespace tonne
