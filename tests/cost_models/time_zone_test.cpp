#include "cost_models/time_zone.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "core/error.h"
#include "cost_models/time.h"

namespace tonne {
namespace {

Duration at(const char* time) { return *parse_utc(time); }

TEST(TimeZone, AnOffsetNeverChanges) {
  for (const char* text : {"UTC", "Z", "+00:00"}) EXPECT_EQ(TimeZone::named(text).fixed_offset(), Duration{}) << text;
  const TimeZone zone = TimeZone::named("-03:30");
  EXPECT_EQ(zone.fixed_offset(), -3.5 * hour);
  EXPECT_EQ(zone.moments(at("2024-07-01")).first, at("2024-07-01T03:30"));
}

// By the European rule: forward on the last Sunday of March, back on the last Sunday of October, both at 01:00 UTC.
TEST(TimeZone, APlaceHasSummerTime) {
  const TimeZone berlin = TimeZone::named("Europe/Berlin");
  EXPECT_FALSE(berlin.fixed_offset());
  EXPECT_EQ(berlin.moments(at("2024-01-01T12:00")).first, at("2024-01-01T11:00"));
  EXPECT_EQ(berlin.moments(at("2024-07-01T12:00:00.5")).first, at("2024-07-01T10:00:00.5"));
  const auto twice = berlin.moments(at("2023-10-29T02:30"));
  EXPECT_TRUE(twice.exists);
  EXPECT_EQ(twice.first, at("2023-10-29T00:30"));
  EXPECT_EQ(twice.second, at("2023-10-29T01:30"));
  const auto never = berlin.moments(at("2023-03-26T02:30"));
  EXPECT_FALSE(never.exists);
  EXPECT_EQ(never.first, at("2023-03-26T01:00"));
  EXPECT_EQ(never.second, never.first);
}

// The files of the database list changes up to 2037 (or less) and a rule for what follows: some libraries stop at the list.
TEST(TimeZone, TheRuleHoldsBeyondTheListedChanges) {
  EXPECT_EQ(TimeZone::named("Europe/Berlin").moments(at("2040-07-01")).first, at("2040-06-30T22:00"));
  EXPECT_EQ(TimeZone::named("America/New_York").moments(at("2199-07-01")).first, at("2199-07-01T04:00"));
  EXPECT_EQ(TimeZone::named("Asia/Tokyo").moments(at("2150-07-01T09:00")).first, at("2150-07-01"));
}

TEST(TimeZone, RefusesWhatIsNone) {
  const auto refusal = [](const std::string& text) -> std::string {
    try {
      static_cast<void>(TimeZone::named(text));
    } catch (const InputError& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(refusal("CET"),
            "cluster.grid.time_zone: 'CET' is not a time zone: expected UTC, an offset such as +02:00, or a place such as Europe/Berlin");
  EXPECT_EQ(refusal("Europe/Berln"), "cluster.grid.time_zone: 'Europe/Berln' is not in this machine's time-zone database, which has "
                                     "places such as Europe/Berlin or America/New_York");
  // Files outside the database, the machine's own zone, zones with leap seconds: none of them means the same everywhere.
  for (const char* text : {"", "localtime", "/etc/localtime", "../localtime", "Europe/../localtime", "right/Europe/Berlin", "posix/Europe/Berlin",
                           "file:/etc/localtime", "libc:localtime", "Europe/Berlin\n", "EST", "+25:00"})
    EXPECT_NE(refusal(text).find("is not a time zone"), std::string::npos) << text << ": " << refusal(text);
  std::string endless(100'000, 'a');
  endless[7] = '/';
  EXPECT_NE(refusal(endless).find("is not a time zone"), std::string::npos);
}

// In a process of its own, since the library keeps the zones that it has loaded.
TEST(TimeZoneDeathTest, AMachineWithoutTheDatabaseIsToldSo) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto ask = [] {
    setenv("TZDIR", "/nonexistent", 1);
    try {
      static_cast<void>(TimeZone::named("Europe/Berlin"));
    } catch (const InputError& error) {
      std::fputs(error.what(), stderr);
    }
    std::exit(7);
  };
  EXPECT_EXIT(ask(), ::testing::ExitedWithCode(7), "which this machine does not have: install the package tzdata");
}

}  // namespace
}  // namespace tonne
