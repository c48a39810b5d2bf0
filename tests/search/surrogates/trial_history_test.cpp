#include "search/surrogates/trial_history.h"

#include <gtest/gtest.h>

namespace tonne {
namespace {

class TrialHistoryTest : public ::testing::Test {
 protected:
  static Trial trial(TrialId id, double x, double fidelity, std::optional<double> loss) {
    Trial trial;
    trial.id = id;
    trial.proposal.configuration = at(x);
    trial.proposal.fidelity = fidelity;
    if (loss) {
      trial.result = Completed{{*loss}};
    } else {
      trial.result = Failed{};
    }
    return trial;
  }
  static Configuration at(double x) {
    Configuration configuration(1);
    configuration.set(0, x);
    return configuration;
  }
  TrialHistory history_{9.0};
};

TEST_F(TrialHistoryTest, ProposalsAreKnownWhileTheyRunAndAfterwards) {
  EXPECT_FALSE(history_.turned_down(0));
  history_.propose(0, at(1.0));
  EXPECT_TRUE(history_.is_known(at(1.0)));
  EXPECT_EQ(history_.pending().size(), 1U);
  history_.tell(trial(0, 1.0, 9.0, 5.0));
  EXPECT_TRUE(history_.is_known(at(1.0)));
  EXPECT_TRUE(history_.pending().empty());
  EXPECT_EQ(history_.losses(PartialLosses::last), (std::vector<double>{5.0}));
}

TEST_F(TrialHistoryTest, WhatIsTurnedDownStaysKnown) {
  history_.propose(0, at(1.0));
  EXPECT_TRUE(history_.turned_down(0));
  history_.propose(0, at(2.0));
  EXPECT_TRUE(history_.is_known(at(1.0)));
  EXPECT_TRUE(history_.is_known(at(2.0)));
  EXPECT_EQ(history_.pending().size(), 1U);
  EXPECT_TRUE(history_.observations().empty());
}

TEST_F(TrialHistoryTest, SecondTellsAndOtherFidelitiesChangeNothing) {
  history_.tell(trial(0, 1.0, 9.0, 5.0));
  history_.tell(trial(0, 1.0, 9.0, 6.0));
  history_.report(trial(0, 1.0, 3.0, 7.0));
  history_.tell(trial(1, 1.0, 9.0, 8.0));  // the same configuration
  history_.tell(trial(2, 2.0, 3.0, 8.0));
  EXPECT_EQ(history_.losses(PartialLosses::last), (std::vector<double>{5.0}));
  EXPECT_EQ(history_.updates(), 1U);
}

TEST_F(TrialHistoryTest, FailuresHaveTheWorstLoss) {
  history_.tell(trial(0, 1.0, 9.0, std::nullopt));
  EXPECT_FALSE(history_.worst());
  history_.tell(trial(1, 2.0, 9.0, 5.0));
  history_.tell(trial(2, 3.0, 9.0, 2.0));
  EXPECT_EQ(history_.worst(), 5.0);
  EXPECT_EQ(history_.losses(PartialLosses::last), (std::vector<double>{5.0, 5.0, 2.0}));
}

// Each report replaces the one before, and the tell all of them.
TEST_F(TrialHistoryTest, TheLastReportCounts) {
  history_.propose(0, at(1.0));
  history_.report(trial(0, 1.0, 1.0, 8.0));
  EXPECT_TRUE(history_.pending().empty());
  history_.report(trial(0, 1.0, 3.0, 6.0));
  EXPECT_EQ(history_.losses(PartialLosses::last), (std::vector<double>{6.0}));
  history_.tell(trial(0, 1.0, 9.0, 5.0));
  EXPECT_EQ(history_.losses(PartialLosses::last), (std::vector<double>{5.0}));
  EXPECT_EQ(history_.observations().size(), 1U);
  EXPECT_EQ(history_.updates(), 3U);
}

// Losses 4, 3, 2, 1 after one epoch. Trials 1 to 3 go on and end in the order 1, 2, 3: they exchange their 3,
// 2, 1. Trial 1 alone trains in full.
TEST_F(TrialHistoryTest, RanksAreExchangedAmongThoseThatWentOn) {
  for (TrialId id = 0; id < 4; ++id)
    history_.report(trial(id, static_cast<double>(id), 1.0, 4.0 - static_cast<double>(id)));
  EXPECT_EQ(history_.losses(PartialLosses::ranked), (std::vector<double>{4.0, 3.0, 2.0, 1.0}));
  for (TrialId id = 1; id < 4; ++id)
    history_.report(trial(id, static_cast<double>(id), 3.0, 0.1 * static_cast<double>(id)));
  EXPECT_EQ(history_.losses(PartialLosses::ranked), (std::vector<double>{4.0, 1.0, 2.0, 3.0}));
  history_.tell(trial(1, 1.0, 9.0, 0.7));
  EXPECT_EQ(history_.losses(PartialLosses::ranked), (std::vector<double>{4.0, 1.0, 2.0, 3.0}));
  EXPECT_EQ(history_.losses(PartialLosses::last), (std::vector<double>{4.0, 0.7, 0.2, 0.30000000000000004}));
}

TEST_F(TrialHistoryTest, WhoBeginsHigherRanksNextToWhomItIsBehind) {
  history_.report(trial(0, 0.0, 1.0, 8.0));
  history_.report(trial(1, 1.0, 1.0, 6.0));
  history_.report(trial(0, 0.0, 3.0, 4.0));
  history_.report(trial(1, 1.0, 3.0, 2.0));
  history_.report(trial(2, 2.0, 3.0, 3.0));
  EXPECT_EQ(history_.losses(PartialLosses::ranked), (std::vector<double>{8.0, 6.0, 6.0}));
}

}  // namespace
}  // namespace tonne
