// dyhpo and freeze_thaw: what they share, and what each does with learning curves.

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "search/strategies/multi_fidelity/training_curves.h"
#include "tests/search/strategies/multi_fidelity/multi_fidelity_helpers.h"

namespace tonne {
namespace {

using testing::Scripted;

class CurveModels : public ::testing::TestWithParam<const char*> {};

// Nine configurations for one step, the best three up to three steps, the best of these to the end.
TEST_P(CurveModels, BeginWithABracketOfSuccessiveHalving) {
  Scripted game(GetParam(), "{interval: 1}", 9.0);
  for (TrialId id = 0; id < 9; ++id) EXPECT_EQ(game.fidelity(game.play(10.0 - static_cast<double>(id))), 1.0);
  for (const TrialId before : {8U, 7U, 6U}) {
    const TrialId second = game.play(5.0 - 0.1 * static_cast<double>(before));
    EXPECT_EQ(game.of(second).resumes, before);
    EXPECT_EQ(game.of(second).configuration, game.of(before).configuration);
    EXPECT_EQ(game.fidelity(second), 2.0);
    EXPECT_EQ(game.fidelity(game.play(before == 7U ? 0.5 : 3.0)), 3.0);
  }
  for (double fidelity = 4.0; fidelity <= 9.0; fidelity += 1.0) {
    const TrialId id = game.play(0.1);
    EXPECT_EQ(game.fidelity(id), fidelity);
    EXPECT_EQ(game.of(id).configuration, game.of(7).configuration);
  }
}

TEST_P(CurveModels, EndFailedTrainings) {
  Scripted game(GetParam(), "{interval: 1, initial: 1}", 3.0);
  game.fail(game.begin().value());
  const TrialId second = game.play(1.0);
  EXPECT_NE(game.of(second).configuration, game.of(0).configuration);
}

TEST_P(CurveModels, TrainFromScratchWhereACachedAnswerLeftNoCheckpoint) {
  Scripted game(GetParam(), "{interval: 1, initial: 1}", 3.0);
  game.end(game.begin().value(), 1.0, true);
  const TrialId second = game.begin().value();
  EXPECT_EQ(game.fidelity(second), 2.0);
  EXPECT_FALSE(game.of(second).resumes);
}

// The loss does not change with training, and is the better the nearer x is to 2.
double flat(double x) {
  return std::abs(x - 2.0);
}

TEST_P(CurveModels, TrainTheGoodOnesLonger) {
  Scripted game(GetParam(), "{interval: 1, candidates: 50}", 10.0);
  std::map<double, double> trained;
  for (TrialId id = 0; id < 150; ++id) {
    game.begin();
    const double x = game.of(id).configuration[0];
    game.end(id, flat(x) + 1.0 / game.fidelity(id));
    trained[x] = game.fidelity(id);
  }
  double best = 10.0;
  for (const auto& [x, fidelity] : trained) {
    if (fidelity == 10.0) best = std::min(best, flat(x));
    EXPECT_TRUE(flat(x) < 2.0 || fidelity < 10.0) << x;
  }
  EXPECT_LT(best, 0.05);
}

TEST_P(CurveModels, FinishWhatTheyAreToldToFinish) {
  Scripted game(GetParam(), "{interval: 1, initial: 4, finish_share: 1}", 4.0);
  for (TrialId id = 0; id < 16; ++id) {
    game.begin();
    game.end(id, flat(game.of(id).configuration[0]));
    EXPECT_TRUE(id < 4 || game.of(id).resumes) << id;
  }
}

TEST_P(CurveModels, AreBayesianOptimisationWhereThereIsOneStep) {
  Scripted game(GetParam(), "{}", 1.0);
  std::set<double> seen;
  double best = 10.0;
  for (TrialId id = 0; id < 30; ++id) {
    game.begin();
    const double x = game.of(id).configuration[0];
    EXPECT_TRUE(seen.insert(x).second);
    EXPECT_EQ(game.fidelity(id), 1.0);
    game.end(id, flat(x));
    best = std::min(best, flat(x));
  }
  EXPECT_LT(best, 0.05);
}

TEST_P(CurveModels, CountTheirComputing) {
  const testing::CurveProblem problem(27.0);
  const auto recipe = testing::strategy_recipe(GetParam(), "{}");
  const auto strategy = recipe->make({problem.space(), problem.traits(), 27.0, 1});
  testing::search_loop(*strategy, problem, 40, 1);
  EXPECT_GT(strategy->computed(), 1e6 * flop);
}

TEST_P(CurveModels, RefuseTrainingsInThousandsOfSteps) {
  EXPECT_FALSE(Scripted(GetParam(), "{interval: 1}", 200.0).refuses());
  EXPECT_TRUE(Scripted(GetParam(), "{interval: 1}", 201.0).refuses());
}

INSTANTIATE_TEST_SUITE_P(Strategies, CurveModels, ::testing::Values("dyhpo", "freeze_thaw"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST(Dyhpo, TakesCurvesInEveryForm) {
  for (const char* inputs : {"none", "last", "last_and_change"}) {
    Scripted game("dyhpo", std::string("{interval: 1, curve_points: 2, curve_inputs: ") + inputs + "}", 5.0);
    for (TrialId id = 0; id < 40; ++id) {
      game.begin();
      game.end(id, flat(game.of(id).configuration[0]) + 1.0 / game.fidelity(id));
    }
  }
}

// With a threshold and a horizon drawn at each ask, what is begun and what goes on changes.
TEST(FreezeThaw, MfpiRandomBothBeginsAndGoesOn) {
  Scripted game("freeze_thaw", "{interval: 1, acquisition: mfpi_random, finish_share: 0}", 5.0);
  int begun = 0;
  for (TrialId id = 0; id < 80; ++id) {
    game.begin();
    game.end(id, flat(game.of(id).configuration[0]) + 1.0 / game.fidelity(id));
    if (id >= 20 && !game.of(id).resumes) ++begun;
  }
  EXPECT_GT(begun, 5);
  EXPECT_LT(begun, 55);
}

TEST(TrainingCurves, CapsAtTwiceTheMedianLessTheBest) {
  EXPECT_EQ(loss_cap({9.0, 1.0, 3.0}), 5.0);
  EXPECT_EQ(loss_cap({2.0}), 2.0);
}

TEST(LossScale, IsLogarithmicInTheDistanceFromTheBest) {
  const LossScale scale({9.0, 1.0, 3.0, 2.0, 7.0});  // a fifth is better than 2
  EXPECT_EQ(scale(1.0), 0.0);
  EXPECT_DOUBLE_EQ(scale(2.0), std::log(2.0));
  EXPECT_DOUBLE_EQ(scale.worst(), std::log(9.0));
  EXPECT_DOUBLE_EQ(scale(0.0), -1.0);
  EXPECT_EQ(LossScale({2.0, 2.0})(3.0), std::log(2.0));
}

// Wistuba et al. 2022, figure 3: ahead of random search and Hyperband at equal epochs.
TEST(DyhpoQuality, IsAheadOfHyperbandAtEqualEpochs) {
  const testing::CurveProblem problem(81.0);
  const double dyhpo = testing::median_regret("dyhpo", "{}", problem, 20 * 81.0, 12);
  EXPECT_LT(dyhpo, 0.8 * testing::median_regret("hyperband", "{}", problem, 20 * 81.0, 40));
}

TEST(FreezeThawQuality, IsAheadOfHyperbandAtEqualEpochs) {
  const testing::CurveProblem problem(81.0);
  const double freeze_thaw = testing::median_regret("freeze_thaw", "{}", problem, 20 * 81.0, 12);
  EXPECT_LT(freeze_thaw, 0.8 * testing::median_regret("hyperband", "{}", problem, 20 * 81.0, 40));
}

}  // namespace
}  // namespace tonne
