#include <gtest/gtest.h>

#include <set>

#include "tests/search/strategies/multi_fidelity/multi_fidelity_helpers.h"

namespace tonne {
namespace {

using testing::Scripted;

// Four members, a quantile of one: the worst takes over from the best, the others go on.
TEST(Pbt, TheWorstCopiesTheBestAndExplores) {
  Scripted game("pbt", "{population: 4, interval: 2, resample: 0}", 4.0);
  for (const double loss : {3.0, 1.0, 4.0, 2.0}) EXPECT_EQ(game.fidelity(game.play(loss)), 2.0);
  for (TrialId member = 0; member < 4; ++member) {
    const Proposal& next = game.of(game.play(1.0));
    EXPECT_EQ(next.fidelity, 4.0);
    if (member != 2) {
      EXPECT_EQ(next.resumes, member);
      EXPECT_EQ(next.configuration, game.of(member).configuration);
      EXPECT_FALSE(next.inherits);
      continue;
    }
    EXPECT_EQ(next.resumes, 1U);
    EXPECT_TRUE(next.inherits);
    const double copied = game.of(1).configuration[0];
    const double x = next.configuration[0];
    EXPECT_TRUE(x == std::clamp(0.8 * copied, 0.5, 8.0) || x == std::clamp(1.2 * copied, 0.5, 8.0)) << x;
  }
  EXPECT_EQ(game.fidelity(game.begin().value()), 2.0);  // a new population
}

TEST(Pbt, EndsAfterOnePopulationIfToldSo) {
  Scripted game("pbt", "{population: 2, interval: 2, restart: false}", 4.0);
  for (int i = 0; i < 4; ++i) game.play(1.0);
  EXPECT_FALSE(game.begin());
}

TEST(Pbt, SynchronousMembersWaitForEachOther) {
  for (const bool synchronous : {true, false}) {
    Scripted game("pbt", synchronous ? "{population: 2, synchronous: true}" : "{population: 2}", 10.0, 2);
    game.begin();
    game.begin();
    game.end(0, 1.0);
    EXPECT_EQ(game.begin().has_value(), !synchronous);
  }
}

TEST(Pbt, AFailedMemberTakesOverFromTheBest) {
  Scripted game("pbt", "{population: 4, interval: 2}", 6.0);
  for (const double loss : {2.0, 1.0, 3.0, 2.5}) game.play(loss);
  const TrialId fails = game.begin().value();
  EXPECT_EQ(game.of(fails).resumes, 0U);
  game.fail(fails);
  const Proposal& retry = game.of(game.begin().value());
  EXPECT_EQ(retry.resumes, 1U);
  EXPECT_EQ(retry.fidelity, 4.0);
  EXPECT_TRUE(retry.inherits);
}

TEST(Pbt, AMemberThatFailsAtItsStartIsDrawnAnew) {
  Scripted game("pbt", "{population: 2}", 10.0);
  std::set<double> drawn;
  for (int i = 0; i < 5; ++i) {
    const TrialId id = game.begin().value();
    drawn.insert(game.of(id).configuration[0]);
    EXPECT_EQ(game.fidelity(id), 1.0);
    game.fail(id);
  }
  EXPECT_EQ(drawn.size(), 5U);
}

// Through the simulator: what is copied is not paid again, so that a population costs its members' trainings.
TEST(Pbt, APopulationCostsItsMembersTrainings) {
  const testing::CurveProblem problem(80.0);
  SimulationOptions options;
  options.workers = 5;
  options.budget.evaluations = 1000;
  const auto searched = testing::search("pbt", "{restart: false}", problem, options, 3);
  EXPECT_EQ(searched.result.stop, StopReason::finished);
  EXPECT_DOUBLE_EQ(searched.result.trained, 10 * 80.0);
  EXPECT_EQ(searched.seen.reached.at(80.0), 10U);
}

// Copying and exploring is a search: one population of ten is ahead of ten random trainings, which cost the
// same.
TEST(Pbt, APopulationIsAheadOfAsManyRandomTrainings) {
  const testing::CurveProblem problem(80.0);
  EXPECT_LT(testing::median_regret("pbt", "{}", problem, 10 * 80.0, 40),
            0.7 * testing::median_regret("random", "{}", problem, 10 * 80.0, 40));
}

}  // namespace
}  // namespace tonne
