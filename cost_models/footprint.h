#pragma once
// The footprint of device-hours: hours x watts x PUE x intensity, rent by time. The arithmetic is
// MachineCostModel's; what is measured (time and power) stands instead of a model of the device.

#include "core/trial.h"
#include "core/units.h"

namespace tonne {

/// Equal devices that work for the same time. What is left at zero is not counted.
struct DeviceUse {
  double devices = 1.0;
  Duration time{};
  Power power{};          ///< mean of one device with its share of the host, facility excluded
  double pue = 1.0;       ///< facility energy per IT energy, >= 1
  Intensity intensity{};  ///< of the grid, constant
  PriceRate price{};      ///< rent of one device
};

/// Energy (facility included), operational carbon and money of all devices together: Strubell et al. 2019,
/// equation 1, with the power measured; Patterson et al. 2021, section 2.5. Preconditions: nothing negative,
/// pue >= 1.
[[nodiscard]] Usage footprint(const DeviceUse& use);

}  // namespace tonne
