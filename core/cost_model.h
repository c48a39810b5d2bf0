#pragma once
// What a cost model is: work in, time, energy, carbon and money out.

#include <optional>

#include "core/problem.h"
#include "core/trial.h"
#include "core/units.h"

namespace tonne {

/// A rented device that its owner takes back now and then (spot, pre-emptible). Interruptions are a Poisson process in
/// the time that a worker computes; what was trained since the last checkpoint is lost and trained again.
struct Preemption {
  Duration interval{};  ///< mean time between interruptions of one worker, > 0
  Duration restart{};   ///< until another device stands ready; nothing is charged meanwhile
  std::optional<Duration> checkpoint = std::nullopt;  ///< training time between checkpoints; none: all is lost
};

class Sites;

/// A cost model is immutable once made, and shared by all threads. `start` is simulated time since the start of
/// the experiment; a grid trace may end, and then every function that takes a start throws InputError.
class CostModel {
 public:
  virtual ~CostModel() = default;
  /// Whether the device's memory holds the workload.
  [[nodiscard]] virtual bool fits(const Workload& workload) const = 0;
  /// One worker busy with the workload.
  [[nodiscard]] virtual Charge charge(const Workload& workload, Duration start) const = 0;
  /// The first `length` of charge(workload, start), at the workload's mean power. Precondition: 0 <= length and
  /// not longer than that charge's time.
  [[nodiscard]] virtual Charge charge_part(const Workload& workload, Duration start, Duration length) const = 0;
  /// How often a worker is taken away; none: never.
  [[nodiscard]] virtual std::optional<Preemption> preemption() const { return std::nullopt; }
  /// Mean carbon intensity of the grid over [start, start + length]; none where it is the same for ever.
  [[nodiscard]] virtual std::optional<Intensity> intensity(Duration start, Duration length) const {
    static_cast<void>(start);
    static_cast<void>(length);
    return std::nullopt;
  }
  /// Until when the grid's intensity is known; none: for ever.
  [[nodiscard]] virtual std::optional<Duration> horizon() const { return std::nullopt; }
  /// How many uses one forward pass serves; each waits for the whole pass, and pays for its part of it.
  [[nodiscard]] virtual double uses_per_pass() const { return 1.0; }
  /// The places among which trials can be sent (core/sites.h); null where there is only this one. The model itself is
  /// that of home.
  [[nodiscard]] virtual const Sites* sites() const { return nullptr; }
  /// One worker that waits.
  [[nodiscard]] virtual Charge charge_idle(Duration length, Duration start) const = 0;
  /// The strategy's own computing, on the host's processor; the devices' waiting is not in it.
  [[nodiscard]] virtual Charge charge_computing(Work work, Duration start) const = 0;
};

}  // namespace tonne
