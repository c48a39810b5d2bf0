#include "search/strategies/model_based/tpe_history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace tonne {
namespace {

class TpeHistory : public ::testing::Test {
 protected:
  TpeHistory() : space_({{.name = "x", .domain = Real{0.0, 1.0}}}) {}

  static Trial trial(TrialId id, Objectives losses, double fidelity = 1.0) {
    Trial result;
    result.id = id;
    result.proposal.configuration = Configuration(1);
    result.proposal.configuration.set(0, 0.5);
    result.proposal.fidelity = fidelity;
    result.result = Completed{std::move(losses)};
    return result;
  }
  // Here rows are numbered as the trials are.
  static std::vector<std::uint32_t> good(tonne::TpeHistory& history) {
    history.part();
    return {history.good().begin(), history.good().end()};
  }
  using Rows = std::vector<std::uint32_t>;

  SearchSpace space_;
};

TEST_F(TpeHistory, RanksPartialTrainingsAfterCompletedOnes) {
  tonne::TpeHistory history(space_, {.gamma = 0.5});
  history.tell(trial(0, {5.0}));
  history.report(trial(1, {1.0}, 3.0));
  history.report(trial(2, {0.5}, 9.0));
  history.report(trial(3, {0.2}, 9.0));
  EXPECT_EQ(good(history), (Rows{0, 3}));  // 3 came as far as 2, with a smaller loss; 1 not so far
  history.report(trial(1, {2.0}, 27.0));
  EXPECT_EQ(good(history), (Rows{0, 1}));
  history.tell(trial(3, {9.0}, 81.0));
  EXPECT_EQ(good(history), (Rows{0, 3}));
  history.report(trial(3, {0.0}, 90.0));  // late: of no effect
  EXPECT_EQ(good(history), (Rows{0, 3}));
  EXPECT_EQ(history.ranked(), 4U);
}

TEST_F(TpeHistory, RunningAndFailedTrialsAreNeverGood) {
  tonne::TpeHistory history(space_, {.gamma = 1.0});
  history.run(0, trial(0, {}).proposal.configuration);
  Trial failed = trial(1, {});
  failed.result = Failed{Failure::diverged};
  history.tell(failed);
  history.tell(trial(2, {1.0}));
  EXPECT_EQ(good(history), (Rows{2}));
  EXPECT_EQ(history.others().size(), 2U);
  history.tell(trial(0, {3.0}));
  EXPECT_EQ(good(history), (Rows{0, 2}));
}

TEST_F(TpeHistory, ViolatedConstraintsComeLast) {
  tonne::TpeHistory history(space_, {.gamma = 0.5});
  for (TrialId id = 0; id < 3; ++id) {
    Trial violating = trial(id, {});
    violating.result = Failed{Failure::infeasible};
    violating.constraints = {3.0 - static_cast<double>(id)};
    history.tell(violating);
  }
  EXPECT_EQ(good(history), (Rows{1, 2}));
  history.report(trial(3, {7.0}, 1.0));
  EXPECT_EQ(good(history), (Rows{2, 3}));
}

// Two fronts: 0, 1, 2 and behind it 3, 4, 5, 6.
TEST_F(TpeHistory, RanksByFrontThenByHypervolume) {
  const std::vector<Objectives> losses = {{0.9, 3}, {2, 2}, {3, 1}, {2, 6}, {3, 5}, {4, 4}, {6, 2}};
  const auto good_of = [&](double gamma) {
    tonne::TpeHistory history(space_, {.gamma = gamma, .objectives = 2});
    for (TrialId id = 0; id < losses.size(); ++id) history.tell(trial(id, losses[id]));
    return good(history);
  };
  EXPECT_EQ(good_of(2.0 / 7), (Rows{0, 1}));  // 1 first: (3.3 - 2)^2; then 0 adds 1.1 x 0.3, 2 adds 1 x 0.3
  EXPECT_EQ(good_of(3.0 / 7), (Rows{0, 1, 2}));
  EXPECT_EQ(good_of(4.0 / 7), (Rows{0, 1, 2, 5}));  // (6.6 - 4)^2 is the most of the second front
  EXPECT_EQ(good_of(1.0).size(), 7U);
}

TEST_F(TpeHistory, TheOrderOfTellsDoesNotChangeTheChoice) {
  const auto choose = [&](bool backward) {
    tonne::TpeHistory history(space_, {.gamma = 0.3, .objectives = 2});
    for (TrialId k = 0; k < 60; ++k) {
      const TrialId id = backward ? 59 - k : k;
      const double x = static_cast<double>(id * 17 % 60);
      Trial told = trial(id, {x, static_cast<double>(id * 23 % 60) + 0.1 * (60.0 - x)});
      told.proposal.configuration.set(0, static_cast<double>(id) / 60.0);
      history.tell(told);
    }
    history.part();
    std::vector<double> positions;
    for (const std::uint32_t row : history.good())
      positions.push_back(history.data().column(0).position[row]);
    return positions;
  };
  EXPECT_EQ(choose(false), choose(true));
}

TEST_F(TpeHistory, TheCostIsAnObjective) {
  tonne::TpeHistory history(space_, {.gamma = 0.5, .cost = TrialCost::time});
  const auto told = [&](TrialId id, double loss, double seconds, bool cached = false) {
    Trial result = trial(id, {loss});
    result.charge.time = seconds * second;
    std::get<Completed>(result.result).cached = cached;
    history.tell(result);
  };
  told(0, 1.0, 10.0);
  told(1, 2.0, 5.0);
  told(2, 2.0, 20.0);
  told(3, 3.0, 6.0);
  told(4, 0.5, 0.0, true);  // charged nothing: not what it costs
  EXPECT_EQ(good(history), (Rows{0, 1}));
  EXPECT_EQ(history.ranked(), 4U);
}

}  // namespace
}  // namespace tonne
