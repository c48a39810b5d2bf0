#include "core/bucket_sort.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/random.h"

namespace tonne {
namespace {

using Row = std::pair<double, std::uint32_t>;

void expect_sorted_as_by_std_sort(std::vector<Row> rows) {
  std::vector<Row> expected = rows;
  std::ranges::sort(expected);
  bucket_sort(rows, [](const Row& row) { return row.first; }, std::less<>{});
  EXPECT_EQ(rows, expected);
}

std::vector<Row> rows_of(std::size_t count, auto&& value) {
  Random random(count);
  std::vector<Row> rows;
  for (std::uint32_t i = 0; i < count; ++i) rows.emplace_back(value(random), static_cast<std::uint32_t>(random.below(50)));
  return rows;
}

TEST(BucketSort, SortsAsStdSortWhateverTheSpread) {
  for (const std::size_t count : {0U, 1U, 31U, 32U, 500U}) {
    expect_sorted_as_by_std_sort(rows_of(count, [](Random& random) { return random.uniform(); }));
    expect_sorted_as_by_std_sort(rows_of(count, [](Random& random) { return random.normal() * 1e-300; }));
    expect_sorted_as_by_std_sort(rows_of(count, [](Random& random) { return std::pow(10.0, 600.0 * random.uniform() - 300.0); }));
    expect_sorted_as_by_std_sort(rows_of(count, [](Random& random) { return std::floor(3.0 * random.uniform()) - 1.0; }));
    expect_sorted_as_by_std_sort(rows_of(count, [](Random&) { return 7.0; }));
  }
}

TEST(BucketSort, SortsInfiniteKeysAndRangesBeyondTheGreatestNumber) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr double kMost = std::numeric_limits<double>::max();
  for (const double extreme : {kInfinity, -kInfinity, kMost, -kMost})
    expect_sorted_as_by_std_sort(rows_of(100, [&](Random& random) { return random.bernoulli(0.1) ? extreme : random.normal(); }));
  expect_sorted_as_by_std_sort(rows_of(100, [&](Random& random) { return random.bernoulli(0.5) ? kMost : -kMost; }));
}

}  // namespace
}  // namespace tonne
