// Estimates with their intervals, and profiles.

#include "experiments/analysis/statistics.h"

#include <gtest/gtest.h>
// GoogleTest first.
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "tests/experiments/analysis/statistics_support.h"

namespace tonne {
namespace {

using testing::kNever;
using testing::Matrix;
using testing::normal;
using testing::rate_of;
using testing::Values;

Values exponential(Random& random, std::size_t count) {
  Values values(count);
  for (double& value : values) value = -std::log(1.0 - random.uniform());
  return values;
}

bool covers(const IntervalEstimate& estimate, double truth) {
  return estimate.low && *estimate.low <= truth && truth <= *estimate.high;
}

// ---- Means ---------------------------------------------------------------------------------------------

TEST(InterquartileMean, CutsAQuarterAtEachEnd) {
  EXPECT_DOUBLE_EQ(interquartile_mean({8, 1, 7, 2, 6, 3, 5, 4}), 4.5);
  // 5 values: 1.25 are cut at each end, so .75 of the second, all of the third, .75 of the fourth.
  EXPECT_DOUBLE_EQ(interquartile_mean({1, 2, 3, 4, 100}), (0.75 * 2 + 3 + 0.75 * 4) / 2.5);
  EXPECT_DOUBLE_EQ(interquartile_mean({7}), 7);
  EXPECT_DOUBLE_EQ(interquartile_mean({1, 4}), 2.5);
  EXPECT_DOUBLE_EQ(interquartile_mean({0, 1, 8}), (0.25 * 0 + 1 + 0.25 * 8) / 1.5);
}

TEST(InterquartileMean, BearsSearchesThatNeverGotThere) {
  EXPECT_DOUBLE_EQ(interquartile_mean({1, 2, 3, kNever}), 2.5);
  EXPECT_EQ(interquartile_mean({1, 2, kNever, kNever}), kNever);
}

RC_GTEST_PROP(InterquartileMean, LiesBetweenTheQuartiles, ()) {
  const auto values = *rc::gen::nonEmpty(rc::gen::container<Values>(
      rc::gen::map(rc::gen::inRange(-1000, 1000), [](int value) { return 0.01 * value; })));
  Values sorted(values);
  std::ranges::sort(sorted);
  const double mean = interquartile_mean(values);
  const auto at = static_cast<std::size_t>(0.25 * static_cast<double>(sorted.size()));
  RC_ASSERT(mean >= sorted[at] - 1e-9);
  RC_ASSERT(mean <= sorted[sorted.size() - 1 - at] + 1e-9);
}

// Figures of scipy 1.10.1: stats.bootstrap(method='BCa', n_resamples=200000), of mean and of trim_mean(.25).
const Values kSkewed = {12.1, 9.5,  14.2, 8.8,  11.0, 10.4, 30.5, 9.9,  13.3, 10.9,
                        9.2,  16.8, 11.7, 12.6, 10.1, 9.7,  22.4, 10.6, 11.3, 12.9};

double plain_mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

TEST(Bootstrap, AgreesWithScipy) {
  const IntervalEstimate mean = bootstrap(kSkewed, plain_mean, Tails::kPlain);
  EXPECT_NEAR(mean.value, 12.895, 1e-12);
  // Three times the scatter of 100 such intervals of scipy's with 2,000 resamples: .053, .20, .033 and .098.
  EXPECT_NEAR(*mean.low, 11.32, 0.16);
  EXPECT_NEAR(*mean.high, 16.34, 0.60);
  const auto trimmed = [](std::span<const double> sorted) {
    return interquartile_mean({sorted.begin(), sorted.end()});
  };
  const IntervalEstimate middle = bootstrap(kSkewed, trimmed, Tails::kPlain);
  EXPECT_NEAR(middle.value, 11.36, 1e-12);
  EXPECT_NEAR(*middle.low, 10.40, 0.10);
  EXPECT_NEAR(*middle.high, 12.88, 0.30);
}

TEST(Bootstrap, ExpandsTheTailsForFewValues) {
  const IntervalEstimate plain = bootstrap(kSkewed, plain_mean, Tails::kPlain);
  const IntervalEstimate expanded = bootstrap_mean(kSkewed);
  EXPECT_LT(*expanded.low, *plain.low);
  EXPECT_GT(*expanded.high, *plain.high);
  // For 20 values by 2.093 sqrt(20 / 19) / 1.96 = 1.096 in normal deviates.
  EXPECT_NEAR((*expanded.high - *expanded.low) / (*plain.high - *plain.low), 1.096, 0.08);
}

TEST(Bootstrap, ReachesFurtherOnTheSkewedSide) {
  const IntervalEstimate mean = bootstrap_mean(kSkewed);
  EXPECT_GT(*mean.high - mean.value, 1.5 * (mean.value - *mean.low));
}

TEST(Bootstrap, DoesNotHangOnTheOrderOfSeeds) {
  const Values backwards(kSkewed.rbegin(), kSkewed.rend());
  EXPECT_EQ(bootstrap_mean(kSkewed).high, bootstrap_mean(backwards).high);
  EXPECT_EQ(bootstrap_interquartile_mean(kSkewed).low, bootstrap_interquartile_mean(backwards).low);
}

TEST(Bootstrap, FollowsTheUnit) {
  Values scaled(kSkewed);
  for (double& value : scaled) value = 4.0 * value + 100.0;
  const IntervalEstimate one = bootstrap_mean(kSkewed), other = bootstrap_mean(scaled);
  EXPECT_NEAR(*other.low, 4.0 * *one.low + 100.0, 1e-9);
  EXPECT_NEAR(*other.high, 4.0 * *one.high + 100.0, 1e-9);
}

TEST(Bootstrap, SaysLittleOfDegenerateSamples) {
  EXPECT_FALSE(bootstrap_mean(Values{3.0}).low);
  EXPECT_FALSE(bootstrap_mean(Values{3, 4, 5, 6}).low);
  EXPECT_TRUE(bootstrap_mean(Values{3, 4, 5, 6, 7}).low);
  const IntervalEstimate same = bootstrap_mean(Values(5, 0.3));
  EXPECT_NEAR(same.value, 0.3, 1e-15);
  EXPECT_EQ(*same.low, same.value);
  EXPECT_EQ(*same.high, same.value);
  const IntervalEstimate tied = bootstrap_interquartile_mean(Values{1, 1, 1, 1, 1, 1, 1, 1, 1, 2});
  EXPECT_LE(*tied.low, tied.value);
  EXPECT_GE(*tied.high, tied.value);
  EXPECT_FALSE(bootstrap_mean(Values{1, 2, 3, 4, kNever}).low);
  const IntervalEstimate unbounded = bootstrap_interquartile_mean(Values{1, 2, 3, 4, 5, kNever});
  EXPECT_TRUE(std::isfinite(*unbounded.low));
  EXPECT_EQ(*unbounded.high, kNever);
}

TEST(Bootstrap, TakesAnyStatistic) {
  const IntervalEstimate least =
      bootstrap(kSkewed, [](std::span<const double> sorted) { return sorted.front(); });
  EXPECT_DOUBLE_EQ(least.value, 8.8);
  EXPECT_DOUBLE_EQ(*least.low, 8.8);
}

// The bounds are 3.5 binomial deviations around what 4,000 other samples gave (docs/statistics.md).
TEST(Bootstrap, CoversTheMeanOfSkewedValues) {
  constexpr std::size_t kTrials = 1000, kSeeds = 20;
  const double mean = rate_of(kTrials, "mean", [](Random& random) {
    return covers(bootstrap_mean(exponential(random, kSeeds)), 1.0);
  });
  EXPECT_NEAR(mean, 0.933, 0.028);
  // The middle half of an exponential variable: 2 [t - t log t] between t = 1/4 and 3/4.
  const double middle = 2.0 * ((0.75 - 0.75 * std::log(0.75)) - (0.25 - 0.25 * std::log(0.25)));
  const double iqm = rate_of(kTrials, "middle", [&](Random& random) {
    return covers(bootstrap_interquartile_mean(exponential(random, kSeeds)), middle);
  });
  EXPECT_NEAR(iqm, 0.963, 0.021);
}

TEST(StratifiedBootstrap, OfOneProblemIsTheBootstrap) {
  const Matrix only{kSkewed};
  EXPECT_EQ(stratified_bootstrap_mean(only).high, bootstrap_mean(kSkewed).high);
  EXPECT_EQ(stratified_bootstrap_interquartile_mean(only).low, bootstrap_interquartile_mean(kSkewed).low);
}

TEST(StratifiedBootstrap, TakesProblemsAsGiven) {
  // Problems of different difficulty do not widen the interval of the mean; resampled together they would.
  Values shifted(kSkewed);
  for (double& value : shifted) value += 1000.0;
  const IntervalEstimate together = stratified_bootstrap_mean(Matrix{kSkewed, shifted});
  const IntervalEstimate level = stratified_bootstrap_mean(Matrix{kSkewed, kSkewed});
  EXPECT_NEAR(together.value, level.value + 500.0, 1e-9);
  EXPECT_NEAR(*together.high - *together.low, *level.high - *level.low, 1e-9);
  const double single = *bootstrap_mean(kSkewed).high - *bootstrap_mean(kSkewed).low;
  EXPECT_NEAR(*level.high - *level.low, single / std::sqrt(2.0), 0.1 * single);
}

TEST(StratifiedBootstrap, NeedsTwoRunsOfEachProblem) {
  EXPECT_FALSE(stratified_bootstrap_mean(Matrix{{1, 2, 3, 4}, {5}}).low);
  EXPECT_TRUE(stratified_bootstrap_mean(Matrix{{1, 2, 3, 4}, {5, 6}}).low);
  EXPECT_FALSE(stratified_bootstrap_mean(Matrix{{1, 2, 3}, {5, 6}}).low);
  const IntervalEstimate same = stratified_bootstrap_mean(Matrix{{1, 1, 1}, {5, 5, 5}});
  EXPECT_EQ(*same.low, 3.0);
  EXPECT_EQ(*same.high, 3.0);
}

TEST(StratifiedBootstrap, CoversTheMeanOverProblems) {
  const double rate = rate_of(600, "strata", [](Random& random) {
    Matrix problems;
    for (double level = 1.0; level <= 4.0; ++level) {
      problems.push_back(exponential(random, 10));
      for (double& value : problems.back()) value = level + level * value;  // mean 2 level
    }
    return covers(stratified_bootstrap_mean(problems), 5.0);
  });
  EXPECT_NEAR(rate, 0.937, 0.035);
}

TEST(Average, AddsTheSquaresOfTheHalves) {
  const IntervalEstimate one{0.5, 0.2, 0.6}, other{0.7, 0.3, 0.7};
  const IntervalEstimate mean = average(std::vector{one, other});
  EXPECT_DOUBLE_EQ(mean.value, 0.6);
  EXPECT_DOUBLE_EQ(*mean.low, 0.6 - 0.5 * 0.5);  // of halves .3 and .4: 5
  EXPECT_DOUBLE_EQ(*mean.high, 0.6 + 0.5 * 0.1);
  EXPECT_FALSE(average(std::vector{one, IntervalEstimate{0.7, std::nullopt, std::nullopt}}).low);
}

// ---- Effects -------------------------------------------------------------------------------------------

TEST(Proportion, AgreesWithScipy) {  // 1.10.1, binomtest(..).proportion_ci(method='wilson')
  const IntervalEstimate some = proportion(12, 20);
  EXPECT_NEAR(*some.low, 0.38658150076225317, 1e-12);
  EXPECT_NEAR(*some.high, 0.7811934676271829, 1e-12);
  const IntervalEstimate all = proportion(5, 5);
  EXPECT_NEAR(*all.low, 0.5655175352168251, 1e-12);
  EXPECT_EQ(*all.high, 1.0);
  EXPECT_EQ(*proportion(0, 5).low, 0.0);
}

TEST(ProbabilityOfImprovement, CountsTiesByHalf) {
  // 11.5 of 30 pairs (scipy 1.10.1, mannwhitneyu(..).statistic).
  const Values x{3, 1, 4, 1, 5, 9}, y{2, 6, 5, 3, 5};
  EXPECT_DOUBLE_EQ(probability_of_improvement(x, y).value, 11.5 / 30.0);
  EXPECT_NEAR(cliffs_delta(x, y), 2.0 * 11.5 / 30.0 - 1.0, 1e-15);
  EXPECT_DOUBLE_EQ(probability_of_improvement(x, x).value, 0.5);
  EXPECT_DOUBLE_EQ(probability_of_improvement(Values{kNever, 1}, Values{kNever, kNever}).value, 0.25);
}

TEST(ProbabilityOfImprovement, DoesNotTurnFewSeedsIntoCertainty) {
  const IntervalEstimate five = probability_of_improvement(Values{6, 7, 8, 9, 10}, Values{1, 2, 3, 4, 5});
  EXPECT_DOUBLE_EQ(five.value, 1.0);
  EXPECT_DOUBLE_EQ(*five.high, 1.0);
  EXPECT_LT(*five.low, 0.75);
  EXPECT_GT(*five.low, 0.5);
  EXPECT_LT(*probability_of_improvement(Values{2}, Values{1}).low, 0.5);
}

RC_GTEST_PROP(ProbabilityOfImprovement, IsSymmetric, ()) {
  const auto few = rc::gen::nonEmpty(
      rc::gen::container<Values>(rc::gen::map(rc::gen::inRange(0, 8), [](int v) { return double(v); })));
  const auto x = *few, y = *few;
  const IntervalEstimate one = probability_of_improvement(x, y), other = probability_of_improvement(y, x);
  RC_ASSERT(std::abs(one.value + other.value - 1.0) < 1e-12);
  RC_ASSERT(std::abs(*one.low + *other.high - 1.0) < 1e-9);
  RC_ASSERT(*one.low <= one.value && one.value <= *one.high);
  RC_ASSERT(*one.low >= 0.0 && *one.high <= 1.0);
}

TEST(ProbabilityOfImprovement, CoversTheTruth) {
  constexpr std::size_t kTrials = 2000;
  const double normals = rate_of(kTrials, "normals", [](Random& random) {
    const Values x = normal(random, 10, 1.0), y = normal(random, 10);
    return covers(probability_of_improvement(x, y), normal_cdf(std::sqrt(0.5)));
  });
  EXPECT_NEAR(normals, 0.958, 0.016);
  const double skewed = rate_of(kTrials, "skewed", [](Random& random) {
    Values x = exponential(random, 8);
    for (double& value : x) value *= 4.0;  // above a variable of mean 1 with probability 4/5
    return covers(probability_of_improvement(x, exponential(random, 20)), 0.8);
  });
  EXPECT_NEAR(skewed, 0.938, 0.019);
}

TEST(PairedProbability, CountsSeeds) {
  const IntervalEstimate p = paired_probability(Values{2, 3, 4, 5, kNever}, Values{1, 3, 5, 4, kNever});
  EXPECT_DOUBLE_EQ(p.value, 3.0 / 5.0);
  EXPECT_NEAR(*p.low, *proportion(3, 5).low, 1e-15);
}

TEST(CliffsDelta, HasTheUsualWords) {
  EXPECT_EQ(cliffs_word(0.1), "negligible");
  EXPECT_EQ(cliffs_word(-0.147), "small");
  EXPECT_EQ(cliffs_word(0.33), "medium");
  EXPECT_EQ(cliffs_word(-0.474), "large");
  const IntervalEstimate delta = estimate_cliffs_delta(Values{1, 2, 3}, Values{1, 2, 3});
  EXPECT_DOUBLE_EQ(delta.value, 0.0);
  EXPECT_NEAR(*delta.low, -*delta.high, 1e-12);
}

// ---- Profiles ------------------------------------------------------------------------------------------

TEST(Ecdf, StepsAtTheValues) {
  const std::vector<Step> steps = ecdf({3, 1, kNever, 1});
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_DOUBLE_EQ(steps[0].at, 1.0);
  EXPECT_DOUBLE_EQ(steps[0].part, 0.5);
  EXPECT_DOUBLE_EQ(steps[1].at, 3.0);
  EXPECT_DOUBLE_EQ(steps[1].part, 0.75);
  EXPECT_DOUBLE_EQ(part_until(steps, 0.9), 0.0);
  EXPECT_DOUBLE_EQ(part_until(steps, 1.0), 0.5);
  EXPECT_DOUBLE_EQ(part_until(steps, 2.9), 0.5);
  EXPECT_DOUBLE_EQ(part_until(steps, 1e9), 0.75);
  EXPECT_TRUE(ecdf({kNever}).empty());
}

TEST(ScoreProfile, AveragesOverProblems) {
  const Matrix scores{{0.1, 0.5, 0.9, 0.9}, {0.2, 0.6}};
  const std::vector<ProfilePoint> profile = score_profile(scores, Values{0.0, 0.5, 0.9});
  EXPECT_DOUBLE_EQ(profile[0].above.value, 1.0);
  EXPECT_DOUBLE_EQ(profile[1].above.value, 0.5);  // both .5: above, not at
  EXPECT_DOUBLE_EQ(profile[2].above.value, 0.0);
  EXPECT_GT(*profile[2].above.high, 0.1);
  EXPECT_DOUBLE_EQ(*profile[2].above.low, 0.0);
}

TEST(PerformanceProfiles, CompareCostsWithTheLeast) {
  // Four problems: first wins, second wins, both equal at 0, nobody.
  const auto profiles = performance_profiles({{1, 6, 0, kNever}, {4, 2, 0, kNever}});
  EXPECT_DOUBLE_EQ(part_until(profiles[0], 1.0), 0.5);
  EXPECT_DOUBLE_EQ(part_until(profiles[0], 2.9), 0.5);
  EXPECT_DOUBLE_EQ(part_until(profiles[0], 3.0), 0.75);
  EXPECT_DOUBLE_EQ(part_until(profiles[1], 3.9), 0.5);
  EXPECT_DOUBLE_EQ(part_until(profiles[1], 4.0), 0.75);
  EXPECT_DOUBLE_EQ(profiles[1].back().part, 0.75);
  // Nothing is within any multiple of 0.
  EXPECT_TRUE(performance_profiles({{0}, {5}})[1].empty());
}

TEST(ExpectedCost, ChargesFailuresToSuccesses) {
  const ExpectedCost cost = expected_cost(Values{2, 4, 10, 10, 10}, {true, true, false, false, false});
  EXPECT_EQ(cost.successes, 2U);
  EXPECT_DOUBLE_EQ(cost.cost->value, 18.0);
  EXPECT_DOUBLE_EQ(*cost.median_of_reached, 3.0);
  EXPECT_LT(*cost.cost->low, 18.0);
  EXPECT_EQ(*cost.cost->high, kNever);  // (3/5)^5 of the resamples hold no success
}

TEST(ExpectedCost, SaysWhenItWasNeverReached) {
  const ExpectedCost never = expected_cost(Values(5, 5.0), std::vector<bool>(5, false));
  EXPECT_FALSE(never.cost);
  EXPECT_FALSE(never.median_of_reached);
  EXPECT_EQ(never.searches, 5U);
  const ExpectedCost always = expected_cost(Values(5, 5.0), std::vector<bool>(5, true));
  EXPECT_DOUBLE_EQ(*always.cost->low, 5.0);
  EXPECT_DOUBLE_EQ(*always.cost->high, 5.0);
  EXPECT_FALSE(expected_cost(Values{5, 6}, {true, true}).cost->low);
}

// Searches that reach the target after an exponential cost of mean 1, and stop at 1: 1 per unit of risk.
TEST(ExpectedCost, CoversTheTruth) {
  const double rate = rate_of(1000, "cost", [](Random& random) {
    Values spent = exponential(random, 25);
    std::vector<bool> reached;
    for (double& cost : spent) {
      reached.push_back(cost <= 1.0);
      cost = std::min(cost, 1.0);
    }
    const ExpectedCost cost = expected_cost(spent, reached);
    return cost.cost && covers(*cost.cost, 1.0);
  });
  EXPECT_NEAR(rate, 0.950, 0.024);
}

}  // namespace
}  // namespace tonne
