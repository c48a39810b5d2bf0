#pragma once
// Several places for one cluster: a trial runs at one of them, and is charged by that place's electricity.

#include <cstddef>
#include <optional>
#include <string>

#include "core/cost_model.h"
#include "core/trial.h"
#include "core/units.h"

namespace tonne {

/// Places that have the same machines and share the cluster's workers. They are numbered from 0, which is
/// home: there workers wait, the strategy computes, and the data of trials stand between their runs.
/// Immutable, shared by threads.
class Sites {
 public:
  virtual ~Sites() = default;
  [[nodiscard]] virtual std::size_t count() const = 0;
  [[nodiscard]] virtual const std::string& name(std::size_t site) const = 0;
  /// What a trial is charged by there. All sites read the same clock.
  [[nodiscard]] virtual const CostModel& cost(std::size_t site) const = 0;
  /// Most trials that may run there at once; none: as many as the cluster has workers.
  [[nodiscard]] virtual std::optional<std::size_t> workers(std::size_t site) const = 0;
  /// Operational carbon of a kilowatt-hour that machines draw there, mean over [start, start + length], with
  /// what the facility adds. Throws InputError outside the site's trace.
  [[nodiscard]] virtual Intensity intensity(std::size_t site, Duration start, Duration length) const = 0;
  /// Moving a trial's data from home to another site, to be there at `start`, and its results back. Throws
  /// InputError where a trace does not cover the time from `start` - delay() on.
  [[nodiscard]] virtual Charge transfer(std::size_t site, Duration start) const = 0;
  /// From the decision to run a trial at another site to its earliest start there.
  [[nodiscard]] virtual Duration delay() const = 0;
};

/// What a trial is charged by at a site: at home the model itself. Precondition: there is such a site.
[[nodiscard]] inline const CostModel& cost_at(const CostModel& cost, std::size_t site) {
  return site == 0 ? cost : cost.sites()->cost(site);
}

/// The workload's charge at a site, with the transfer of its data where that is not home.
[[nodiscard]] inline Charge charge_at(const CostModel& cost, std::size_t site, const Workload& workload,
                                      Duration start) {
  Charge charge = cost_at(cost, site).charge(workload, start);
  if (site != 0) charge += cost.sites()->transfer(site, start);
  return charge;
}

}  // namespace tonne
