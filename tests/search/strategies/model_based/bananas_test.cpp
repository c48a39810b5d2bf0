#include <gtest/gtest.h>

#include <set>

#include "tests/search/strategies/strategy_helpers.h"

namespace tonne {
namespace {

class BananasTest : public ::testing::Test {
 protected:
  BananasTest() {
    std::vector<Parameter> parameters;
    for (std::size_t i = 0; i < 8; ++i)
      parameters.push_back({.name = "p" + std::to_string(i), .domain = Categorical{testing::names("c", 4)}});
    space_ = SearchSpace(std::move(parameters));
    traits_.objectives = {{"loss", "", Direction::minimise}};
  }
  [[nodiscard]] std::unique_ptr<Strategy> make(const std::string& settings) const {
    return testing::strategy_recipe("bananas", settings)->make({space_, traits_, 1.0, 1});
  }
  // The sum of the choices.
  static Trial evaluate(TrialId id, Proposal proposal) {
    double loss = 0.0;
    for (std::size_t i = 0; i < proposal.configuration.size(); ++i) loss += proposal.configuration[i];
    Trial trial;
    trial.id = id;
    trial.proposal = std::move(proposal);
    trial.result = Completed{{loss}};
    return trial;
  }
  static std::size_t differences(const Configuration& a, const Configuration& b) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < a.size(); ++i) count += a[i] != b[i] ? 1U : 0U;
    return count;
  }

  SearchSpace space_;
  ProblemTraits traits_;
};

// Algorithm 1: t_0 random ones, then one fit for k proposals, each a mutation of the best at the time of the
// fit.
TEST_F(BananasTest, FitsOnceForKMutationsOfTheBest) {
  const auto strategy = make("{initial: 7, batch: 4, epochs: 20, candidates: 8, parents: 1}");
  std::optional<Trial> best;
  std::optional<Trial> parent;
  Work before{};
  for (TrialId id = 0; id < 19; ++id) {
    const bool begins_batch = id >= 7 && (id - 7) % 4 == 0;
    if (begins_batch) parent = best;
    const Trial trial = evaluate(id, *strategy->ask(id, Random(1).child(id)));
    EXPECT_EQ(strategy->computed() > before, begins_batch) << id;
    before = strategy->computed();
    if (parent) {
      EXPECT_EQ(differences(trial.proposal.configuration, parent->proposal.configuration), 1U) << id;
    }
    if (!best || trial.loss() < best->loss()) best = trial;
    strategy->tell(trial);
  }
}

// 80 of 65,536 candidates; each fit proposes 10 neighbours of the best, which has 24.
TEST_F(BananasTest, TheEnsembleFindsTheAdditiveOptimum) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto strategy = make("{}");
    double best = 24.0;
    for (TrialId id = 0; id < 80; ++id) {
      const Trial trial = evaluate(id, *strategy->ask(id, Random(seed).child(id)));
      best = std::min(best, trial.loss());
      strategy->tell(trial);
    }
    EXPECT_LE(best, 1.0);  // random search of 80: 4 to 6 (standard deviation of one candidate 3.2, mean 12)
  }
}

TEST_F(BananasTest, ATurnedDownProposalIsNotMadeAgain) {
  const auto strategy = make("{epochs: 5}");
  std::set<std::uint64_t> seen;
  for (TrialId id = 0; id < 40; ++id) {
    EXPECT_TRUE(seen.insert(strategy->ask(id, Random(2).child(id))->configuration.digest()).second);
    Proposal proposal = *strategy->ask(id, Random(3).child(id));
    EXPECT_TRUE(seen.insert(proposal.configuration.digest()).second);
    strategy->tell(evaluate(id, std::move(proposal)));
  }
}

// Random search has a mean true accuracy of 93.81 with a deviation of .22 after 150 cells (100 seeds): its
// mean of 4 seeds is above the bound in 1 % of cases. Here 94.21 and .15 (60 seeds): the mean of 4 is below
// it in 4e-3 %.
TEST(BananasQuality, IsAheadOfRandomOnCells) {
  const auto problem = testing::problem_recipe("cell_nas", "{}")->make();
  const auto recipe = testing::strategy_recipe("bananas");
  double mean = 0.0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const double highest = problem->traits().fidelity.highest;
    const auto strategy = recipe->make({problem->space(), problem->traits(), highest, 1});
    mean += testing::search_loop(*strategy, *problem, 150, seed).best_true_value.back() / 4.0;
  }
  EXPECT_GT(mean, 94.0);
}

}  // namespace
}  // namespace tonne
