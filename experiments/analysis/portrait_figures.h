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

namespace tonne {

struct PortraitOptions {
  /// Configurations to draw, as random search draws them and each at most once. None: all of a space that can
  /// be listed (discrete, without conditions, at most kMostEnumerated configurations), otherwise
  /// kPortraitSamples.
  std::optional<std::size_t> samples = std::nullopt;
  std::uint64_t seed = 0;
};

inline constexpr std::size_t kPortraitSamples = 5000;

inline constexpr std::array<double, 9> kPortraitQuantiles = {0.0,  0.01, 0.05, 0.25, 0.5,
                                                             0.75, 0.95, 0.99, 1.0};
inline constexpr std::array<std::size_t, 5> kPortraitLags = {1, 2, 3, 5, 10};
/// Quality classes, as shares from the best: the best hundredth, and so on.
inline constexpr std::array<double, 6> kPortraitClasses = {0.0, 0.01, 0.05, 0.25, 0.5, 1.0};

/// Where good searches end: shares of the candidates that are worse, and classes as kPortraitClasses, finer
/// at the top.
inline constexpr std::array<double, 6> kPortraitTailQuantiles = {0.97, 0.98, 0.99, 0.995, 0.999, 0.9995};
inline constexpr std::array<double, 7> kPortraitTailClasses = {0.0, 0.001, 0.01, 0.05, 0.25, 0.5, 1.0};
inline constexpr std::size_t kPortraitBest = 10;

/// With how good a candidate is (1: the more, the better), of all, of the better half and of the best tenth.
struct PortraitRank {
  std::string of;  ///< "training FLOPs", "parameters", "FLOPs per use"
  RankCorrelation all, better_half;
  RankCorrelation best_tenth = {};
};

/// What a shorter training says of the true value.
struct PortraitFidelity {
  double fidelity = 0.0;
  RankCorrelation all;
  RankCorrelation best_tenth;  ///< within the best tenth
  RankCorrelation better_half = {};
  RankCorrelation best_hundredth = {};
};

/// Spearman's correlation of something with the true value among good candidates; NaN where one of the two
/// does not vary.
struct PortraitSubsets {
  double better_half = 0.0, best_tenth = 0.0, best_hundredth = 0.0;
};

/// One of the best candidates.
struct PortraitBest {
  double value = 0.0;
  std::string configuration;  ///< as SearchSpace::describe
};

/// Steepest ascents: from a start to the best of all neighbours (another value for one parameter) as long as
/// it is strictly better, of equal ones to the first.
struct PortraitAscents {
  std::size_t starts = 0;
  bool from_all =
      false;  ///< every candidate that does not fail was a start; else some of the samples, evenly by rank
  double at_best = 0.0;             ///< share of the starts whose ascent ends at the best value known
  std::array<double, 2> near = {};  ///< ... within PortraitTail::steps[2] and [3] of it
  double mean_regret = 0.0;  ///< mean distance of the ends from the best value known, in the objective's unit
};

/// Candidates that compute the same function (Problem::function_of).
struct PortraitFunctions {
  std::size_t count = 0;         ///< different functions
  std::size_t with_several = 0;  ///< of which more than one candidate was examined
  /// Median over the latter of the sd (n - 1) of their candidates' true values; of all, and of functions
  /// whose mean is within the best tenth. NaN: none.
  double deviation = 0.0, deviation_best_tenth = 0.0;
};

/// What decides where good searches end. Counts and shares are of candidates examined that do not fail.
struct PortraitTail {
  std::array<double, kPortraitTailQuantiles.size()> quantiles{};
  std::vector<PortraitBest> best;  ///< kPortraitBest at most, the best first
  /// Distances from the best value, in the objective's unit: 0.05, 0.1, 0.25, 0.5 and 1 where the unit is %,
  /// else 0.01, 0.02, 0.05, 0.1 and 0.25 of the way from the best to the median.
  std::array<double, 5> steps{};
  bool relative_steps = false;             ///< the latter
  std::array<std::size_t, 5> within{};     ///< candidates at most so far from the best, which counts too
  double best_known = 0.0;                 ///< the best value examined, or reached by an ascent
  std::optional<PortraitAscents> ascents;  ///< none of a space with real or conditional parameters
  /// Chance that changing one parameter improves, by kPortraitTailClasses: the parameter is drawn evenly,
  /// then its value; changes that fail do not count. Exact where all configurations are examined. NaN of an
  /// empty class.
  std::array<double, kPortraitTailClasses.size() - 1> improving{};
  /// Mean of the best neighbour's value less the candidate's own, in the objective's unit (positive: better;
  /// negative at a local optimum), of the best hundredth, 1-5 % and 5-25 %; NaN where neighbours cannot be
  /// listed.
  std::array<double, 3> best_neighbour_gain{};
  double best_neighbours_at_top =
      0.0;  ///< share of the best one's neighbours that are among the best hundredth
  std::optional<PortraitFunctions> functions;  ///< none where the problem does not tell
  PortraitSubsets one_training;                ///< the value that one training at the highest fidelity shows
  std::optional<PortraitSubsets>
      all_seeds;  ///< mean over Problem::training_seeds; none where these are unlimited
};

/// All figures are estimates from samples unless `whole`; values are in the objective's own direction.
struct Portrait {
  std::string problem;
  ObjectiveTraits objective;
  std::size_t parameters = 0;
  std::optional<double> configurations;  ///< none: a real parameter, or too many to count
  std::size_t samples = 0;               ///< configurations examined
  bool whole = false;                    ///< these are all there are
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
  double distance_correlation_best_quarter = 0.0, distance_correlation_best_twentieth = 0.0;
  /// The same of the values themselves, as it is usually published: all, best quarter, best twentieth.
  std::array<double, 3> value_distance_correlation{};
  /// Share of the variance of the ranks that a sum of effects of single parameters explains (numbers in eight
  /// classes): of all configurations, or, where they are samples, of every other one, fitted to the rest.
  /// Below 0: worse than the mean.
  double additive = 0.0;
  double pairwise = 0.0;  ///< the same of a sum of effects of pairs; NaN where these are too many to fit
  double additive_best_tenth = 0.0;          ///< within the best tenth, by the ranks in it
  std::vector<PortraitFidelity> fidelities;  ///< none where there is one fidelity
  /// sd over training seeds after a full training, pooled over the classes of kPortraitClasses: over all that
  /// a candidate has (n - 1), or over four new trainings where these are unlimited. NaN where a class has too
  /// few with two or more.
  std::array<double, kPortraitClasses.size() - 1> seed_deviation{};
  double seed_deviation_all = 0.0;
  /// Medians over the candidates: of the sd over training seeds, and of it in parts of their mean. NaN as
  /// above.
  double seed_deviation_median = 0.0, seed_variation_median = 0.0;
  /// True value against training FLOPs, the non-dominated samples, the best first; empty where work does not
  /// differ.
  std::vector<std::array<double, 2>> front;
  PortraitTail tail;
  std::vector<std::string> notes;  ///< as ProblemTraits::notes
};

}  // namespace tonne
