#include <gtest/gtest.h>

#include <set>

#include "tests/search/strategies/multi_fidelity/multi_fidelity_helpers.h"

namespace tonne {
namespace {

using testing::Scripted;

// As in pbt: the worst takes over from the best, the others go on with what they have.
TEST(Pb2, TheWorstCopiesTheBestAndExplores) {
  Scripted game("pb2", "{interval: 2}", 4.0);
  for (const double loss : {3.0, 1.0, 4.0, 2.0}) EXPECT_EQ(game.fidelity(game.play(loss)), 2.0);
  for (TrialId member = 0; member < 4; ++member) {
    const Proposal& next = game.of(game.play(1.0));
    EXPECT_EQ(next.fidelity, 4.0);
    EXPECT_EQ(next.inherits, member == 2);
    EXPECT_EQ(next.resumes, member == 2 ? 1U : member);
    EXPECT_EQ(next.configuration == game.of(member).configuration, member != 2);
  }
}

// A step improves the loss by 1 - |x - 6| / 8: after a few populations, whoever explores does so near 6. Of
// explored x at random a quarter would be within 1.
TEST(Pb2, ExploresWhereTheProcessSeesImprovement) {
  Scripted game("pb2", "{interval: 1}", 6.0);
  std::size_t explored = 0;
  std::size_t near = 0;
  std::map<TrialId, double> loss;
  for (int i = 0; i < 24 * 5; ++i) {
    const TrialId id = game.begin().value();
    const Proposal& proposal = game.of(id);
    const double distance = std::abs(proposal.configuration[0] - 6.0);
    const double before = proposal.resumes ? loss.at(*proposal.resumes) : 10.0;
    loss[id] = before - (1.0 - distance / 8.0);
    explored += proposal.inherits && i >= 48 ? 1U : 0U;
    near += proposal.inherits && i >= 48 && distance < 1.0 ? 1U : 0U;
    game.end(id, loss[id]);
  }
  EXPECT_GE(explored, 10U);
  EXPECT_GE(2 * near, explored);
}

TEST(Pb2, AFailedMemberTakesOverFromTheBest) {
  Scripted game("pb2", "{interval: 2}", 6.0);
  for (const double loss : {2.0, 1.0, 3.0, 2.5}) game.play(loss);
  const TrialId fails = game.begin().value();
  EXPECT_EQ(game.of(fails).resumes, 0U);
  game.fail(fails);
  const Proposal& retry = game.of(game.begin().value());
  EXPECT_EQ(retry.resumes, 1U);
  EXPECT_TRUE(retry.inherits);
}

TEST(Pb2, ChargesItsProcess) {
  const testing::CurveProblem problem(20.0);
  const auto strategy = testing::strategy_recipe("pb2")->make({problem.space(), problem.traits(), 20.0, 1});
  testing::search_loop(*strategy, problem, 60, 1);
  EXPECT_GT(strategy->computed() / flop, 1e5);
}

// At the cost of 25 full trainings, both with populations of four. 20 seeds measured .0006 and .017.
TEST(Pb2Quality, IsAheadOfPbtOnCurves) {
  const testing::CurveProblem problem(81.0);
  EXPECT_LT(testing::median_regret("pb2", "{}", problem, 25 * 81.0, 7),
            0.4 * testing::median_regret("pbt", "{population: 4}", problem, 25 * 81.0, 7));
}

}  // namespace
}  // namespace tonne
