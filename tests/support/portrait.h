#pragma once
// The portrait of a problem whose space can be listed: what its landscape looks like, without any search.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <vector>

#include "core/problem.h"

namespace tonne::testing {

/// True values of all configurations of a space of categoricals and ordinals without conditions; of those
/// that fail, NaN. Smaller is better.
class Portrait {
 public:
  explicit Portrait(const Problem& problem) {
    const SearchSpace& space = problem.space();
    Configuration configuration(space.size());
    std::size_t count = 1;
    for (std::size_t i = 0; i < space.size(); ++i) {
      sizes_.push_back(static_cast<std::size_t>(*cardinality(space[i].domain)));
      strides_.push_back(count);
      count *= sizes_.back();
    }
    values_.reserve(count);
    for (std::size_t at = 0; at < count; ++at) {
      for (std::size_t i = 0; i < space.size(); ++i) configuration.set(i, static_cast<double>(level(at, i)));
      const bool fails = problem.evaluate({configuration, 0.0, problem.traits().fidelity.highest}, Random(1))
                             .failure.has_value();
      values_.push_back(fails ? std::numeric_limits<double>::quiet_NaN() : problem.true_value(configuration));
      if (!fails) order_.push_back(at);
    }
    std::ranges::sort(order_, {}, [&](std::size_t at) { return values_[at]; });
    ranks_.assign(count, std::numeric_limits<double>::quiet_NaN());
    for (std::size_t i = 0; i < order_.size(); ++i)
      ranks_[order_[i]] = static_cast<double>(i) / static_cast<double>(order_.size());
  }

  [[nodiscard]] std::size_t valid() const { return order_.size(); }
  [[nodiscard]] double failing_share() const {
    return 1.0 - static_cast<double>(order_.size()) / static_cast<double>(values_.size());
  }
  [[nodiscard]] double quantile(double q) const {
    return values_[order_[static_cast<std::size_t>(q * static_cast<double>(order_.size() - 1))]];
  }
  /// Share of the variance of the values' ranks that the parameter alone explains (functional ANOVA).
  [[nodiscard]] double importance(std::size_t i) const { return explained({i}); }
  /// The share that both together explain, beyond each alone.
  [[nodiscard]] double interaction(std::size_t i, std::size_t j) const {
    return explained({i, j}) - importance(i) - importance(j);
  }
  /// Correlation of the ranks of neighbours: all pairs that differ in one parameter.
  [[nodiscard]] double neighbour_correlation() const {
    double sum = 0.0;
    double pairs = 0.0;
    for (const std::size_t at : order_)
      for_neighbours(at, [&](std::size_t other) {
        sum += (ranks_[at] - .5) * (ranks_[other] - .5);
        pairs += 1.0;
      });
    return sum / pairs * 12.0;
  }
  [[nodiscard]] std::size_t local_optima() const {
    std::size_t count = 0;
    for (const std::size_t at : order_) {
      bool best = true;
      for_neighbours(at, [&](std::size_t other) { best = best && values_[other] >= values_[at]; });
      count += best ? 1 : 0;
    }
    return count;
  }
  /// Chance that changing one parameter of a configuration between two quantiles improves it, among
  /// neighbours that do not fail.
  [[nodiscard]] double improving(double from, double to) const {
    double better = 0.0;
    double all = 0.0;
    for (const std::size_t at : order_) {
      if (ranks_[at] < from || ranks_[at] >= to) continue;
      for_neighbours(at, [&](std::size_t other) {
        better += values_[other] < values_[at] ? 1.0 : 0.0;
        all += 1.0;
      });
    }
    return better / all;
  }
  /// Share of the best `fraction` whose parameter i has this level.
  [[nodiscard]] double share_of_best(double fraction, std::size_t i, std::size_t wanted) const {
    return share_of(order_.begin(), fraction, i, wanted);
  }
  [[nodiscard]] double share_of_worst(double fraction, std::size_t i, std::size_t wanted) const {
    return share_of(order_.rbegin(), fraction, i, wanted);
  }

 private:
  template <class Iterator>
  [[nodiscard]] double share_of(Iterator first, double fraction, std::size_t i, std::size_t wanted) const {
    const auto members = static_cast<std::ptrdiff_t>(fraction * static_cast<double>(order_.size()));
    const auto count = std::count_if(first, first + members, [&](std::size_t at) { return level(at, i) == wanted; });
    return static_cast<double>(count) / static_cast<double>(members);
  }
  [[nodiscard]] std::size_t level(std::size_t at, std::size_t i) const {
    return at / strides_[i] % sizes_[i];
  }

  template <class Visit>
  void for_neighbours(std::size_t at, Visit visit) const {
    for (std::size_t i = 0; i < sizes_.size(); ++i)
      for (std::size_t other = 0; other < sizes_[i]; ++other) {
        if (other == level(at, i)) continue;
        const std::size_t neighbour = at - level(at, i) * strides_[i] + other * strides_[i];
        if (!std::isnan(values_[neighbour])) visit(neighbour);
      }
  }

  [[nodiscard]] double explained(const std::vector<std::size_t>& parameters) const {
    std::size_t groups = 1;
    for (const std::size_t i : parameters) groups *= sizes_[i];
    std::vector<double> sums(groups, 0.0);
    std::vector<double> counts(groups, 0.0);
    for (const std::size_t at : order_) {
      std::size_t group = 0;
      for (const std::size_t i : parameters) group = group * sizes_[i] + level(at, i);
      sums[group] += ranks_[at] - .5;
      counts[group] += 1.0;
    }
    double between = 0.0;
    for (std::size_t g = 0; g < groups; ++g)
      if (counts[g] > 0.0) between += sums[g] * sums[g] / counts[g];
    return between / static_cast<double>(order_.size()) * 12.0;
  }

  std::vector<std::size_t> sizes_;
  std::vector<std::size_t> strides_;
  std::vector<double> values_;
  std::vector<double> ranks_;
  std::vector<std::size_t> order_;  // of those that do not fail, best first
};

}  // namespace tonne::testing
