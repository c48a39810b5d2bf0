#include "core/rank_correlation.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <tuple>
#include <vector>

namespace tonne {
namespace {

std::uint64_t pairs(std::uint64_t count) {
  return count * (count - 1) / 2;
}

// Pairs that are equal in a sorted range.
template <class Equal>
std::uint64_t tied_pairs(std::size_t count, Equal equal) {
  std::uint64_t tied = 0;
  for (std::size_t begin = 0; begin < count;) {
    std::size_t end = begin + 1;
    while (end < count && equal(begin, end)) ++end;
    tied += pairs(end - begin);
    begin = end;
  }
  return tied;
}

// Sorts, and counts the pairs that stood in the wrong order (equal ones do not).
std::uint64_t sort_counting_inversions(std::vector<double>& values) {
  std::vector<double> merged(values.size());
  std::uint64_t inversions = 0;
  for (std::size_t width = 1; width < values.size(); width *= 2) {
    for (std::size_t begin = 0; begin < values.size(); begin += 2 * width) {
      const std::size_t middle = std::min(begin + width, values.size());
      const std::size_t end = std::min(begin + 2 * width, values.size());
      std::size_t left = begin;
      std::size_t right = middle;
      for (std::size_t at = begin; at < end; ++at) {
        const bool from_right = left == middle || (right < end && values[right] < values[left]);
        if (from_right) inversions += middle - left;
        merged[at] = values[from_right ? right++ : left++];
      }
    }
    values.swap(merged);
  }
  return inversions;
}

}  // namespace

double kendall_tau(std::span<const double> a, std::span<const double> b) {
  assert(a.size() == b.size());
  const std::size_t n = a.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::tuple(a[i], b[i], i); });
  const std::uint64_t tied_a =
      tied_pairs(n, [&](std::size_t i, std::size_t j) { return a[order[i]] == a[order[j]]; });
  const std::uint64_t tied_both = tied_pairs(n, [&](std::size_t i, std::size_t j) {
    return a[order[i]] == a[order[j]] && b[order[i]] == b[order[j]];
  });
  std::vector<double> by_a(n);
  for (std::size_t i = 0; i < n; ++i) by_a[i] = b[order[i]];
  const std::uint64_t discordant = sort_counting_inversions(by_a);
  const std::uint64_t tied_b =
      tied_pairs(n, [&](std::size_t i, std::size_t j) { return by_a[i] == by_a[j]; });
  const std::uint64_t all = n > 1 ? pairs(n) : 0;
  if (all == tied_a || all == tied_b) return 0.0;
  const auto untied =
      static_cast<double>(all - tied_a - tied_b + tied_both);  // in neither: concordant and discordant
  return (untied - 2.0 * static_cast<double>(discordant)) / std::sqrt(static_cast<double>(all - tied_a)) /
         std::sqrt(static_cast<double>(all - tied_b));
}

}  // namespace tonne
