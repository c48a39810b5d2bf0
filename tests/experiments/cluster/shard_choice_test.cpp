// Which shard a task runs, by the environments that launchers make.

#include "experiments/cluster/shard_choice.h"

#include <gtest/gtest.h>

#include "core/error.h"

namespace tonne {
namespace {

std::string chosen(const std::string& text, const Environment& environment = {}) {
  const Shard shard = choose_shard(text, environment);
  return std::to_string(shard.number) + "/" + std::to_string(shard.of);
}

std::string refusal(const std::string& text, const Environment& environment = {}) {
  try {
    return "chose " + chosen(text, environment);
  } catch (const InputError& error) {
    return error.what();
  }
}

void expect_refused(const std::string& text, const Environment& environment, const std::string& why) {
  const std::string sentence = refusal(text, environment);
  EXPECT_NE(sentence.find(why), std::string::npos) << sentence;
  EXPECT_EQ(sentence.find('\n'), std::string::npos);
}

TEST(ShardChoice, ReadsWhatIsWritten) {
  EXPECT_EQ(chosen(""), "1/1");
  EXPECT_EQ(chosen("2/8", {{"SLURM_ARRAY_TASK_ID", "5"}}), "2/8");
  EXPECT_EQ(chosen("100000/100000"), "100000/100000");
  for (const char* text : {"0/8", "9/8", "2", "2/", "/8", "-1/8", "2/8x", "1/100001", "auto/0", "auto/x", "auto/", "autos", "auto/100001", " 2/8"})
    expect_refused(text, {{"SLURM_ARRAY_TASK_ID", "1"}}, "expected i/n");
}

TEST(ShardChoice, TakesSlurmsArrays) {
  // As Slurm 22.05 sets them in a batch script: the rank is 0 in every task.
  Environment task = {{"SLURM_ARRAY_TASK_ID", "3"}, {"SLURM_PROCID", "0"}};
  EXPECT_EQ(chosen("auto/8", task), "3/8");
  task["SLURM_ARRAY_TASK_ID"] = "8";
  EXPECT_EQ(chosen("auto/8", task), "8/8");
  // Of an array 0-7, where no task has the number 8.
  task["SLURM_ARRAY_TASK_ID"] = "0";
  EXPECT_EQ(chosen("auto/8", task), "8/8");
  task["SLURM_ARRAY_TASK_ID"] = "9";
  expect_refused("auto/8", task, "SLURM_ARRAY_TASK_ID is 9, expected 0 to 8 for 8 shards");
  for (const char* id : {"x", "-1", "1.5", "99999999999999999999999"}) {
    task["SLURM_ARRAY_TASK_ID"] = id;
    expect_refused("auto/8", task, std::string("SLURM_ARRAY_TASK_ID is '") + id + "'");
  }
}

TEST(ShardChoice, RefusesAnArrayThatHasBothNamesOfTheLastShard) {
  for (const char* id : {"0", "3", "8"})
    expect_refused("auto/8", {{"SLURM_ARRAY_TASK_ID", id}, {"SLURM_ARRAY_TASK_MIN", "0"}, {"SLURM_ARRAY_TASK_MAX", "8"}},
                   "the array goes from 0 to 8, which are 9 tasks for 8 shards");
  EXPECT_EQ(chosen("auto/8", {{"SLURM_ARRAY_TASK_ID", "0"}, {"SLURM_ARRAY_TASK_MIN", "0"}, {"SLURM_ARRAY_TASK_MAX", "7"}}), "8/8");
  EXPECT_EQ(chosen("auto/8", {{"SLURM_ARRAY_TASK_ID", "8"}, {"SLURM_ARRAY_TASK_MIN", "8"}, {"SLURM_ARRAY_TASK_MAX", "8"}}), "8/8");
}

TEST(ShardChoice, NeverCountsAnArray) {
  expect_refused("auto", {{"SLURM_ARRAY_TASK_ID", "3"}, {"SLURM_ARRAY_TASK_COUNT", "8"}, {"SLURM_PROCID", "0"}}, "add their number");
  expect_refused("auto", {{"JOB_COMPLETION_INDEX", "3"}}, "add their number");
  expect_refused("auto", {{"PMIX_RANK", "3"}}, "PMIX_RANK says which task this is");
}

TEST(ShardChoice, TakesOtherArrays) {
  EXPECT_EQ(chosen("auto/4", {{"SGE_TASK_ID", "4"}}), "4/4");
  EXPECT_EQ(chosen("auto/4", {{"PBS_ARRAY_INDEX", "0"}}), "4/4");
  EXPECT_EQ(chosen("auto/4", {{"PBS_ARRAYID", "2"}}), "2/4");
  EXPECT_EQ(chosen("auto/4", {{"LSB_JOBINDEX", "1"}}), "1/4");
  EXPECT_EQ(chosen("auto/4", {{"PARALLEL_SEQ", "1"}}), "1/4");
  expect_refused("auto/4", {{"SGE_TASK_ID", "0"}}, "expected 1 to 4");
  expect_refused("auto/4", {{"PARALLEL_SEQ", "0"}}, "expected 1 to 4");
  // What jobs without tasks have.
  expect_refused("auto/4", {{"SGE_TASK_ID", "undefined"}, {"LSB_JOBINDEX", "0"}}, "no launcher says which task this is");
}

TEST(ShardChoice, TakesIndexesAndRanksFromZero) {
  EXPECT_EQ(chosen("auto/4", {{"JOB_COMPLETION_INDEX", "0"}}), "1/4");
  EXPECT_EQ(chosen("auto/4", {{"JOB_COMPLETION_INDEX", "3"}}), "4/4");
  expect_refused("auto/4", {{"JOB_COMPLETION_INDEX", "4"}}, "expected 0 to 3");
  EXPECT_EQ(chosen("auto", {{"OMPI_COMM_WORLD_RANK", "2"}, {"OMPI_COMM_WORLD_SIZE", "4"}, {"PMIX_RANK", "2"}}), "3/4");
  EXPECT_EQ(chosen("auto", {{"PMI_RANK", "0"}, {"PMI_SIZE", "6"}}), "1/6");
  EXPECT_EQ(chosen("auto/6", {{"PMIX_RANK", "5"}}), "6/6");
  expect_refused("auto/4", {{"OMPI_COMM_WORLD_RANK", "4"}, {"OMPI_COMM_WORLD_SIZE", "8"}}, "expected 0 to 3");
  expect_refused("auto", {{"PMI_RANK", "0"}, {"PMI_SIZE", "none"}}, "PMI_SIZE is 'none', expected a count");
  expect_refused("auto", {{"PMI_RANK", "0"}, {"PMI_SIZE", "200000"}}, "too many");
}

TEST(ShardChoice, TakesSrunsRanksButNotABatchScripts) {
  const Environment step = {{"SLURM_PROCID", "1"}, {"SLURM_STEP_NUM_TASKS", "2"}};
  EXPECT_EQ(chosen("auto", step), "2/2");
  EXPECT_EQ(chosen("auto/2", step), "2/2");
  expect_refused("auto", {{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "2"}}, "no launcher says which task this is (looked for SLURM_ARRAY_TASK_ID,");
}

TEST(ShardChoice, RefusesWhatContradictsItself) {
  expect_refused("auto/8", {{"SLURM_ARRAY_TASK_ID", "3"}, {"PARALLEL_SEQ", "4"}},
                 "SLURM_ARRAY_TASK_ID (3) and PARALLEL_SEQ (4) both number this task");
  EXPECT_EQ(chosen("auto/8", {{"SLURM_ARRAY_TASK_ID", "3"}, {"PARALLEL_SEQ", "3"}}), "3/8");
  // Four ranks within each task of an array: each of them would run the same shard.
  for (const char* rank : {"0", "1", "2"})
    expect_refused("auto/8", {{"SLURM_ARRAY_TASK_ID", "3"}, {"SLURM_PROCID", rank}, {"SLURM_STEP_NUM_TASKS", "4"}}, "both number this task");
  EXPECT_EQ(chosen("auto/8", {{"SLURM_ARRAY_TASK_ID", "3"}, {"SLURM_PROCID", "0"}, {"SLURM_STEP_NUM_TASKS", "1"}}), "3/8");
  expect_refused("auto", {{"OMPI_COMM_WORLD_RANK", "1"}, {"OMPI_COMM_WORLD_SIZE", "4"}, {"SLURM_PROCID", "1"}, {"SLURM_STEP_NUM_TASKS", "2"}},
                 "disagree on the number of tasks");
}

}  // namespace
}  // namespace tonne
