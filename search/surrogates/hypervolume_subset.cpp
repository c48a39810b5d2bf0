#include "search/surrogates/hypervolume_subset.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/pareto.h"

namespace tonne {
namespace {

// The greedy choice, with what each point added when it was last looked at.
class Greedy {
 public:
  Greedy(std::span<const Objectives> points, const Objectives& reference)
      : points_(points), reference_(reference), gain_(points.size()), looked_at_(points.size(), 0) {
    for (std::size_t i = 0; i < points.size(); ++i) gain_[i] = volume_with(i);
  }

  std::size_t next() {
    for (;;) {
      const auto best = static_cast<std::size_t>(std::ranges::max_element(gain_) - gain_.begin());
      if (looked_at_[best] == chosen_.size()) return best;
      gain_[best] = volume_with(best) - volume_;
      looked_at_[best] = chosen_.size();
    }
  }
  void choose(std::size_t i) {
    volume_ += gain_[i];
    chosen_.push_back(points_[i]);
    gain_[i] = -std::numeric_limits<double>::infinity();
  }
  [[nodiscard]] double operations() const { return operations_; }

 private:
  double volume_with(std::size_t i) {
    chosen_.push_back(points_[i]);
    const double volume = hypervolume(chosen_, reference_);
    const auto size = static_cast<double>(chosen_.size());
    operations_ += 8.0 * static_cast<double>(reference_.size()) * size * std::log2(size + 1.0);
    chosen_.pop_back();
    return volume;
  }

  std::span<const Objectives> points_;
  const Objectives& reference_;
  std::vector<double> gain_;
  std::vector<std::size_t> looked_at_;  // how many were chosen then
  std::vector<Objectives> chosen_;
  double volume_ = 0.0;
  double operations_ = 0.0;
};

}  // namespace

HypervolumeSubset hypervolume_subset(std::span<const Objectives> points, std::size_t count, const Objectives& reference) {
  assert(count <= points.size());
  HypervolumeSubset result;
  const bool finite = std::ranges::all_of(reference, [](double value) { return std::isfinite(value); });
  if (!finite || count == points.size()) {
    result.chosen.resize(count);
    std::iota(result.chosen.begin(), result.chosen.end(), 0U);
    return result;
  }
  Greedy greedy(points, reference);
  while (result.chosen.size() < count) {
    const std::size_t next = greedy.next();
    greedy.choose(next);
    result.chosen.push_back(static_cast<std::uint32_t>(next));
  }
  result.operations = greedy.operations();
  return result;
}

Objectives reference_behind(std::span<const Objectives> points) {
  constexpr double kSmallest = 1e-12;  // where the worst is 0
  Objectives reference = points.front();
  for (const Objectives& point : points)
    for (std::size_t j = 0; j < point.size(); ++j) reference[j] = std::max(reference[j], point[j]);
  for (double& value : reference) value = value == 0.0 ? kSmallest : std::max(1.1 * value, 0.9 * value);
  return reference;
}

}  // namespace tonne
