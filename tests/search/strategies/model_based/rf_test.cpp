#include <gtest/gtest.h>

#include <set>

#include "tests/search/strategies/strategy_helpers.h"

namespace tonne {
namespace {

class RfTest : public ::testing::Test {
 protected:
  RfTest() { traits_.objectives = {{"loss", "", Direction::minimise}}; }
  [[nodiscard]] std::unique_ptr<Strategy> make(const SearchSpace& space,
                                               const std::string& settings = "{}") const {
    return testing::strategy_recipe("rf", settings)->make({space, traits_, 1.0, 1});
  }
  static Trial completed(TrialId id, Proposal proposal, double loss) {
    Trial trial;
    trial.id = id;
    trial.proposal = std::move(proposal);
    trial.result = Completed{{loss}};
    return trial;
  }
  ProblemTraits traits_;
};

SearchSpace square() {
  return SearchSpace({{.name = "x", .domain = Real{0.0, 1.0}}, {.name = "y", .domain = Real{0.0, 1.0}}});
}

// Boost leaves out the sequence's first point, so 15 of the 16 boxes of side 1/4 hold one of the first 15
// points; a digital shift keeps that. 10 points a parameter would be 20.
TEST_F(RfTest, BeginsWithAShiftedSobolSequence) {
  const SearchSpace space = square();
  const auto strategy = make(space);
  std::set<std::pair<int, int>> boxes;
  for (TrialId id = 0; id < 15; ++id) {
    const Configuration point = strategy->ask(id, Random(1).child(id))->configuration;
    boxes.emplace(static_cast<int>(4.0 * point[0]), static_cast<int>(4.0 * point[1]));
  }
  EXPECT_EQ(boxes.size(), 15U);
}

TEST_F(RfTest, ModelsOnlyAfterTheDesign) {
  const SearchSpace space = square();
  const auto strategy = make(space, "{initial_most: 6, random_share: 0}");
  for (TrialId id = 0; id < 7; ++id) {
    EXPECT_EQ(strategy->computed() / flop, 0.0);
    Proposal proposal = *strategy->ask(id, Random(2).child(id));
    const double loss = proposal.configuration[0];
    strategy->tell(completed(id, std::move(proposal), loss));
  }
  EXPECT_GT(strategy->computed() / flop, 0.0);
}

// Of 200 proposals after the design 40 are expected to be random, with a deviation of 5.7: 15 to 65 but for
// 1e-5.
TEST_F(RfTest, AFifthOfTheProposalsIsRandom) {
  const SearchSpace space = square();
  const auto strategy = make(space, "{initial_most: 2, challengers: 10, local_starts: 0}");
  std::size_t modelled = 0;
  Work before{};
  for (TrialId id = 0; id < 202; ++id) {
    Proposal proposal = *strategy->ask(id, Random(3).child(id));
    modelled += strategy->computed() > before ? 1U : 0U;
    before = strategy->computed();
    const double loss = proposal.configuration[0];
    strategy->tell(completed(id, std::move(proposal), loss));
  }
  EXPECT_NEAR(static_cast<double>(modelled), 160.0, 25.0);
}

// A space of 25 points is visited whole before anything is repeated, with several workers too.
TEST_F(RfTest, RepeatsNothingWhileSomethingIsLeft) {
  const SearchSpace space(
      {{.name = "a", .domain = Categorical{testing::names("a", 5)}}, {.name = "b", .domain = Integer{1, 5}}});
  const auto strategy = make(space);
  std::set<std::uint64_t> seen;
  std::vector<Trial> running;
  for (TrialId id = 0; id < 25; ++id) {
    Proposal proposal = *strategy->ask(id, Random(4).child(id));
    EXPECT_TRUE(seen.insert(proposal.configuration.digest()).second) << id;
    const double loss = proposal.configuration[0] + proposal.configuration[1];
    running.push_back(completed(id, std::move(proposal), loss));
    if (running.size() < 4) continue;
    strategy->tell(running.front());
    running.erase(running.begin());
  }
}

// Failed trials count with the worst loss: the loss is y, but x < 1/2 fails, so proposals of the model avoid it.
TEST_F(RfTest, AvoidsWhereTrialsFail) {
  const SearchSpace space = square();
  const auto strategy = make(space, "{random_share: 0}");
  std::size_t failed = 0;
  for (TrialId id = 0; id < 60; ++id) {
    Proposal proposal = *strategy->ask(id, Random(5).child(id));
    const bool fails = proposal.configuration[0] < 0.5;
    failed += fails && id >= 20 ? 1U : 0U;
    const double loss = proposal.configuration[1];
    Trial trial = completed(id, std::move(proposal), loss);
    if (fails) trial.result = Failed{Failure::out_of_memory};
    strategy->tell(trial);
  }
  EXPECT_LE(failed, 10U);  // of 40; random proposals fail 20 times
}

// 20 seeds measured .0019 (Branin) and .138 (Hartmann 6) after 100 evaluations; Optuna's TPE .012-.03 and
// .23-.36, random search .40 and 1.19.
TEST(RfQuality, IsAheadOfTpeOnBranin) {
  const auto problem = testing::problem_recipe("function", "{function: branin}")->make();
  EXPECT_LT(testing::median_regrets("rf", "{}", *problem, {100}, 11)[0], 0.012);
}

// Random search has a mean true accuracy of 93.75 with a deviation of .28 after 100 cells (100 seeds): its
// mean of 6 seeds is above the bound in 2 % of cases. Here 94.16 and .18 (40 seeds): the mean of 6 is below
// it in 1 %.
TEST(RfQuality, IsAheadOfRandomOnCells) {
  const auto problem = testing::problem_recipe("cell_nas", "{}")->make();
  const auto recipe = testing::strategy_recipe("rf");
  double mean = 0.0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const double highest = problem->traits().fidelity.highest;
    const auto strategy = recipe->make({problem->space(), problem->traits(), highest, 1});
    mean += testing::search_loop(*strategy, *problem, 100, seed).best_true_value.back() / 6.0;
  }
  EXPECT_GT(mean, 93.98);
}

}  // namespace
}  // namespace tonne
