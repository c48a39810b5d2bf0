#pragma once
// What a training or search uses, in every account.

#include <optional>

#include "core/units.h"

namespace tonne {

/// What the run uses. An account that nobody published a figure for is absent, never zero.
struct EstimatedUse {
  Duration time{};         ///< of one training
  Duration makespan{};     ///< of all of them
  Duration device_time{};  ///< of all devices of all trainings
  Power power{};           ///< mean of one device with its share of the host
  Power host_power{};      ///< that share, where the device's own power is known apart
  Energy machines{};       ///< devices and hosts
  Energy facility{};       ///< cooling and distribution
  Intensity intensity{};   ///< mean over the makespan
  Carbon operational{};
  std::optional<Carbon> embodied;
  std::optional<Money> rent;
  std::optional<Money> electricity;
  std::optional<Money> levies;  ///< on carbon
  std::optional<Water> water;

  [[nodiscard]] Energy energy() const { return machines + facility; }
  [[nodiscard]] Carbon carbon() const { return operational + embodied.value_or(Carbon{}); }
  /// Absent when none is known.
  [[nodiscard]] std::optional<Money> money() const;
};

}  // namespace tonne
