#pragma once
// What ends a search.

#include <cstdint>
#include <optional>

#include "core/units.h"

namespace tonne {

/// Totals that end a search; the first one reached does. They count what has been committed: trials in full from
/// their start, the strategy's computing and the waiting of workers as they happen. The final retraining is apart.
struct Budget {
  std::optional<std::uint64_t> evaluations = std::nullopt;  ///< trials that trained (cached ones are free)
  std::optional<double> fidelity = std::nullopt;  ///< sum of what was trained, in the problem's unit (epochs)
  std::optional<Duration> time = std::nullopt;    ///< simulated time from start to the end of the last trial
  std::optional<Energy> energy = std::nullopt;
  std::optional<Carbon> carbon = std::nullopt;    ///< operational and embodied
  std::optional<Money> money = std::nullopt;

  [[nodiscard]] bool empty() const {
    return !evaluations && !fidelity && !time && !energy && !carbon && !money;
  }
};

}  // namespace tonne
