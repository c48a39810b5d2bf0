#pragma once
// Candidates for surrogates that are trees, which have no gradient: moves of one parameter, and draws around good trials.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/random.h"
#include "core/search_space.h"
#include "core/settings.h"

namespace tonne {

/// The one-exchange neighbourhood (Hutter et al. 2011, section 4.3): each other choice of a categorical parameter, and
/// `per_number` steps of any other one, of deviation `step` in unit coordinates. Appended to `out`.
void add_neighbours(const SearchSpace& space, const Configuration& centre, std::size_t per_number, double step,
                    Random& random, std::vector<Configuration>& out);

/// How many candidates an ask scores.
struct CandidateCounts {
  std::int64_t anywhere = 0;    ///< uniform draws
  std::int64_t nearby = 0;      ///< moves of the best trials
  std::int64_t incumbents = 10;  ///< so many best trials

  /// Declares `candidates`, `near_candidates` and `incumbents`.
  void visit(SettingsVisitor& visitor);
};

using Known = std::function<bool(const Configuration&)>;

/// Uniform draws, then moves of each of `centres` (at least one if any nearby are wanted) in turn; those that are known are
/// left out. A move moves each parameter that can move with probability 1 / (how many can), one at least: numbers by normal
/// steps of a deviation that is drawn log-uniformly from 0.001 to 0.2 for all of them.
void draw_candidates(const SearchSpace& space, const CandidateCounts& counts, std::span<const Configuration> centres,
                     const Known& known, Random& random, std::vector<Configuration>& out);

/// A uniform draw that is not known; any one where a thousand draws in a row were: the space may be exhausted.
[[nodiscard]] Configuration draw_unknown(const SearchSpace& space, const Known& known, Random& random);

/// Whether a model that was fitted after so many updates (0: never) has to be fitted again.
[[nodiscard]] bool refit_due(std::size_t updates, std::size_t fitted_at, double growth);

}  // namespace tonne
