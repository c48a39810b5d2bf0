#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "tests/search/strategies/strategy_helpers.h"
#include "tests/support/test_problems.h"

namespace tonne {
namespace {

class TreeStrategies : public ::testing::TestWithParam<std::string> {
 protected:
  TreeStrategies() {
    traits_.objectives = {{"loss", "", Direction::minimise}};
    traits_.fidelity = {"epochs", 1.0, 9.0, true};
  }
  [[nodiscard]] std::unique_ptr<Strategy> make(const SearchSpace& space) const {
    return testing::strategy_recipe(GetParam())->make({space, traits_, 9.0, 1});
  }
  static Trial completed(TrialId id, Proposal proposal, double loss) {
    Trial trial;
    trial.id = id;
    trial.proposal = std::move(proposal);
    trial.result = Completed{{loss}};
    return trial;
  }
  ProblemTraits traits_;
  SearchSpace square_{{{.name = "x", .domain = Real{0.0, 1.0}}, {.name = "y", .domain = Real{0.0, 1.0}}}};
};

TEST_P(TreeStrategies, ModelAfterTheirRandomTrials) {
  const auto strategy = make(square_);
  const TrialId random_trials = GetParam() == "bore" ? 6 : 5;
  for (TrialId id = 0; id <= random_trials; ++id) {
    EXPECT_EQ(strategy->computed() / flop, 0.0);
    Proposal proposal = *strategy->ask(id, Random(2).child(id));
    const double loss = proposal.configuration[0];
    strategy->tell(completed(id, std::move(proposal), loss));
  }
  EXPECT_GT(strategy->computed() / flop, 0.0);
}

// A space of 25 points is visited whole before anything is repeated, with several workers too.
TEST_P(TreeStrategies, RepeatNothingWhileSomethingIsLeft) {
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

// The loss is y, but x < 1/2 fails, so proposals of the model avoid it.
TEST_P(TreeStrategies, AvoidWhereTrialsFail) {
  const auto strategy = make(square_);
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

// Nothing is ever trained in full, and yet the model learns: of 30 proposals after 30 reports of the loss |x
// - .3| most have x within .15 of .3, where 9 random ones would be (17 or more but for 1 in 1,000).
TEST_P(TreeStrategies, LearnFromPartialTrainingsAlone) {
  const auto strategy = make(square_);
  ASSERT_TRUE(strategy->learns_from_reports());
  std::size_t near = 0;
  for (TrialId id = 0; id < 60; ++id) {
    Proposal proposal = *strategy->ask(id, Random(6).child(id));
    const double distance = std::abs(proposal.configuration[0] - 0.3);
    near += id >= 30 && distance < 0.15 ? 1U : 0U;
    proposal.fidelity = 1.0;
    strategy->report(completed(id, std::move(proposal), distance));
  }
  EXPECT_GE(near, 17U);
}

INSTANTIATE_TEST_SUITE_P(All, TreeStrategies, ::testing::Values("bore", "cqr"),
                         [](const auto& tested) { return tested.param; });

TEST(Cqr, AnEvenNumberOfQuantilesIsRefused) {
  EXPECT_THROW(testing::strategy_recipe("cqr", "{quantiles: 4}"), std::exception);
}

class TreeStrategiesQuality : public ::testing::TestWithParam<std::string> {};

// The bound and its false alarms are those of RfQuality.IsAheadOfRandomOnCells: random search is above it in
// 2 % of cases.
TEST_P(TreeStrategiesQuality, AreAheadOfRandomOnCells) {
  const auto problem = testing::problem_recipe("cell_nas", "{}")->make();
  const auto recipe = testing::strategy_recipe(GetParam());
  double mean = 0.0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const double highest = problem->traits().fidelity.highest;
    const auto strategy = recipe->make({problem->space(), problem->traits(), highest, 1});
    mean += testing::search_loop(*strategy, *problem, 100, seed).best_true_value.back() / 6.0;
  }
  EXPECT_GT(mean, 93.98);
}

INSTANTIATE_TEST_SUITE_P(All, TreeStrategiesQuality, ::testing::Values("bore", "cqr"),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace tonne
