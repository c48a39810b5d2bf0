// Energy between two times: the trapezoidal rule by hand, ends, gaps, order; times as logs and users write
// them.

#include "tests/experiments/meters/meter_support.h"

namespace tonne::meters {
namespace {

using testing::all_warnings;
using ::testing::HasSubstr;
using testing::joules_between;
using testing::joules_of;
using testing::parsed;
using testing::power_table;
using testing::refusal;
using testing::warns;

template <class Do>
std::string thrown(Do action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(MeterEnergy, TrapezoidsByHand) {
  const MeterLog log = parsed(power_table({{0, 100}, {1, 200}, {3, 100}, {4, 100}}));
  EXPECT_DOUBLE_EQ(joules_of(log.devices.at(0)), 150.0 + 300.0 + 100.0);
  EXPECT_DOUBLE_EQ(joules_between(log, 0, 4), 550.0);
  // From 0.5 s (150 W) to 1 s (200 W), to 2 s (150 W).
  EXPECT_DOUBLE_EQ(joules_between(log, 0.5, 2), 87.5 + 175.0);
  // Within one step.
  EXPECT_DOUBLE_EQ(joules_between(log, 3.25, 3.75), 50.0);
}

TEST(MeterEnergy, OneStepBeyondTheEndsThePowerHolds) {
  const MeterLog log = parsed(power_table({{10, 100}, {11, 100}, {12, 200}}));
  EXPECT_DOUBLE_EQ(joules_between(log, 9.5, 12.5), 50.0 + 100.0 + 150.0 + 100.0);
  EXPECT_EQ(thrown([&] { static_cast<void>(joules_between(log, 8, 12)); }),
            "log: device has readings from 10 s to 12 s, but 8 s to 12 s is asked for");
  EXPECT_EQ(thrown([&] { static_cast<void>(joules_between(log, 12, 11)); }),
            "log: the span 12 s to 11 s ends before it has begun");
}

TEST(MeterEnergy, HundredMillisecondsForAnHourLoseNothing) {
  std::string text = "timestamp,power_w\n";
  for (int i = 0; i <= 36'000; ++i) text += std::to_string(1'700'000'000'000LL + 100LL * i) + ",250\n";
  const MeterLog log = parsed(text);
  EXPECT_EQ(log.basis, TimeBasis::utc);
  EXPECT_NEAR(step_of(log.devices.at(0)) / second, 0.1, 1e-6);
  EXPECT_NEAR(joules_of(log.devices[0]), 900'000.0, 1e-6);
}

TEST(MeterEnergy, GapsAreInterpolatedAndNamed) {
  // Nine readings of 100 W at 1 s, then nothing for 20 s, then 100 W.
  std::vector<testing::Reading> readings;
  for (int i = 0; i <= 10; ++i) readings.push_back({static_cast<double>(i), 100.0});
  for (int i = 30; i <= 40; ++i) readings.push_back({static_cast<double>(i), 100.0});
  const MeterLog log = parsed(power_table(readings));
  const MeterReport report = report_of(log);
  EXPECT_DOUBLE_EQ(report.total.energy / joule, 4000.0);
  EXPECT_DOUBLE_EQ(report.total.guessed / joule, 2000.0);
  EXPECT_TRUE(warns(report,
                    "device: 1 gap of more than 5 steps, 20 s in all, the longest 20 s from 10 s: 50.0 % of "
                    "the log's energy is interpolated"))
      << all_warnings(report);
}

TEST(MeterEnergy, TheHourThatSummerTimeLeavesOutIsNamed) {
  std::string text = "timestamp,power_w\n";
  for (const char* time : {"01:59:57", "01:59:58", "01:59:59", "03:00:00", "03:00:01"})
    text += std::string("2024-03-31 ") + time + ",100\n";
  const MeterReport report = report_of(parsed(text));
  EXPECT_TRUE(warns(report, "may be the hour that summer time leaves out")) << all_warnings(report);
}

TEST(MeterEnergy, RepeatedAndMisplacedReadingsAreNamed) {
  const MeterLog log = parsed(power_table({{0, 100}, {2, 100}, {1, 100}, {2, 900}, {3, 100}}));
  EXPECT_DOUBLE_EQ(joules_of(log.devices.at(0)), 300.0);
  const MeterReport report = report_of(log);
  EXPECT_TRUE(warns(report, "device: 1 reading at a time that another had: left out"))
      << all_warnings(report);
  EXPECT_TRUE(warns(report, "device: 1 reading stood behind a later one: put in order"));
}

TEST(MeterEnergy, ATimeThatGoesFarBackIsRefused) {
  std::string text = "timestamp,power_w\n";
  for (const char* time : {"02:59:57", "02:59:58", "02:59:59", "02:00:00", "02:00:01"})
    text += std::string("2024-10-27 ") + time + ",100\n";
  EXPECT_EQ(refusal(text),
            "log:5: the time goes back by 3599 s here: a clock that was set (winter time), or a second log; "
            "cut the file in two at this line");
}

TEST(MeterEnergy, TimesOfOneKind) {
  EXPECT_EQ(refusal("time,power_w\n2024-01-31 10:00:00,5\n2024-01-31T10:00:01Z,5\n"),
            "log:3: is a time whose zone is known, but above stands a date without a zone: all times of a "
            "log must be of one kind");
  const MeterLog zoned = parsed("time,power_w\n2024-01-31T12:00:00+02:00,5\n2024-01-31T12:00:01.5+02:00,5\n");
  EXPECT_EQ(time_text(zoned, zoned.devices.at(0).power[1].time), "2024-01-31T10:00:01.5Z");
  for (const char* epoch : {"1706695872", "1706695872000", "1706695872000000", "1706695872000000000"})
    EXPECT_DOUBLE_EQ(parse_log(std::string("time,power_w\n") + epoch + ",5\n", "log").origin / second,
                     1706695872.0)
        << epoch;
}

TEST(MeterEnergy, UsersNameTimesAsTheLogDoes) {
  const MeterLog local = parsed("time,power_w\n2024-01-31 10:00:00.5,5\n2024-01-31 10:00:10,5\n");
  EXPECT_DOUBLE_EQ(offset_of(local, "2024-01-31 10:00:05", "--from") / second, 5.0);
  EXPECT_DOUBLE_EQ(offset_of(local, "2024/01/31 10:00:05.25", "--from") / second, 5.25);
  EXPECT_DOUBLE_EQ(offset_of(local, "2", "--from") / second, 2.5);  // from the first reading
  EXPECT_THAT(thrown([&] { static_cast<void>(offset_of(local, "2024-01-31T10:00:05Z", "--from")); }),
              HasSubstr("--from: '2024-01-31T10:00:05Z' has a zone, but the log's times have none"));
  EXPECT_THAT(thrown([&] { static_cast<void>(offset_of(local, "soon", "--to")); }),
              HasSubstr("--to: 'soon' is no time"));
  const MeterLog utc = parsed("time,power_w\n1706695872,5\n1706695882,5\n");
  EXPECT_DOUBLE_EQ(offset_of(utc, "2024-01-31T11:11:17+01:00", "--from") / second, 5.0);
  EXPECT_THAT(thrown([&] { static_cast<void>(offset_of(utc, "2024-01-31 10:11:17", "--from")); }),
              HasSubstr("write Z or +02:00 behind it"));
  const MeterLog relative = parsed("time,power_w\n100,5\n110,5\n");
  EXPECT_DOUBLE_EQ(offset_of(relative, "5", "--from") / second, 105.0);
  EXPECT_THAT(thrown([&] { static_cast<void>(offset_of(relative, "2024-01-31 10:00:05", "--from")); }),
              HasSubstr("the log has no dates"));
}

TEST(MeterEnergy, DevicesByIdOrNumber) {
  const MeterLog log = parsed("time,power0,power12\n0,5,6\n1,5,6\n");
  EXPECT_EQ(find_device(log, "12").id, "GPU 12");
  EXPECT_EQ(find_device(log, "GPU 0").id, "GPU 0");
  EXPECT_EQ(thrown([&] { static_cast<void>(find_device(log, "2")); }),
            "log: there is no one device '2'. It has: GPU 0, GPU 12");
}

}  // namespace
}  // namespace tonne::meters
