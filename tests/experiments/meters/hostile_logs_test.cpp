// Files that are no logs, or that somebody made to do harm: one sentence each, never nonsense.

#include <limits>

#include "tests/experiments/meters/meter_support.h"
#include "tests/experiments/support.h"

namespace tonne::meters {
namespace {

using ::testing::HasSubstr;
using testing::joules_of;
using testing::parsed;
using testing::refusal;
using ::testing::StartsWith;

TEST(MeterHostile, WhatIsNoLog) {
  EXPECT_EQ(refusal(""), "log: is empty");
  EXPECT_EQ(refusal("\n\n \n"), "log: is empty");
  EXPECT_THAT(refusal("hello\nworld\n"),
              StartsWith("log: is no power meter's log that is known: expected CodeCarbon, nvidia-smi,"));
  EXPECT_EQ(refusal(std::string("time,power_w\n0,5\n1,\0\n", 21)),
            "log:3: holds a zero byte: expected the text of a power meter's log");
  EXPECT_THAT(refusal(std::string("\xFF\xFEt\0i\0", 6)),
              HasSubstr("log:1: is UTF-16 text, as PowerShell's > writes it"));
  EXPECT_EQ(refusal("time,power_w\n" + std::string(2 << 20, ',') + "\n"),
            "log:2: is a line of more than 1 MiB: no power meter writes such");
  EXPECT_EQ(refusal("time,power_w\n"), "log: has no readings of power or energy that are numbers");
  EXPECT_EQ(refusal("time,power_w\n0,N/A\n1,[Not Supported]\n"),
            "log: has no readings of power or energy that are numbers");
}

TEST(MeterHostile, NumbersThatAreNone) {
  for (const char* power : {"-5", "inf", "-inf", "1e9", "1e999", "0x10", "5 5", "five", "1e400 W", "--5"})
    EXPECT_THAT(refusal(std::string("time,power_w\n0,5\n1,") + power + "\n"),
                AllOf(StartsWith("log:3:3: '"),
                      HasSubstr("is no power of a device: expected watts from 0 to 1 million")))
        << power;
  for (const char* energy : {"-5", "inf", "1e30", "x"})
    EXPECT_THAT(refusal(std::string("time,energy_uj\n0,5\n1,") + energy + "\n"),
                AllOf(StartsWith("log:3:3: '"), HasSubstr("is no energy: expected 0 to 1e18 J")))
        << energy;
  for (const char* time : {"-5", "nan", "1e300", "2024-02-30 00:00:00", "10000-01-01", "yesterday", ""})
    EXPECT_THAT(refusal(std::string("time,power_w\n0,5\n") + time + ",5\n"), StartsWith("log:3:1: '"))
        << time;
}

TEST(MeterHostile, MessagesAreFitForATerminal) {
  EXPECT_EQ(refusal("time,power_w\n0,\x1b[31m5\n").find('\x1b'), std::string::npos);
  const MeterReport report = report_of(parsed("time,device,power_w\n0,\x1b[31mA,5\n1,\x1b[31mA,5\n"));
  EXPECT_EQ(meter_text(report, {}).find('\x1b'), std::string::npos);
}

TEST(MeterHostile, RowsOfOtherWidths) {
  EXPECT_EQ(refusal("time,power_w\n0,5\n1,5,7\n2,5\n"), "log:3: has 3 fields, the header has 2");
  EXPECT_EQ(refusal("start_time,window_name,elapsed_time,gpu0_energy\n1706695872,a\n1706695872,a,1,1\n"),
            "log:2: has 2 fields, the header has 4");
}

TEST(MeterHostile, OneReadingOrOneTimeIsNoEnergy) {
  const MeterReport one = report_of(parsed("time,power_w\n0,5\n"));
  EXPECT_DOUBLE_EQ(one.total.energy / joule, 0.0);
  EXPECT_TRUE(testing::warns(one, "device: one reading has no energy")) << testing::all_warnings(one);
  EXPECT_FALSE(meter_text(one, {}).empty());
  EXPECT_EQ(meter_text(one, {}).find("nan"), std::string::npos) << meter_text(one, {});
  EXPECT_EQ(meter_json(one).find("nan"), std::string::npos);
  const MeterReport same = report_of(parsed("time,power_w\n0,5\n0,6\n0,7\n"));
  EXPECT_DOUBLE_EQ(same.total.energy / joule, 0.0);
  EXPECT_FALSE(meter_csv(same).empty());
}

TEST(MeterHostile, FarTimesAreAGapNotACrash) {
  const MeterReport report =
      report_of(parsed("time,power_w\n2024-01-01 00:00:00,5\n2024-01-01 00:00:01,5\n2024-01-01 "
                       "00:00:02,5\n2199-12-31 23:59:59,5\n"));
  EXPECT_TRUE(testing::warns(report, "100.0 % of the log's energy is interpolated"))
      << testing::all_warnings(report);
}

TEST(MeterHostile, ManyResetsTakeLinearTime) {
  std::string text = "time,energy_uj\n";
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i) + "," + std::to_string(1'000'000 - i) + "\n";
  EXPECT_DOUBLE_EQ(joules_of(parsed(text).devices.at(0)), 0.0);
}

TEST(MeterHostile, EveryPrefixOfALogIsReadOrRefused) {
  const std::vector<std::string> logs = {
      "timestamp, index, power.draw [W]\n2024/01/31 10:11:12.000, 0, 100.00 W\n2024/01/31 10:11:13.000, 0, "
      "300.00 W\n",
      "# gpu    pwr  gtemp\n# Idx      W      C\n    0    117     45\n    0    119     45\n",
      "1777708107.135 #Entity   POWER   TOTEC\n1777708107.135 ID   W   mJ\n1777708107.135 GPU 0     100.0  "
      "256000\n",
      "# 1706695872\nDCGM_FI_DEV_POWER_USAGE{gpu=\"0\",UUID=\"GPU-1\"} 35.5 1706695872000\n",
      "     1.001048308,19.63,Joules,power/energy-pkg/,2002406532,100.00,,\n",
      "Core\tCPU\tTime_Of_Day_Seconds\tPkgWatt\n-\t-\t1706695872.5\t70\n-\t-\t1706695877.5\t80\n",
      "JobID|JobName|Elapsed|Start|ConsumedEnergyRaw\n100|train|1-01:00:00|2024-01-31T10:00:00|1800000\n",
      "timestamp,project_name,duration,emissions,energy_consumed\n2021-06-29T11:00:38,c,200.0,0.001,0.002\n",
      "start_time,window_name,elapsed_time,gpu0_energy\n1706695872.5,epoch,10.5,2000.5\n",
  };
  for (const std::string& log : logs)
    for (std::size_t length = 0; length <= log.size(); ++length) {
      try {
        const MeterLog read = parsed(log.substr(0, length));
        EXPECT_FALSE(meter_text(report_of(read), {}).empty());
        EXPECT_FALSE(meter_json(report_of(read)).empty());
      } catch (const InputError& error) {
        EXPECT_THAT(error.what(), StartsWith("log"));
      }
    }
}

TEST(MeterHostile, FormatsByName) {
  EXPECT_EQ(format_from_name("slurm"), Format::slurm);
  EXPECT_THROW(static_cast<void>(format_from_name("excel")), InputError);
  ReadOptions options;
  for (const Format format :
       {Format::codecarbon, Format::nvidia_smi, Format::nvidia_dmon, Format::dcgm_dmon, Format::prometheus,
        Format::perf, Format::turbostat, Format::slurm, Format::zeus_windows, Format::rapl}) {
    options.format = format;
    EXPECT_THAT(refusal("a,b\n1,2\n", options), StartsWith("log")) << format_name(format);
  }
}

TEST(MeterHostile, OptionsWithoutEffectAreNamed) {
  ReadOptions options;
  options.step = 1.0 * second;
  options.counter_range = 1.0 * joule;
  options.column = "power";
  EXPECT_THAT(parsed("JobID|ElapsedRaw|ConsumedEnergyRaw\n7|10|100\n", options).notes,
              ::testing::IsSupersetOf({"--step has no effect: the log has times",
                                       "--counter-range has no effect: the log has no counter",
                                       "--column has no effect on logs of this kind"}));
}

TEST(MeterHostile, FilesThatCannotBeRead) {
  const testing::TemporaryFolder folder;
  EXPECT_THROW(static_cast<void>(read_log(folder / "missing")), InputError);
  EXPECT_THROW(static_cast<void>(read_log(folder.path())), InputError);
}

}  // namespace
}  // namespace tonne::meters
