#include "search/strategies/multi_fidelity/soft_ranking.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "search/strategies/multi_fidelity/stopping_rules.h"

namespace tonne {
namespace {

std::vector<std::size_t> ranking(std::span<const double> losses) {
  std::vector<std::size_t> order(losses.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return losses[a] != losses[b] ? losses[a] < losses[b] : a < b;
  });
  return order;
}

// Whether the order at the end was the other one at some step before, and the same one before that.
bool changed_places_twice(const std::vector<double>& a, const std::vector<double>& b, double& comparisons) {
  bool order = a.back() > b.back();
  int changes = 0;
  for (std::size_t s = a.size() - 1; s-- > 0 && changes < 2;) {
    comparisons += 1.0;
    if ((a[s] > b[s]) == order) continue;
    order = !order;
    ++changes;
  }
  return changes == 2;
}

}  // namespace

NoiseEstimate noise_of(std::span<const std::vector<double>> curves, double percent) {
  NoiseEstimate estimate;
  RunningPercentile distances(percent);
  for (std::size_t i = 0; i < curves.size(); ++i)
    for (std::size_t j = i + 1; j < curves.size(); ++j)
      if (changed_places_twice(curves[i], curves[j], estimate.comparisons))
        distances.add(std::abs(curves[i].back() - curves[j].back()));
  estimate.found = distances.count() > 0;
  if (estimate.found) estimate.epsilon = distances.value();
  return estimate;
}

bool ranks_agree(std::span<const double> earlier, std::span<const double> later, double epsilon) {
  const std::vector<std::size_t> before = ranking(earlier);
  const std::vector<std::size_t> after = ranking(later);
  for (std::size_t place = 0; place < after.size(); ++place)
    if (std::abs(earlier[after[place]] - earlier[before[place]]) > epsilon) return false;
  return true;
}

}  // namespace tonne
