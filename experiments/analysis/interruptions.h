#pragma once
// What a scenario leaves out that pays the price of machines which may be taken away.

#include <string>

#include "experiments/results/records.h"

namespace tonne {

/// A sentence where a cluster pays spot prices and cluster.preemption.interval is not given: what that leaves out. Else
/// empty.
[[nodiscard]] std::string interruptions_note(const StoredScenario& place);

}  // namespace tonne
