// tonne meter as a user meets it.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/experiments/support.h"

namespace tonne {
namespace {

using testing::Finished;
using testing::read_file;
using testing::run_program;
using testing::TemporaryFolder;

// 60 W, then 300 W from 20 s until before 80 s, then 60 W.
std::string power_log() {
  std::string text = "timestamp, index, power.draw [W]\n";
  for (int i = 0; i < 100; ++i) {
    const std::string seconds = std::to_string(i % 60);
    text += "2024/01/31 10:1" + std::to_string(i / 60) + ":" + (seconds.size() == 1 ? "0" : "") + seconds +
            ".000, 0, " + (i >= 20 && i < 80 ? "300.00 W\n" : "60.00 W\n");
  }
  return text;
}

TEST(ProgramMeter, PrintsWhatIsInALog) {
  const TemporaryFolder folder;
  folder.write("power.csv", power_log());
  const Finished finished = run_program("meter power.csv", folder.path());
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(finished.err, "");
  EXPECT_EQ(finished.out,
            "power.csv: nvidia-smi --query-gpu, 1 device, 100 readings\n\n"
            "  log    2024-01-31 10:10:00 to 2024-01-31 10:11:39, 1.65 min\n"
            "  run    2024-01-31 10:10:19.5 to 2024-01-31 10:11:19.5, 1 min (found by the\n"
            "  power)\n\n"
            "  device   readings   step   log, J   run, J   mean W   idle W   model\n"
            "  GPU 0         100    1 s   20,340   17,940    299.0    60.00   -\n\n"
            "  - power.draw is the mean of the last second on Ampere and later (but A100),\n"
            "    the moment's power on others: short runs look smeared there.\n"
            "  - the times have no zone: durations need none, but a grid's signal does.\n");
}

TEST(ProgramMeter, WritesRunsAndJson) {
  const TemporaryFolder folder;
  folder.write("power.csv", power_log());
  const Finished json = run_program(
      "meter --device 0 power.csv --from '2024-01-31 10:10:30' --to 40 --json --csv runs.csv", folder.path());
  EXPECT_EQ(json.exit_code, 0) << json.err;
  EXPECT_EQ(nlohmann::json::parse(json.out)["joules"], 3000.0);
  EXPECT_EQ(read_file(folder / "runs.csv"),
            "source,device,start,seconds,joules,mean_watts,idle_watts\npower.csv,GPU 0,2024-01-31 "
            "10:10:30,10,3000,300,60\n");
}

TEST(ProgramMeter, RefusesInOneSentence) {
  const TemporaryFolder folder;
  folder.write("power.csv", power_log());
  const auto refused = [&](const std::string& arguments) {
    const Finished finished = run_program("meter " + arguments, folder.path());
    EXPECT_EQ(finished.exit_code, 2) << finished.err;
    EXPECT_EQ(finished.out, "");
    return finished.err;
  };
  EXPECT_EQ(refused("missing.csv"), "missing.csv: no such file\n");
  EXPECT_EQ(refused("power.csv --device 7"), "power.csv: there is no one device '7'. It has: GPU 0\n");
  EXPECT_EQ(refused("power.csv --step 5kg"), "--step: '5kg' is a mass, expected a time such as '12 h'\n");
  EXPECT_EQ(refused("power.csv --from 90 --to 10"),
            "--from, --to: the window 2024-01-31 10:11:30 to 2024-01-31 10:10:10 ends before it has begun\n");
  EXPECT_EQ(refused("power.csv --csv power.csv"),
            "power.csv is the log itself; name another file to write\n");
  EXPECT_EQ(read_file(folder / "power.csv"), power_log());
}

}  // namespace
}  // namespace tonne
