#pragma once
// Candidates for surrogates that are trees, which have no gradient: moves of one parameter, and draws around good trials.

#include <functional>
#include <vector>

#include "core/random.h"
#include "core/search_space.h"

namespace tonne {

/// The one-exchange neighbourhood (Hutter et al. 2011, section 4.3): each other choice of a categorical parameter, and
/// `per_number` steps of any other one, of deviation `step` in unit coordinates. Appended to `out`.
void add_neighbours(const SearchSpace& space, const Configuration& centre, std::size_t per_number, double step,
                    Random& random, std::vector<Configuration>& out);

/// Moves each parameter that can move with probability 1 / (how many can), one at least: numbers by normal steps of a
/// deviation that is drawn log-uniformly from 0.001 to 0.2 for all of them.
void move_nearby(const SearchSpace& space, Configuration& configuration, Random& random);

/// A uniform draw that is not known; any one where a thousand draws in a row were: the space may be exhausted.
[[nodiscard]] Configuration draw_unknown(const SearchSpace& space, const std::function<bool(const Configuration&)>& known,
                                         Random& random);

/// Whether a model that was fitted after so many updates (0: never) has to be fitted again.
[[nodiscard]] bool refit_due(std::size_t updates, std::size_t fitted_at, double growth);

}  // namespace tonne
