#pragma once
// What may be concluded from a few searches: resampled intervals, rank tests, effect sizes, profiles. Pure
// functions of values; docs/statistics.md has formulas, sources and pitfalls.
//
// Values are one per seed and never NaN. Where infinity is welcome (a search that never got there), it says
// so. All intervals are of 95 %, two-sided.

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tonne {

/// A difference counts below this p value, after the correction for how many were tested.
inline constexpr double kSignificant = 0.05;

/// An estimate with its interval; no interval where the values are too few for one.
struct IntervalEstimate {
  double value = 0.0;
  std::optional<double> low, high;
};

// ---- Means
// -------------------------------------------------------------------------------------------------

inline constexpr std::size_t kResamples = 10'000;
/// How many resamples of so many values are drawn: kResamples up to 4,000 values, then fewer, as many values in all, and at
/// least 1,000. The more values, the less an interval's ends depend on how many there are.
[[nodiscard]] std::size_t resamples_of(std::size_t values);

/// Mean of the middle half: a quarter of the values is cut at each end, values on the cut count in part
/// (Agarwal et al. 2021, "Deep reinforcement learning at the edge of the statistical precipice"; they cut
/// whole values, so counts that are no multiple of 4 differ). Not empty; infinite values are welcome.
[[nodiscard]] double interquartile_mean(std::vector<double> values);

/// Any statistic of values, given in increasing order.
using Statistic = std::function<double(std::span<const double> sorted)>;

/// How far the ends of a bootstrap interval lie: at 1.96 as Efron has it, or at sqrt(n / (n - 1)) times the
/// quantile of Student's t for n - 1, which mends what is too narrow for few values (Hesterberg 2015, "What
/// teachers should know about the bootstrap"; docs/statistics.md has what both cover).
enum class Tails { kPlain, kExpanded };

/// Bias-corrected and accelerated bootstrap (Efron 1987, eq. 6.6; acceleration by the jackknife), kResamples
/// resamples. They are the same for the same stream and count of values, on every machine, and the order of the
/// values does not matter. Name the stream after what the interval is of: intervals out of one stream would all
/// err to one side together. Resamples that equal the estimate count half as below it. Fewer than 5 values have no
/// interval; equal values have their own point. Not empty.
[[nodiscard]] IntervalEstimate bootstrap(std::span<const double> values, const Statistic& statistic,
                                         Tails tails = Tails::kExpanded, std::string_view stream = {});
[[nodiscard]] IntervalEstimate bootstrap_mean(std::span<const double> values, std::string_view stream = {});
[[nodiscard]] IntervalEstimate bootstrap_interquartile_mean(std::span<const double> values,
                                                            std::string_view stream = {});

/// The same for a statistic of all values of several problems, resampled within each problem (Agarwal et al.
/// 2021, section 4; acceleration as in Davison & Hinkley 1997, section 5.3): the problems are given, the
/// seeds are chance. Values of different problems must be on one scale. A problem with fewer than 2 values:
/// no interval. Not empty, no problem empty.
[[nodiscard]] IntervalEstimate stratified_bootstrap(std::span<const std::vector<double>> problems,
                                                    const Statistic& statistic);
[[nodiscard]] IntervalEstimate stratified_bootstrap_mean(std::span<const std::vector<double>> problems);
[[nodiscard]] IntervalEstimate stratified_bootstrap_interquartile_mean(
    std::span<const std::vector<double>> problems);

/// Mean of independent estimates, one a problem; its interval from theirs by the square-and-add rule (Zou &
/// Donner 2008); none where one of them has none. Not empty.
[[nodiscard]] IntervalEstimate average(std::span<const IntervalEstimate> of_problems);

// ---- Effects
// -----------------------------------------------------------------------------------------------

/// A part with Wilson's interval (1927), which does not collapse at 0 and 1. `successes` may count ties by
/// half; trials > 0.
[[nodiscard]] IntervalEstimate proportion(double successes, std::size_t trials);

/// P(X > Y) + P(X = Y) / 2 over all pairs, where x and y share no seeds. Interval: Newcombe 2006, part 2,
/// method 5, which does not collapse where all of x is above all of y. Neither empty; infinity welcome.
[[nodiscard]] IntervalEstimate probability_of_improvement(std::span<const double> x,
                                                          std::span<const double> y);
/// The same over pairs of one seed: the part of the seeds in which x is above y, ties by half; Wilson's
/// interval. Not empty, of one size; infinity welcome.
[[nodiscard]] IntervalEstimate paired_probability(std::span<const double> x, std::span<const double> y);

/// P(X > Y) - P(X < Y) (Cliff 1993).
[[nodiscard]] double cliffs_delta(std::span<const double> x, std::span<const double> y);
/// With its interval: 2 P - 1 of probability_of_improvement.
[[nodiscard]] IntervalEstimate estimate_cliffs_delta(std::span<const double> x, std::span<const double> y);
/// negligible < .147 <= small < .33 <= medium < .474 <= large, in magnitude (Romano et al. 2006).
[[nodiscard]] std::string_view cliffs_word(double delta);

// ---- Tests
// -------------------------------------------------------------------------------------------------

/// What becomes of pairs without a difference: dropped before ranking (Wilcoxon 1945) or ranked and then
/// dropped (Pratt 1959).
enum class Zeros { kWilcoxon, kPratt };

/// How the signed-rank test is computed.
struct SignedRankChoices {
  Zeros zeros = Zeros::kWilcoxon;
  std::size_t most_exact = 50;  ///< differences; with more, the normal approximation
  bool continuity = true;       ///< correct the approximation by half a rank
};

struct SignedRank {
  double statistic = 0.0;  ///< the smaller of the sums of positive and negative ranks
  double p = 1.0;          ///< two-sided
  std::size_t pairs = 0;   ///< with a difference
  bool exact = false;
  bool first_above = false;  ///< the sum of the positive ranks is the larger
};
/// Wilcoxon's signed-rank test of paired values (1945). Exact: all 2^pairs signs of the ranks at hand, ties
/// included (the shift algorithm of Streitberg & Roehmel 1986); the approximation is corrected for ties.
/// Differences closer than 1e-12 of the median value tie, so that decimals do. No differences: p = 1. Of one
/// size; infinity welcome.
[[nodiscard]] SignedRank wilcoxon_signed_rank(std::span<const double> x, std::span<const double> y,
                                              const SignedRankChoices& choices = {});

/// Holm's step-down adjustment (1979), in the order given.
[[nodiscard]] std::vector<double> holm(std::span<const double> p);

/// Ranks of values, 1 the smallest; ties get their mean rank.
[[nodiscard]] std::vector<double> ranks(std::span<const double> values);

/// Friedman's test over blocks (seeds or problems) of treatments (strategies).
struct Friedman {
  std::vector<double> mean_ranks;  ///< of each treatment; 1 is best, the smallest value
  double chi_squared = 0.0, p = 1.0;
  double f = 0.0, f_p = 1.0;  ///< Iman and Davenport's (1980), less conservative
  /// chi_squared was divided by this, 1 without ties (0 where every block is one tie, and nothing is tested).
  /// Demsar 2006 leaves it out.
  double tie_correction = 1.0;
};
/// losses[treatment][block]; at least two treatments and two blocks; infinity welcome.
[[nodiscard]] Friedman friedman(const std::vector<std::vector<double>>& losses);

/// P(range of k standard normals <= r): the studentised range distribution at infinite degrees of freedom, by
/// quadrature of k phi(z) (Phi(z + r) - Phi(z))^(k - 1).
[[nodiscard]] double range_distribution(double r, std::size_t k);
/// Nemenyi's critical difference of mean ranks: q(k) sqrt(k (k + 1) / (6 n)) (Demsar 2006, section 3.2.2), q
/// the quantile of the range over sqrt(2). At least two treatments, one block; 0 < level < 1.
[[nodiscard]] double nemenyi_critical_difference(std::size_t treatments, std::size_t blocks,
                                                 double level = 0.05);
/// The level at which a difference of two mean ranks is just Nemenyi's critical one.
[[nodiscard]] double nemenyi_p(double difference, std::size_t treatments, std::size_t blocks);

/// Two treatments, first < second, by the signed-rank test.
struct PairTest {
  std::size_t first = 0, second = 0;
  SignedRank test;
  double p = 1.0;  ///< adjusted by Holm over all pairs
};
/// All pairs of treatments: (0, 1), (0, 2), .., (1, 2), .. (Benavoli et al. 2016: unlike mean ranks, a pair's
/// verdict hangs less on the others). losses[treatment][block], as in friedman().
[[nodiscard]] std::vector<PairTest> wilcoxon_holm(const std::vector<std::vector<double>>& losses);

/// Maximal groups that no test tells apart: lists of treatments, sorted by mean rank, for the bars of a
/// critical-difference diagram; single ones are left out. A group is of neighbours in the order of mean
/// ranks, since a bar covers all between its ends: two distant treatments that are not told apart, but each
/// from one in between, share no bar. `apart(i, j)`: whether they differ.
[[nodiscard]] std::vector<std::vector<std::size_t>> cliques(
    const std::vector<double>& mean_ranks, const std::function<bool(std::size_t, std::size_t)>& apart);

/// A critical-difference diagram (Demsar 2006, figure 1), with both kinds of bars.
struct CriticalDifferences {
  Friedman ranking;  ///< where it rejects nothing, neither should the bars be read as findings
  double critical_difference = 0.0;  ///< Nemenyi's
  std::vector<PairTest> pairs;
  std::vector<std::vector<std::size_t>> groups_by_ranks;  ///< mean ranks within Nemenyi's difference
  std::vector<std::vector<std::size_t>>
      groups_by_pairs;  ///< adjusted p of wilcoxon_holm at or above the level
};
/// losses[treatment][block], as in friedman().
[[nodiscard]] CriticalDifferences critical_differences(const std::vector<std::vector<double>>& losses,
                                                       double level = 0.05);

// ---- Profiles
// ----------------------------------------------------------------------------------------------

/// A step of a distribution function: from `at` on, `part` of the whole.
struct Step {
  double at = 0.0, part = 0.0;
};
/// Empirical distribution: part of the values at or below. Infinite ones are never reached, and count.
[[nodiscard]] std::vector<Step> ecdf(std::vector<double> values);
/// The height of the steps at x.
[[nodiscard]] double part_until(std::span<const Step> steps, double x);

/// Part of the runs that end above a threshold, averaged over problems (Agarwal et al. 2021, section 4.2: the
/// score distribution), with its pointwise interval (Wilson's, averaged).
struct ProfilePoint {
  double threshold = 0.0;
  IntervalEstimate above;
};
/// scores[problem][run]: greater is better, on one scale; no problem empty.
[[nodiscard]] std::vector<ProfilePoint> score_profile(std::span<const std::vector<double>> scores,
                                                      std::span<const double> thresholds);

/// Performance profiles (Dolan & More 2002): for each treatment, the part of the problems that it solves
/// within each multiple of the least cost there. costs[treatment][problem]: >= 0, infinite where it failed (a
/// problem that nobody solves still counts); a cost of 0 is matched by 0 alone.
[[nodiscard]] std::vector<std::vector<Step>> performance_profiles(
    const std::vector<std::vector<double>>& costs);

/// Expected cost to reach a target when a search that fails is started again: all that was spent over the
/// number of successes (Hansen et al. 2021, COCO: the average running time). `spent`: until the target, or
/// until the end of a search that missed it.
struct ExpectedCost {
  std::size_t searches = 0, successes = 0;
  /// None: never reached. Interval by the bootstrap's (expanded) percentiles, from 5 searches on; the upper
  /// end is infinite where too many resamples hold no success.
  std::optional<IntervalEstimate> cost;
  std::optional<double> median_of_reached;
};
/// Of one size; costs are >= 0 and finite. `stream`: as of bootstrap().
[[nodiscard]] ExpectedCost expected_cost(std::span<const double> spent, const std::vector<bool>& reached,
                                         std::string_view stream = {});

// ---- What few seeds can claim
// ------------------------------------------------------------------------------

/// The smallest two-sided p that the signed-rank test can give for n pairs: 2 / 2^n.
[[nodiscard]] double smallest_attainable_p(std::size_t pairs);
/// The fewest pairs with which the best of `comparisons` tests can pass Holm's adjustment at all: 6 for one.
[[nodiscard]] std::size_t pairs_for_claim(std::size_t comparisons, double level = 0.05);
/// Pairs with which the signed-rank test finds a mean difference of `effect` standard deviations of the
/// differences at level .05 / comparisons with power .8: ((z + .842) / effect)^2 / (3 / pi) + z^2 / 2, z = 1.960
/// for one comparison; at least pairs_for_claim(comparisons). The normal approximation with Guenther's (1981)
/// correction and the test's efficiency for normal differences; from a measured effect it is a rough guess.
/// effect > 0, comparisons > 0.
[[nodiscard]] std::size_t pairs_for(double effect, std::size_t comparisons = 1);
/// The effect that `pairs` find with power .8, by the same formula; none below 6 pairs.
[[nodiscard]] std::optional<double> detectable_effect(std::size_t pairs);

}  // namespace tonne
