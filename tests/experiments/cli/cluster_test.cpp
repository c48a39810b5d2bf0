// Shards as a cluster runs them: in any order, killed, joined in part, submitted again.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "experiments/results/merge.h"
#include "experiments/results/progress_note.h"
#include "experiments/results/store.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

using testing::Finished;
using testing::read_file;
using testing::run_program;
using testing::TemporaryFolder;
namespace fs = std::filesystem;

const std::string kExperiment =
    "name: mine\n"
    "seeds: 3\n"
    "problems:\n"
    "  - cell_nas: {task: cifar10}\n"
    "  - function: {function: hartmann6}\n"
    "strategies: [random, regularized_evolution: {population: 10, sample: 3}]\n"
    "cluster: {device: V100, workers: 3, grid: US-2018}\n"
    "budget: {evaluations: 20}\n";

std::string digest_of(const fs::path& results) { return Store::open(results).content_digest(); }

// Runs of one experiment in a folder.
class ClusterRun : public ::testing::Test {
 protected:
  ClusterRun() { folder_.write("e.yaml", kExperiment); }

  Finished tonne(const std::string& arguments, const std::string& prefix = "") const { return run_program(arguments, folder_.path(), prefix); }
  void run_shard(std::size_t number, std::size_t of, const std::string& launcher = "") const {
    const std::string shard = launcher.empty() ? std::to_string(number) + "/" + std::to_string(of) : "auto/" + std::to_string(of);
    const Finished run = tonne("run e.yaml --quiet --resume --threads 1 --shard " + shard, launcher);
    ASSERT_EQ(run.exit_code, 0) << run.err;
  }
  static std::string shard(std::size_t number, std::size_t of) {
    return "results/mine-shard-" + std::to_string(number) + "-of-" + std::to_string(of);
  }
  fs::path at(const std::string& name) const { return folder_ / name; }

  TemporaryFolder folder_;
};

TEST_F(ClusterRun, AnyOrderAndPartialMergesGiveTheSameBytes) {
  ASSERT_EQ(tonne("run e.yaml --quiet --out whole").exit_code, 0);
  const std::string whole = digest_of(at("whole"));
  run_shard(4, 5, "SLURM_ARRAY_TASK_ID=4 SLURM_PROCID=0");
  run_shard(1, 5, "JOB_COMPLETION_INDEX=0");
  run_shard(3, 5, "PMI_RANK=2 PMI_SIZE=5");

  const std::string three = shard(4, 5) + " " + shard(1, 5) + " " + shard(3, 5);
  const Finished refused = tonne("merge " + three + " --out all");
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_NE(refused.err.find("5 of 12 cells are missing, of shards 2,5 of 5 (sbatch --array=2,5): run or resume them first"), std::string::npos) << refused.err;
  EXPECT_FALSE(fs::exists(at("all")));

  fs::create_directories(at(shard(5, 5)));  // a task that was killed at once
  const Finished partial = tonne("merge " + three + " " + shard(5, 5) + " --partial --out part");
  EXPECT_EQ(partial.exit_code, 0) << partial.err;
  EXPECT_NE(partial.err.find("part now holds 7 of 12 cells"), std::string::npos) << partial.err;
  EXPECT_NE(partial.err.find(shard(5, 5) + " holds no results yet"), std::string::npos) << partial.err;
  EXPECT_FALSE(fs::exists(at("part/summary.json")));  // of whole results only

  run_shard(5, 5);
  run_shard(2, 5, "PBS_ARRAY_INDEX=2");
  EXPECT_EQ(tonne("merge " + shard(5, 5) + " part " + shard(2, 5) + " --out all").exit_code, 0);
  EXPECT_EQ(digest_of(at("all")), whole);
  EXPECT_EQ(read_file(at("all/summary.json")), read_file(at("whole/summary.json")));
  // Or the rest on one machine.
  EXPECT_EQ(tonne("run e.yaml --quiet --resume --out part").exit_code, 0);
  EXPECT_EQ(digest_of(at("part")), whole);
}

TEST_F(ClusterRun, MergeRefusesOverlapsAndNothing) {
  run_shard(1, 2);
  EXPECT_NE(tonne("merge " + shard(1, 2) + " " + shard(1, 2) + " --partial --out all").err.find("stands in another shard too"), std::string::npos);
  fs::create_directories(at("empty"));
  EXPECT_NE(tonne("merge empty --partial --out all").err.find("none of the shards holds results yet"), std::string::npos);
  EXPECT_FALSE(fs::exists(at("all/results.sqlite")));
}

TEST_F(ClusterRun, AStoppedTaskSaysHowToGoOnWithoutItsLauncher) {
  const Finished none = tonne("run e.yaml --shard auto/4");
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_NE(none.err.find("no launcher says which task this is"), std::string::npos);
  EXPECT_FALSE(fs::exists(at("results")));
}

TEST_F(ClusterRun, WatchTellsWhatIsDoneAndWhatHasNotBegun) {
  run_shard(1, 4);
  fs::create_directories(at(shard(3, 4)));
  write_progress_note(at(shard(3, 4)), {{3, 4}, 1, 3, 12});
  fs::create_directories(at(shard(4, 4)));
  const Finished once = tonne("watch --once results/mine-shard-*");
  EXPECT_EQ(once.exit_code, 1);
  EXPECT_NE(once.out.find("4 of 12 cells (33 %), 1 whole, 1 running, 1 empty, 2 not begun of 4 shards: 2,4"), std::string::npos) << once.out << once.err;
  const auto json = nlohmann::json::parse(tonne("watch --json results/mine-shard-*").out);
  EXPECT_EQ(json["cells_done"], 4);
  EXPECT_EQ(json["not_begun"], "2,4");
  EXPECT_EQ(json["shards"][1]["state"], "running");
  fs::last_write_time(at(shard(3, 4)) / ".progress", fs::file_time_type::clock::now() - std::chrono::minutes(10));
  EXPECT_NE(tonne("watch --once " + shard(3, 4)).out.find("silent for 10 min"), std::string::npos);
  EXPECT_EQ(tonne("watch " + shard(1, 4)).exit_code, 0);  // all that was asked for
  EXPECT_EQ(tonne("watch --once results/mine").out, tonne("watch --once results/mine-shard-*").out);
  EXPECT_EQ(tonne("watch nowhere --once").exit_code, 3);
}

