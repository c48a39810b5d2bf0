// Hypervolume of 1 to 5 objectives and the parts of it that single points hold (declared in core/pareto.h).

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "core/bucket_sort.h"
#include "core/pareto.h"

namespace tonne {
namespace {

// A point's coordinates, packed: sorting and sweeping go through memory in order.
template <std::size_t m>
using Point = std::array<double, m>;

template <std::size_t m>
Point<m> packed(const Objectives& point) {
  Point<m> result;
  std::copy_n(point.begin(), m, result.begin());
  return result;
}

template <std::size_t m>
bool is_below(const Objectives& point, const Point<m>& reference) {
  for (std::size_t j = 0; j < m; ++j)
    if (!(point[j] < reference[j] && point[j] > -std::numeric_limits<double>::infinity())) return false;
  return true;
}

template <std::size_t m>
std::vector<Point<m>> below(std::span<const Objectives> points, const Point<m>& reference) {
  std::vector<Point<m>> kept;
  kept.reserve(points.size());
  for (const Objectives& point : points)
    if (is_below(point, reference)) kept.push_back(packed<m>(point));
  return kept;
}

// Ascending by the last objective; ties by the one before.
template <std::size_t m>
void sort_by_last(std::vector<Point<m>>& points) {
  bucket_sort(
      points, [](const Point<m>& point) { return point[m - 1]; },
      [](const Point<m>& a, const Point<m>& b) {
        for (std::size_t j = m; j-- > 1;)
          if (a[j] != b[j]) return a[j] < b[j];
        return a[0] < b[0];
      });
}

template <std::size_t m>
Point<m - 1> without_last(const Point<m>& point) {
  Point<m - 1> result;
  std::copy_n(point.begin(), m - 1, result.begin());
  return result;
}

template <std::size_t m>
double box(const Point<m>& point, const Point<m>& reference) {
  double product = 1.0;
  for (std::size_t j = 0; j < m; ++j) product *= reference[j] - point[j];
  return product;
}

// Without branches: which objective decides is a matter of chance.
template <std::size_t m>
bool covers(const Point<m>& a, const Point<m>& b) {
  bool nowhere_worse = true;
  for (std::size_t j = 0; j < m; ++j) nowhere_worse &= a[j] <= b[j];
  return nowhere_worse;
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

// What is reused from one volume to the next.
struct Scratch {
  Staircase staircase;
  std::vector<Point<3>> spatial;
};

// The volume() of m objectives takes points below the reference and sorts them as it needs.

double volume(std::vector<Point<1>>& points, const Point<1>& reference, Scratch&) {
  double best = reference[0];
  for (const auto& [x] : points) best = std::min(best, x);
  return reference[0] - best;
}

double volume(std::vector<Point<2>>& points, const Point<2>& reference, Scratch&) {
  sort_by_last(points);
  double sum = 0.0;
  double ceiling = reference[0];
  for (const auto& [x, y] : points) {
    if (x >= ceiling) continue;
    sum += (ceiling - x) * (reference[1] - y);
    ceiling = x;
  }
  return sum;
}

// The third objective sweeps upwards over points that ascend by it.
double swept(std::span<const Point<3>> rising, const Point<3>& reference, Staircase& staircase) {
  staircase.clear(reference[0], reference[1]);
  double sum = 0.0;
  for (std::size_t i = 0; i < rising.size(); ++i) {
    staircase.add(rising[i][0], rising[i][1]);
    const double next = i + 1 < rising.size() ? rising[i + 1][2] : reference[2];
    sum += staircase.area() * (next - rising[i][2]);
  }
  return sum;
}

double volume(std::vector<Point<3>>& points, const Point<3>& reference, Scratch& scratch) {
  sort_by_last(points);
  return swept(points, reference, scratch.staircase);
}

// What a point dominates beyond `others`, which ascend by the third objective.
double exclusive_volume(std::span<const Point<3>> others, const Point<3>& point, const Point<3>& reference,
                        Staircase& staircase) {
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
// reference. Those that share the lowest value of the fourth (in a limit set most of them) are one sweep.
double volume(std::vector<Point<4>>& points, const Point<4>& reference, Scratch& scratch) {
  if (points.empty()) return 0.0;
  sort_by_last(points);
  const Point<3> upper = without_last(reference);
  std::vector<Point<3>>& met = scratch.spatial;  // ascending by the third objective
  met.clear();
  std::size_t i = 0;
  for (; i < points.size() && points[i][3] == points[0][3]; ++i) met.push_back(without_last(points[i]));
  double sum = swept(met, upper, scratch.staircase) * (reference[3] - points[0][3]);
  for (; i < points.size(); ++i) {
    const Point<3> point = without_last(points[i]);
    sum += exclusive_volume(met, point, upper, scratch.staircase) * (reference[3] - points[i][3]);
    std::erase_if(met, [&](const Point<3>& other) { return covers(point, other); });
    met.insert(std::ranges::upper_bound(met, point[2], {}, [](const Point<3>& other) { return other[2]; }), point);
  }
  return sum;
}

// Of `others` what lies in the point's box: each moved to where it begins there, and of these only those that
// no other covers. One that covers the whole box is returned alone.
template <std::size_t m>
void limit(std::span<const Point<m>> others, const Point<m>& point, std::vector<Point<m>>& limited) {
  limited.clear();
  for (const Point<m>& other : others) {
    Point<m> moved;
    for (std::size_t j = 0; j < m; ++j) moved[j] = std::max(other[j], point[j]);
    const auto cover = std::ranges::find_if(limited, [&](const Point<m>& kept) { return covers(kept, moved); });
    if (cover != limited.end()) {
      std::iter_swap(cover, limited.begin());  // who covers one, soon covers another
      continue;
    }
    std::erase_if(limited, [&](const Point<m>& kept) { return covers(moved, kept); });
    limited.push_back(moved);
  }
}

// Likewise of m objectives: what the point dominates beyond others, in any order.
template <std::size_t m>
double exclusive(std::span<const Point<m>> others, const Point<m>& point, const Point<m>& reference,
                 std::vector<Point<m>>& limited, Scratch& scratch) {
  limit<m>(others, point, limited);
  if (limited.size() == 1 && covers(limited.front(), point)) return 0.0;
  return std::max(0.0, box(point, reference) - volume(limited, reference, scratch));
}

// The fifth objective sweeps upwards, as the fourth does.
double volume(std::vector<Point<5>>& points, const Point<5>& reference, Scratch& scratch) {
  sort_by_last(points);
  const Point<4> upper = without_last(reference);
  std::vector<Point<4>> met;
  std::vector<Point<4>> limited;
  double sum = 0.0;
  for (const Point<5>& point : points) {
    const Point<4> first = without_last(point);
    sum += exclusive<4>(met, first, upper, limited, scratch) * (reference[4] - point[4]);
    std::erase_if(met, [&](const Point<4>& other) { return covers(first, other); });
    met.push_back(first);
  }
  return sum;
}

template <std::size_t m>
double volume_of(std::span<const Objectives> points, const Objectives& reference) {
  const auto upper = packed<m>(reference);
  auto kept = below<m>(points, upper);
  Scratch scratch;
  return volume(kept, upper, scratch);
}

template <std::size_t m>
double exclusive_of(const Objectives& point, std::span<const Objectives> others, const Objectives& reference) {
  const auto upper = packed<m>(reference);
  if (!is_below(point, upper)) return 0.0;
  const auto kept = below<m>(others, upper);
  std::vector<Point<m>> limited;
  Scratch scratch;
  return exclusive<m>(kept, packed<m>(point), upper, limited, scratch);
}

template <std::size_t m>
std::vector<double> contributions_of(std::span<const Objectives> points, const Objectives& reference) {
  const auto upper = packed<m>(reference);
  std::vector<double> contributions(points.size(), 0.0);
  std::vector<std::size_t> inside;
  for (std::size_t i = 0; i < points.size(); ++i)
    if (is_below(points[i], upper)) inside.push_back(i);
  std::vector<Point<m>> others;
  std::vector<Point<m>> limited;
  Scratch scratch;
  for (const std::size_t i : inside) {
    others.clear();
    for (const std::size_t other : inside)
      if (other != i) others.push_back(packed<m>(points[other]));
    contributions[i] = exclusive<m>(others, packed<m>(points[i]), upper, limited, scratch);
  }
  return contributions;
}

}  // namespace

double hypervolume(std::span<const Objectives> points, const Objectives& reference) {
  switch (reference.size()) {
    case 1:
      return volume_of<1>(points, reference);
    case 2:
      return volume_of<2>(points, reference);
    case 3:
      return volume_of<3>(points, reference);
    case 4:
      return volume_of<4>(points, reference);
    default:
      return volume_of<5>(points, reference);
  }
}

double exclusive_hypervolume(const Objectives& point, std::span<const Objectives> others,
                             const Objectives& reference) {
  switch (reference.size()) {
    case 1:
      return exclusive_of<1>(point, others, reference);
    case 2:
      return exclusive_of<2>(point, others, reference);
    case 3:
      return exclusive_of<3>(point, others, reference);
    case 4:
      return exclusive_of<4>(point, others, reference);
    default:
      return exclusive_of<5>(point, others, reference);
  }
}

std::vector<double> hypervolume_contributions(std::span<const Objectives> points,
                                              const Objectives& reference) {
  switch (reference.size()) {
    case 1:
      return contributions_of<1>(points, reference);
    case 2:
      return contributions_of<2>(points, reference);
    case 3:
      return contributions_of<3>(points, reference);
    case 4:
      return contributions_of<4>(points, reference);
    default:
      return contributions_of<5>(points, reference);
  }
}

}  // namespace tonne
