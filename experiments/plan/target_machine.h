#pragma once
// A machine that stands beside the search's own: what an objective is charged on, where a result is used.

#include <string>

#include "cost_models/cluster_settings.h"

namespace tonne {

class CostModel;
class Problem;
class YamlNode;
struct YamlSource;

/// A device's name, or the settings of a cluster. Throws InputError.
[[nodiscard]] ClusterSettings read_machine(const YamlNode& node, const YamlSource& source,
                                           const std::string& path);

/// Charges one evaluation of the problem: what the cost model lacks for it (a peak, a price) is said, as
/// InputError, before anything is spent.
void try_charging(const CostModel& cost, const Problem& problem);

}  // namespace tonne
