#include "search/strategies/multi_objective/nadir_point.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace tonne {
namespace {

constexpr double kAxisWeight = 1e-6;   // of the other axes
constexpr double kLeastExtent = 1e-9;  // parts of the members' extent; below it an axis has none

using Row = std::array<double, kMaxObjectives + 1>;

// Solves the m x m system whose right-hand sides stand in column m, by elimination with row pivots; empty where it is
// singular.
Objectives solved(std::array<Row, kMaxObjectives>& rows, std::size_t m) {
  for (std::size_t k = 0; k < m; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < m; ++i)
      if (std::abs(rows[i][k]) > std::abs(rows[pivot][k])) pivot = i;
    if (!(std::abs(rows[pivot][k]) > 0.0)) return {};
    std::swap(rows[k], rows[pivot]);
    for (std::size_t i = k + 1; i < m; ++i) {
      const double factor = rows[i][k] / rows[k][k];
      for (std::size_t j = k; j <= m; ++j) rows[i][j] -= factor * rows[k][j];
    }
  }
  Objectives x(m, 0.0);
  for (std::size_t k = m; k-- > 0;) {
    double rest = rows[k][m];
    for (std::size_t j = k + 1; j < m; ++j) rest -= rows[k][j] * x[j];
    x[k] = rest / rows[k][k];
  }
  return x;
}

Objectives worst_of(std::span<const Objectives> points) {
  Objectives worst = points.front();
  for (const Objectives& point : points)
    for (std::size_t j = 0; j < worst.size(); ++j) worst[j] = std::max(worst[j], point[j]);
  return worst;
}

}  // namespace

void NadirPoint::update(std::span<const Objectives> front, std::span<const Objectives> members) {
  if (ideal_.empty()) ideal_ = front.front();
  for (const Objectives& point : front)
    for (std::size_t j = 0; j < ideal_.size(); ++j) ideal_[j] = std::min(ideal_[j], point[j]);
  update_extremes(front);
  const Objectives cut = intercepts();
  const Objectives worst_of_front = worst_of(front);
  const Objectives worst = worst_of(members);
  bool usable = !cut.empty();
  for (std::size_t j = 0; usable && j < cut.size(); ++j)
    usable = cut[j] > kLeastExtent * (worst[j] - ideal_[j]) && ideal_[j] + cut[j] <= worst[j];
  nadir_ = worst_of_front;
  for (std::size_t j = 0; j < nadir_.size(); ++j) {
    if (usable) nadir_[j] = ideal_[j] + cut[j];
    if (!(nadir_[j] - ideal_[j] > kLeastExtent * (worst[j] - ideal_[j]))) nadir_[j] = worst[j];
  }
}

void NadirPoint::update_extremes(std::span<const Objectives> front) {
  const std::size_t m = ideal_.size();
  std::vector<Objectives> candidates = extremes_;
  candidates.insert(candidates.end(), front.begin(), front.end());
  extremes_.assign(m, candidates.front());
  for (std::size_t axis = 0; axis < m; ++axis) {
    double least = std::numeric_limits<double>::infinity();
    for (const Objectives& point : candidates) {
      double greatest = 0.0;
      for (std::size_t j = 0; j < m; ++j)
        greatest = std::max(greatest, (point[j] - ideal_[j]) / (j == axis ? 1.0 : kAxisWeight));
      if (greatest >= least) continue;
      least = greatest;
      extremes_[axis] = point;
    }
  }
}

// Of the axes with the plane through the extreme points, from the ideal point; empty where there is none.
Objectives NadirPoint::intercepts() const {
  const std::size_t m = ideal_.size();
  std::array<Row, kMaxObjectives> rows{};
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < m; ++j) rows[i][j] = extremes_[i][j] - ideal_[j];
    rows[i][m] = 1.0;
  }
  Objectives cut = solved(rows, m);
  for (double& value : cut) value = 1.0 / value;
  return std::ranges::all_of(cut, [](double value) { return std::isfinite(value); }) ? cut : Objectives{};
}

Objectives NadirPoint::normalised(const Objectives& losses) const {
  Objectives result = losses;
  for (std::size_t j = 0; j < result.size(); ++j) {
    const double extent = nadir_[j] - ideal_[j];
    result[j] = (losses[j] - ideal_[j]) / (extent > 0.0 ? extent : 1.0);
  }
  return result;
}

}  // namespace tonne
