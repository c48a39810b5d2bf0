// What the world does to a command: full disks, closed streams, limits, signals. The long form, with kills
// and small disks, is tests/benchmarks/endurance.py.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "experiments/results/store.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

using testing::Finished;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::read_file;
using testing::run_program;
namespace fs = std::filesystem;

class Weather : public ::testing::Test {
 protected:
  Weather() {
    folder_.write("e.yaml",
                  "seeds: 2\nproblems: [cell_nas]\nstrategies: [random]\nbudget: {evaluations: 50}\n");
    EXPECT_EQ(run_program("run e.yaml --quiet --out whole", folder_.path()).exit_code, 0);
  }
  [[nodiscard]] int shell(const std::string& commands) const {
    const int status =
        std::system(("cd '" + folder_.path().string() + "'; tonne='" TONNE_PROGRAM "'; " + commands).c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  void expect_whole(const std::string& name) const {
    EXPECT_EQ(Store::open(folder_ / name).content_digest(), Store::open(folder_ / "whole").content_digest())
        << name;
    for (const char* file : {"summary.json", "incumbents.csv"})
      EXPECT_EQ(read_file(folder_ / name / file), read_file(folder_ / "whole" / file)) << name;
    EXPECT_TRUE(fs::exists(folder_ / name / "footprint.json")) << name;
    EXPECT_FALSE(fs::exists(folder_ / name / ".lock")) << name;
  }
  // One sentence and 3, and afterwards the run goes on as if nothing had been.
  void expect_told(const Finished& run, const std::string& name) const {
    EXPECT_EQ(run.exit_code, 3) << run.err;
    EXPECT_THAT(run.err, Not(HasSubstr("internal error")));
    EXPECT_EQ(run_program("run e.yaml --quiet --resume --out " + name, folder_.path()).exit_code, 0);
    expect_whole(name);
  }

  testing::TemporaryFolder folder_;
};

TEST_F(Weather, AFileThatMayNotGrowIsToldLikeAFullDisk) {
  expect_told(run_program("run e.yaml --quiet --out r", folder_.path(), "ulimit -f 40;"), "r");
}

// The limit hits several threads, and in the end the folding of the log, which leaves the file shorter than its header says.
TEST_F(Weather, AFileThatMayNotGrowIsNoDamage) {
  folder_.write("long.yaml",
                "name: long\nseeds: 8\nproblems: [cell_nas]\nstrategies: [random]\n"
                "cluster: {device: V100, workers: 4, grid: FRA-2023}\nbudget: {evaluations: 20000}\n");
  ASSERT_EQ(run_program("run long.yaml --quiet --out all", folder_.path()).exit_code, 0);
  const auto blocks = fs::file_size(folder_ / "all" / Store::kFileName) / 1024;
  for (const auto limit : {blocks / 2, blocks - 100}) {
    fs::remove_all(folder_ / "part");
    const Finished run = run_program("run long.yaml --quiet --threads 4 --out part", folder_.path(),
                                     "ulimit -f " + std::to_string(limit) + ";");
    EXPECT_EQ(run.exit_code, 3) << limit;
    EXPECT_THAT(run.err, HasSubstr("while writing: the disk or a quota is full")) << limit;
    EXPECT_THAT(run.err, HasSubstr("continue with: tonne run long.yaml --resume --out part")) << limit;
  }
  ASSERT_EQ(run_program("run long.yaml --quiet --resume --out part", folder_.path()).exit_code, 0);
  EXPECT_EQ(Store::open(folder_ / "part").content_digest(), Store::open(folder_ / "all").content_digest());
}

// Whoever gave the folder put a pipe where the progress is noted: nobody reads it.
TEST_F(Weather, APipeForTheProgressDoesNotHoldUpARun) {
  EXPECT_EQ(shell("mkdir r; mkfifo r/.progress; timeout 60 $tonne run e.yaml --quiet --out r >out.txt"), 0);
  expect_whole("r");
}

TEST_F(Weather, TooFewDescriptorsAreTold) {
  expect_told(
      run_program("run e.yaml --quiet --out r", folder_.path(), "sh -c 'ulimit -n 5; exec \"$0\" \"$@\"'"),
      "r");
}

// Whoever reads the table may stop reading: all files were written before.
TEST_F(Weather, AClosedPipeLosesNothing) {
  EXPECT_EQ(shell("$tonne run e.yaml --quiet --out r | head -c 0"), 0);
  expect_whole("r");
}

TEST_F(Weather, StreamsThatCannotBeWritten) {
  EXPECT_EQ(shell("$tonne run e.yaml --quiet --out full 2>err.txt >/dev/full"), 3);
  EXPECT_THAT(read_file(folder_ / "err.txt"), HasSubstr("standard output cannot be written: No space left"));
  expect_whole("full");
  EXPECT_EQ(shell("$tonne run e.yaml --quiet --out closed 2>err.txt >&-"), 3);
  expect_whole("closed");
  EXPECT_EQ(shell("$tonne run e.yaml --out deaf >out.txt 2>/dev/full"), 0);
  expect_whole("deaf");
  EXPECT_EQ(shell("$tonne show nowhere 2>&-"), 3);
}

// As when a terminal is closed; nohup stays what it is.
TEST_F(Weather, AHangUpStopsCleanly) {
  folder_.write("long.yaml",
                "seeds: 200\nproblems: [cell_nas]\nstrategies: [random]\nbudget: {evaluations: 3000}\n");
  const std::string begin =
      "$tonne run long.yaml --quiet --threads 1 --out r >/dev/null 2>err.txt & p=$!; "
      "while [ ! -e r/results.sqlite ]; do sleep .01; done; sleep .05; ";
  EXPECT_EQ(shell(begin + "kill -HUP $p; wait $p"), 130);
  EXPECT_THAT(read_file(folder_ / "err.txt"), HasSubstr("Continue with: tonne run long.yaml --resume"));
  fs::remove_all(folder_ / "r");
  EXPECT_EQ(shell("trap '' HUP; " + begin + "kill -HUP $p; sleep .1; kill -0 $p && kill -TERM $p; wait $p"),
            130);
}

TEST_F(Weather, ReportsToADeviceOnlyWriteToIt) {
  EXPECT_EQ(run_program("report whole --out /dev/null", folder_.path()).exit_code, 0);
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

}  // namespace
}  // namespace tonne
