#pragma once
// What the tests of strategies share.

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/recipes.h"
#include "tests/support/search_loop.h"

namespace tonne::testing {

inline std::vector<std::string> names(const char* prefix, std::size_t count) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < count; ++i) result.push_back(prefix + std::to_string(i));
  return result;
}

inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/// Median over seeds 1..`seeds` of the simple regret after each of `counts` evaluations (ascending).
inline std::vector<double> median_regrets(std::string_view strategy, const std::string& settings,
                                          const Problem& problem, const std::vector<std::size_t>& counts,
                                          std::uint64_t seeds) {
  const auto recipe = strategy_recipe(strategy, settings);
  std::vector<std::vector<double>> regrets(counts.size());
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto instance = recipe->make({problem.space(), problem.traits(), 1.0, 1});
    const LoopResult result = search_loop(*instance, problem, counts.back(), seed);
    for (std::size_t i = 0; i < counts.size(); ++i)
      regrets[i].push_back(result.best_true_value[counts[i] - 1] - *problem.optimum());
  }
  std::vector<double> medians;
  for (const auto& values : regrets) medians.push_back(median(values));
  return medians;
}

}  // namespace tonne::testing
