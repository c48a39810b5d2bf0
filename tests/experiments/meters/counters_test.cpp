// Energy counters: RAPL with wraparound, DCGM with resets, perf and turbostat, which give means of intervals.

#include "tests/experiments/meters/meter_support.h"

namespace tonne::meters {
namespace {

using testing::all_warnings;
using ::testing::HasSubstr;
using testing::joules_between;
using testing::joules_of;
using testing::parsed;
using testing::refusal;
using testing::warns;

// "time,energy_uj" of joules at whole seconds.
std::string counter_table(const std::vector<double>& joules, const std::string& head = "time,energy_uj") {
  std::string text = head + "\n";
  for (std::size_t i = 0; i < joules.size(); ++i)
    text += std::to_string(i) + "," + std::to_string(joules[i] * 1e6) + "\n";
  return text;
}

TEST(MeterCounters, EnergyIsTheDifferenceAndEndsAreInterpolated) {
  const MeterLog log = parsed(counter_table({100.0, 150.0, 250.0, 300.0}));
  EXPECT_EQ(log.format, Format::rapl);
  EXPECT_DOUBLE_EQ(joules_of(log.devices.at(0)), 200.0);
  EXPECT_DOUBLE_EQ(joules_between(log, 0.5, 2.5), 25.0 + 100.0 + 25.0);
}

TEST(MeterCounters, WrapsWhereTheFileSaysItDoes) {
  // 2^32 units of 61 uJ: the range that Intel's packages have.
  const MeterLog log = parsed(
      "time,domain,energy_uj,max_energy_range_uj\n0,package-0,262143000000,262143328850\n1,package-0,"
      "262143300000,262143328850\n"
      "2,package-0,271150,262143328850\n3,package-0,571150,262143328850\n");
  EXPECT_EQ(log.devices.at(0).id, "package-0");
  // 0.3 + (0.02885 + 0.27115) + 0.3
  EXPECT_NEAR(joules_of(log.devices[0]), 0.9, 1e-9);
  const MeterReport report = report_of(log);
  EXPECT_TRUE(warns(report, "package-0: the counter began again at zero once; its range was added"))
      << all_warnings(report);
  EXPECT_FALSE(warns(report, "reset"));
}

TEST(MeterCounters, WrapsWhereTheUserSaysItDoes) {
  ReadOptions options;
  options.counter_range = 1000.0 * joule;
  EXPECT_DOUBLE_EQ(joules_of(parsed(counter_table({900.0, 950.0, 0.0, 50.0, 100.0}), options).devices.at(0)),
                   200.0);
}

TEST(MeterCounters, AResetIsFilledInAndNamed) {
  // A reset after 200 J: nobody knows what flowed between 2 s and 3 s; before and after it were 50 W and 70
  // W.
  const MeterLog log = parsed(counter_table({100.0, 150.0, 200.0, 5.0, 75.0}));
  const MeterReport report = report_of(log);
  EXPECT_DOUBLE_EQ(joules_of(log.devices.at(0)), 50.0 + 50.0 + 60.0 + 70.0);
  EXPECT_DOUBLE_EQ(report.total.guessed / joule, 60.0);
  EXPECT_TRUE(
      warns(report,
            "the counter fell or leapt once, first or longest at 3 s: a reset (driver, reboot) or its range"))
      << all_warnings(report);
  EXPECT_TRUE(warns(report, "26.1 % of the run's energy"));
}

TEST(MeterCounters, AResetIsNoWrapWhereThatWouldBeTooMuchPower) {
  ReadOptions options;
  options.counter_range = 262143.3 * joule;
  // A wrap would be 262 kW where all else is 50 W.
  const MeterLog log = parsed(counter_table({100.0, 150.0, 200.0, 5.0, 55.0}), options);
  EXPECT_DOUBLE_EQ(joules_of(log.devices.at(0)), 200.0);
}

TEST(MeterCounters, ALeapOfMegawattsIsNoEnergy) {
  EXPECT_DOUBLE_EQ(joules_of(parsed(counter_table({100.0, 150.0, 9e12, 9e12 + 50.0})).devices.at(0)), 150.0);
}

TEST(MeterCounters, SeveralWrapsWithinAGapAreNamed) {
  ReadOptions options;
  options.counter_range = 100.0 * joule;
  std::string text = counter_table({10.0, 20.0, 30.0, 40.0});
  text += "60,50000000\n61,60000000\n";
  const MeterReport report = report_of(parsed(text, options));
  EXPECT_TRUE(warns(report, "within 57 s from 3 s the counter may have begun again more than once"))
      << all_warnings(report);
}

TEST(MeterCounters, AGapIsBridged) {
  std::string text = counter_table({0.0, 10.0, 20.0, 30.0});
  text += "63,630000000\n64,640000000\n";
  const MeterLog log = parsed(text);
  const MeterReport report = report_of(log);
  EXPECT_DOUBLE_EQ(joules_of(log.devices.at(0)), 640.0);
  EXPECT_DOUBLE_EQ(report.total.guessed / joule, 0.0);
  EXPECT_TRUE(warns(report, "1 gap of more than 5 steps, the longest 1 min from 3 s; the counter went on"))
      << all_warnings(report);
}

TEST(MeterCounters, WhatIsNotRenewedIsNoIdle) {
  // Read each 20 ms, renewed each 100 ms with 10 J: 100 W throughout.
  std::string text = "time,energy_uj\n";
  for (int i = 0; i <= 100; ++i)
    text += std::to_string(i * 0.02) + "," + std::to_string((i / 5) * 10'000'000) + "\n";
  const MeterLog log = parsed(text);
  EXPECT_NEAR(joules_of(log.devices.at(0)), 200.0, 1e-6);
  EXPECT_NEAR(joules_between(log, 0.55, 0.65), 10.0, 1e-6);
  EXPECT_EQ(report_of(log).run_is, RunSpan::whole);
}

TEST(MeterCounters, DomainsWithinOthersAreNotSummed) {
  const MeterLog log = parsed(
      "time,name,energy_uj\n0,package-0,0\n0,core,0\n0,dram,0\n1,package-0,50000000\n1,core,30000000\n1,dram,"
      "5000000\n");
  const MeterReport report = report_of(log);
  ASSERT_EQ(report.devices.size(), 3U);
  EXPECT_EQ(report.devices[1].device->part_of, "package-0");
  EXPECT_DOUBLE_EQ(report.total.energy / joule, 55.0);
  EXPECT_TRUE(warns(report, "not in the sum, since it is within another's energy: core (of package-0)"))
      << all_warnings(report);
  EXPECT_EQ(meter_csv(report),
            "source,device,start,seconds,joules,mean_watts,idle_watts\nlog,package-0,0,1,50,50,\nlog,dram,0,"
            "1,5,5,\n");
  EXPECT_DOUBLE_EQ(report_of(log, {.devices = {"core"}}).total.energy / joule, 30.0);
}

TEST(MeterCounters, WideTablesHaveADomainAColumn) {
  const MeterLog log =
      parsed("timestamp,package-0_energy_uj,dram_energy_uj\n1700000000,0,0\n1700000002,100000000,4000000\n");
  ASSERT_EQ(log.devices.size(), 2U);
  EXPECT_EQ(log.devices[0].id, "package-0");
  EXPECT_DOUBLE_EQ(joules_of(log.devices[1]), 4.0);
}

TEST(MeterCounters, PerfGivesTheEnergyOfIntervals) {
  const MeterLog log = parsed(
      "# started on Sun Jan 28 2024\n\n"
      "     1.001048308,19.63,Joules,power/energy-pkg/,2002406532,100.00,,\n"
      "     1.001048308,9.63,Joules,power/energy-cores/,2002406532,100.00,,\n"
      "     2.002369058,19.41,Joules,power/energy-pkg/,2002617705,100.00,,\n"
      "     2.002369058,<not counted>,Joules,power/energy-cores/,2002617705,100.00,,\n");
  EXPECT_EQ(log.format, Format::perf);
  EXPECT_NEAR(joules_of(log.devices.at(0)), 19.63 + 19.41, 1e-4);
  EXPECT_EQ(readings_of(log.devices[0]), 2U);
  EXPECT_EQ(log.devices.at(1).part_of, "power/energy-pkg/");
  EXPECT_EQ(log.devices[1].missing, 1U);
  const MeterLog sockets = parsed(
      "1.0;S0-D0;1;20;Joules;power/energy-pkg/;1;100.00\n1.0;S1-D0;1;30;Joules;power/energy-pkg/;1;100.00\n"
      "2.0;S0-D0;1;20;Joules;power/energy-pkg/;1;100.00\n2.0;S1-D0;1;30;Joules;power/energy-pkg/;1;100.00\n");
  ASSERT_EQ(sockets.devices.size(), 2U);
  EXPECT_EQ(sockets.devices[1].id, "S1-D0 power/energy-pkg/");
  EXPECT_DOUBLE_EQ(joules_of(sockets.devices[1]), 60.0);
  EXPECT_THAT(refusal("475.42,Joules,power/energy-pkg/,20005659301,100.00,,\n"),
              HasSubstr("log:1: has no time: run perf stat with -I 1000"));
}

TEST(MeterCounters, TurbostatsSummaryIsTheMachine) {
  const std::string rows =
      "-\t-\t10\t1706695872.5\t70\t25\n0\t0\t4\t1706695872.5\t70\t25\n-\t-\t10\t1706695877."
      "5\t80\t25\n0\t0\t4\t1706695877.5\n";
  const MeterLog log = parsed(
      "turbostat version 20.09.30\nCore\tCPU\tAvg_MHz\tTime_Of_Day_Seconds\tPkgWatt\tRAMWatt\n" + rows);
  EXPECT_EQ(log.format, Format::turbostat);
  ASSERT_EQ(log.devices.size(), 2U);
  // Each row is the mean of the five seconds before it.
  EXPECT_DOUBLE_EQ(joules_of(log.devices[0]), 750.0);
  EXPECT_THAT(refusal("PkgWatt\tRAMWatt\n70\t25\n"), HasSubstr("such as --step '5 s'"));
  ReadOptions options;
  options.step = 5.0 * second;
  EXPECT_DOUBLE_EQ(joules_of(parsed("PkgWatt\tRAMWatt\n70\t25\n80\t25\n", options).devices.at(0)), 750.0);
}

}  // namespace
}  // namespace tonne::meters
