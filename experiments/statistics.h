#pragma once
// What may be concluded from a few searches: resampled intervals, rank tests, effect sizes. Pure functions of
// values; docs/statistics.md has formulas, sources and pitfalls.

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "experiments/seed_mean.h"

namespace tonne {

/// An estimate with its 95 % interval; no interval where the values are too few for one.
struct Estimate {
  double value = 0.0;
  std::optional<double> low, high;
};

inline constexpr std::size_t kResamples = 2000;

/// Mean of the middle half: a quarter of the values is cut at each end, values on the cut count in part
/// (Agarwal et al. 2021, "Deep reinforcement learning at the edge of the statistical precipice"). Not empty.
[[nodiscard]] double interquartile_mean(std::vector<double> values);

/// Bias-corrected and accelerated bootstrap (Efron 1987, eq. 6.6; acceleration by the jackknife). The
/// resamples are the same for the same count of values, on every machine. Fewer than 3 values have no
/// interval; equal values have their own point. With ties in the statistic, half of them count as below.
[[nodiscard]] Estimate bootstrap(std::span<const double> values,
                                 const std::function<double(std::span<const double>)>& statistic);
[[nodiscard]] Estimate bootstrap_mean(std::span<const double> values);
[[nodiscard]] Estimate bootstrap_interquartile_mean(std::span<const double> values);

/// P(X > Y) + P(X = Y) / 2 over all pairs, with a percentile-bootstrap interval that resamples each side by
/// itself. Neither empty.
[[nodiscard]] Estimate probability_of_improvement(std::span<const double> x, std::span<const double> y);
/// The same over pairs of one seed: the part of the seeds in which x is above y, ties by half; Wilson's
/// interval (1927).
[[nodiscard]] Estimate paired_probability(std::span<const double> x, std::span<const double> y);

/// P(X > Y) - P(X < Y) (Cliff 1993).
[[nodiscard]] double cliffs_delta(std::span<const double> x, std::span<const double> y);
/// negligible < .147 <= small < .33 <= medium < .474 <= large, in magnitude (Romano et al. 2006).
[[nodiscard]] std::string_view cliffs_word(double delta);

struct SignedRank {
  double statistic = 0.0;  ///< the smaller of the sums of positive and negative ranks
  double p = 1.0;          ///< two-sided
  std::size_t pairs = 0;   ///< with a difference
  bool exact = false;
};
/// Wilcoxon's signed-rank test of paired differences (1945). Zero differences are left out. Without ties and
/// for at most 50 differences exactly, else by the normal approximation with the correction for ties (no
/// continuity correction): the choices of scipy.stats.wilcoxon. No differences: p = 1.
[[nodiscard]] SignedRank wilcoxon_signed_rank(std::span<const double> x, std::span<const double> y);

/// Holm's step-down adjustment (1979), in the order given.
[[nodiscard]] std::vector<double> holm(std::span<const double> p);

/// Ranks of values, 1 the smallest; ties get their mean rank.
[[nodiscard]] std::vector<double> ranks(std::span<const double> values);

/// Friedman's test over blocks (rows: seeds or problems) of treatments (columns: strategies), with ties.
struct Friedman {
  std::vector<double> mean_ranks;  ///< of each treatment; 1 is best, the smallest value
  double chi_squared = 0.0, p = 1.0;
  double f = 0.0, f_p = 1.0;  ///< Iman and Davenport's (1980)
};
/// losses[treatment][block]; at least two treatments and two blocks.
[[nodiscard]] Friedman friedman(const std::vector<std::vector<double>>& losses);

/// Nemenyi's critical difference of mean ranks at level .05: q(k) sqrt(k (k + 1) / (6 n)) (Demsar 2006,
/// section 3.2.2), q the studentised range at infinite degrees of freedom over sqrt(2).
[[nodiscard]] double nemenyi_critical_difference(std::size_t treatments, std::size_t blocks,
                                                 double level = 0.05);
/// P(range of k standard normals <= r), the studentised range distribution at infinite degrees of freedom.
[[nodiscard]] double range_distribution(double r, std::size_t k);

/// Maximal groups that no test tells apart: lists of treatments, sorted by mean rank; single ones are left
/// out. `apart(i, j)`: whether they differ.
[[nodiscard]] std::vector<std::vector<std::size_t>> cliques(
    const std::vector<double>& mean_ranks, const std::function<bool(std::size_t, std::size_t)>& apart);

/// The smallest two-sided p that n pairs can give: 2 / 2^n.
[[nodiscard]] double smallest_attainable_p(std::size_t pairs);
/// Pairs that find a mean difference of `effect` standard deviations at level .05 with power .8, by the
/// normal approximation: ((1.960 + .842) / effect)^2, at least 2.
[[nodiscard]] std::size_t pairs_for(double effect);

/// Expected cost to reach a target when a search that fails is started again: all that was spent over the
/// number of successes (Hansen et al., COCO: the average running time). `spent`: until the target, or until
/// the end of a search that missed it.
struct ExpectedCost {
  std::size_t searches = 0, successes = 0;
  std::optional<Estimate> cost;  ///< none: never reached
  std::optional<double> median_of_reached;
};
[[nodiscard]] ExpectedCost expected_cost(std::span<const double> spent, const std::vector<bool>& reached);

}  // namespace tonne
