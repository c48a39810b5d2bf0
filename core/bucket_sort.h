#pragma once
// Sorting by a number that is spread over its range, in linear time.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace tonne {

/// Sorts by `less`, whose first criterion is the number `key(row)`, never NaN. Each row goes into one of as many buckets of
/// equal width as there are rows, and few are left to compare: a fraction of the time of std::sort, whose branches nobody
/// can predict. Where the keys crowd into few buckets, or one is infinite, it is std::sort. Rows that are equal by `less`
/// may come in any order, the same on every machine only if they are equal in all.
template <class Row, class Key, class Less>
void bucket_sort(std::vector<Row>& rows, Key key, Less less) {
  constexpr std::size_t kFewest = 32;
  if (rows.size() < kFewest) {
    std::ranges::sort(rows, less);
    return;
  }
  double least = key(rows.front());
  double most = least;
  for (const Row& row : rows) {
    least = std::min(least, key(row));
    most = std::max(most, key(row));
  }
  const auto last = static_cast<double>(rows.size() - 1);
  const double scale = last / (most - least);
  if (!std::isfinite(scale) || !(scale > 0.0)) {
    std::ranges::sort(rows, less);
    return;
  }
  // Rounding keeps the order: of two numbers the lower one never lands in a higher bucket.
  const auto bucket_of = [&](const Row& row) {
    return static_cast<std::uint32_t>(std::min(last, (key(row) - least) * scale));
  };
  std::vector<std::uint32_t> ends(rows.size() + 1, 0);
  for (const Row& row : rows) ++ends[bucket_of(row) + 1];
  for (std::size_t b = 1; b < ends.size(); ++b) ends[b] += ends[b - 1];
  std::vector<Row> sorted(rows.size());
  for (const Row& row : rows) sorted[ends[bucket_of(row)]++] = row;
  std::uint32_t begin = 0;
  for (std::size_t b = 0; b + 1 < ends.size(); ++b) {
    if (ends[b] - begin > 1) std::sort(sorted.begin() + begin, sorted.begin() + ends[b], less);
    begin = ends[b];
  }
  rows = std::move(sorted);
}

}  // namespace tonne
