#pragma once

#include <functional>

#include "core/problem.h"

namespace tonne {

/// Calls `visit` with each configuration of a space whose parameters are all discrete and always active, the
/// first parameter's value changing fastest.
void for_each_configuration(const SearchSpace& space, const std::function<void(const Configuration&)>& visit);

/// The lowest true value of a problem whose parameters are all discrete and always active: each configuration
/// is asked for.
[[nodiscard]] double lowest_true_value(const Problem& problem);

}  // namespace tonne
