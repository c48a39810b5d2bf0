#pragma once
// Samples and trials for tests of statistics.

#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

#include "core/random.h"

namespace tonne::testing {

using Values = std::vector<double>;
using Matrix = std::vector<Values>;

inline constexpr double kNever = std::numeric_limits<double>::infinity();

inline Values normal(Random& random, std::size_t count, double mean = 0.0) {
  Values values(count);
  for (double& value : values) value = mean + random.normal();
  return values;
}

/// How often an event happens in so many trials; each gets its own stream.
template <class Event>
double rate_of(std::size_t trials, std::string_view name, Event event) {
  const Random root = Random(2006).child(name);
  std::size_t count = 0;
  for (std::size_t i = 0; i < trials; ++i) {
    Random random = root.child(i);
    count += event(random) ? 1U : 0U;
  }
  return static_cast<double>(count) / static_cast<double>(trials);
}

}  // namespace tonne::testing
