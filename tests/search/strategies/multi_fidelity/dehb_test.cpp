#include <gtest/gtest.h>

#include <set>

#include "tests/search/strategies/multi_fidelity/multi_fidelity_helpers.h"

namespace tonne {
namespace {

using testing::Scripted;

// The first bracket is successive halving: 81, 27, 9, 3, 1, the best of each rung go on from their
// checkpoints.
TEST(Dehb, TheFirstRoundPromotes) {
  Scripted game("dehb", "{}", 81.0);
  std::map<double, int> rungs;
  std::set<TrialId> resumed;
  for (TrialId id = 0; id < 121; ++id) {
    game.begin();
    ++rungs[game.fidelity(id)];
    const Proposal& proposal = game.of(id);
    EXPECT_EQ(proposal.resumes.has_value(), game.fidelity(id) > 1.0) << id;
    if (proposal.resumes) {
      EXPECT_TRUE(resumed.insert(*proposal.resumes).second) << "promoted twice";
      EXPECT_EQ(proposal.configuration, game.of(*proposal.resumes).configuration);
    }
    game.end(id, proposal.configuration[0]);
  }
  EXPECT_EQ(rungs, (std::map<double, int>{{1, 81}, {3, 27}, {9, 9}, {27, 3}, {81, 1}}));
  // The winner of the bracket is the least of all 81.
  double least = 1e9;
  for (TrialId id = 0; id < 81; ++id) least = std::min(least, game.of(id).configuration[0]);
  EXPECT_EQ(game.of(120).configuration[0], least);
}

// From the second round on nothing is promoted: configurations evolve, and train from scratch at every
// fidelity.
TEST(Dehb, LaterRoundsEvolve) {
  Scripted game("dehb", "{}", 9.0);
  // Brackets 9, 5, 3: 9+3+1, 5+1, 3 places a round.
  constexpr TrialId kRound = 22;
  std::map<double, int> rungs;
  for (TrialId id = 0; id < 2 * kRound; ++id) {
    game.begin();
    game.end(id, std::abs(game.of(id).configuration[0] - 2.0));
    if (id < kRound) continue;
    ++rungs[game.fidelity(id)];
    EXPECT_FALSE(game.of(id).resumes) << id;
  }
  EXPECT_EQ(rungs, (std::map<double, int>{{1, 9}, {3, 8}, {9, 5}}));
}

TEST(Dehb, DrawsCloseInOnTheGoodOnes) {
  Scripted game("dehb", "{}", 27.0);
  double early = 0.0;
  double late = 0.0;
  for (TrialId id = 0; id < 600; ++id) {
    game.begin();
    const double distance = std::abs(game.of(id).configuration[0] - 2.0);  // x is .5 to 8
    game.end(id, distance);
    if (id < 27) early += distance / 27;
    if (id >= 400) late += distance / 200;
  }
  EXPECT_GT(early, 1.2);
  EXPECT_LT(late, 0.25);
}

// A trial vector that fails, or is worse, leaves its target; one that was turned down is made again.
TEST(Dehb, OutlivesFailuresAndRefusals) {
  Scripted game("dehb", "{eta: 2}", 8.0, 4);
  for (TrialId id = 0; id < 400; ++id) {
    ASSERT_TRUE(game.begin());
    if (id % 5 == 3) game.again();
    if (id % 3 == 0)
      game.fail(id);
    else
      game.end(id, game.of(id).configuration[0], id % 7 == 0);
  }
}

// Awad et al. 2021: DEHB ends ahead of random search and of Hyperband. Noise-free curves, medians of 40
// seeds.
TEST(Dehb, IsAheadOfHyperbandWithABudget) {
  const testing::CurveProblem problem(81.0, 0.0);
  const double hyperband = testing::median_regret("hyperband", "{}", problem, 100 * 81.0, 40);
  EXPECT_LT(testing::median_regret("dehb", "{}", problem, 100 * 81.0, 40), 0.7 * hyperband);
}

// The first bracket of a billion-fold training has 387 million places. Only those that are asked for take memory.
TEST(Dehb, ABracketMayBeLargerThanTheMemory) {
  Scripted game("dehb", "{}", 1e9);
  for (int i = 0; i < 10; ++i) game.play(1.0);
  EXPECT_EQ(game.fidelity(9), 2.0);  // 1e9 / 3^18, rounded down
}

}  // namespace
}  // namespace tonne
