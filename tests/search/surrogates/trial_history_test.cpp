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

// From 1 to 3 epochs three candidates changed by -2, -3 and -4, from 3 to 9 one by -1: who stands at 3 is moved by -1, who
// stands at 1 by -4.
TEST_F(TrialHistoryTest, ShiftsAreMedianChangesSummedUp) {
  for (TrialId id = 0; id < 4; ++id) history_.report(trial(id, static_cast<double>(id), 1.0, 10.0));
  history_.report(trial(0, 0.0, 3.0, 8.0));
  history_.report(trial(1, 1.0, 3.0, 7.0));
  history_.report(trial(2, 2.0, 3.0, 6.0));
  history_.tell(trial(2, 2.0, 9.0, 5.0));
  EXPECT_EQ(history_.losses(PartialLosses::last), (std::vector<double>{8.0, 7.0, 5.0, 10.0}));
  EXPECT_EQ(history_.losses(PartialLosses::shifted), (std::vector<double>{7.0, 6.0, 5.0, 6.0}));
}

}  // namespace
}  // namespace tonne
