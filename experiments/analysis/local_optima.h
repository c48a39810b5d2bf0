#pragma once
// Local optima of a search space: where a search by single edits ends.

#include <cstddef>
#include <functional>
#include <optional>
#include <span>

#include "core/search_space.h"

namespace tonne {

/// Configurations no neighbour of which is better, a neighbour having another value for one parameter; those
/// that fail are neither.
struct LocalOptima {
  double share = 0.0;           ///< of the configurations examined
  double standard_error = 0.0;  ///< of the share; 0 where all were examined
  std::size_t examined = 0;
  double count = 0.0;  ///< in the whole space
  bool exhaustive = false;
};

/// Larger spaces are sampled.
inline constexpr double kMostEnumerated = 100'000;

/// All configurations of a space of at most kMostEnumerated, otherwise as many of `samples` (which do not
/// fail) as a limited number of neighbours allows, evenly among them. `loss`: smaller is better; nothing of a
/// configuration that fails. Nothing of a space with real or conditional parameters, whose neighbours cannot
/// be counted, or with samples none.
[[nodiscard]] std::optional<LocalOptima> local_optima(
    const SearchSpace& space, std::span<const Configuration> samples,
    const std::function<std::optional<double>(const Configuration&)>& loss);

}  // namespace tonne
