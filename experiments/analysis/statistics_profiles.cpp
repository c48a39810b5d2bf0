// The distribution functions of experiments/statistics.h.

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "experiments/analysis/statistics.h"

namespace tonne {

std::vector<Step> ecdf(std::vector<double> values) {
  std::ranges::sort(values);
  std::vector<Step> steps;
  for (std::size_t i = 0; i < values.size() && values[i] < std::numeric_limits<double>::infinity(); ++i) {
    if (i + 1 < values.size() && values[i + 1] == values[i]) continue;  // the last of equal values counts all
    steps.push_back({values[i], static_cast<double>(i + 1) / static_cast<double>(values.size())});
  }
  return steps;
}

double part_until(std::span<const Step> steps, double x) {
  const auto next = std::ranges::upper_bound(steps, x, {}, &Step::at);
  return next == steps.begin() ? 0.0 : std::prev(next)->part;
}

std::vector<ProfilePoint> score_profile(std::span<const std::vector<double>> scores,
                                        std::span<const double> thresholds) {
  std::vector<ProfilePoint> profile;
  std::vector<IntervalEstimate> of_problems(scores.size());
  for (const double threshold : thresholds) {
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const auto above = std::ranges::count_if(scores[i], [&](double score) { return score > threshold; });
      of_problems[i] = proportion(static_cast<double>(above), scores[i].size());
    }
    profile.push_back({threshold, average(of_problems)});
  }
  return profile;
}

std::vector<std::vector<Step>> performance_profiles(const std::vector<std::vector<double>>& costs) {
  assert(!costs.empty());
  std::vector<double> least(costs.front());
  for (const auto& of_treatment : costs)
    for (std::size_t i = 0; i < least.size(); ++i) least[i] = std::min(least[i], of_treatment[i]);
  std::vector<std::vector<Step>> profiles;
  for (const auto& of_treatment : costs) {
    std::vector<double> ratios(of_treatment);
    for (std::size_t i = 0; i < ratios.size(); ++i)
      // Equal costs first: 0 / 0 is no number. Where all failed, all are infinite.
      if (std::isfinite(ratios[i])) ratios[i] = ratios[i] == least[i] ? 1.0 : ratios[i] / least[i];
    profiles.push_back(ecdf(std::move(ratios)));
  }
  return profiles;
}

}  // namespace tonne
