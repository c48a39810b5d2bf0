// The files of ../shared/cases/22-dst and 84-min-unit, which users' traces are like: each gives the right grams, or one clear
// refusal. They are made here again; where the folder stands beside the repository, its files are compared with these.

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "core/csv.h"
#include "cost_models/time.h"
#include "tests/cost_models/trace_file.h"

namespace tonne {
namespace {

// "2024-02-28T05" and so on: the rows' times by their number.
using TimeOf = std::function<std::string(int)>;

std::string rows_of(const std::string& header, int count, const TimeOf& time, char separator = ',', const std::string& rest = "", int first = 100,
                    int step = 1) {
  std::string text = header + "\n";
  for (int i = 0; i < count; ++i) text += time(i) + separator + std::to_string(first + i * step) + rest + "\n";
  return text;
}

// Hours from a UTC time on, in any form of "{Y}-{M}-{D}T{h}".
TimeOf hours(const char* begin, std::string form) {
  return [begin, form](int i) {
    const std::string iso = format_utc(*parse_utc(begin) + i * hour);
    std::string text = form;
    const std::map<std::string, std::string> parts = {
        {"Y", iso.substr(0, 4)}, {"M", iso.substr(5, 2)}, {"D", iso.substr(8, 2)}, {"h", iso.substr(11, 2)}};
    for (const auto& [key, value] : parts)
      for (std::size_t at = text.find("{" + key + "}"); at != std::string::npos; at = text.find("{" + key + "}")) text.replace(at, 3, value);
    return text;
  };
}

// Local hours of a place whose clocks are `offset` hours ahead, another from row `change` on.
TimeOf clock_hours(const char* begin_utc, int offset, int change, int offset_after) {
  return [=](int i) { return hours(begin_utc, "{Y}-{M}-{D} {h}:00")(i + (i < change ? offset : offset_after)); };
}

std::string electricity_maps(int count, const TimeOf& month, bool grows) {
  std::string text =
      "Datetime (UTC),Country,Zone name,Zone id,Carbon intensity gCO\xe2\x82\x82"
      "eq/kWh (direct),Carbon intensity gCO\xe2\x82\x82"
      "eq/kWh (Life cycle)\n";
  for (int i = 0; i < count; ++i)
    text += month(i) + " 00:00:00,Germany,Germany,DE," + std::to_string(301 + (grows ? i : 0)) + "," + std::to_string(400 + (grows ? i + 1 : 0)) + "\n";
  return text;
}

std::map<std::string, std::string> case_files() {
  const std::string utc = "datetime_utc,gCO2eq/kWh";
  const std::string zoneless = "datetime,gCO2eq/kWh";
  std::map<std::string, std::string> files;
  files["22-dst/basic.csv"] = rows_of(utc, 3, hours("2024-01-01", "{Y}{M}{D}T{h}00Z"), ',', "", 100, 0);
  files["22-dst/daily.csv"] = rows_of("date,gCO2eq/kWh", 20, [](int i) { return format_utc(*parse_utc("2024-02-20") + i * day).substr(0, 10); });
  files["22-dst/de.csv"] = rows_of("datetime;gCO2eq/kWh", 72, hours("2024-02-28", "{D}.{M}.{Y} {h}:00"), ';', ",5");
  files["22-dst/desc.csv"] = utc + "\n2024-01-01T02:00,100\n2024-01-01T01:00,90\n2024-01-01T00:00,120\n";
  files["22-dst/empty_cell.csv"] = utc + "\n2024-01-01T00:00,100\n2024-01-01T01:00,\n2024-01-01T02:00,120\n";
  files["22-dst/epoch.csv"] = rows_of("timestamp,gCO2eq/kWh", 72, [](int i) { return std::to_string(1'709'078'400 + i * 3600); });
  files["22-dst/frac.csv"] = rows_of(utc, 3, hours("2024-01-01", "{Y}-{M}-{D}T{h}:00:00.0000000Z"), ',', "", 100, 0);
  files["22-dst/h24.csv"] =
      rows_of(utc, 24, [](int i) { return "2024-01-01T" + std::string(i < 9 ? "0" : "") + std::to_string(i + 1) + ":00"; }, ',', "", 101);
  files["22-dst/leap.csv"] = rows_of(utc, 72, hours("2024-02-28", "{Y}-{M}-{D}T{h}:00:00.000Z"));
  std::string skipped = rows_of(utc, 72, hours("2024-02-28", "{Y}-{M}-{D}T{h}:00:00"));
  const std::size_t leap_day = skipped.find("2024-02-29T00");
  files["22-dst/leap_skip.csv"] = skipped.erase(leap_day, skipped.find("2024-03-01T00") - leap_day);
  files["22-dst/local.csv"] = rows_of(zoneless, 27, clock_hours("2023-10-28T22:00", 2 - 0, 3, 1), ',', "", 100, 10);
  files["22-dst/local23.csv"] = rows_of(zoneless, 26, clock_hours("2023-03-25T23:00", 1, 2, 2), ',', "", 100, 10);
  files["22-dst/monthly.csv"] =
      electricity_maps(12, [](int i) { return "2024-" + std::string(i < 9 ? "0" : "") + std::to_string(i + 1) + "-01"; }, true);
  files["22-dst/nanv.csv"] = utc + "\n2024-01-01T00:00,100\n2024-01-01T01:00,nan\n2024-01-01T02:00,120\n";
  files["22-dst/neg.csv"] = utc + "\n2024-01-01T00:00,100\n2024-01-01T01:00,-0.01\n2024-01-01T02:00,120\n";
  files["22-dst/offcompact.csv"] = rows_of(zoneless, 3, hours("2024-01-01", "{Y}-{M}-{D}T{h}:00+0100"), ',', "", 100, 0);
  files["22-dst/offset.csv"] = rows_of(
      zoneless, 27,
      [](int i) {
        std::string text = clock_hours("2023-10-28T22:00", 2, 3, 1)(i);
        text[10] = 'T';
        return text + (i < 3 ? ":00+02:00" : ":00+01:00");
      },
      ',', "", 100, 10);
  files["22-dst/tzname.csv"] = rows_of(zoneless, 3, hours("2024-01-01", "{Y}-{M}-{D} {h}:00:00 UTC"), ',', "", 100, 0);
  files["22-dst/us.csv"] = rows_of(zoneless, 72, hours("2024-02-28", "{M}/{D}/{Y} {h}:00"));
  files["22-dst/yearly.csv"] = electricity_maps(3, [](int i) { return std::to_string(2023 + i) + "-01-01"; }, false);
  files["84-min-unit/kg.csv"] = "datetime_utc,kg_co2_kwh\n2024-01-01T00:00,0.4\n2024-01-01T01:00,0.4\n";
  files["84-min-unit/sgip.csv"] =
      "time,moer\n2024-01-01 00:00:00+00:00,0.26\n2024-01-01 00:05:00+00:00,0.24\n2024-01-01 00:10:00+00:00,0.25\n";
  return files;
}

class TraceCase : public TraceFile {
 protected:
  GridSignal read_case(const std::string& name) { return read(case_files().at(name)); }
  std::string refused(const std::string& name) { return refusal(case_files().at(name)); }
  // Exact where the hours begin and end, and of 72 rows of 100 to 171.
  void expect_three_days(const GridSignal& grid, const char* begin, double grams_each_more = 0.0) {
    EXPECT_EQ(grid.begin(), *parse_utc(begin));
    EXPECT_EQ(grid.end(), *parse_utc(begin) + 72.0 * hour);
    EXPECT_NEAR(grams_of_all(grid), (100.0 + 171.0) * 36.0 + 72.0 * grams_each_more, 1e-6);
    EXPECT_NEAR(grams_at(grid, *parse_utc(begin) + 30.5 * hour), 130.0 + grams_each_more, 1e-9);
  }
};

TEST(TraceCases, AreTheFilesInTheSharedFolder) {
  const std::filesystem::path folder = std::string(TONNE_SOURCE_DIR) + "/../shared/cases";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the folder of cases is not here";
  for (const auto& [name, text] : case_files()) EXPECT_EQ(read_text_file(folder / name, 1'000'000), text) << name;
}

TEST_F(TraceCase, TimesThatSayTheirZone) {
  for (const char* name : {"22-dst/basic.csv", "22-dst/frac.csv", "22-dst/tzname.csv"}) {
    const GridSignal grid = read_case(name);
    EXPECT_EQ(grid.begin(), *parse_utc("2024-01-01")) << name;
    EXPECT_EQ(grid.end(), *parse_utc("2024-01-01T03:00")) << name;
    EXPECT_NEAR(grams_of_all(grid), 300.0, 1e-9) << name;
  }
  EXPECT_EQ(read_case("22-dst/offcompact.csv").begin(), *parse_utc("2023-12-31T23:00"));
  expect_three_days(read_case("22-dst/epoch.csv"), "2024-02-28");
  expect_three_days(read_case("22-dst/leap.csv"), "2024-02-28");
}

TEST_F(TraceCase, TheEndOfADayIsTheBeginningOfTheNext) {
  const GridSignal grid = read_case("22-dst/h24.csv");
  EXPECT_EQ(grid.begin(), *parse_utc("2024-01-01T01:00"));
  EXPECT_EQ(grid.end(), *parse_utc("2024-01-02T01:00"));
  EXPECT_NEAR(grams_at(grid, *parse_utc("2024-01-02T00:30")), 124.0, 1e-9);
}

TEST_F(TraceCase, NewestFirstIsTurnedAround) {
  const GridSignal grid = read_case("22-dst/desc.csv");
  EXPECT_EQ(grid.begin(), *parse_utc("2024-01-01"));
  EXPECT_NEAR(grams_at(grid, *parse_utc("2024-01-01T00:30")), 120.0, 1e-9);
  EXPECT_NEAR(grams_of_all(grid), 310.0, 1e-9);
}

TEST_F(TraceCase, ClocksThatGoBackAndForward) {
  EXPECT_EQ(refused("22-dst/local.csv"),
            ":2: '2023-10-29 00:00' has no time zone: append Z or an offset, name the column datetime_utc, or give grid.time_zone (UTC, an offset "
            "such as +02:00, or a place such as Europe/Berlin)");
  EXPECT_NE(refused("22-dst/local23.csv").find(":2: '2023-03-26 00:00' has no time zone"), std::string::npos);
  // In a zone without summer time the hour that comes twice is a duplicate and the one that is left out a gap.
  source_.time_zone = "UTC";
  EXPECT_EQ(refused("22-dst/local.csv"), ":5: 2023-10-29T02:00:00Z follows 2023-10-29T02:00:00Z: a duplicate");
  EXPECT_NE(refused("22-dst/local23.csv").find(":4: 2023-03-26T03:00:00Z follows 2023-03-26T01:00:00Z: a gap"), std::string::npos);

  source_.time_zone = "Europe/Berlin";
  const GridSignal back = read_case("22-dst/local.csv");
  EXPECT_EQ(back.begin(), *parse_utc("2023-10-28T22:00"));
  EXPECT_EQ(back.end(), *parse_utc("2023-10-30T01:00"));
  EXPECT_NEAR(back.integrate(kilowatt, back.begin(), *parse_utc("2023-10-29T23:00")) / gram, 25.0 * (100.0 + 340.0) / 2.0, 1e-6);
  EXPECT_NEAR(grams_at(back, *parse_utc("2023-10-29T00:30")), 120.0, 1e-9);
  EXPECT_NEAR(grams_at(back, *parse_utc("2023-10-29T01:30")), 130.0, 1e-9);
  const GridSignal forward = read_case("22-dst/local23.csv");
  EXPECT_EQ(forward.begin(), *parse_utc("2023-03-25T23:00"));
  EXPECT_EQ(forward.end(), *parse_utc("2023-03-27T01:00"));
  EXPECT_NEAR(forward.integrate(kilowatt, forward.begin(), *parse_utc("2023-03-26T22:00")) / gram, 23.0 * (100.0 + 320.0) / 2.0, 1e-6);

  // The same hours with their offsets written.
  source_.time_zone = "";
  const GridSignal written = read_case("22-dst/offset.csv");
  EXPECT_EQ(written.begin(), back.begin());
  EXPECT_EQ(written.end(), back.end());
  EXPECT_EQ(grams_of_all(written), grams_of_all(back));
}

TEST_F(TraceCase, GermanAndAmericanFiles) {
  EXPECT_EQ(refused("22-dst/de.csv"), ":2: column 'gCO2eq/kWh': is '100,5', expected a number (grid.decimal: comma reads decimal commas)");
  source_.decimal = DecimalMark::comma;
  EXPECT_NE(refused("22-dst/de.csv").find("has no time zone"), std::string::npos);
  source_.time_zone = "Europe/Berlin";
  expect_three_days(read_case("22-dst/de.csv"), "2024-02-27T23:00", 0.5);
  source_.decimal = DecimalMark::point;
  EXPECT_NE((source_.time_zone = "", refused("22-dst/us.csv")).find("has no time zone"), std::string::npos);
  source_.time_zone = "America/New_York";
  expect_three_days(read_case("22-dst/us.csv"), "2024-02-28T05:00");  // its 28th proves the order
  source_.dates = DateOrder::day_first;
  EXPECT_NE(refused("22-dst/us.csv").find(":2: '02/28/2024 00:00' is not a time"), std::string::npos);
}

TEST_F(TraceCase, DaysMonthsAndYears) {
  EXPECT_NE(refused("22-dst/daily.csv").find(":2: '2024-02-20' has no time zone"), std::string::npos);
  source_.time_zone = "UTC";
  const GridSignal days = read_case("22-dst/daily.csv");
  EXPECT_EQ(days.end(), *parse_utc("2024-03-11"));
  EXPECT_NEAR(grams_of_all(days), 24.0 * 10.0 * (100.0 + 119.0), 1e-6);
  source_.time_zone = "";

  const GridSignal months = read_case("22-dst/monthly.csv");
  EXPECT_EQ(months.begin(), *parse_utc("2024-01-01"));
  EXPECT_EQ(months.end(), *parse_utc("2025-01-01"));
  EXPECT_NEAR(grams_at(months, *parse_utc("2024-02-29T23:59")), 302.0, 1e-9);
  EXPECT_NEAR(grams_at(months, *parse_utc("2024-03-01")), 303.0, 1e-9);
  const int lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  double expected = 0.0;
  for (int i = 0; i < 12; ++i) expected += 24.0 * lengths[i] * (301.0 + i);
  EXPECT_NEAR(grams_of_all(months), expected, 1e-6);
  source_.nature = kLifeCycle;
  EXPECT_NEAR(first(read_case("22-dst/monthly.csv")), 401.0, 1e-9);
  const GridSignal years = read_case("22-dst/yearly.csv");
  EXPECT_EQ(years.end(), *parse_utc("2026-01-01"));
  EXPECT_NEAR(grams_of_all(years), 400.0 * 24.0 * (365 + 366 + 365), 1e-5);
}

TEST_F(TraceCase, WhatIsMissingIsRefusedOrHeldAsTold) {
  EXPECT_EQ(refused("22-dst/empty_cell.csv"),
            ":3: column 'gCO2eq/kWh': is empty, expected a number (grid.gaps: hold would keep the value before)");
  EXPECT_EQ(refused("22-dst/nanv.csv"), ":3: column 'gCO2eq/kWh': is 'nan', expected a number (grid.gaps: hold would keep the value before)");
  EXPECT_EQ(refused("22-dst/neg.csv"), ":3: the intensity is -0.01, expected 0 to 10000 in its unit (10,000 g CO2e/kWh)");
  EXPECT_EQ(refused("22-dst/leap_skip.csv"), ":26: 2024-03-01T00:00:00Z follows 2024-02-28T23:00:00Z: a gap; the steps are 60 minutes (grid.gaps: "
                                             "hold would let each value hold until the next)");
  source_.gaps = TraceGaps::hold;
  for (const char* name : {"22-dst/empty_cell.csv", "22-dst/nanv.csv"}) EXPECT_NEAR(grams_of_all(read_case(name)), 320.0, 1e-9) << name;
  EXPECT_NE(refused("22-dst/neg.csv").find("the intensity is -0.01"), std::string::npos);
  const GridSignal held = read_case("22-dst/leap_skip.csv");
  EXPECT_EQ(held.end(), *parse_utc("2024-03-02"));
  EXPECT_NEAR(grams_at(held, *parse_utc("2024-02-29T12:00")), 123.0, 1e-9);
}

TEST_F(TraceCase, AUnitIsNeverGuessedByAThousand) {
  EXPECT_NEAR(grams_of_all(read_case("84-min-unit/kg.csv")), 800.0, 1e-9);
  source_.nature = kMarginal;
  EXPECT_EQ(refused("84-min-unit/sgip.csv"), ": WattTime does not say its unit, which is lb/MWh in most of its files and kg/kWh in California's SGIP "
                                             "signal: set grid.unit to the unit of the values (g/kWh, kg/kWh, kg/MWh or lb/MWh)");
  source_.unit = TraceUnit::kilogram_per_kwh;
  EXPECT_NEAR(grams_of_all(read_case("84-min-unit/sgip.csv")), 250.0 / 4.0, 1e-9);
}

}  // namespace
}  // namespace tonne
