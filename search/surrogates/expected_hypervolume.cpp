#include "search/surrogates/expected_hypervolume.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>

#include "search/surrogates/acquisition.h"

namespace tonne {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
/// A sum of products above this has lost nothing to underflow that matters.
constexpr double kSafelyPositive = 1e-150;

// E[(level - Y)+] where it does not underflow.
double expected_improvement(double mean, double deviation, double level) {
  const double z = (level - mean) / deviation;
  const double h = kInvSqrtTwoPi * std::exp(-0.5 * z * z) + z * 0.5 * std::erfc(-z / std::numbers::sqrt2);
  return deviation * std::max(h, 0.0);
}

// log(exp(a) - exp(b)), a >= b.
double log_difference(double a, double b) {
  return a > b ? a + std::log1p(-std::exp(b - a)) : -kInfinite;
}

// The points that count: below the reference, not dominated, once each.
std::vector<Objectives> front_below(std::span<const Objectives> points, const Objectives& reference) {
  std::vector<Objectives> below;
  for (const Objectives& point : points) {
    bool inside = true;
    for (std::size_t j = 0; j < reference.size(); ++j) inside = inside && point[j] < reference[j];
    if (inside) below.push_back(point);
  }
  const auto numbers = front_numbers(below);
  std::vector<Objectives> front;
  for (std::size_t i = 0; i < below.size(); ++i)
    if (numbers[i] == 0) front.push_back(below[i]);
  std::ranges::sort(front);
  const auto repeated = std::ranges::unique(front);
  front.erase(repeated.begin(), repeated.end());
  return front;
}

}  // namespace

ExpectedHypervolumeImprovement::ExpectedHypervolumeImprovement(std::span<const Objectives> points,
                                                               const Objectives& reference)
    : m_(reference.size()) {
  assert(m_ == 2 || m_ == 3);
  const std::vector<Objectives> front = front_below(points, reference);
  std::vector<std::array<std::uint32_t, kMostObjectives>> places(front.size());
  for (std::size_t j = 0; j < m_; ++j) {
    std::vector<double>& levels = levels_[j];
    levels = {-kInfinite, reference[j]};
    for (const Objectives& point : front) levels.push_back(point[j]);
    std::ranges::sort(levels);
    const auto repeated = std::ranges::unique(levels);
    levels.erase(repeated.begin(), repeated.end());
    for (std::size_t i = 0; i < front.size(); ++i)
      places[i][j] =
          static_cast<std::uint32_t>(std::ranges::lower_bound(levels, front[i][j]) - levels.begin());
    at_[j].resize(levels.size());
  }
  if (m_ == 2) {
    cut_plane(places);
  } else {
    sweep_space(places);
  }
  terms_.resize(boxes_.size());
}

// Strips between neighbours of the first objective, each open downwards from the value of the second that its
// left end has.
void ExpectedHypervolumeImprovement::cut_plane(
    const std::vector<std::array<std::uint32_t, kMostObjectives>>& front) {
  const auto reference = [&](std::size_t j) { return static_cast<std::uint32_t>(levels_[j].size() - 1); };
  std::uint32_t left = 0;
  std::uint32_t ceiling = reference(1);
  for (const auto& point : front) {  // ascending in the first objective
    boxes_.push_back({{left, 0, 0}, {point[0], ceiling, 0}});
    left = point[0];
    ceiling = point[1];
  }
  boxes_.push_back({{left, 0, 0}, {reference(0), ceiling, 0}});
}

// The third objective rises; each point cuts the strips of the staircase that it overlaps, and what is cut
// off ends as a box.
void ExpectedHypervolumeImprovement::sweep_space(
    const std::vector<std::array<std::uint32_t, kMostObjectives>>& front) {
  struct Strip {
    std::uint32_t left, right, ceiling, since;
  };
  const auto reference = [&](std::size_t j) { return static_cast<std::uint32_t>(levels_[j].size() - 1); };
  std::vector<Strip> strips = {{0, reference(0), reference(1), 0}};  // ascending in the first objective
  const auto end = [&](const Strip& strip, std::uint32_t left, std::uint32_t z) {
    if (strip.since < z) boxes_.push_back({{left, 0, strip.since}, {strip.right, strip.ceiling, z}});
  };
  auto rising = front;
  std::ranges::sort(rising, [](const auto& a, const auto& b) { return a[2] != b[2] ? a[2] < b[2] : a < b; });
  for (const auto& [x, y, z] : rising) {
    auto first = std::ranges::partition_point(strips, [&](const Strip& strip) { return strip.right <= x; });
    auto last = first;
    for (; last != strips.end() && last->ceiling > y; ++last) end(*last, std::max(last->left, x), z);
    if (first == last) continue;
    const Strip added = {x, std::prev(last)->right, y, z};
    if (first->left < x) (first++)->right = x;
    strips.insert(strips.erase(first, last), added);
  }
  for (const Strip& strip : strips) end(strip, strip.left, reference(2));
}

