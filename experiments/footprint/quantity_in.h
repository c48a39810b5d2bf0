#pragma once
// Quantities that may be absent, as plain numbers.

#include <optional>

namespace tonne {

/// The quantity in units of `unit`, where there is one.
template <class Q>
[[nodiscard]] std::optional<double> in(const std::optional<Q>& value, Q unit) {
  return value ? std::optional(*value / unit) : std::nullopt;
}

}  // namespace tonne
