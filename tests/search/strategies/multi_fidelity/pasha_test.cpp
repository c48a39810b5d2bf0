#include <gtest/gtest.h>

#include "search/strategies/multi_fidelity/soft_ranking.h"
#include "tests/search/strategies/multi_fidelity/multi_fidelity_helpers.h"

namespace tonne {
namespace {

using testing::Scripted;

// Places of the later ranking: b, a, c. Earlier: a 1, b 1.2, c 5.
TEST(SoftRanking, AgreesWhereThoseWhoChangedPlacesWereEqual) {
  const std::vector<double> earlier = {1.0, 1.2, 5.0};
  const std::vector<double> later = {0.9, 0.8, 4.0};
  EXPECT_FALSE(ranks_agree(earlier, later, 0.0));
  EXPECT_FALSE(ranks_agree(earlier, later, 0.19));
  EXPECT_TRUE(ranks_agree(earlier, later, 0.21));
  EXPECT_TRUE(ranks_agree(earlier, earlier, 0.0));
  EXPECT_FALSE(ranks_agree(earlier, std::vector<double>{0.9, 4.0, 0.8}, 0.21));  // c was far from b
}

// Curves a and b cross twice and end 0.1 apart; c crosses b once, at the end.
TEST(SoftRanking, NoiseIsTheDistanceOfCurvesThatCrossTwice) {
  const std::vector<std::vector<double>> curves = {{1.0, 0.5, 0.4}, {0.9, 0.6, 0.3}, {5.0, 5.0, 0.2}};
  const NoiseEstimate noise = noise_of(curves, 90.0);
  EXPECT_TRUE(noise.found);
  EXPECT_NEAR(noise.epsilon, 0.1, 1e-12);
  EXPECT_GT(noise.comparisons, 0.0);
  EXPECT_FALSE(noise_of(std::span(curves).subspan(1), 90.0).found);
}

// Rungs of 1, 3, 9, 27 and 81 epochs. Who is better stays better: nobody is trained for more than eta r = 3.
TEST(Pasha, StopsGrowingWhereRanksAreStable) {
  Scripted game("pasha", "{}", 81.0);
  double most = 0.0;
  for (int i = 0; i < 300; ++i) {
    const TrialId id = game.begin().value();
    game.end(id, game.of(id).configuration[0] + 1.0 / game.fidelity(id));
    most = std::max(most, game.fidelity(id));
  }
  EXPECT_EQ(most, 3.0);
}

// The order turns round with each rung: more training always changes who is ahead.
TEST(Pasha, GrowsToTheFullTrainingWhereRanksNeverSettle) {
  Scripted game("pasha", "{interval: 81}", 81.0);
  double most = 0.0;
  for (int i = 0; i < 600; ++i) {
    const TrialId id = game.begin().value();
    const bool turned = game.fidelity(id) == 3.0 || game.fidelity(id) == 27.0;
    game.end(id, (turned ? -1.0 : 1.0) * game.of(id).configuration[0]);
    most = std::max(most, game.fidelity(id));
  }
  EXPECT_EQ(most, 81.0);
}

// By hand, eta 3, reports each epoch: three on the first rung, the best goes to 2 epochs and on to 3.
TEST(Pasha, ReportsBetweenTheRungs) {
  Scripted game("pasha", "{}", 9.0);
  for (const double loss : {5.0, 4.0, 6.0}) EXPECT_EQ(game.fidelity(game.play(loss)), 1.0);
  const TrialId fourth = game.play(3.0);
  EXPECT_EQ(game.fidelity(fourth), 2.0);
  EXPECT_EQ(game.of(fourth).resumes, 1U);
  const TrialId fifth = game.play(2.0);
  EXPECT_EQ(game.fidelity(fifth), 3.0);
  EXPECT_EQ(game.of(fifth).resumes, fourth);
  EXPECT_EQ(game.fidelity(game.begin().value()), 1.0);
}

TEST(Pasha, OnOneRungItIsItsStrategyWithin) {
  Scripted game("pasha", "{}", 1.0);
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(game.of(game.play(1.0)).resumes);
}

struct Trained {
  double epochs = 0.0;
  double value = 0.0;  ///< true, of the best among the most trained
};

// Trains until `most` candidates have begun, as the paper does.
Trained train(std::string_view name, const Problem& problem, std::size_t most, std::uint64_t seed) {
  const auto recipe = testing::strategy_recipe(name, "{}");
  const auto strategy = recipe->make({problem.space(), problem.traits(), problem.traits().fidelity.highest, 1});
  const Random root(seed);
  Trained trained;
  std::pair<double, double> best{0.0, 0.0};  // fidelity, and minus the loss
  std::map<TrialId, double> reached;
  std::size_t begun = 0;
  for (TrialId id = 0;; ++id) {
    Trial trial;
    trial.id = id;
    trial.proposal = strategy->ask(id, root.child("ask").child(id)).value();
    const Proposal& proposal = trial.proposal;
    if (!proposal.resumes && ++begun > most) return trained;
    trial.trained_from = proposal.resumes ? reached.at(*proposal.resumes) : 0.0;
    const Random stream = root.child(proposal.configuration.digest());
    const Outcome outcome =
        problem.evaluate({proposal.configuration, trial.trained_from, proposal.fidelity, 0, stream.name()},
                         stream.child(static_cast<std::uint64_t>(proposal.fidelity)));
    trained.epochs += proposal.fidelity - trial.trained_from;
    reached[id] = proposal.fidelity;
    trial.result = Failed{};
    const double sign = problem.traits().objectives[0].direction == Direction::maximise ? -1.0 : 1.0;
    if (!outcome.failure) trial.result = Completed{{sign * outcome.objectives[0]}};
    strategy->tell(trial);
    if (outcome.failure || std::pair(proposal.fidelity, -trial.loss()) <= best) continue;
    best = {proposal.fidelity, -trial.loss()};
    trained.value = problem.true_value(proposal.configuration);
  }
}

struct Compared {
  Trained pasha, asha;
};

Compared compare(const Problem& problem, std::uint64_t seeds) {
  Compared mean;
  const auto add = [&](Trained& sum, const Trained& one) {
    sum.epochs += one.epochs / static_cast<double>(seeds);
    sum.value += one.value / static_cast<double>(seeds);
  };
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    add(mean.pasha, train("pasha", problem, 256, seed));
    add(mean.asha, train("asha", problem, 256, seed));
  }
  std::printf("epochs %.0f of pasha, %.0f of asha; true value of the best %.3f, %.3f\n", mean.pasha.epochs,
              mean.asha.epochs, mean.pasha.value, mean.asha.value);
  return mean;
}

// Bohdal et al. 2023, NASBench201 with 256 configurations: PASHA is 2.3 to 2.9 times as fast as ASHA at equal accuracy.
TEST(PashaQuality, TrainsLessThanAshaWhereCurvesAreNoisy) {
  const auto [pasha, asha] = compare(testing::CurveProblem(200.0, 0.05), 40);
  EXPECT_LT(pasha.epochs, 0.8 * asha.epochs);
  EXPECT_LT(pasha.value, asha.value + 0.01);
}

// The curves of cell_nas are smooth (a run's noise is one number), so nothing tells of noise and any change of places counts:
// PASHA grows to the full training, and is ASHA.
TEST(PashaQuality, IsAshaWhereNothingTellsOfNoise) {
  const auto cells = testing::problem_recipe("cell_nas")->make();
  const auto [pasha, asha] = compare(*cells, 20);
  EXPECT_NEAR(pasha.epochs, asha.epochs, 0.1 * asha.epochs);
  EXPECT_NEAR(pasha.value, asha.value, 0.3);
}

}  // namespace
}  // namespace tonne
