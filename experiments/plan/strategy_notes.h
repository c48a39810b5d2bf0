#pragma once
// Strategies whose point a problem takes away: those that stop trainings early, where nothing can be trained in part.

#include <string>
#include <vector>

#include "experiments/plan/experiment.h"

namespace tonne {

/// A sentence for each strategy of the experiment that decides how long candidates train, and has no choice on some of the
/// problems; without a full stop.
[[nodiscard]] std::vector<std::string> strategy_notes(const Experiment& experiment);

}  // namespace tonne
