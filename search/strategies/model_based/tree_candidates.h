#pragma once
// Candidates for surrogates that are trees, which have no gradient.

#include <cstdint>
#include <functional>
#include <vector>

#include "core/random.h"
#include "core/search_space.h"

namespace tonne {

/// The one-exchange neighbourhood (Hutter et al. 2011, section 4.3): each other choice of a categorical
/// parameter, and `per_number` steps of any other one, of deviation `step` in unit coordinates. Appended to
/// `out`.
void add_neighbours(const SearchSpace& space, const Configuration& centre, std::size_t per_number,
                    double step, Random& random, std::vector<Configuration>& out);

using Known = std::function<bool(const Configuration&)>;

/// `count` uniform draws without those that are known.
void draw_candidates(const SearchSpace& space, std::int64_t count, const Known& known, Random& random,
                     std::vector<Configuration>& out);

/// A uniform draw that is not known; any one where a thousand draws in a row were: the space may be
/// exhausted.
[[nodiscard]] Configuration draw_unknown(const SearchSpace& space, const Known& known, Random& random);

/// Whether a model that was fitted after so many updates (0: never) has to be fitted again.
[[nodiscard]] bool refit_due(std::size_t updates, std::size_t fitted_at, double growth);

}  // namespace tonne
