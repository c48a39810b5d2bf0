#include "core/running_trials.h"

#include <gtest/gtest.h>

namespace tonne {
namespace {

void launch(RunningTrials& running, TrialId id, double end) {
  Trial& trial = running.next().trial;
  trial.id = id;
  trial.end = end * second;
  running.launch();
}

TEST(RunningTrials, EndInOrderOfTimeThenOfIds) {
  RunningTrials running;
  launch(running, 0, 3.0);
  launch(running, 1, 1.0);
  launch(running, 2, 3.0);
  EXPECT_EQ(running.size(), 3U);
  EXPECT_EQ(running.finish().trial.id, 1U);
  EXPECT_EQ(running.finish().trial.id, 0U);
  EXPECT_EQ(running.finish().trial.id, 2U);
  EXPECT_TRUE(running.empty());
}

TEST(RunningTrials, TakeTheFreeWorkerOfTheLowestNumber) {
  RunningTrials running;
  for (TrialId id = 0; id < 4; ++id) launch(running, id, static_cast<double>(id));
  EXPECT_EQ(running.workers().size(), 4U);
  (void)running.finish();
  (void)running.finish();
  launch(running, 4, 9.0);
  EXPECT_EQ(running.workers()[0].trial.id, 4U);
  EXPECT_EQ(running.workers()[0].trial.worker, 0U);
  launch(running, 5, 9.0);
  launch(running, 6, 9.0);
  EXPECT_EQ(running.workers()[4].trial.worker, 4U);
}

TEST(RunningTrials, StayWhereTheyAreWhileWorkersComeIntoBeing) {
  RunningTrials running;
  launch(running, 0, 0.0);
  const Trial* const first = &running.workers()[0].trial;
  for (TrialId id = 1; id < 1000; ++id) launch(running, id, 1.0);
  EXPECT_EQ(&running.workers()[0].trial, first);
  EXPECT_EQ(&running.finish().trial, first);
}

}  // namespace
}  // namespace tonne
