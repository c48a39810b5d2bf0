#pragma once
// What work a problem counts.

#include <vector>

#include "core/problem.h"

namespace tonne {

/// Of a full training of its default configuration, whose kind and precision stand for those of all candidates; with
/// `uses` also of a use of the result, where the problem knows it. Evaluates the default configuration once.
[[nodiscard]] std::vector<Workload> default_works(const Problem& problem, bool uses);

}  // namespace tonne
