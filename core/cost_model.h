#pragma once
// What a cost model is: work in, time, energy, carbon and money out.

#include <optional>

#include "core/problem.h"
#include "core/trial.h"
#include "core/units.h"

namespace tonne {

/// A cost model is immutable once made, and shared by all threads. `start` is simulated time since the start of
/// the experiment; a grid trace may end, and then every function that takes a start throws InputError.
class CostModel {
 public:
  virtual ~CostModel() = default;
  /// Whether the device's memory holds the workload.
  [[nodiscard]] virtual bool fits(const Workload& workload) const = 0;
  /// One worker busy with the workload.
  [[nodiscard]] virtual Charge charge(const Workload& workload, Duration start) const = 0;
  /// One worker that waits.
  [[nodiscard]] virtual Charge charge_idle(Duration length, Duration start) const = 0;
  /// The strategy's own computing, on the host's processor; the devices' waiting is not in it.
  [[nodiscard]] virtual Charge charge_computing(Work work, Duration start) const = 0;
};

}  // namespace tonne
