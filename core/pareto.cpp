#include "core/pareto.h"

#include <algorithm>
#include <limits>
#include <map>
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

// Points below the reference, sorted by the last objective, the best first.
std::vector<Objectives> below(std::span<const Objectives> points, const Objectives& reference) {
  std::vector<Objectives> kept;
  for (const Objectives& point : points) {
    bool inside = true;
    for (std::size_t i = 0; i < reference.size(); ++i) inside = inside && point[i] < reference[i];
    if (inside) kept.push_back(point);
  }
  std::ranges::sort(kept, [](const Objectives& a, const Objectives& b) {
    for (std::size_t i = a.size(); i-- > 0;)
      if (a[i] != b[i]) return a[i] < b[i];
    return false;
  });
  return kept;
}

double area(std::vector<Objectives> points, const Objectives& reference) {
  double sum = 0.0;
  double ceiling = reference[0];
  for (const Objectives& point : points) {  // ascending in the second objective
    if (point[0] >= ceiling) continue;
    sum += (ceiling - point[0]) * (reference[1] - point[1]);
    ceiling = point[0];
  }
  return sum;
}

// The staircase of the points met so far, and its area; the third objective sweeps upwards.
class Staircase {
 public:
  Staircase(double width, double height) {
    steps_.emplace(-std::numeric_limits<double>::infinity(), height);
    steps_.emplace(width, -std::numeric_limits<double>::infinity());
    width_ = width;
  }

  /// Adds a point (x, y); the area that it adds is added.
  void add(double x, double y) {
    auto left = std::prev(steps_.upper_bound(x));
    if (left->second <= y) return;  // dominated
    auto right = std::next(left);
    double from = x;
    double ceiling = left->second;
    while (right->first < width_ && right->second >= y) {
      area_ += (right->first - from) * (ceiling - y);
      from = right->first;
      ceiling = right->second;
      right = steps_.erase(right);
    }
    area_ += (right->first - from) * (ceiling - y);
    steps_.insert_or_assign(x, y);
  }
  [[nodiscard]] double area() const { return area_; }

 private:
  std::map<double, double> steps_;  // y by x, descending; sentinels at both ends
  double width_ = 0.0;
  double area_ = 0.0;
};

double volume(const std::vector<Objectives>& points, const Objectives& reference) {
  Staircase staircase(reference[0], reference[1]);
  double sum = 0.0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    staircase.add(points[i][0], points[i][1]);
    const double next = i + 1 < points.size() ? points[i + 1][2] : reference[2];
    sum += staircase.area() * (next - points[i][2]);
  }
  return sum;
}

double box(const Objectives& point, const Objectives& reference) {
  double product = 1.0;
  for (std::size_t i = 0; i < reference.size(); ++i) product *= reference[i] - point[i];
  return product;
}

double sorted_hypervolume(const std::vector<Objectives>& points, const Objectives& reference);

// What a point dominates beyond those that follow it.
double exclusive(const std::vector<Objectives>& points, std::size_t k, const Objectives& reference) {
  std::vector<Objectives> limited;
  for (std::size_t i = k + 1; i < points.size(); ++i) {
    Objectives worse = points[i];
    for (std::size_t j = 0; j < worse.size(); ++j) worse[j] = std::max(worse[j], points[k][j]);
    const auto covers = [&](const Objectives& other) { return other == worse || dominates(other, worse); };
    if (std::ranges::any_of(limited, covers)) continue;
    std::erase_if(limited, [&](const Objectives& other) { return dominates(worse, other); });
    limited.push_back(worse);
  }
  return box(points[k], reference) - sorted_hypervolume(below(limited, reference), reference);
}

double sorted_hypervolume(const std::vector<Objectives>& points, const Objectives& reference) {
  if (points.empty()) return 0.0;
  if (reference.size() == 1) return reference[0] - points.front()[0];
  if (reference.size() == 2) return area(points, reference);
  if (reference.size() == 3) return volume(points, reference);
  double sum = 0.0;
  for (std::size_t k = 0; k < points.size(); ++k) sum += exclusive(points, k, reference);
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
  // In lexicographic order nobody is dominated by a later one. With two objectives the last of a front dominates whatever
  // any of it dominates; with more all of them are asked, the last first.
  const auto is_dominated = [&](const std::vector<std::uint32_t>& front, std::uint32_t p) {
    if (points[p].size() == 2) return dominates(points[front.back()], points[p]);
    for (std::size_t i = front.size(); i-- > 0;)
      if (dominates(points[front[i]], points[p])) return true;
    return false;
  };
  for (const std::uint32_t p : lexicographic_order(points)) {
    const auto place = std::ranges::partition_point(fronts, [&](const auto& front) { return is_dominated(front, p); });
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
  return sorted_hypervolume(below(points, reference), reference);
}

}  // namespace tonne
