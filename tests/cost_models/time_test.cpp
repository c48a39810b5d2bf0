#include "cost_models/time.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace tonne {
namespace {

TEST(ParseUtc, ReadsEveryFormOfOneMoment) {
  constexpr double kNewYear2021 = 1'609'459'200.0;  // date -u -d 2021-01-01 +%s
  for (const char* text :
       {"2021-01-01", "2021-01-01 00:00", "2021-01-01T00:00", "2021-01-01 00:00:00", "2021-01-01T00:00Z",
        "2021-01-01T00:00:00Z", "2021-01-01 00:00:00+00:00", "2021-01-01T00:00:00.000Z"}) {
    const auto time = parse_utc(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(*time / second, kNewYear2021) << text;
  }
  EXPECT_EQ(*parse_utc("2024-02-29T23:59:59.5") / second, 1'709'251'199.5);
}

TEST(ParseUtc, RefusesEverythingElse) {
  for (const char* text : {"",
                           "2021",
                           "2021-1-1",
                           "2021-02-29",
                           "2021-13-01",
                           "2021-00-10",
                           "1969-12-31",
                           "2200-01-01",
                           "2021-01-01T",
                           "2021-01-01T24:00",
                           "2021-01-01T00:60",
                           "2021-01-01T00:00:60",
                           "2021-01-01T00:00+01:00",
                           "2021-01-01T00:00z",
                           " 2021-01-01",
                           "2021-01-01 ",
                           "2021-01-01T00:00:00.",
                           "2021-01-01T00:00:00.1234567890",
                           "01/01/2021",
                           "2021-01-01T00:00:00ZZ",
                           "2021-01-01  00:00",
                           "+021-01-01"})
    EXPECT_FALSE(parse_utc(text)) << text;
}

RC_GTEST_PROP(ParseUtc, ReadsWhatFormatWrites, ()) {
  const auto seconds = static_cast<double>(*rc::gen::inRange<std::int64_t>(0, 7'258'118'400));
  const auto time = parse_utc(format_utc(seconds * second));
  RC_ASSERT(time.has_value());
  RC_ASSERT(*time / second == seconds);
}

}  // namespace
}  // namespace tonne
