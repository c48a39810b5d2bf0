// Logs of GPUs: nvidia-smi --query-gpu, nvidia-smi dmon, DCGM's three kinds, Zeus's power monitors.

#include "tests/experiments/meters/meter_support.h"

namespace tonne::meters {
namespace {

using ::testing::HasSubstr;
using testing::joules_of;
using testing::parsed;
using testing::refusal;

const std::string kSmi =
    "timestamp, index, name, uuid, power.draw [W], utilization.gpu [%]\n"
    "2024/01/31 10:11:12.000, 0, NVIDIA A100-SXM4-40GB, GPU-a, 100.00 W, 5 %\n"
    "2024/01/31 10:11:12.004, 1, NVIDIA A100-SXM4-40GB, GPU-b, 50.00 W, 0 %\n"
    "2024/01/31 10:11:13.000, 0, NVIDIA A100-SXM4-40GB, GPU-a, 300.00 W, 99 %\n"
    "2024/01/31 10:11:13.004, 1, NVIDIA A100-SXM4-40GB, GPU-b, [N/A], 0 %\n"
    "2024/01/31 10:11:14.000, 0, NVIDIA A100-SXM4-40GB, GPU-a, 200.00 W, 99 %\n"
    "2024/01/31 10:11:14.004, 1, NVIDIA A100-SXM4-40GB, GPU-b, 60.00 W, 0 %\n";

TEST(MeterGpuLogs, NvidiaSmiHasADeviceForEachIndex) {
  const MeterLog log = parsed(kSmi);
  EXPECT_EQ(log.format, Format::nvidia_smi);
  EXPECT_EQ(log.basis, TimeBasis::local);
  ASSERT_EQ(log.devices.size(), 2U);
  EXPECT_EQ(log.devices[0].id, "GPU 0");
  EXPECT_EQ(log.devices[0].model, "NVIDIA A100-SXM4-40GB");
  EXPECT_EQ(log.devices[0].source, "power.draw");
  EXPECT_DOUBLE_EQ(joules_of(log.devices[0]), 450.0);  // (100 + 300) / 2 + (300 + 200) / 2
  // The reading that is missing leaves a step of two seconds.
  EXPECT_DOUBLE_EQ(joules_of(log.devices[1]), 110.0);
  EXPECT_EQ(log.devices[1].missing, 1U);
  EXPECT_EQ(time_text(log, log.devices[1].power[0].time), "2024-01-31 10:11:12.004");
}

TEST(MeterGpuLogs, NvidiaSmiWithoutUnitsIsTheSame) {
  std::string bare = kSmi;
  for (const char* unit : {" W,", " %\n"})
    for (std::size_t at = bare.find(unit); at != std::string::npos; at = bare.find(unit))
      bare.replace(at, 3, bare.substr(at + 2, 1));
  const MeterLog log = parsed(bare);
  ASSERT_EQ(log.devices.size(), 2U);
  EXPECT_EQ(log.devices[0].power, parsed(kSmi).devices[0].power);
}

TEST(MeterGpuLogs, OfSeveralColumnsEachDeviceHasTheFirstWithValues) {
  const std::string text =
      "timestamp, index, power.draw.instant [W], power.draw.average [W]\n"
      "2024/01/31 10:11:12.000, 0, 90.0 W, 100.0 W\n"
      "2024/01/31 10:11:12.000, 1, 40.0 W, [Not Supported]\n"
      "2024/01/31 10:11:13.000, 0, 90.0 W, 100.0 W\n"
      "2024/01/31 10:11:13.000, 1, 40.0 W, [Not Supported]\n";
  const MeterLog log = parsed(text);
  EXPECT_EQ(log.devices[0].source, "power.draw.average");
  EXPECT_EQ(log.devices[0].kind, PowerKind::averaged);
  EXPECT_DOUBLE_EQ(joules_of(log.devices[0]), 100.0);
  EXPECT_EQ(log.devices[1].source, "power.draw.instant");
  EXPECT_DOUBLE_EQ(joules_of(log.devices[1]), 40.0);
  EXPECT_EQ(log.notes.at(0),
            "power is that of power.draw.average, power.draw.instant; there is power.draw.instant too, which "
            "--column chooses");
  ReadOptions options;
  options.column = "power.draw.instant";
  EXPECT_DOUBLE_EQ(joules_of(parsed(text, options).devices[0]), 90.0);
  options.column = "power.limit";
  EXPECT_THAT(refusal(text, options),
              HasSubstr("log:1: has no column 'power.limit' of power or energy; it has 'timestamp'"));
}

TEST(MeterGpuLogs, HeadersThatRepeatAndWordsBetweenRowsAreNoReadings) {
  std::string text = kSmi + kSmi.substr(0, kSmi.find('\n') + 1) +
                     "Unable to determine the device handle for GPU 0000:1A:00.0\n" +
                     "2024/01/31 10:11:15.000, 0, NVIDIA A100-SXM4-40GB, GPU-a, 200.00 W, 99 %\n2024/01/31 "
                     "10:11:16.000, 0, NVI";
  const MeterLog log = parsed(text);
  EXPECT_DOUBLE_EQ(joules_of(log.devices[0]), 650.0);
  ASSERT_EQ(log.notes.size(), 2U);
  EXPECT_EQ(log.notes[1], "the last line has no end, as if it were cut off: left out");
  EXPECT_THAT(log.notes[0],
              HasSubstr("left out, since no rows: 1 line, the first, line 9, is 'Unable to determine"));
}

TEST(MeterGpuLogs, SeveralDevicesWithoutAnIndexAreRefused) {
  const auto rows = [](int devices, int apart) {
    std::string text = "timestamp, power.draw [W]\n";
    for (int i = 10; i < 20; ++i)
      for (int device = 0; device < devices; ++device)
        text += "2024/01/31 10:11:" + std::to_string(i) + "." + std::to_string(100 + device * apart) +
                ", 100 W\n";
    return text;
  };
  const std::string sentence =
      "log: its readings come in groups, as of several devices, but no column says which is whose: log index "
      "or uuid too";
  EXPECT_EQ(refusal(rows(2, 4)), sentence);
  EXPECT_EQ(refusal(rows(16, 3)), sentence);
  EXPECT_EQ(refusal(rows(8, 0)),
            "log: device has several readings at one time: of several devices (log index, uuid or domain "
            "too), or times without "
            "fractions of a second");
  EXPECT_EQ(refusal(rows(1, 0)), "");
  const std::string fast = rows(9, 100);  // each 100 ms
  EXPECT_EQ(refusal(fast), "");
  const std::size_t gap = fast.find("2024/01/31 10:11:13");
  EXPECT_EQ(refusal(fast.substr(0, gap) + fast.substr(fast.find("2024/01/31 10:11:18"))), "");
}

TEST(MeterGpuLogs, WithoutAHeaderNobodyKnowsTheColumns) {
  EXPECT_EQ(refusal("2024/01/31 10:11:12.000, 0, 61.20 W\n"),
            "log:1: has no header, so that nobody knows which column is the power: log with --format=csv, "
            "not noheader");
}

TEST(MeterGpuLogs, DmonRepeatsItsHeadAndGoesOverMidnight) {
  const std::string head =
      "#Date       Time        gpu   pwr gtemp mtemp\n"
      "#YYYYMMDD   HH:MM:SS    Idx     W     C     C\n";
  const MeterLog log = parsed(
      head +
      " 20210102   23:59:58      0    30    19     -\n 20210102   23:59:59      0    40    19     -\n" +
      head +
      " 20210103   00:00:00      0    50    19     -\n 20210103   00:00:01      0     -    19     -\n" +
      " 20210103   00:00:02      0    50    19     -\n");
  EXPECT_EQ(log.format, Format::nvidia_dmon);
  EXPECT_DOUBLE_EQ(joules_of(log.devices.at(0)), 35.0 + 45.0 + 100.0);
  EXPECT_EQ(log.devices[0].missing, 1U);
  const MeterLog times = parsed(
      "#Time        gpu   pwr\n#HH:MM:SS    Idx     W\n 23:59:59      0    40\n 00:00:00      0    40\n "
      "00:00:01      0    40\n");
  EXPECT_EQ(times.basis, TimeBasis::relative);
  EXPECT_DOUBLE_EQ(joules_of(times.devices.at(0)), 80.0);
}

TEST(MeterGpuLogs, DmonWithoutTimesNeedsAStep) {
  const std::string text =
      "# gpu    pwr  gtemp\n# Idx      W      C\n    0    117     45\n    1    100     45\n    0    119     "
      "45\n    1    102     45\n";
  EXPECT_EQ(refusal(text),
            "log:3: the rows have no times: say how far apart they are, such as --step '1 s' for nvidia-smi "
            "dmon without -d, or log with -o DT");
  ReadOptions options;
  options.step = 2.0 * second;
  const MeterLog log = parsed(text, options);
  ASSERT_EQ(log.devices.size(), 2U);
  EXPECT_DOUBLE_EQ(joules_of(log.devices[0]), 236.0);
  EXPECT_DOUBLE_EQ(joules_of(log.devices[1]), 202.0);
}

TEST(MeterGpuLogs, DcgmiHasACounterInMillijoules) {
  const MeterLog log = parsed(
      "1777708107.135 #Entity   POWER   TOTEC\n1777708107.135 ID         W      mJ\n"
      "1777708107.135 GPU 0     100.0  256000\n1777708108.135 GPU 0     100.0  366000\n"
      "1777708109.135 GPU 0     N/A  456000\n1777708110.135 GPU 0     100  9223372036854775794\n");
  EXPECT_EQ(log.format, Format::dcgm_dmon);
  EXPECT_EQ(log.basis, TimeBasis::utc);
  ASSERT_EQ(log.devices.at(0).counter.size(), 3U);
  EXPECT_EQ(log.devices[0].power.size(), 3U);
  EXPECT_EQ(log.devices[0].missing, 2U);  // N/A, and DCGM's blank value
  EXPECT_NEAR(joules_of(log.devices[0]), 200.0, 1e-9);
  EXPECT_THAT(refusal("#Entity   POWER\nID         W\nGPU 0     61.2\n"),
              HasSubstr("log:3: the rows have no times"));
}

TEST(MeterGpuLogs, PrometheusScrapesHaveTimesBetweenOrBehind) {
  const std::string labels = "{gpu=\"3\",UUID=\"GPU-1\",modelName=\"NVIDIA L40S\",Hostname=\"n1\"} ";
  const MeterLog log = parsed(
      "# HELP DCGM_FI_DEV_POWER_USAGE Power draw (in W).\n# 1706695872\nDCGM_FI_DEV_POWER_USAGE" + labels +
      "35.5\nDCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION" + labels + "1000\n# 1706695887\nDCGM_FI_DEV_POWER_USAGE" +
      labels + "35.5\nDCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION" + labels + "601000\n");
  EXPECT_EQ(log.format, Format::prometheus);
  EXPECT_EQ(log.devices.at(0).id, "n1 GPU 3");
  EXPECT_EQ(log.devices[0].model, "NVIDIA L40S");
  EXPECT_DOUBLE_EQ(joules_of(log.devices[0]), 600.0);
  const MeterLog behind = parsed(
      "DCGM_FI_DEV_POWER_USAGE{gpu=\"0\"} 100 1706695872000\nDCGM_FI_DEV_POWER_USAGE{gpu=\"0\"} 300 "
      "1706695872500\n");
  EXPECT_DOUBLE_EQ(joules_of(behind.devices.at(0)), 100.0);
  EXPECT_THAT(refusal("DCGM_FI_DEV_POWER_USAGE{gpu=\"0\"} 100\n"),
              HasSubstr("log:1: the scrapes have no times"));
}

TEST(MeterGpuLogs, TablesOfDcgmFields) {
  const MeterLog log = parsed(
      "timestamp,Hostname,GPU-Id,DCGM_FI_DEV_GPU_TEMP,DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION\n"
      "2024-01-31T10:00:00Z,n1,0,30,5000\n2024-01-31T10:00:10Z,n1,0,30,905000\n");
  EXPECT_EQ(log.format, Format::dcgm_csv);
  EXPECT_EQ(log.devices.at(0).id, "n1 GPU 0");
  EXPECT_DOUBLE_EQ(joules_of(log.devices[0]), 900.0);
}

TEST(MeterGpuLogs, PowerMonitorsOfZeus) {
  const MeterLog old =
      parsed("Time,Power\n2022-07-13 02:07:36.500000000,32000\n2022-07-13 02:07:37.500000000,34000\n");
  EXPECT_EQ(old.format, Format::zeus_power);
  EXPECT_DOUBLE_EQ(joules_of(old.devices.at(0)), 33.0);
  EXPECT_THAT(old.notes.at(0), HasSubstr("milliwatts"));
  const MeterLog bare = parsed("1700000000.5,56.0,100.0\n1700000001.5,58.0,100.0\n");
  ASSERT_EQ(bare.devices.size(), 2U);
  EXPECT_EQ(bare.devices[1].id, "GPU 1");
  EXPECT_DOUBLE_EQ(joules_of(bare.devices[0]), 57.0);
  const MeterLog named = parsed("time,power0,power1\n1700000000.5,56.0,100.0\n1700000001.5,58.0,100.0\n");
  EXPECT_EQ(named.devices.at(1).power, bare.devices[1].power);
  EXPECT_THAT(parsed("time,power\n0,5\n1,5\n").notes.at(0), HasSubstr("taken to be in watts"));
}

}  // namespace
}  // namespace tonne::meters
