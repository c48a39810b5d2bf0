#include <gtest/gtest.h>

#include <set>

#include "tests/search/strategies/multi_fidelity/multi_fidelity_helpers.h"

namespace tonne {
namespace {

using testing::Scripted;

// One parameter: N_min = 2, so the model begins with the fifth configuration after four observations. Good
// ones lie low, and with no random part the model's draws follow them.
TEST(Bohb, TheModelBeginsWithTwiceNMinObservations) {
  Scripted model("bohb", "{random_fraction: 0, eta: 2}", 64.0);
  Scripted random("hyperband", "{eta: 2}", 64.0);
  for (TrialId id = 0; id < 30; ++id) {
    const double loss = model.of(model.begin().value()).configuration[0];
    model.end(id, loss);
    random.begin();
    EXPECT_EQ(model.of(id).configuration == random.of(id).configuration, id < 4) << id;
  }
}

TEST(Bohb, DrawsWhereTheGoodOnesLie) {
  Scripted game("bohb", "{random_fraction: 0}", 81.0);
  double late = 0.0;
  for (TrialId id = 0; id < 81; ++id) {
    game.begin();
    const double x = game.of(id).configuration[0];  // .5 to 8
    game.end(id, std::abs(x - 2.0));
    if (id >= 41) late += std::abs(x - 2.0) / 40;
  }
  EXPECT_LT(late, 0.7);  // uniform draws: 2.5
}

// The largest fidelity with enough observations decides, whatever lower ones say.
TEST(Bohb, TrustsTheLargestFidelityWithEnoughObservations) {
  Scripted game("bohb", "{}", 9.0);
  int low = 0;
  int drawn = 0;
  for (TrialId id = 0; id < 600; ++id) {
    game.begin();
    const double x = game.of(id).configuration[0];  // .5 to 8
    game.end(id, game.fidelity(id) == 9.0 ? x : -x);
    if (id < 300 || game.of(id).resumes) continue;
    low += x < 2.0 ? 1 : 0;
    ++drawn;
  }
  // Two thirds follow the model, the others are uniform. A model of the lowest fidelity would draw near 8.
  EXPECT_GT(low, drawn / 2);
}

TEST(Bohb, CountsItsComputing) {
  const testing::CurveProblem problem(27.0);
  const auto recipe = testing::strategy_recipe("bohb", "{random_fraction: 0}");
  const auto strategy = recipe->make({problem.space(), problem.traits(), 27.0, 1});
  testing::search_loop(*strategy, problem, 30, 1);
  EXPECT_GT(strategy->computed(), 1e4 * flop);
}

// Falkner et al. 2018: starts like Hyperband, and its model pays later. Measured without noise: about half
// the regret.
TEST(Bohb, IsAheadOfHyperbandWithABudget) {
  const testing::CurveProblem problem(81.0, 0.0);
  const double hyperband = testing::median_regret("hyperband", "{}", problem, 100 * 81.0, 40);
  EXPECT_LT(testing::median_regret("bohb", "{}", problem, 100 * 81.0, 40), 0.7 * hyperband);
}

// 16 configurations: each is proposed once, running ones too, and then known ones follow.
TEST(Bohb, ProposesNothingTwiceUntilTheSpaceIsExhausted) {
  const SearchSpace space({{.name = "a", .domain = Integer{1, 4}}, {.name = "b", .domain = Integer{1, 4}}});
  ProblemTraits traits;
  traits.objectives = {{"loss", "", Direction::minimise}};
  traits.fidelity = {"epochs", 1.0, 1.0, true};
  const auto strategy = testing::strategy_recipe("bohb")->make({space, traits, 1.0, 4});
  std::set<std::uint64_t> seen;
  for (TrialId id = 0; id < 40; ++id) {
    Trial trial;
    trial.id = id;
    trial.proposal = strategy->ask(id, Random(2).child(id)).value();
    seen.insert(trial.proposal.configuration.digest());
    if (id < 14) {  // the last ones may not be found by random draws
      EXPECT_EQ(seen.size(), id + 1);
    }
    trial.result = Completed{{trial.proposal.configuration[0]}};
    if (id % 4 != 0) strategy->tell(trial);  // every fourth goes on running
  }
}

// Standard error of a difference of means about 0.05 points over 20 seeds.
TEST(BohbQuality, IsFarAheadOfItsRepeatingFormOnSmallDiscreteSpaces) {
  const auto cells = testing::problem_recipe("cell_nas")->make();
  const double full = cells->traits().fidelity.highest;
  EXPECT_LT(testing::median_regret("bohb", "{}", *cells, 50 * full, 20),
            testing::median_regret("bohb", "{repeat: true}", *cells, 50 * full, 20) - 0.2);
}

}  // namespace
}  // namespace tonne
