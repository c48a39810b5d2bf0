#include "core/pareto.h"

#include <algorithm>
#include <array>
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

// The first m coordinates of a point, packed: sorting and sweeping go through memory in order.
template <std::size_t m>
using Point = std::array<double, m>;

// Points below the reference, ascending by the last objective.
template <std::size_t m>
std::vector<Point<m>> below(std::span<const Objectives> points, const Objectives& reference) {
  std::vector<Point<m>> kept;
  kept.reserve(points.size());
  for (const Objectives& point : points) {
    bool inside = true;
    for (std::size_t j = 0; j < m; ++j) inside = inside && point[j] < reference[j];
    if (!inside) continue;
    Point<m> packed;
    std::copy_n(point.begin(), m, packed.begin());
    kept.push_back(packed);
  }
  std::ranges::sort(kept, [](const Point<m>& a, const Point<m>& b) {
    for (std::size_t j = m; j-- > 1;)
      if (a[j] != b[j]) return a[j] < b[j];
    return a[0] < b[0];
  });
  return kept;
}

double length(std::span<const Objectives> points, const Objectives& reference) {
  double best = reference[0];
  for (const Objectives& point : points) best = std::min(best, point[0]);
  return reference[0] - best;
}

double area(std::span<const Objectives> points, const Objectives& reference) {
  double sum = 0.0;
  double ceiling = reference[0];
  for (const auto& [x, y] : below<2>(points, reference)) {
    if (x >= ceiling) continue;
    sum += (ceiling - x) * (reference[1] - y);
    ceiling = x;
  }
  return sum;
}

// The area that points of the plane dominate, as they come: their staircase, a sorted array.
class Staircase {
 public:
  void clear(double width, double height) {
    steps_.assign({{-std::numeric_limits<double>::infinity(), height},
                   {width, -std::numeric_limits<double>::infinity()}});
    area_ = 0.0;
  }

  void add(double x, double y) {
    auto right = std::ranges::upper_bound(steps_, x, {}, [](const Point<2>& step) { return step[0]; });
    const auto left = std::prev(right);
    if ((*left)[1] <= y) return;                        // dominated
    const auto first = (*left)[0] == x ? left : right;  // of those that the point replaces
    double from = x;
    double ceiling = (*left)[1];
    while ((*right)[1] >= y) {
      area_ += ((*right)[0] - from) * (ceiling - y);
      from = (*right)[0];
      ceiling = (*right)[1];
      ++right;
    }
    area_ += ((*right)[0] - from) * (ceiling - y);
    if (first == right) {
      steps_.insert(right, {x, y});
      return;
    }
    *first = {x, y};
    steps_.erase(std::next(first), right);
  }
  [[nodiscard]] double area() const { return area_; }

 private:
  std::vector<Point<2>> steps_;  // x ascending, y descending; sentinels at both ends
  double area_ = 0.0;
};

// The third objective sweeps upwards.
double volume(std::span<const Objectives> points, const Objectives& reference) {
  const auto rising = below<3>(points, reference);
  Staircase staircase;
  staircase.clear(reference[0], reference[1]);
  double sum = 0.0;
  for (std::size_t i = 0; i < rising.size(); ++i) {
    staircase.add(rising[i][0], rising[i][1]);
    const double next = i + 1 < rising.size() ? rising[i + 1][2] : reference[2];
    sum += staircase.area() * (next - rising[i][2]);
  }
  return sum;
}

// What a point dominates in the first three objectives beyond those of `others`, which ascend by the third.
double exclusive_volume(const std::vector<Point<3>>& others, const Point<3>& point,
                        const Objectives& reference, Staircase& staircase) {
  staircase.clear(reference[0] - point[0], reference[1] - point[1]);
  const double whole = (reference[0] - point[0]) * (reference[1] - point[1]);
  double z = point[2];
  double sum = 0.0;
  for (const Point<3>& other : others) {
    if (other[2] > z) {
      sum += (whole - staircase.area()) * (other[2] - z);
      z = other[2];
    }
    staircase.add(std::max(0.0, other[0] - point[0]), std::max(0.0, other[1] - point[1]));
    if (!(staircase.area() < whole)) return sum;
  }
  return sum + (whole - staircase.area()) * (reference[2] - z);
}

// The fourth objective sweeps upwards; each point adds what it alone dominates of the other three, up to the
// reference.
double hypervolume_of_four(std::span<const Objectives> points, const Objectives& reference) {
  std::vector<Point<3>> met;  // not dominated in the first three objectives, ascending by the third
  Staircase staircase;
  double sum = 0.0;
  for (const auto& [x, y, z, w] : below<4>(points, reference)) {
    const Point<3> point = {x, y, z};
    sum += exclusive_volume(met, point, reference, staircase) * (reference[3] - w);
    std::erase_if(met, [&](const Point<3>& other) {
      return other[0] >= point[0] && other[1] >= point[1] && other[2] >= point[2];
    });
    const auto by_third = [](const Point<3>& other) { return other[2]; };
    met.insert(std::ranges::upper_bound(met, point[2], {}, by_third), point);
  }
  return sum;
}

// The fifth objective sweeps upwards; between two points the other four dominate a volume of their own.
double hypervolume_of_five(std::span<const Objectives> points, const Objectives& reference) {
  const Objectives below_fifth(reference.begin(), reference.end() - 1);
  const auto rising = below<5>(points, reference);
  std::vector<Objectives> met;
  double sum = 0.0;
  for (std::size_t i = 0; i < rising.size(); ++i) {
    met.emplace_back(rising[i].begin(), rising[i].end() - 1);
    const double next = i + 1 < rising.size() ? rising[i + 1][4] : reference[4];
    if (next > rising[i][4]) sum += hypervolume_of_four(met, below_fifth) * (next - rising[i][4]);
  }
  return sum;
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

double hypervolume(std::span<const Objectives> points, const Objectives& reference) {
  switch (reference.size()) {
    case 1:
      return length(points, reference);
    case 2:
      return area(points, reference);
    case 3:
      return volume(points, reference);
    case 4:
      return hypervolume_of_four(points, reference);
    default:
      return hypervolume_of_five(points, reference);
  }
}

}  // namespace tonne
