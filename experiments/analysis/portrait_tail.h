#pragma once
// The last hundredth of a landscape: what decides where good searches end.

#include <array>
#include <vector>

#include "experiments/analysis/portrait_figures.h"
#include "experiments/analysis/portrait_samples.h"

namespace tonne {

/// The observed values of a candidate's trainings at the highest fidelity.
struct PortraitTrainings {
  std::size_t count = 0;  ///< that did not fail
  double mean = 0.0;      ///< in the objective's own direction
  double variance = 0.0;  ///< n - 1; 0 of fewer than two
};

/// Of each of best_first(): all that there are where these are few (Problem::training_seeds), else
/// `otherwise` new ones.
[[nodiscard]] std::vector<PortraitTrainings> portrait_trainings(const Problem& problem,
                                                                const PortraitSamples& samples,
                                                                std::uint32_t otherwise);

/// Precondition: not all samples fail, `trainings` are theirs.
[[nodiscard]] PortraitTail portrait_tail(const Problem& problem, const PortraitSamples& samples,
                                         const std::vector<PortraitTrainings>& trainings);

/// The value that so large a share of the candidates is worse than or equal to, interpolated between
/// neighbours.
[[nodiscard]] double portrait_quantile(const PortraitSamples& samples, double share);

/// NaN of none.
[[nodiscard]] double portrait_median(std::vector<double> values);

/// Spearman's correlation of `seen` with the true losses among the best of the candidates; NaN entries are
/// left out.
[[nodiscard]] PortraitSubsets spearman_among_best(const PortraitSamples& samples,
                                                  const std::vector<double>& seen);

}  // namespace tonne