double ExpectedHypervolumeImprovement::log_value(std::span<const double> means,
                                                 std::span<const double> deviations) {
  for (std::size_t j = 0; j < m_; ++j)
    for (std::size_t i = 1; i < levels_[j].size(); ++i)
      at_[j][i].plain = expected_improvement(means[j], deviations[j], levels_[j][i]);
  double sum = 0.0;
  for (const Box& box : boxes_) {
    double product = 1.0;
    for (std::size_t j = 0; j < m_; ++j)
      product *= std::max(at_[j][box.upper[j]].plain - at_[j][box.lower[j]].plain, 0.0);
    sum += product;
  }
  if (sum > kSafelyPositive && std::isfinite(sum)) return std::log(sum);
  return log_value_with_gradient(means, deviations).log;
}

ExpectedHypervolumeImprovement::Value ExpectedHypervolumeImprovement::log_value_with_gradient(
    std::span<const double> means, std::span<const double> deviations) {
  for (std::size_t j = 0; j < m_; ++j) {
    at_[j][0].log = -kInfinite;
    for (std::size_t i = 1; i < levels_[j].size(); ++i) {
      const AcquisitionValue ei =
          log_expected_improvement_with_gradient(means[j], deviations[j], levels_[j][i]);
      at_[j][i].log = ei.value;
      at_[j][i].by_mean = ei.by_mean;
      at_[j][i].by_deviation = ei.by_deviation;
    }
  }
  double greatest = -kInfinite;
  for (std::size_t k = 0; k < boxes_.size(); ++k) {
    double term = 0.0;
    for (std::size_t j = 0; j < m_; ++j)
      term += log_difference(at_[j][boxes_[k].upper[j]].log, at_[j][boxes_[k].lower[j]].log);
    terms_[k] = term;
    greatest = std::max(greatest, term);
  }
  double sum = 0.0;
  Value value;
  for (std::size_t k = 0; k < boxes_.size(); ++k) {
    const double weight = std::exp(terms_[k] - greatest);
    sum += weight;
    if (!(weight > 0.0)) continue;
    for (std::size_t j = 0; j < m_; ++j) {
      // d log(EI(u) - EI(l)) = (d log EI(u) - w d log EI(l)) / (1 - w), w = EI(l) / EI(u).
      const Level& upper = at_[j][boxes_[k].upper[j]];
      const Level& lower = at_[j][boxes_[k].lower[j]];
      const double w = std::exp(lower.log - upper.log);
      value.by_mean[j] += weight * (upper.by_mean - w * lower.by_mean) / (1.0 - w);
      value.by_deviation[j] += weight * (upper.by_deviation - w * lower.by_deviation) / (1.0 - w);
    }
  }
  for (std::size_t j = 0; j < m_; ++j) {
    value.by_mean[j] /= sum;
    value.by_deviation[j] /= sum;
  }
  value.log = greatest + std::log(sum);
  return value;
}

double ExpectedHypervolumeImprovement::operations() const {
  double levels = 0.0;
  for (const auto& own : levels_) levels += static_cast<double>(own.size());
  return 50.0 * levels + 6.0 * static_cast<double>(boxes_.size());  // exp and erfc count about 20 each
}

Objectives inferred_reference(std::span<const Objectives> front, const Objectives& extent, double margin) {
  Objectives reference = front.front();
  for (std::size_t j = 0; j < reference.size(); ++j) {
    const auto by_j = [j](const Objectives& point) { return point[j]; };
    const double best = std::ranges::min(front, {}, by_j)[j];
    const double worst = std::ranges::max(front, {}, by_j)[j];
    double range = worst - best;
    if (!(range > 0.0)) range = extent[j];
    if (!(range > 0.0)) range = worst != 0.0 ? std::abs(worst) : 1.0;
    reference[j] = worst + margin * range;
  }
  return reference;
}

}  // namespace tonne
