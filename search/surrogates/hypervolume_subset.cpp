#include "search/surrogates/hypervolume_subset.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "core/pareto.h"

namespace tonne {
namespace {

// The greedy choice, with what each point added when it was last looked at.
class Greedy {
 public:
  Greedy(std::span<const Objectives> points, const Objectives& reference)
      : points_(points), reference_(reference) {
    for (std::size_t i = 0; i < points.size(); ++i) heap_.push_back({volume_with(i), i, 0});
    std::ranges::make_heap(heap_, is_behind);
  }

  std::size_t choose() {
    for (;;) {
      std::ranges::pop_heap(heap_, is_behind);
      Gain& best = heap_.back();
      if (best.looked_at == chosen_.size()) break;
      best = {volume_with(best.point) - volume_, best.point, chosen_.size()};
      std::ranges::push_heap(heap_, is_behind);
    }
    const Gain best = heap_.back();
    heap_.pop_back();
    volume_ += best.gain;
    chosen_.push_back(points_[best.point]);
    return best.point;
  }
  [[nodiscard]] double operations() const { return operations_; }

 private:
  struct Gain {
    double gain;
    std::size_t point;
    std::size_t looked_at;  // how many were chosen then
  };
  static bool is_behind(const Gain& a, const Gain& b) {
    return a.gain != b.gain ? a.gain < b.gain : a.point > b.point;
  }

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
  std::vector<Gain> heap_;
  std::vector<Objectives> chosen_;
  double volume_ = 0.0;
  double operations_ = 0.0;
};

}  // namespace

HypervolumeSubset hypervolume_subset(std::span<const Objectives> points, std::size_t count,
                                     const Objectives& reference) {
  assert(count <= points.size());
  HypervolumeSubset result;
  const bool finite = std::ranges::all_of(reference, [](double value) { return std::isfinite(value); });
  if (!finite || count == points.size()) {
    result.chosen.resize(count);
    std::iota(result.chosen.begin(), result.chosen.end(), 0U);
    return result;
  }
  Greedy greedy(points, reference);
  while (result.chosen.size() < count) result.chosen.push_back(static_cast<std::uint32_t>(greedy.choose()));
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
