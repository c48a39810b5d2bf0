#pragma once
// The machines, places and times that a repricing compares.

#include <cstddef>
#include <string>
#include <vector>

namespace tonne {

/// A setting of the cluster, in place of the recorded one.
struct ClusterChange {
  std::string key;    ///< as in `cluster:` of an experiment; a dot leads into a group: "facility.pue"
  std::string value;  ///< as YAML: "H100", "{intensity: 50 g/kWh}"
};
/// The settings of one column of a comparison. None: the searches as they were, computed again.
struct Elsewhere {
  std::string label;
  std::vector<ClusterChange> changes;
};

/// A comparison of more places is refused.
inline constexpr std::size_t kMostPlaces = 10'000;

}  // namespace tonne