// Stands for Slurm: does at once what it is asked for, but for tasks that are listed in `broken` until their line is struck.
constexpr const char* kFakeSbatch = R"(#!/bin/bash
echo "$*" >>calls.txt
job=$(wc -l <calls.txt)
ids=0
for word in "$@"; do
  case $word in --array=*) ids=${word#--array=}; ids=${ids%%\%*} ;; esac
done
words=("$@")
for ((i = 0; i < $#; i++)); do
  case ${words[i]} in *.sh) script=("${words[@]:i}") ;; esac
done
for range in ${ids//,/ }; do
  for id in $(seq "${range%-*}" "${range#*-}"); do
    if grep -qx "$id" broken 2>/dev/null; then sed -i "0,/^$id\$/{/^$id\$/d}" broken; continue; fi
    SLURM_ARRAY_TASK_ID=$id bash "${script[@]}" >>jobs.txt 2>&1
  done
done
echo "$job"
)";

class Submitted : public ClusterRun {
 protected:
  Submitted() {
    fs::create_directories(at("bin"));
    for (const auto& [name, text] : {std::pair{"bin/sbatch", kFakeSbatch}, std::pair{"bin/scontrol", "#!/bin/bash\necho 'MaxArraySize = 4'\n"}}) {
      folder_.write(name, text);
      fs::permissions(at(name), fs::perms::owner_all);
    }
  }
  Finished submit(const std::string& more) const { return tonne("submit --slurm e.yaml --tasks 5 " + more, "PATH=\"$PWD/bin:$PATH\""); }
};

TEST_F(Submitted, ShardsRunAreTriedAgainAndJoined) {
  ASSERT_EQ(tonne("run e.yaml --quiet --out whole").exit_code, 0);
  folder_.write("broken", "2\n2\n");  // shard 2 and, in the second array, shard 5 fail at first
  const Finished run = submit("--at-once 4 -- --time=5 '--comment=a b'");
  ASSERT_EQ(run.exit_code, 0) << run.err << read_file(at("jobs.txt"));
  EXPECT_NE(run.out.find("Submitted shards 1-5 of 5 as job 1, 2, and job 3 after it"), std::string::npos) << run.out;
  const std::string calls = read_file(at("calls.txt"));
  for (const char* part : {"--comment=a b --array=1-3%2", "--array=1-2%2", "--dependency=afterany:1:2", "--array=2%2", "--dependency=afterany:4:5"})
    EXPECT_NE(calls.find(part), std::string::npos) << part << "\n" << calls;
  EXPECT_EQ(digest_of(at("results/mine")), digest_of(at("whole"))) << read_file(at("jobs.txt"));
  EXPECT_EQ(tonne("watch --once results/mine-shard-*-of-5").exit_code, 0);
  EXPECT_NE(submit("").err.find("exists already"), std::string::npos);
}

TEST_F(Submitted, StopsAfterTheLastAttemptAndGoesOnByHand) {
  folder_.write("broken", "1\n1\n1\n");
  EXPECT_EQ(submit("--retries 1 --max-array 100").exit_code, 0);
  EXPECT_NE(read_file(at("jobs.txt")).find("shards 1 of 5 are not whole after the last attempt"), std::string::npos) << read_file(at("jobs.txt"));
  EXPECT_FALSE(fs::exists(at("results/mine")));
  EXPECT_EQ(submit("--max-array 100").exit_code, 0);
  EXPECT_TRUE(fs::exists(at("results/mine/results.sqlite"))) << read_file(at("jobs.txt"));
}

TEST_F(Submitted, PrintStartsAndWritesNothing) {
  const Finished print = submit("--print --out 'my results/x' -- -p main");
  EXPECT_EQ(print.exit_code, 0) << print.err;
  for (const char* part : {"#!/bin/bash", "--array=1-5", "--dependency=afterany:JOB1", "'my results/x'\"-shard-$shard-of-5\"", "MaxArraySize 1001"})
    EXPECT_NE(print.out.find(part), std::string::npos) << part << "\n" << print.out;
  EXPECT_FALSE(fs::exists(at("calls.txt")));
  EXPECT_FALSE(fs::exists(at("my results")));
}

TEST_F(Submitted, RefusesWhatCannotWork) {
  EXPECT_NE(submit("--print -- --array=1-5").err.find("--array=1-5 cannot be among the flags of sbatch"), std::string::npos);
  EXPECT_NE(tonne("submit --slurm e.yaml --tasks 13 --print").err.find("13 tasks for 12 cells"), std::string::npos);
  fs::create_directories(at(shard(2, 5)));
  write_progress_note(at(shard(2, 5)), {{2, 5}, 1, 3, 12});
  EXPECT_NE(submit("").err.find("its job is running"), std::string::npos);
  folder_.write("bin/sbatch", "#!/bin/bash\necho 'no such partition' >&2\nexit 1\n");
  remove_progress_note(at(shard(2, 5)));
  const Finished failed = submit("");
  EXPECT_EQ(failed.exit_code, 3);
  EXPECT_NE(failed.err.find("sbatch failed (exit code 1): nothing was submitted"), std::string::npos) << failed.err;
}

}  // namespace
}  // namespace tonne
