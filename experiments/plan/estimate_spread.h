#pragma once
// How sure an estimate is: intervals by Monte Carlo, and which figure moves it most.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/units.h"
#include "experiments/plan/estimate_use.h"

namespace tonne {

class SettingsVisitor;

/// `uncertainty:` of an estimate.
struct SpreadSettings {
  std::int64_t draws = 1000;
  std::int64_t seed = 0;
  double level = 0.95;  ///< of the intervals

  void visit(SettingsVisitor& visitor);
};

/// A figure that is known as a distribution only.
struct UncertainInput {
  std::string key;
  std::string text;                          ///< as the user wrote it
  std::function<double(double)> quantile;    ///< of a probability within (0, 1)
  std::function<std::string(double)> shown;  ///< a value for people
};

template <class Q>
struct Interval {
  Q low{};
  Q high{};
};

/// The answer with one figure at its 5 % and 95 % quantile and all others at their medians.
struct Swing {
  std::string key;
  std::string distribution;
  std::string low_value;  ///< of the figure
  std::string high_value;
  Carbon at_low{};  ///< operational and embodied
  Carbon at_high{};
};

struct EstimateSpread {
  SpreadSettings settings;
  Interval<Duration> time;
  Interval<Energy> energy;
  Interval<Carbon> operational;
  Interval<Carbon> carbon;
  std::optional<Interval<Money>> money;
  std::optional<Interval<Water>> water;
  std::vector<Swing> swings;  ///< the widest first
};

/// The use with these values of the inputs, in their order.
using UseAt = std::function<EstimatedUse(std::span<const double>)>;

/// Draw k of an input is its quantile at a number that depends on seed, key and k only: no input's draws
/// depend on which others there are. Precondition: one input or more. Throws what `use_at` throws.
[[nodiscard]] EstimateSpread estimate_spread(const SpreadSettings& settings,
                                             std::span<const UncertainInput> inputs, const UseAt& use_at);

}  // namespace tonne
