#pragma once
// Settings and workloads that several tests of the cost models share.

#include <string>

#include "cost_models/cluster_settings.h"

namespace tonne::testing {

/// A V100 in the default host, on a grid of 500 g/kWh.
inline ClusterSettings plain_cluster() {
  ClusterSettings settings;
  settings.own_grid.intensity = 500.0 * gram_per_kilowatt_hour;
  return settings;
}

/// A training run of an hour or so.
inline Workload training(double flops = 1e16, double bytes = 1e14, double steps = 1e4) {
  Workload workload;
  workload.flops = flops * flop;
  workload.traffic = bytes * byte;
  workload.steps = steps;
  return workload;
}

}  // namespace tonne::testing
