// The stopping rules against their definitions.

#include "search/strategies/multi_fidelity/stopping_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/search/strategies/multi_fidelity/multi_fidelity_helpers.h"

namespace tonne {
namespace {

using Losses = std::vector<double>;
using testing::Scripted;

// numpy.percentile(values so far, 25)
TEST(StoppingRules, ARunningPercentileIsNumpys) {
  const Losses values = {3, 1, 4, 1.5, 9, 2.6, 5};
  const Losses expected = {3.0, 1.5, 2.0, 1.375, 1.5, 1.775, 2.05};
  RunningPercentile quarter(25.0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    quarter.add(values[i]);
    EXPECT_DOUBLE_EQ(quarter.value(), expected[i]) << i;
  }
}

TEST(StoppingRules, APercentileStaysThatOfTheSortedValues) {
  for (const double percent : {0.0, 10.0, 50.0, 90.0, 100.0}) {
    RunningPercentile running(percent);
    Losses values;
    Random random(3);
    for (int i = 0; i < 200; ++i) {
      values.push_back(static_cast<double>(random.below(40)));
      running.add(values.back());
      std::ranges::sort(values);
      const double position = percent / 100.0 * static_cast<double>(values.size() - 1);
      const auto below = static_cast<std::size_t>(std::floor(position));
      const double above = values[std::min(below + 1, values.size() - 1)];
      EXPECT_DOUBLE_EQ(running.value(), values[below] + (position - std::floor(position)) * (above - values[below]));
    }
  }
}

// Three completed trials report 1, 2, 3 / 4, 5, 6 / 7, 8, 9. Reported at step 2: 2, 5, 8, quarter 3.5; their running averages
// there: 1.5, 4.5, 7.5, quarter 3.
TEST(StoppingRules, PercentilesAreOfTheStepsOwnValuesOrOfTheirAverages) {
  PercentileRule reported(3, 25.0, 3, ComparedValues::reported);
  PercentileRule averages(3, 25.0, 3, ComparedValues::running_averages);
  for (PercentileRule* rule : {&reported, &averages}) {
    rule->complete(Losses{1, 2, 3});
    rule->complete(Losses{4, 5, 6});
    EXPECT_FALSE(rule->stops(Losses{9, 9}));  // rests
    rule->complete(Losses{7, 8, 9});
    EXPECT_TRUE(rule->stops(Losses{9, 3.6}));
    EXPECT_FALSE(rule->stops(Losses{2, 9}));  // the best of its losses counts
  }
  EXPECT_FALSE(reported.stops(Losses{9, 3.25}));
  EXPECT_TRUE(averages.stops(Losses{9, 3.25}));
}

// scipy.stats.wilcoxon(d, alternative="greater", zero_method="zsplit"), exact
TEST(StoppingRules, TheSignedRankTestIsScipys) {
  EXPECT_DOUBLE_EQ(signed_rank_p_greater(Losses{1, 2, 3, -4, 5}), 0.21875);
  EXPECT_DOUBLE_EQ(signed_rank_p_greater(Losses{0.5, 1.5, -0.2, 0.7, 0.9, -0.1, 1.1}), 0.0390625);
  EXPECT_DOUBLE_EQ(signed_rank_p_greater(Losses{1, 2}), 0.25);
  EXPECT_DOUBLE_EQ(signed_rank_p_greater(Losses{3, -1, 2, 5, -4, 6, 7, 8, -9, 10}), 0.0966796875);
  EXPECT_DOUBLE_EQ(signed_rank_p_greater(Losses{0, 0, 0}), 1.0);
  // Ties, by hand: ranks 1.5 and 1.5; both positive in one of four sign patterns.
  EXPECT_DOUBLE_EQ(signed_rank_p_greater(Losses{1, 1}), 0.25);
  // Beyond 50 by the normal approximation: all positive.
  EXPECT_LT(signed_rank_p_greater(Losses(60, 1.0)), 1e-10);
}

TEST(StoppingRules, WilcoxonComparesWithTheBestTrialStepByStep) {
  WilcoxonRule rule(0.1, 2);
  EXPECT_FALSE(rule.stops(Losses{9, 9, 9, 9}));  // nothing to compare with
  rule.complete(Losses{5, 4, 3, 2, 1});
  rule.complete(Losses{1, 1, 1, 1, 9});  // ends worse: not the best trial
  EXPECT_FALSE(rule.stops(Losses{6, 5.5}));          // two steps: p = 1/4
  EXPECT_FALSE(rule.stops(Losses{6, 5.5, 5}));       // p = 1/8
  EXPECT_TRUE(rule.stops(Losses{6, 5.5, 5, 4.5}));   // p = 1/16
  EXPECT_FALSE(rule.stops(Losses{6, 5.5, 5, 1.5}));  // better once
  // Worse at each step (p = 1/16), but the mean so far, 1, is not worse than that of all the best trial's, 4/3.
  rule.complete(Losses{0, 0, 0, 0, 9, -1});
  EXPECT_FALSE(rule.stops(Losses{1, 1, 1, 1}));
  EXPECT_TRUE(rule.stops(Losses{2, 2, 2, 2}));
}

// numpy and Optuna's PatientPruner: min(all but the last patience + 1) + min_delta < min(the last patience + 1).
TEST(StoppingRules, PatienceWaitsForStepsWithoutImprovement) {
  const PatientRule alone(nullptr, 1, 0.5);
  EXPECT_FALSE(alone.stops(Losses{1, 9}));          // too few
  EXPECT_TRUE(alone.stops(Losses{1, 2, 3}));        // 1 + .5 < 2
  EXPECT_FALSE(alone.stops(Losses{1, 1.5, 3}));     // 1 + .5 = 1.5
  EXPECT_FALSE(alone.stops(Losses{1, 9, 1.2}));     // near its best again
  EXPECT_TRUE(alone.stops(Losses{1, 0.2, 2, 3}));
  const PatientRule strict(std::make_unique<ThresholdRule>(std::nullopt, 10.0), 0, 0.0);
  EXPECT_FALSE(strict.stops(Losses{1, 2}));  // worse, but below the limit
  EXPECT_TRUE(strict.stops(Losses{1, 11}));
  EXPECT_FALSE(strict.stops(Losses{11}));  // above it, but patient
}

TEST(Pruning, PercentileIsThatOfAHandComputedExample) {
  Scripted game("pruning", "{percentile: 50, grace_population: 2, interval: 1}", 2.0);
  for (const double loss : {6.0, 4.0, 4.0, 2.0}) game.play(loss);  // two trials: at step 1 they had 6 and 4
  const TrialId worse = game.play(5.5);
  EXPECT_EQ(game.fidelity(worse), 1.0);
  const TrialId equal = game.play(5.0);
  EXPECT_EQ(game.fidelity(equal), 1.0);  // the other was stopped
  EXPECT_EQ(game.of(game.begin().value()).resumes, equal);
}

TEST(Pruning, MedianStoppingWithReportedValuesIsPercentile50) {
  Scripted pruning("pruning", "{interval: 1}", 9.0);
  Scripted median("median_stopping", "{interval: 1, compared: reported}", 9.0);
  Random random(9);
  for (int i = 0; i < 300; ++i) {
    const double loss = random.uniform();
    const Proposal& one = pruning.of(pruning.play(loss));
    const Proposal& other = median.of(median.play(loss));
    EXPECT_EQ(one.configuration, other.configuration);
    EXPECT_EQ(one.fidelity, other.fidelity);
  }
}

// Losses are turned: accuracy below the lower limit is a loss above -limit.
TEST(Pruning, LimitsAreInTheObjectivesDirection) {
  const SearchSpace space({{.name = "x", .domain = Real{0.0, 1.0}}});
  ProblemTraits traits;
  traits.objectives = {{"accuracy", "%", Direction::maximise}};
  traits.fidelity = {"epochs", 1.0, 4.0, true};
  const auto recipe = testing::strategy_recipe("pruning", "{rule: threshold, lower: 50, interval: 1}");
  for (const double accuracy : {40.0, 60.0}) {
    const auto strategy = recipe->make({space, traits, 4.0, 1});
    Trial trial;
    trial.proposal = strategy->ask(0, Random(1)).value();
    trial.result = Completed{{-accuracy}};
    strategy->tell(trial);
    EXPECT_EQ(strategy->ask(1, Random(2))->resumes.has_value(), accuracy > 50.0);
  }
}

TEST(Pruning, RefusesRulesWithoutWhatTheyNeed) {
  EXPECT_THROW(testing::strategy_recipe("pruning", "{rule: threshold}"), InputError);
  EXPECT_THROW(testing::strategy_recipe("pruning", "{rule: none}"), InputError);
  EXPECT_NO_THROW(testing::strategy_recipe("pruning", "{rule: none, patience: 3}"));
}

}  // namespace
}  // namespace tonne
