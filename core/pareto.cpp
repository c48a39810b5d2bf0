#include "core/pareto.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <utility>

#include "core/bucket_sort.h"

namespace tonne {
namespace {

// A point's coordinates, packed with its index: sorting goes through memory in order.
template <std::size_t m>
struct IndexedPoint {
  std::array<double, m> at;
  std::uint32_t index;
};

template <std::size_t m>
std::vector<IndexedPoint<m>> lexicographic_order(std::span<const Objectives> points) {
  std::vector<IndexedPoint<m>> rows(points.size());
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    std::copy_n(points[i].begin(), m, rows[i].at.begin());
    rows[i].index = i;
  }
  bucket_sort(
      rows, [](const auto& row) { return row.at[0]; },
      [](const auto& a, const auto& b) {
        for (std::size_t j = 0; j + 1 < m; ++j)
          if (a.at[j] != b.at[j]) return a.at[j] < b.at[j];
        return a.at[m - 1] < b.at[m - 1];
      });
  return rows;
}

// What fronts keep of their points, which come in lexicographic order and each only once: enough to tell whether one of
// them is nowhere worse than a later point. Nobody is worse than a later one in the first objective.

// Two objectives: the last point of a front dominates whatever any of it dominates, and its second objective tells.
class PlaneFronts {
 public:
  // How many fronts dominate the point: theirs ascend. Without branches: where it falls is a matter of chance.
  [[nodiscard]] std::size_t dominating(const std::array<double, 2>& point) const {
    std::size_t first = 0;
    for (std::size_t left = last_.size(); left > 0;) {
      const std::size_t half = (left + 1) / 2;
      const bool dominates = last_[first + half - 1] <= point[1];
      first += dominates ? half : 0;
      left = dominates ? left - half : half - 1;
    }
    return first;
  }
  void add(std::size_t front, const std::array<double, 2>& point) {
    if (front == last_.size()) last_.emplace_back();
    last_[front] = point[1];
  }

 private:
  std::vector<double> last_;
};

// Three objectives: the second and third of the points that no other of the front covers in these two, a staircase.
class StaircaseFronts {
 public:
  [[nodiscard]] std::size_t dominating(const std::array<double, 3>& point) const {
    const auto place = std::ranges::partition_point(fronts_, [&](const Staircase& steps) {
      const auto right = first_right_of(steps, point[1]);
      return right != steps.begin() && std::prev(right)->second <= point[2];
    });
    return static_cast<std::size_t>(place - fronts_.begin());
  }
  void add(std::size_t front, const std::array<double, 3>& point) {
    if (front == fronts_.size()) fronts_.emplace_back();
    Staircase& steps = fronts_[front];
    const auto first = std::ranges::lower_bound(steps, point[1], {}, &std::pair<double, double>::first);
    const auto end = std::find_if(first, steps.end(), [&](const auto& step) { return step.second < point[2]; });
    if (first == end) {
      steps.insert(first, {point[1], point[2]});
      return;
    }
    *first = {point[1], point[2]};
    steps.erase(std::next(first), end);
  }

 private:
  using Staircase = std::vector<std::pair<double, double>>;  // ascending by the first, descending by the second

  static Staircase::const_iterator first_right_of(const Staircase& steps, double y) {
    return std::ranges::upper_bound(steps, y, {}, &std::pair<double, double>::first);
  }

  std::vector<Staircase> fronts_;
};

// Any number: all points of a front are asked, the last first.
template <std::size_t m>
class ListedFronts {
 public:
  [[nodiscard]] std::size_t dominating(const std::array<double, m>& point) const {
    const auto place = std::ranges::partition_point(fronts_, [&](const auto& front) { return covers(front, point); });
    return static_cast<std::size_t>(place - fronts_.begin());
  }
  void add(std::size_t front, const std::array<double, m>& point) {
    if (front == fronts_.size()) fronts_.emplace_back();
    std::copy(point.begin() + 1, point.end(), fronts_[front].emplace_back().begin());
  }

 private:
  using Rest = std::array<double, m - 1>;  // all but the first objective

  // Without branches: which objective decides is a matter of chance.
  static bool covers(const std::vector<Rest>& front, const std::array<double, m>& point) {
    return std::any_of(front.rbegin(), front.rend(), [&](const Rest& other) {
      bool nowhere_worse = true;
      for (std::size_t j = 0; j + 1 < m; ++j) nowhere_worse &= other[j] <= point[j + 1];
      return nowhere_worse;
    });
  }

  std::vector<std::vector<Rest>> fronts_;
};

template <std::size_t m, class Fronts>
std::vector<std::uint32_t> numbers_by(std::span<const Objectives> points) {
  std::vector<std::uint32_t> numbers(points.size());
  Fronts fronts;
  const IndexedPoint<m>* before = nullptr;
  const auto rows = lexicographic_order<m>(points);
  for (const IndexedPoint<m>& row : rows) {
    const bool repeats = before != nullptr && before->at == row.at;
    const std::size_t front = repeats ? numbers[before->index] : fronts.dominating(row.at);
    numbers[row.index] = static_cast<std::uint32_t>(front);
    if (!repeats) fronts.add(front, row.at);
    before = &row;
  }
  return numbers;
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
  switch (points.empty() ? 0 : points.front().size()) {
    case 0:
      return std::vector<std::uint32_t>(points.size(), 0);
    case 1:
      return numbers_by<1, ListedFronts<1>>(points);
    case 2:
      return numbers_by<2, PlaneFronts>(points);
    case 3:
      return numbers_by<3, StaircaseFronts>(points);
    case 4:
      return numbers_by<4, ListedFronts<4>>(points);
    default:
      return numbers_by<5, ListedFronts<5>>(points);
  }
}

std::vector<double> crowding_distances(std::span<const Objectives> points) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  std::vector<double> distances(points.size(), 0.0);
  if (points.empty()) return distances;
  std::vector<std::pair<double, std::uint32_t>> order(points.size());
  for (std::size_t m = 0; m < points.front().size(); ++m) {
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = {points[i][m], i};
    bucket_sort(
        order, [](const auto& row) { return row.first; },
        [](const auto& a, const auto& b) { return a.first != b.first ? a.first < b.first : a.second < b.second; });
    const double range = order.back().first - order.front().first;
    distances[order.front().second] = kInfinite;
    distances[order.back().second] = kInfinite;
    if (!(range > 0.0 && range < kInfinite)) continue;  // infinite by infinite is no number
    for (std::size_t i = 1; i + 1 < order.size(); ++i)
      distances[order[i].second] += (order[i + 1].first - order[i - 1].first) / range;
  }
  return distances;
}

}  // namespace tonne
