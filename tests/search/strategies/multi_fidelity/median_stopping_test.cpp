#include <gtest/gtest.h>

#include "tests/search/strategies/multi_fidelity/multi_fidelity_helpers.h"

namespace tonne {
namespace {

using testing::Scripted;

// Worked by hand: steps of 1, 2 and 3 epochs; the rule rests until two have completed.
//   trial A reports 6, 4, 2: running averages 6, 5, 4
//   trial B reports 4, 2, 0: running averages 4, 3, 2; medians 5, 4, 3
//   trial C reports 5 (not worse than 5), then 4.5: its best, 4.5, is worse than 4: stopped at step 2
//   trial D reports 3, then 9: its best is 3, goes on
TEST(MedianStopping, IsThatOfAHandComputedExample) {
  Scripted game("median_stopping", "{grace_population: 2, interval: 1}", 3.0);
  for (const double loss : {6.0, 4.0, 2.0}) game.play(loss);
  EXPECT_EQ(game.of(1).resumes, 0U);
  EXPECT_EQ(game.of(2).resumes, 1U);
  EXPECT_EQ(game.of(1).configuration, game.of(0).configuration);
  for (const double loss : {4.0, 2.0, 0.0}) game.play(loss);
  EXPECT_EQ(game.fidelity(3), 1.0);

  EXPECT_EQ(game.fidelity(game.play(5.0)), 1.0);
  EXPECT_EQ(game.fidelity(game.play(4.5)), 2.0);
  EXPECT_EQ(game.fidelity(game.play(3.0)), 1.0);  // C was stopped
  EXPECT_EQ(game.fidelity(game.play(9.0)), 2.0);
  EXPECT_EQ(game.fidelity(game.begin().value()), 3.0);
}

TEST(MedianStopping, RestsUntilTheGracePopulationHasCompleted) {
  Scripted game("median_stopping", "{interval: 1}", 2.0);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(game.fidelity(game.play(i)), 1.0);
    EXPECT_EQ(game.fidelity(game.play(i)), 2.0);
  }
  EXPECT_EQ(game.fidelity(game.play(2.5)), 1.0);  // the median is 2
  EXPECT_EQ(game.fidelity(game.begin().value()), 1.0);
}

TEST(MedianStopping, FailedTrialsEnd) {
  Scripted game("median_stopping", "{interval: 1}", 3.0);
  game.fail(game.begin().value());
  EXPECT_EQ(game.fidelity(game.begin().value()), 1.0);
}

TEST(MedianStopping, RefusesIntervalsThatPartTheTrainingIntoDust) {
  EXPECT_FALSE(Scripted("median_stopping", "{interval: 0.001}", 9.0).refuses());
  EXPECT_TRUE(Scripted("median_stopping", "{interval: 0.0001}", 9.0).refuses());
}

// About half of the trials are stopped early, so that the same epochs see more configurations: ahead of
// random search.
TEST(MedianStopping, IsAheadOfRandomSearchAtEqualEpochs) {
  const testing::CurveProblem problem(80.0);
  EXPECT_LT(testing::median_regret("median_stopping", "{}", problem, 60 * 80.0, 100),
            testing::median_regret("random", "{}", problem, 60 * 80.0, 100));
}

}  // namespace
}  // namespace tonne
