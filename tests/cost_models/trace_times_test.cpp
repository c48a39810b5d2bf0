#include "cost_models/trace_times.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace tonne::traces {
namespace {

TEST(TraceTimes, ReadEveryFormOfOneMoment) {
  const Duration moment = *parse_utc("2024-02-28T13:00");
  for (const char* text :
       {"2024-02-28T13:00Z", "2024-02-28 13:00:00 UTC", "2024-02-28 13:00:00UTC", "2024-02-28 13:00 GMT", "2024-02-28T13:00:00.0000000Z",
        "2024-02-28T13:00z", "20240228T1300Z", "20240228T130000Z", "20240228T13Z", "2024/02/28 13:00Z", "2024-02-28 14:00+01:00",
        "2024-02-28T14:00+0100", "2024-02-28 14:00:00 +0100", "2024-02-28T08:00-05", "2024-02-28T14:00:00+01:00[Europe/Berlin]",
        "28.02.2024 13:00Z", "28.2.2024 13:00Z", "1709125200", "1709125200.0", "1709125200000", " 2024-02-28T13:00Z ", "2024-2-28 13:00Z",
        "2024-02-28 1:00 PM UTC"}) {
    const auto time = parse_trace_time(text, DateOrder::automatic);
    ASSERT_TRUE(time) << text;
    ASSERT_TRUE(time->offset) << text;
    EXPECT_EQ(time->local - *time->offset, moment) << text;
  }
}

TEST(TraceTimes, ReadTimesWithoutAZone) {
  const std::vector<std::pair<const char*, const char*>> times = {
      {"2024", "2024-01-01"},
      {"2024-03", "2024-03-01"},
      {"2024/03", "2024-03-01"},
      {"20240228", "2024-02-28"},
      {"20240228130500", "2024-02-28T13:05"},
      {"28.02.2024", "2024-02-28"},
      {"2024-02-28 9:05", "2024-02-28T09:05"},
      {"2024-02-28 12:05 AM", "2024-02-28T00:05"},
      {"2024-02-28 12:05 pm", "2024-02-28T12:05"},
      {"2024-02-28 23:59:59.25", "2024-02-28T23:59:59.25"},
      // The end of a day is the beginning of the next.
      {"2024-02-28T24:00", "2024-02-29"},
      {"2024-12-31 24:00:00", "2025-01-01"},
  };
  for (const auto& [text, expected] : times) {
    const auto time = parse_trace_time(text, DateOrder::automatic);
    ASSERT_TRUE(time) << text;
    EXPECT_FALSE(time->offset) << text;
    EXPECT_EQ(time->local, *parse_utc(expected)) << text;
  }
}

TEST(TraceTimes, DayOrMonthIsFirstAsTold) {
  for (const char* text : {"02/03/2024 01:00", "2/3/2024 1:00", "02-03-2024 01:00"}) {
    EXPECT_FALSE(parse_trace_time(text, DateOrder::automatic)) << text;
    EXPECT_EQ(parse_trace_time(text, DateOrder::day_first)->local, *parse_utc("2024-03-02T01:00")) << text;
    EXPECT_EQ(parse_trace_time(text, DateOrder::month_first)->local, *parse_utc("2024-02-03T01:00")) << text;
  }
  EXPECT_FALSE(parse_trace_time("28/02/2024", DateOrder::month_first));
  EXPECT_FALSE(parse_trace_time("02/28/2024", DateOrder::day_first));
  // A dot says that the day is first, a year in front that the month follows it: whatever the order.
  EXPECT_EQ(parse_trace_time("02.03.2024", DateOrder::month_first)->local, *parse_utc("2024-03-02"));
  EXPECT_EQ(parse_trace_time("2024/03/02", DateOrder::day_first)->local, *parse_utc("2024-03-02"));
}

TEST(TraceTimes, RefuseEverythingElse) {
  for (const char* text :
       {"", " ", "now", "99999-01-01", "1969-12-31", "2200-01-01", "2024-02-30", "2024-13-01", "2024-02-28T24:01", "2024-02-28T25:00",
        "2024-02-28T13:60", "2024-02-28 13:00 CET", "2024-02-28 13:00 PM UTC AM", "2024-02-28 0:30 AM", "2024-02-28 13:00 PM",
        "2024-02-28T13:00ZZ", "2024-02-28T", "2024-02-28Tx", "2024-02-28T130", "2024-02-28T13000", "28.02.24", "1.2", "3.2024", "12345",
        "17091252000", "170912520000", "1709125200000000", "9999999999", "9999999999999", "1709125200.5.5", "1e9", "-1709125200",
        "inf", "nan", "2024-02-28T13:00[Europe/Berlin]", "2024-02-28T13:00+01:00+01:00", "0x7E8"})
    EXPECT_FALSE(parse_trace_time(text, DateOrder::automatic)) << text;
  EXPECT_FALSE(parse_trace_time(std::string(100'000, '1'), DateOrder::automatic));
  EXPECT_FALSE(parse_trace_time("2024-02-28 " + std::string(100'000, '1'), DateOrder::automatic));
  // The 28th at 13 as a date and an hour, or a second of 2034.
  EXPECT_FALSE(parse_trace_time("2024022813", DateOrder::automatic));
}

RC_GTEST_PROP(TraceTimes, ReadWhatFormatWrites, ()) {
  const auto seconds = static_cast<double>(*rc::gen::inRange<std::int64_t>(0, 7'258'118'400));
  const auto time = parse_trace_time(format_utc(seconds * second), DateOrder::automatic);
  RC_ASSERT(time.has_value());
  RC_ASSERT(time->local / second == seconds);
  RC_ASSERT(time->offset == Duration{});
}

// Whatever the bytes: a time between 1970 and 2200, or none.
RC_GTEST_PROP(TraceTimes, AnyBytesAreATimeOfTheCalendarOrNone, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789-/.:TZ +APMUTC[]e,")));
  const auto time = parse_trace_time(text, *rc::gen::element(DateOrder::automatic, DateOrder::day_first, DateOrder::month_first));
  if (!time) return;
  RC_ASSERT(time->local >= Duration{});
  RC_ASSERT(time->local <= *parse_utc("2199-12-31") + day);
}

}  // namespace
}  // namespace tonne::traces
