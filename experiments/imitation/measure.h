#pragma once
// What an imitation takes over from a problem: quantiles, failures, seeds, fidelities and costs.

#include "experiments/imitation/terrain.h"
#include "search/problems/imitation/imitation_space.h"

namespace tonne {

/// All that is measured; the shape, the failures' ruggedness, the costs' bonds to quality and the deviations
/// of short trainings are still to be fitted. Throws InputError where nothing works, or a parameter is
/// conditional.
[[nodiscard]] imitation::Space measured_space(const Terrain& terrain);

/// An amount of a cost by its name; 0 where the workload tells none.
[[nodiscard]] double cost_amount(const Problem& problem, const Configuration& configuration, std::string_view name);

/// Of what short trainings show with the truth, by the fidelities below the highest.
struct FidelityMatch {
  double amount = 0.0;
  double all = 0.0;         ///< Spearman's
  double best_tenth = 0.0;
};
[[nodiscard]] std::vector<FidelityMatch> fidelity_matches(const Terrain& terrain);
/// Spearman's correlation of each cost that differs, with how good a candidate is: of all, of the better half.
struct CostMatch {
  std::string name;
  double all = 0.0;
  double better_half = 0.0;
};
[[nodiscard]] std::vector<CostMatch> cost_matches(const Terrain& terrain);
/// Spearman's correlation of one training with the truth: upper half, best tenth; NaN without noise.
[[nodiscard]] std::array<double, 2> seed_matches(const Terrain& terrain);

}  // namespace tonne
