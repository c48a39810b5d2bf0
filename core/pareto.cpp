#include "core/pareto.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace tonne {
namespace {

std::vector<std::uint32_t> lexicographic_order(std::span<const Objectives> points) {
  std::vector<std::uint32_t> order(points.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
    const auto [i, j] = std::ranges::mismatch(points[a], points[b]);
    return i == points[a].end() ? a < b : *i < *j;
  });
  return order;
}

}  // namespace

bool dominates(const Objectives& a, const Objectives& b) {
  bool better = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
    better = better || a[i] < b[i];
  }
  return better;
}

std::vector<std::uint32_t> front_numbers(std::span<const Objectives> points) {
  std::vector<std::uint32_t> numbers(points.size());
  std::vector<std::vector<std::uint32_t>> fronts;
  // In lexicographic order nobody is dominated by a later one. With two objectives the last of a front
  // dominates whatever any of it dominates; with more all of them are asked, the last first.
  const auto is_dominated = [&](const std::vector<std::uint32_t>& front, std::uint32_t p) {
    if (points[p].size() == 2) return dominates(points[front.back()], points[p]);
    for (std::size_t i = front.size(); i-- > 0;)
      if (dominates(points[front[i]], points[p])) return true;
    return false;
  };
  for (const std::uint32_t p : lexicographic_order(points)) {
    const auto place =
        std::ranges::partition_point(fronts, [&](const auto& front) { return is_dominated(front, p); });
    numbers[p] = static_cast<std::uint32_t>(place - fronts.begin());
    if (place == fronts.end()) {
      fronts.push_back({p});
    } else {
      place->push_back(p);
    }
  }
  return numbers;
}

std::vector<double> crowding_distances(std::span<const Objectives> points) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  std::vector<double> distances(points.size(), 0.0);
  if (points.empty()) return distances;
  std::vector<std::uint32_t> order(points.size());
  for (std::size_t m = 0; m < points.front().size(); ++m) {
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
      return points[a][m] != points[b][m] ? points[a][m] < points[b][m] : a < b;
    });
    const double range = points[order.back()][m] - points[order.front()][m];
    distances[order.front()] = kInfinite;
    distances[order.back()] = kInfinite;
    if (!(range > 0.0)) continue;
    for (std::size_t i = 1; i + 1 < order.size(); ++i)
      distances[order[i]] += (points[order[i + 1]][m] - points[order[i - 1]][m]) / range;
  }
  return distances;
}

}  // namespace tonne
