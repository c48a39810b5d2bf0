#pragma once
// The footprint of one training, or of a search of many equal ones, from what is known of it: its hours or
// its arithmetic, its watts or its device. Nothing is simulated; the cost model is that of `tonne run`.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/units.h"
#include "experiments/footprint/estimate_figures.h"
#include "experiments/footprint/estimate_request.h"
#include "experiments/plan/estimate_spread.h"
#include "experiments/plan/estimate_use.h"

namespace tonne {

/// The answer, and everything needed to trace it.
struct Estimate {
  std::string name;
  std::int64_t devices = 1;
  double trials = 1.0;
  std::string device;        ///< empty: not named
  std::optional<Work> work;  ///< of one training, where it is known
  EstimatedUse use;
  std::optional<EstimateSpread> spread;  ///< where any figure is a distribution
  std::vector<EstimateFactor> factors;
  std::vector<std::string> notes;  ///< what is left out or assumed, in sentences
};

/// Throws InputError as make_cost_model(), and when the work does not suit the device.
[[nodiscard]] Estimate estimate(const EstimateRequest& request);

}  // namespace tonne
