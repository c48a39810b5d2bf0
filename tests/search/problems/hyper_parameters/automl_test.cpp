#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "tests/support/free_search.h"
#include "tests/support/recipes.h"

namespace tonne {
namespace {

std::shared_ptr<const Problem> make(const std::string& settings) {
  return testing::problem_recipe("automl", settings)->make();
}

void set(const Problem& problem, Configuration& configuration, const std::string& name, double value) {
  configuration.set(problem.space().find(name).value(), value);
}

Outcome run(const Problem& problem, const Configuration& configuration) {
  return problem.evaluate({configuration, 0.0, problem.traits().fidelity.highest, 0, 9}, Random(1));
}

TEST(AutoMl, EachParameterHasItsStage) {
  const auto problem = make("{}");
  std::array<int, 4> counts{};
  for (const std::size_t stage : problem->traits().stage_of) ++counts[stage];
  EXPECT_EQ(counts, (std::array{5, 5, 5, 6}));
  EXPECT_EQ(problem->traits().stages,
            (std::vector<std::string>{"features", "hyper-parameters", "architecture", "compilation"}));
}

// The default by hand: 25 ms every 10 ms give 98 frames of 40 bands; 49 x 20 positions, two blocks on them
// and two on 245; separable 3x3 convolutions of 64 channels.
TEST(AutoMl, WorkIsThatOfTheStages) {
  const auto problem = make("{epochs: 2}");
  const Outcome outcome = run(*problem, problem->default_configuration());
  const double clips = 84'843.0;
  const double features = 98.0 * (5.0 * 512.0 * 9.0 + 2.0 * 512.0);
  const double weights = 9.0 * 64.0 + 64.0 * 64.0;
  const double passes = 9.0 * 64.0 * 980.0 + weights * (2.0 * 980.0 + 2.0 * 245.0) + 64.0 * 35.0;
  const double parameters = 12.0 * 64.0 + 4.0 * (weights + 3.0 * 128.0) + 65.0 * 35.0;
  const double steps = 2.0 * clips / 64.0;
  const std::array<double, 4> stages = {clips * features, 12.0 * parameters * steps,
                                        6.0 * passes * clips * 2.0,
                                        2e11 + 1'000.0 * (2.0 * passes + features)};
  double sum = 0.0;
  for (const double stage : stages) sum += stage;
  EXPECT_NEAR(outcome.workload.flops.base(), sum, 1e-9 * sum);
  for (std::size_t stage = 0; stage < 4; ++stage)
    EXPECT_NEAR(outcome.stage_shares[stage], stages[stage] / sum, 1e-12) << stage;
}

TEST(AutoMl, AResumedTrainingHasItsFeaturesAndKernels) {
  const auto problem = make("{}");
  const Configuration standard = problem->default_configuration();
  const Outcome later = problem->evaluate({standard, 10.0, 20.0}, Random(1));
  EXPECT_EQ(later.stage_shares[0], 0.0);
  EXPECT_EQ(later.stage_shares[3], 0.0);
  EXPECT_GT(later.stage_shares[2], 0.9);
}

// MnasNet, equation 2: w = -.07 was chosen so that twice the latency is worth 5 % relative accuracy.
TEST(AutoMl, TheScoreIsMnasNets) {
  const auto problem = make("{noise: 0}");
  const auto stricter = make("{noise: 0, target_latency: 0.5}");
  const Configuration standard = problem->default_configuration();
  EXPECT_NEAR(stricter->true_value(standard) / problem->true_value(standard), std::pow(2.0, -0.07), 1e-12);
  EXPECT_NEAR(std::pow(2.0, -0.07), 0.95, 0.003);
}

// Where the best choice of one stage depends on another stage's.
TEST(AutoMl, StagesDependOnEachOther) {
  const auto problem = make("{}");
  const auto gain = [&](Configuration base, const std::string& name, double from, double to) {
    set(*problem, base, name, from);
    const double before = problem->true_value(base);
    set(*problem, base, name, to);
    return problem->true_value(base) - before;
  };
  Configuration small = problem->default_configuration();
  set(*problem, small, "channels", 0.0);
  Configuration large = problem->default_configuration();
  set(*problem, large, "channels", 6.0);
  EXPECT_LT(gain(small, "augmentation", 0.0, 2.0), 0.0);
  EXPECT_GT(gain(large, "augmentation", 0.0, 2.0), 0.0);

  // More bands pay for a network with a large field.
  Configuration narrow = problem->default_configuration();
  set(*problem, narrow, "blocks", 2.0);
  Configuration wide = narrow;
  set(*problem, wide, "kernel", 2.0);
  EXPECT_LT(gain(narrow, "mel_bands", 1.0, 4.0), gain(wide, "mel_bands", 1.0, 4.0));

  // The layout that suits separable convolutions does not suit the others.
  Configuration standard = problem->default_configuration();
  set(*problem, standard, "block", 0.0);
  EXPECT_GT(gain(problem->default_configuration(), "layout", 2.0, 1.0), 0.0);
  EXPECT_LT(gain(standard, "layout", 2.0, 1.0), 0.0);
}

TEST(AutoMl, GreedyLearningRatesDiverge) {
  const auto problem = make("{}");
  Configuration greedy = problem->default_configuration();
  set(*problem, greedy, "learning_rate", 0.5);
  const Outcome outcome = run(*problem, greedy);
  EXPECT_EQ(outcome.failure, Failure::diverged);
  EXPECT_EQ(outcome.stage_shares[3], 0.0);  // nothing is compiled
  EXPECT_LT(outcome.workload.flops, 0.3 * run(*problem, problem->default_configuration()).workload.flops);
}

TEST(AutoMl, CurvesCross) {
  const auto problem = make("{noise: 0}");
  Configuration plain = problem->default_configuration();
  set(*problem, plain, "channels", 6.0);
  set(*problem, plain, "blocks", 8.0);
  Configuration mixing = plain;
  set(*problem, mixing, "augmentation", 2.0);
  const auto at = [&](const Configuration& candidate, double epochs) {
    return problem->evaluate({candidate, 0.0, epochs}, Random(1)).objectives.front();
  };
  EXPECT_GT(at(plain, 2.0), at(mixing, 2.0));
  EXPECT_LT(at(plain, 60.0), at(mixing, 60.0));
}

TEST(AutoMl, Portrait) {
  const auto problem = make("{}");
  Random random(11);
  int failed = 0;
  double best = 0.0;
  std::vector<double> values;
  constexpr int kCandidates = 4'000;
  for (int i = 0; i < kCandidates; ++i) {
    const Configuration candidate = problem->space().sample(random);
    failed += run(*problem, candidate).failure ? 1 : 0;
    values.push_back(problem->true_value(candidate));
    best = std::max(best, values.back());
  }
  std::ranges::sort(values);
  const double standard = problem->true_value(problem->default_configuration());
  EXPECT_GT(failed, kCandidates / 20);
  EXPECT_LT(failed, kCandidates / 2);
  EXPECT_GT(standard, values[kCandidates / 2]);
  EXPECT_GT(best, standard);
  RecordProperty("failed", failed);
  RecordProperty("best", std::to_string(best));
  RecordProperty("default", std::to_string(standard));
  RecordProperty("median", std::to_string(values[kCandidates / 2]));
}

// The simulator books each trial's charge by its shares: they sum to what the trials were charged.
TEST(AutoMl, TheLedgerByStageSumsToTheTrials) {
  const auto problem = make("{epochs: 3}");
  const testing::FreeSearch search = testing::free_search("random", "{}", *problem, 40, 5);
  ASSERT_EQ(search.result.stages.size(), 4U);
  EXPECT_GT(search.result.failures, 0U);
  Duration sum{};
  std::array<Duration, 4> by_hand{};
  for (const Charge& stage : search.result.stages) sum += stage.time;
  for (const Trial& trial : search.trials)
    for (std::size_t stage = 0; stage < 4; ++stage)
      by_hand[stage] += trial.stage_shares[stage] * trial.charge.time;
  const Duration charged =
      search.result.ledger[Account::search].time + search.result.ledger[Account::failed].time;
  EXPECT_NEAR(sum / charged, 1.0, 1e-12);
  for (std::size_t stage = 0; stage < 4; ++stage)
    EXPECT_NEAR(search.result.stages[stage].time / by_hand[stage], 1.0, 1e-12);
}

}  // namespace
}  // namespace tonne
