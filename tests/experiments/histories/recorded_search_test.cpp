#include "experiments/histories/recorded_search.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/error.h"

namespace tonne {
namespace {

using histories::History;
using histories::RecordedRun;
using histories::RecordedSearch;
using histories::RecordedTrial;
using histories::State;

RecordedTrial trial_at(double start, double end, double value) {
  RecordedTrial trial;
  trial.start_s = start;
  trial.end_s = end;
  trial.configuration = Configuration(1);
  trial.configuration.set(0, 0.5);
  trial.values = {value};
  return trial;
}

History history_of(std::vector<RecordedTrial> trials) {
  History history;
  history.name = "s";
  history.space = SearchSpace({{"x", Real{0.0, 1.0}}});
  history.objectives = {{"loss", "", Direction::minimise}};
  history.trials = std::move(trials);
  for (std::size_t i = 0; i < history.trials.size(); ++i) history.trials[i].number = i;
  return history;
}

TEST(RecordedSearch, OrdersByStartAndCountsFromTheFirst) {
  const RecordedSearch search = recorded_search(history_of({trial_at(1e9 + 10.0, 1e9 + 20.25, 2.0), trial_at(1e9, 1e9 + 10.0, 1.0)}));
  EXPECT_EQ(search.began, 1e9);
  ASSERT_EQ(search.runs.size(), 2U);
  EXPECT_EQ(search.runs[0].number, 1U);
  EXPECT_EQ(search.runs[1].start, 10.0 * second);
  EXPECT_EQ(search.runs[1].time, 10.25 * second);
  EXPECT_EQ(search.at_once, 1U);  // one begins when the other ends
  EXPECT_EQ(search.makespan(), 20.25 * second);
}

TEST(RecordedSearch, CountsTrialsAtOnce) {
  EXPECT_EQ(recorded_search(history_of({trial_at(0.0, 10.0, 1.0), trial_at(5.0, 15.0, 1.0), trial_at(10.0, 20.0, 1.0)})).at_once, 2U);
  EXPECT_EQ(recorded_search(history_of({trial_at(0.0, 10.0, 1.0), trial_at(5.0, 5.0, 1.0)})).at_once, 2U);  // it needs a worker, too
}

TEST(RecordedSearch, ValuesThatAreNoneAreFailures) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::vector<RecordedTrial> trials = {trial_at(0.0, 1.0, 1.0), trial_at(1.0, 2.0, kInfinity), trial_at(2.0, 3.0, -kInfinity),
                                       trial_at(3.0, 4.0, 1.0), trial_at(4.0, 5.0, 1.0)};
  trials[3].values.clear();
  trials[4].state = State::failed;
  trials[4].reason = "CUDA out of memory";
  const RecordedSearch search = recorded_search(history_of(trials));
  EXPECT_FALSE(search.runs[0].failure);
  EXPECT_EQ(search.runs[1].failure, Failure::diverged);
  EXPECT_EQ(search.runs[2].failure, Failure::diverged);
  EXPECT_EQ(search.runs[3].failure, Failure::invalid);
  EXPECT_EQ(search.runs[4].failure, Failure::out_of_memory);
}

TEST(RecordedSearch, PrunedTrialsAreTrainedUpToTheirLastReport) {
  std::vector<RecordedTrial> trials = {trial_at(0.0, 1.0, 1.0), trial_at(1.0, 2.0, 3.0)};
  trials[0].reports = {{0.0, 5.0}, {9.0, 1.0}};
  trials[1].state = State::pruned;
  trials[1].reports = {{0.0, 5.0}, {4.0, 3.0}};
  const RecordedSearch search = recorded_search(history_of(trials));
  EXPECT_EQ(search.fidelity.lowest, 1.0);
  EXPECT_EQ(search.fidelity.highest, 10.0);
  EXPECT_EQ(search.runs[0].fidelity, 10.0);
  EXPECT_EQ(search.runs[1].fidelity, 5.0);
  EXPECT_EQ(search.runs[1].objectives.front(), 3.0);
}

TEST(RecordedSearch, LeavesOutWhatRunsOrHasNoTimes) {
  std::vector<RecordedTrial> trials = {trial_at(0.0, 1.0, 1.0), trial_at(1.0, 2.0, 3.0), trial_at(1.0, 2.0, 3.0)};
  trials[1].state = State::running;
  trials[2].end_s.reset();
  const RecordedSearch search = recorded_search(history_of(trials));
  EXPECT_EQ(search.runs.size(), 1U);
  EXPECT_EQ(search.notes.size(), 2U);
}

TEST(RecordedSearch, RefusesASearchWithoutAValue) {
  std::vector<RecordedTrial> trials = {trial_at(0.0, 1.0, 1.0)};
  trials[0].state = State::failed;
  EXPECT_THROW(static_cast<void>(recorded_search(history_of(trials))), InputError);
  EXPECT_THROW(static_cast<void>(recorded_search(history_of({}))), InputError);
}

}  // namespace
}  // namespace tonne
