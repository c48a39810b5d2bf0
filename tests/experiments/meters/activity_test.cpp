// The run within a log, idle power, sensors that are slower than they are read, and what else a report says.

#include <nlohmann/json.hpp>

#include "experiments/meters/activity.h"
#include "tests/experiments/meters/meter_support.h"

namespace tonne::meters {
namespace {

using testing::all_warnings;
using ::testing::HasSubstr;
using testing::parsed;
using testing::power_table;
using testing::warns;

// 100 s at 1 s: 60 W, and 300 W from 20 s until before 80 s.
std::vector<testing::Reading> a_run() {
  std::vector<testing::Reading> readings;
  for (int i = 0; i < 100; ++i)
    readings.push_back({static_cast<double>(i), i >= 20 && i < 80 ? 300.0 : 60.0 + (i % 3)});
  return readings;
}

TEST(MeterActivity, TheRunIsFoundByThePower) {
  const MeterLog log = parsed(power_table(a_run()));
  const MeterReport report = report_of(log);
  EXPECT_EQ(report.run_is, RunSpan::found);
  // Half-way between the last idle and the first busy reading, and back.
  EXPECT_DOUBLE_EQ(report.run.from / second, 19.5);
  EXPECT_DOUBLE_EQ(report.run.to / second, 79.5);
  // 59 s of 300 W, and the inner halves of two ramps: from 61 W and to 62 W (19 and 80 are 1 and 2 above 60).
  EXPECT_DOUBLE_EQ(report.total.energy / joule,
                   59.0 * 300.0 + 0.25 * (180.5 + 300.0) + 0.25 * (181.0 + 300.0));
  EXPECT_DOUBLE_EQ(*report.devices.at(0).idle / watt, 61.0);
}

TEST(MeterActivity, ASpikeIsNoRunAndAPauseIsPartOfIt) {
  std::vector<testing::Reading> readings = a_run();
  readings[5].power = 200.0;
  readings[95].power = 0.0;
  for (std::size_t i = 40; i < 50; ++i) readings[i].power = 70.0;
  const MeterReport report = report_of(parsed(power_table(readings)));
  EXPECT_DOUBLE_EQ(report.run.from / second, 19.5);
  EXPECT_DOUBLE_EQ(report.run.to / second, 79.5);
  EXPECT_DOUBLE_EQ(*report.devices.at(0).idle / watt, 61.0);
}

TEST(MeterActivity, EvenPowerTellsNoRun) {
  std::vector<testing::Reading> readings;
  for (int i = 0; i < 50; ++i) readings.push_back({static_cast<double>(i), 300.0 + (i % 2)});
  const MeterReport report = report_of(parsed(power_table(readings)));
  EXPECT_EQ(report.run_is, RunSpan::whole);
  EXPECT_EQ(report.devices.at(0).idle, std::nullopt);
  EXPECT_TRUE(warns(report, "the power does not tell a run from idle")) << all_warnings(report);
}

TEST(MeterActivity, SeveralRunsInOneLogAreNamed) {
  std::vector<testing::Reading> readings = a_run();
  for (std::size_t i = 40; i < 60; ++i) readings[i].power = 61.0;
  const MeterReport report = report_of(parsed(power_table(readings)));
  EXPECT_TRUE(warns(
      report, "within the run the power is low for 20 s from 39.5 s: if these are several runs, name each"))
      << all_warnings(report);
}

TEST(MeterActivity, IdleIsNotTakenFromTheRestOfTheWork) {
  const MeterLog log = parsed(power_table(a_run()));
  EXPECT_DOUBLE_EQ(*report_of(log, {.from = "30", .to = "40"}).devices.at(0).idle / watt, 61.0);
  std::vector<testing::Reading> even;
  for (int i = 0; i < 50; ++i) even.push_back({static_cast<double>(i), 300.0});
  const MeterReport report = report_of(parsed(power_table(even)), {.from = "30", .to = "40"});
  EXPECT_EQ(report.devices.at(0).idle, std::nullopt);
  EXPECT_TRUE(warns(report, "idle power is not known")) << all_warnings(report);
}

TEST(MeterActivity, ALogThatBeginsWithinTheRunSaysSo) {
  std::vector<testing::Reading> readings = a_run();
  readings.erase(readings.begin(), readings.begin() + 20);
  const MeterReport report = report_of(parsed(power_table(readings)));
  EXPECT_TRUE(warns(report, "the log begins within the run")) << all_warnings(report);
  EXPECT_FALSE(warns(report, "the log ends within the run"));
  EXPECT_DOUBLE_EQ(*report.devices.at(0).idle / watt, 61.0);
}

TEST(MeterActivity, TheUserMayNameRunAndIdle) {
  const MeterLog log = parsed(power_table(a_run()));
  const MeterReport report = report_of(log, {.from = "30", .to = "40", .idle_from = "0", .idle_to = "0.4"});
  EXPECT_EQ(report.run_is, RunSpan::named);
  EXPECT_DOUBLE_EQ(report.total.energy / joule, 3000.0);
  EXPECT_DOUBLE_EQ(*report.devices.at(0).idle / watt, 60.0);
  // Only one of both: until the end of the log.
  EXPECT_DOUBLE_EQ(report_of(log, {.from = "90"}).run.to / second, 99.0);
  EXPECT_THROW(static_cast<void>(report_of(log, {.from = "40", .to = "30"})), InputError);
  EXPECT_THROW(static_cast<void>(report_of(log, {.from = "0", .to = "200"})), InputError);
}

TEST(MeterActivity, RepeatedReadingsAtHundredMillisecondsAreNamed) {
  // Read each 20 ms; the sensor has a new value each 100 ms.
  std::string text = "timestamp, index, name, power.draw.instant [W]\n";
  for (int i = 0; i < 1000; ++i) {
    const int value = i / 5;
    char time[64];
    std::snprintf(time, sizeof time, "2024/01/31 10:11:%02d.%03d", i / 50, i % 50 * 20);
    text += std::string(time) + ", 0, NVIDIA H100 80GB HBM3, " +
            (value < 60 || value >= 140 ? "70." : "400.") + std::to_string(10 + value % 7) + " W\n";
  }
  const MeterReport report = report_of(parsed(text));
  EXPECT_TRUE(
      warns(report, "GPU 0: read each 20 ms, but its sensor gives a new value only each 100 ms or so"))
      << all_warnings(report);
  EXPECT_TRUE(warns(report, "the sensor of A100 and H100 sees a quarter of the time (Yang et al. 2024)"));
  EXPECT_NEAR(report.run.length() / second, 8.0, 0.05);
  EXPECT_NEAR(report.total.energy / joule, 8.0 * 400.13, 8.0);
}

TEST(MeterActivity, ASlowSensorReadSlowlyIsNoMatter) {
  EXPECT_FALSE(warns(report_of(parsed(power_table(a_run()))), "sensor gives a new value"));
}

TEST(MeterActivity, ARunOfFewStepsIsNamed) {
  std::vector<testing::Reading> readings;
  for (int i = 0; i < 20; ++i) readings.push_back({i * 10.0, i >= 8 && i < 11 ? 300.0 : 60.0});
  const MeterReport report = report_of(parsed(power_table(readings)));
  EXPECT_TRUE(
      warns(report,
            "device: the run is only 3.0 steps long, and each end of it is uncertain by up to a step (10 s)"))
      << all_warnings(report);
}

TEST(MeterActivity, SeveralDevicesAreSummedAndSaidSo) {
  std::string text = "time,power0,power1,power2\n";
  for (const testing::Reading& reading : a_run())
    text += std::to_string(reading.time) + "," + std::to_string(reading.power) + "," +
            std::to_string(reading.power) + ",50\n";
  const MeterLog log = parsed(text);
  const MeterReport report = report_of(log);
  EXPECT_DOUBLE_EQ(report.total.energy / joule,
                   2.0 * report.devices.at(0).in_run.energy / joule + 50.0 * 60.0);
  EXPECT_TRUE(warns(report, "the sum is of GPU 0, GPU 1, GPU 2; --device chooses")) << all_warnings(report);
  EXPECT_TRUE(warns(report, "GPU 2 was not busy while the run was on"));
  const MeterReport one = report_of(log, {.devices = {"1"}});
  ASSERT_EQ(one.devices.size(), 1U);
  EXPECT_DOUBLE_EQ(one.total.energy / joule, report.devices.at(1).in_run.energy / joule);
}

TEST(MeterActivity, ACounterAndPowerThatDisagreeAreNamed) {
  std::string text;
  for (int i = 0; i < 10; ++i) {
    text += "# " + std::to_string(1706695872 + i) + "\nDCGM_FI_DEV_POWER_USAGE{gpu=\"0\"} 100\n";
    text += "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu=\"0\"} " + std::to_string(150000 * i) + "\n";
  }
  const MeterReport report = report_of(parsed(text));
  EXPECT_DOUBLE_EQ(report.total.energy / joule, 1350.0);
  EXPECT_TRUE(warns(report, "GPU 0: its counter says 1350 J, its power 900 J; the counter's figure is used"))
      << all_warnings(report);
}

TEST(MeterActivity, CsvHasTheRunAndIsTheSameAsTheReport) {
  const MeterReport report = report_of(parsed(power_table(a_run())), {.from = "30", .to = "40"});
  EXPECT_EQ(meter_csv(report),
            "source,device,start,seconds,joules,mean_watts,idle_watts\nlog,device,30,10,3000,300,61\n");
}

TEST(MeterActivity, CsvOfRunsHasARowForEachComponent) {
  const MeterLog log = parsed(
      "start_time,window_name,elapsed_time,gpu0_energy,gpu1_energy\n1706695872.5,a,10,2000,1000\n1706695892."
      "5,=b,10,200,100\n");
  EXPECT_EQ(
      meter_csv(report_of(log)),
      "source,device,start,seconds,joules,mean_watts,idle_watts\n"
      "log:a,GPU 0,2024-01-31T10:11:12.5Z,10,2000,200,\nlog:a,GPU 1,2024-01-31T10:11:12.5Z,10,1000,100,\n"
      "log:=b,GPU 0,2024-01-31T10:11:32.5Z,10,200,20,\nlog:=b,GPU 1,2024-01-31T10:11:32.5Z,10,100,10,\n");
  EXPECT_THAT(meter_csv(report_of(log, {.devices = {"GPU 1"}})), ::testing::Not(HasSubstr("GPU 0")));
  EXPECT_THROW(static_cast<void>(report_of(log, {.devices = {"cpu"}})), InputError);
  EXPECT_THROW(static_cast<void>(report_of(log, {.from = "1"})), InputError);
}

TEST(MeterActivity, JsonHasTheFigures) {
  const auto json = nlohmann::json::parse(meter_json(report_of(parsed(power_table(a_run())))));
  EXPECT_EQ(json["format"], "zeus-power");
  EXPECT_EQ(json["times"], "relative");
  EXPECT_EQ(json["run"]["is"], "found");
  EXPECT_EQ(json["run"]["seconds"], 60.0);
  EXPECT_EQ(json["devices"][0]["idle_watts"], 61.0);
  EXPECT_EQ(json["devices"][0]["readings"], 100);
  EXPECT_TRUE(json["warnings"].is_array());
}

}  // namespace
}  // namespace tonne::meters
