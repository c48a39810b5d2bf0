#pragma once
// When a device was busy, and what it draws when it is not.

#include <cstddef>
#include <optional>
#include <vector>

#include "experiments/meters/energy.h"
#include "experiments/meters/meter_log.h"

namespace tonne::meters {

/// The span for which a reading stands, and its power.
struct Point {
  Span span;
  Power power{};
};
/// Readings of power, each for half of the way to its neighbours (at most 2.5 median steps); means over
/// intervals and changes of a counter for their interval.
[[nodiscard]] std::vector<Point> points_of(const Device& device);

struct Activity {
  /// From the first to the last reading above a quarter of the way from the lowest to the highest power, both
  /// after a running median of three that takes single spikes away. nullopt: power is even (below 1.25 times,
  /// or 3 W, from lowest to highest), or fewer than five readings.
  std::optional<Span> span;
  std::size_t readings = 0;           ///< within it
  std::size_t before = 0, after = 0;  ///< readings outside of it
  /// The longest stretch within it that is not above that quarter; nullopt: none.
  std::optional<Span> pause;
};
[[nodiscard]] Activity find_activity(const Device& device);

/// Median power of the readings outside of `active`; nullopt for fewer than three.
[[nodiscard]] std::optional<Power> idle_outside(const Device& device, const Span& active);
/// Median power of the readings within a span; nullopt for none.
[[nodiscard]] std::optional<Power> idle_within(const Device& device, const Span& span);

/// How often readings repeat the one before: a sensor that is read more often than it renews its value.
struct Renewal {
  std::size_t readings = 0;
  std::size_t changes = 0;
  [[nodiscard]] double readings_a_change() const {
    return changes == 0 ? 0.0 : static_cast<double>(readings) / static_cast<double>(changes);
  }
};
/// Of readings within a span.
[[nodiscard]] Renewal renewal_within(const Device& device, const Span& span);

}  // namespace tonne::meters
