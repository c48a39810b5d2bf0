#pragma once
// The portrait of a problem: what its landscape is like, whatever strategy searches it. So that a synthetic
// space can be compared with a real table, a user's own included.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/problem.h"
#include "experiments/analysis/correlations.h"
#include "experiments/analysis/local_optima.h"
#include "experiments/text/text_table.h"

namespace tonne {

struct PortraitOptions {
  std::size_t samples =
      5000;  ///< configurations drawn uniformly, as random search draws them; and steps of the walk
  std::uint64_t seed = 0;
};

inline constexpr std::array<double, 9> kPortraitQuantiles = {0.0,  0.01, 0.05, 0.25, 0.5,
                                                             0.75, 0.95, 0.99, 1.0};
inline constexpr std::array<std::size_t, 5> kPortraitLags = {1, 2, 3, 5, 10};
/// Quality classes, as shares from the best: the best hundredth, and so on.
inline constexpr std::array<double, 6> kPortraitClasses = {0.0, 0.01, 0.05, 0.25, 0.5, 1.0};

/// With how good a candidate is (1: the more, the better), of all and of the better half.
struct PortraitRank {
  std::string of;  ///< "training FLOPs", "parameters", "FLOPs per use"
  RankCorrelation all, better_half;
};

/// What a shorter training says of the true value.
struct PortraitFidelity {
  double fidelity = 0.0;
  RankCorrelation all;
  RankCorrelation best_tenth;  ///< within the best tenth
};

/// All figures are estimates from samples; values are in the objective's own direction.
struct Portrait {
  std::string problem;
  ObjectiveTraits objective;
  std::size_t parameters = 0;
  std::optional<double> configurations;  ///< none: a real parameter, or too many to count
  std::size_t samples = 0;
  double default_value = 0.0;
  std::optional<double> optimum;
  std::map<std::string, double> failing;  ///< share of the samples by reason, after a full training
  /// True values by kPortraitQuantiles, from the worst to the best; empty where everything fails, and so is
  /// what follows.
  std::vector<double> quantiles;
  double mean = 0.0, deviation = 0.0, skewness = 0.0;
  std::vector<PortraitRank> ranks;  ///< only of what differs among candidates
  /// Of the ranks of true values along a random walk whose steps change one parameter (Weinberger 1990);
  /// steps onto failing candidates are taken back.
  std::array<double, kPortraitLags.size()> autocorrelation{};
  /// Chance that changing one parameter improves, by class of kPortraitClasses; NaN where a class is empty.
  std::array<double, kPortraitClasses.size() - 1> improving{};
  std::optional<LocalOptima> optima;  ///< none of a space with real or conditional parameters
  /// Correlation of the ranks with the distance to the best sample, in parameters that differ or by how far
  /// (Jones and Forrest 1995).
  double distance_correlation = 0.0;
  /// Share of the variance of the ranks that a sum of effects of single parameters explains, of samples that
  /// it was not fitted to; numbers in eight classes. Below 0: worse than the mean.
  double additive = 0.0;
  std::vector<PortraitFidelity> fidelities;  ///< none where there is one fidelity
  /// sd over four training seeds after a full training: pooled over the classes of kPortraitClasses.
  std::array<double, kPortraitClasses.size() - 1> seed_deviation{};
  double seed_deviation_all = 0.0;
  /// True value against training FLOPs, the non-dominated samples, the best first; empty where work does not
  /// differ.
  std::vector<std::array<double, 2>> front;
  std::vector<std::string> notes;  ///< as ProblemTraits::notes
};

/// Deterministic by options. A few seconds at most for the default number of samples of the built-in
/// problems.
[[nodiscard]] Portrait portrait_of(const Problem& problem, const PortraitOptions& options);

/// For people.
[[nodiscard]] std::string format_portrait(const Portrait& portrait, const TextStyle& style = {});
/// The same as JSON.
[[nodiscard]] std::string portrait_json(const std::vector<Portrait>& portraits);

}  // namespace tonne
