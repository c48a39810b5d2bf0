#pragma once
// The cluster that results were charged on, and the same with other settings.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/cost_model.h"
#include "core/simulator.h"
#include "cost_models/cluster_settings.h"
#include "experiments/repricing/elsewhere.h"

namespace tonne {

struct StoredScenario;

/// What one scenario of a store says.
struct RecordedCluster {
  ClusterSettings cluster;
  SimulationOptions options;
};
/// Throws StoreError where the settings are damaged, InputError where the scenario has several sites.
[[nodiscard]] RecordedCluster recorded_cluster(const StoredScenario& scenario);

/// Throws InputError where a key is no setting of a cluster, a value is not one, or the number of workers would change.
[[nodiscard]] ClusterSettings changed_cluster(ClusterSettings cluster, std::span<const ClusterChange> changes);

/// Whether a setting changes where and when electricity is drawn or what is paid, and not how long work takes.
[[nodiscard]] bool keeps_times(const ClusterChange& change);

}  // namespace tonne
