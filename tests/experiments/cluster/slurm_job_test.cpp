// Scripts and commands for Slurm.

#include "experiments/cluster/slurm_job.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

SlurmRequest request() {
  SlurmRequest request;
  request.program = "/opt/to nne/tonne";
  request.working = "/home/o'hara/50%";
  request.experiment = "my \"best\" $HOME.yaml";
  request.out = "results/it's";
  request.name = "mine";
  request.tasks = 12;
  request.attempts_left = 4;
  request.flags = {"--time=1:00:00", "--comment=a b"};
  return request;
}

std::string texts(const std::vector<SlurmArray>& arrays) {
  std::string text;
  for (const SlurmArray& array : arrays) text += std::to_string(array.offset) + "+" + array.ids + " ";
  return text;
}

std::vector<std::size_t> numbers(std::size_t from, std::size_t to) {
  std::vector<std::size_t> all;
  for (std::size_t i = from; i <= to; ++i) all.push_back(i);
  return all;
}

TEST(SlurmJob, SplitsWhatIsLargerThanTheSitesLimit) {
  EXPECT_EQ(texts(slurm_arrays(numbers(1, 1000), 1001, 0)), "0+1-1000 ");
  EXPECT_EQ(texts(slurm_arrays(numbers(1, 2500), 1001, 0)), "0+1-1000 1000+1-1000 2000+1-500 ");
  EXPECT_EQ(texts(slurm_arrays({3, 7, 8, 9, 1001, 2004}, 1001, 0)), "0+3,7-9 1000+1 2000+4 ");
  EXPECT_EQ(texts(slurm_arrays({}, 1001, 5)), "");
}

TEST(SlurmJob, SharesOutHowManyRunAtOnce) {
  EXPECT_EQ(texts(slurm_arrays(numbers(1, 10), 1001, 3)), "0+1-10%3 ");
  EXPECT_EQ(texts(slurm_arrays(numbers(1, 10), 5, 8)), "0+1-4%3 4+1-4%3 8+1-2%2 ");
  EXPECT_EQ(texts(slurm_arrays(numbers(1, 10), 5, 1)), "0+1-4%1 4+1-4%1 8+1-2%1 ");
}

TEST(SlurmJob, QuotesEveryPath) {
  EXPECT_EQ(shell_word("it's $HOME \\ \"x\""), "'it'\\''s $HOME \\ \"x\"'");
  EXPECT_EQ(shell_command({"sbatch", "--time=1:00", "a b", ""}), "sbatch --time=1:00 'a b' ''");
  EXPECT_THROW((void)shell_word("a\nb"), InputError);
  EXPECT_THROW((void)shell_word(std::string("a\0b", 3)), InputError);
  SlurmRequest with_line = request();
  with_line.experiment = "a\nb.yaml";
  EXPECT_THROW((void)shard_script(with_line), InputError);
  EXPECT_THROW((void)follow_up_script(with_line), InputError);
}

// What bash makes of the script: each word as it was meant.
TEST(SlurmJob, ScriptsSayWhatTheyMean) {
  const testing::TemporaryFolder folder;
  SlurmRequest here = request();
  here.working = folder.path();
  here.program = folder.write("pro gram", "#!/bin/bash\nprintf '[%s]' \"$PWD\" \"$@\"\n");
  std::filesystem::permissions(here.program, std::filesystem::perms::owner_all);
  const auto output_of = [&](const std::string& script, const std::string& arguments) {
    folder.write("script.sh", script);
    EXPECT_EQ(std::system(("cd / && bash '" + (folder / "script.sh").string() + "' " + arguments + " >'" + (folder / "out").string() + "'").c_str()), 0);
    return testing::read_file(folder / "out");
  };
  ::setenv("SLURM_ARRAY_TASK_ID", "4", 1);
  EXPECT_EQ(output_of(shard_script(here), "6"), "[" + folder.path().string() + "][run][my \"best\" $HOME.yaml][--shard][10/12][--out]"
                                                "[results/it's-shard-10-of-12][--resume][--quiet][--threads][1]");
  ::unsetenv("SLURM_ARRAY_TASK_ID");
  EXPECT_EQ(output_of(follow_up_script(here), ""),
            "[" + folder.path().string() + "][submit][--slurm][my \"best\" $HOME.yaml][--tasks][12][--out][results/it's][--max-array][1001]"
            "[--attempts-left][3][--][--time=1:00:00][--comment=a b]");
}

TEST(SlurmJob, CommandsNameLogsDependenciesAndOffsets) {
  const SlurmRequest mine = request();
  EXPECT_EQ(shell_command(array_command(mine, {6, "1-4%2"})),
            "sbatch --parsable --job-name=mine-shards '--output=/home/o'\\''hara/50%%/results/it'\\''s-slurm/%A_%a.out' --time=1:00:00 "
            "'--comment=a b' --array=1-4%2 '/home/o'\\''hara/50%/results/it'\\''s-slurm/shard.sh' 6");
  EXPECT_EQ(follow_up_command(mine, {"12", "13"}).at(6), "--dependency=afterany:12:13");
}

TEST(SlurmJob, RefusesFlagsThatItDecidesOn) {
  check_flags({"--time=1:00:00", "-p", "main", "--mem=4G", "--account=x", "-c", "4"});
  for (const char* flag : {"--array=1-4", "--array", "-a1-4", "-a", "--dependency=afterok:1", "-d", "--wrap=x", "--parsable", "--wait", "-W"})
    EXPECT_THROW(check_flags({flag}), InputError) << flag;
}

TEST(SlurmJob, ReadsTheSitesLimit) {
  EXPECT_EQ(largest_array_in("MailProg = x\nMaxArraySize            = 1001\nMaxBatchRequeue = 5\n"), 1001U);
  EXPECT_EQ(largest_array_in("MailProg = x\n"), std::nullopt);
  EXPECT_EQ(largest_array_in("MaxArraySize = (null)"), std::nullopt);
}

}  // namespace
}  // namespace tonne
