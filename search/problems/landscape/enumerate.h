#pragma once

#include "core/problem.h"

namespace tonne {

/// The lowest true value of a problem whose parameters are all discrete and always active: each configuration
/// is asked for.
[[nodiscard]] double lowest_true_value(const Problem& problem);

}  // namespace tonne
