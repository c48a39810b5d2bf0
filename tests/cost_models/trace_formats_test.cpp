// Traces in the formats and spellings that people have, each as a file made here.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "cost_models/cluster_settings.h"
#include "cost_models/time.h"
#include "tests/cost_models/settings.h"
#include "tests/cost_models/trace_file.h"

namespace tonne {
namespace {

using TraceFormats = TraceFile;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// --- JSON -----------------------------------------------------------------------------------------------------

std::string electricity_maps_record(const char* hour, const char* intensity, const char* factors = R"(, "emissionFactorType": "lifecycle")") {
  return std::string(R"({"zone": "DE", "carbonIntensity": )") + intensity + R"(, "datetime": "2024-01-01T)" + hour +
         R"(:00:00.000Z", "updatedAt": "2024-01-03T00:00:00.000Z")" + factors + R"(, "isEstimated": false})";
}

TEST_F(TraceFormats, ElectricityMapsVersion3) {
  source_.nature = kLifeCycle;
  const std::string records = "[" + electricity_maps_record("00", "302") + "," + electricity_maps_record("01", "350.5") + "]";
  for (const std::string list : {"history", "data", "forecast"}) {
    const GridSignal grid = read(R"({"zone": "DE", ")" + list + R"(": )" + records + R"(, "temporalGranularity": "hourly"})");
    EXPECT_EQ(grid.begin(), *parse_utc("2024-01-01")) << list;
    EXPECT_EQ(grid.end(), *parse_utc("2024-01-01T02:00")) << list;
    EXPECT_NEAR(grams_of_all(grid), 652.5, 1e-9) << list;
  }
  const std::string history = R"({"zone": "DE", "history": )" + records + "}";
  source_.nature = kDirect;
  EXPECT_EQ(refusal(history), ": Electricity Maps has life_cycle figures, but the settings ask for direct: set grid.scope: life_cycle");
  const std::string direct = R"(, "emissionFactorType": "direct")";
  EXPECT_NEAR(first(read(R"({"history": [)" + electricity_maps_record("00", "302", direct.c_str()) + "," +
                         electricity_maps_record("01", "302", direct.c_str()) + "]}")),
              302.0, 1e-9);
  EXPECT_EQ(refusal(R"({"history": [)" + electricity_maps_record("00", "302") + "," + electricity_maps_record("01", "302", direct.c_str()) + "]}"),
            ": record 2: has another emissionFactorType than the records before");
  source_.nature = kLifeCycle;
  EXPECT_EQ(refusal(R"({"history": [)" + electricity_maps_record("00", "302") + "," + electricity_maps_record("01", "null") + "]}"),
            ": record 2: has no number 'carbonintensity' (it is null; grid.gaps: hold would keep the value before)");
  source_.format = TraceFormat::watttime;
  EXPECT_EQ(refusal(history), ": is Electricity Maps' JSON, but grid.format says otherwise");
  source_.format = TraceFormat::electricity_maps;
  source_.column = "value";
  EXPECT_EQ(refusal(history), ": is Electricity Maps' JSON, which has no columns: leave out grid.column");
}

TEST_F(TraceFormats, GreatBritainsCarbonIntensity) {
  const auto record = [](const std::string& from, const std::string& to, const std::string& actual) {
    return R"({"from": "2018-01-20T)" + from + R"(Z", "to": "2018-01-20T)" + to + R"(Z", "intensity": {"forecast": 266, "actual": )" + actual +
           R"(, "index": "moderate"}})";
  };
  const std::string text = R"({"data": [)" + record("12:00", "12:30", "263") + "," + record("12:30", "13:00", "259") + "]}";
  const GridSignal grid = read(text);
  EXPECT_EQ(grid.begin(), *parse_utc("2018-01-20T12:00"));
  EXPECT_EQ(grid.end(), *parse_utc("2018-01-20T13:00"));
  EXPECT_NEAR(grams_of_all(grid), 261.0, 1e-9);
  EXPECT_EQ(grid.step(), 30.0 * minute);
  // A single record says how long it lasts.
  EXPECT_EQ(read(R"({"data": [)" + record("12:00", "12:30", "263") + "]}").end(), *parse_utc("2018-01-20T12:30"));

  const std::string future = R"({"data": [)" + record("12:00", "12:30", "263") + "," + record("12:30", "13:00", "null") + "]}";
  EXPECT_EQ(refusal(future), ": record 2: has no actual intensity: set grid.column: forecast for what was forecast, or grid.gaps: hold to keep "
                             "the value before");
  source_.gaps = TraceGaps::hold;
  EXPECT_NEAR(grams_of_all(read(future)), 263.0, 1e-9);
  source_.gaps = TraceGaps::refuse;
  source_.column = "forecast";
  EXPECT_NEAR(grams_of_all(read(future)), 266.0, 1e-9);
  // Of one region: forecasts only, one level deeper.
  EXPECT_NEAR(first(read(R"({"data": {"regionid": 13, "shortname": "London", "data": [{"from": "2018-01-20T12:00Z", "to": "2018-01-20T12:30Z",
                             "intensity": {"forecast": 120, "index": "low"}}]}})")),
              120.0, 1e-9);
  source_.column = "index";
  EXPECT_EQ(refusal(text), ": has no column 'index': expected actual or forecast");
  source_.column = "";
  EXPECT_EQ(refusal(R"({"data": [)" + record("12:00", "12:30", "263") + "," + record("13:00", "13:30", "259") + "]}"),
            ": record 2: 2018-01-20T13:00:00Z follows 2018-01-20T12:00:00Z, which lasts until 2018-01-20T12:30:00Z: a gap");
  EXPECT_EQ(refusal(R"({"data": [)" + record("12:00", "11:30", "263") + "]}"), ": record 1: ends before it begins");
  source_.nature = kMarginal;
  EXPECT_TRUE(has(refusal(text), "carbonintensity.org.uk has average figures"));
}

TEST_F(TraceFormats, TheCarbonAwareSdkOfSeveralLocations) {
  source_.format = TraceFormat::carbon_aware;
  const auto record = [](const std::string& place, const std::string& hour, const std::string& rating) {
    return R"({"Location": ")" + place + R"(", "Time": "2024-01-01T)" + hour + R"(:00:00+00:00", "Rating": )" + rating + R"(, "Duration": "01:00:00"})";
  };
  const std::string text = R"({"Emissions": [)" + record("ES", "00", "100") + "," + record("FR", "00", "40") + "," + record("ES", "01", "200") + "," +
                           record("FR", "01", "60") + "]}";
  EXPECT_EQ(refusal(text), ": record 2: location 'FR' after 'ES': a trace must cover one zone, set grid.location to it");
  source_.location = "ES";
  EXPECT_NEAR(grams_of_all(read(text)), 300.0, 1e-9);
  source_.location = "FR";
  EXPECT_NEAR(grams_of_all(read(text)), 100.0, 1e-9);
  source_.location = "es";
  EXPECT_EQ(refusal(text), ": has no records of zone 'es', which grid.location names");
}

TEST_F(TraceFormats, JsonOfNobody) {
  EXPECT_EQ(refusal(R"({"history": []})"), ": has no records");
  EXPECT_TRUE(has(refusal(R"({"history": 3})"), "has no list of records"));
  EXPECT_EQ(refusal(R"({"history": [3]})"), ": record 1: has no string 'datetime'");
  EXPECT_TRUE(has(refusal(R"({"data": [{"from": 1, "intensity": 2}]})"), ": record 1: has no string 'to'"));
  EXPECT_TRUE(has(refusal(R"({"data": [{"from": "2018-01-20T12:00Z", "to": "2018-01-20T12:30Z", "intensity": 2}]})"), "has no group 'intensity'"));
  EXPECT_TRUE(has(refusal(R"({"data":)" + std::string(100'000, '[')), "nested"));
  source_.nature = kLifeCycle;
  EXPECT_TRUE(has(refusal(R"({"history": [{"datetime": "99999-01-01T00:00Z", "carbonIntensity": 1}]})"), ": record 1: '99999-01-01T00:00Z' is not a time"));
  EXPECT_TRUE(has(refusal(R"({"history": [{"datetime": "2024-01-01T00:00Z", "carbonIntensity": 1e308},
                                          {"datetime": "2024-01-01T01:00Z", "carbonIntensity": 1e308}]})"),
                  ": record 1: the intensity is 1e+308, expected 0 to 10000"));
}

// --- CSV: the form of the file --------------------------------------------------------------------------------

TEST_F(TraceFormats, PandasIndexWithoutAName) {
  // Of row numbers, beside the times.
  EXPECT_NEAR(grams_of_all(read(",datetime_utc,g_per_kwh\n0,2024-01-01 00:00:00,100\n1,2024-01-01 01:00:00,200\n")), 300.0, 1e-9);
  EXPECT_NEAR(grams_of_all(read("Unnamed: 0,datetime_utc,g_per_kwh\n0,2024-01-01 00:00:00,100\n1,2024-01-01 01:00:00,200\n")), 300.0, 1e-9);
  // Of the times themselves.
  const GridSignal grid = read(",g_per_kwh\n2024-01-01 00:00:00+00:00,100\n2024-01-01 01:00:00+00:00,200\n");
  EXPECT_EQ(grid.begin(), *parse_utc("2024-01-01"));
  EXPECT_TRUE(has(refusal(",g_per_kwh\n0,100\n1,200\n"), ":2: '0' is not a time"));
  EXPECT_EQ(refusal("datetime_utc,\n2024-01-01,1\n"), ":1: a column has no name");
}

TEST_F(TraceFormats, BlanksTabsAndSemicolons) {
  for (const std::string text : {
           "datetime_utc, intensity\n2024-01-01 00:00, 100\n2024-01-01 01:00, 200\n",
           " datetime_utc , intensity \r\n 2024-01-01 00:00 , 100 \r\n 2024-01-01 01:00 , 200 \r\n \r\n",
           "\"datetime_utc\" , \"intensity\"\n\"2024-01-01 00:00\" , \"100\"\n\"2024-01-01 01:00\", \"200\"\n",
           "datetime_utc\tintensity\n2024-01-01 00:00\t100\n2024-01-01 01:00\t200\n",
           "datetime_utc;intensity\n2024-01-01 00:00;100\n2024-01-01 01:00;200\n",
           "\"datetime_utc\";\"intensity, direct\"\n2024-01-01 00:00;100\n2024-01-01 01:00;200\n",
           "\xEF\xBB\xBF" "datetime_utc;intensity\n2024-01-01 00:00;100\n2024-01-01 01:00;200\n",
       })
    EXPECT_NEAR(grams_of_all(read(text)), 300.0, 1e-9) << text;
  const std::string both = "datetime_utc;intensity, direct\n2024-01-01 00:00;100\n2024-01-01 01:00;200\n";
  EXPECT_EQ(refusal(both), ":1: has more than one of comma, semicolon and tab in its header: set grid.separator to the one between columns");
  source_.separator = Separator::semicolon;
  EXPECT_NEAR(grams_of_all(read(both)), 300.0, 1e-9);
  source_.separator = Separator::tab;
  EXPECT_TRUE(has(refusal(both), ":1: has no time column"));
}

TEST_F(TraceFormats, DecimalCommasWhenTold) {
  const std::string text = "datetime_utc;g/kWh\n2024-01-01 00:00;100,25\n2024-01-01 01:00;200,5\n";
  EXPECT_EQ(refusal(text), ":2: column 'g/kWh': is '100,25', expected a number (grid.decimal: comma reads decimal commas)");
  source_.decimal = DecimalMark::comma;
  EXPECT_NEAR(grams_of_all(read(text)), 300.75, 1e-9);
  EXPECT_NEAR(grams_of_all(read("datetime_utc,g/kWh\n2024-01-01 00:00,\"100,25\"\n2024-01-01 01:00,200\n")), 300.25, 1e-9);
  EXPECT_EQ(refusal("datetime_utc;g/kWh\n2024-01-01 00:00;1.100,5\n2024-01-01 01:00;1\n"),
            ":2: column 'g/kWh': is '1.100,5', expected a number with a decimal comma and without points, as grid.decimal says");
}

TEST_F(TraceFormats, AZoneOfAFileWithSeveral) {
  const std::string text =
      "Datetime (UTC),Country,Zone name,Zone id,Carbon intensity gCO2eq/kWh (direct),Carbon intensity gCO2eq/kWh (Life cycle)\n"
      "2024-01-01 00:00:00,Italy,North Italy,IT-NO,300,400\n2024-01-01 00:00:00,Italy,Sicily,IT-SIC,500,600\n"
      "2024-01-01 01:00:00,Italy,North Italy,IT-NO,310,410\n2024-01-01 01:00:00,Italy,Sicily,IT-SIC,510,610\n";
  EXPECT_EQ(refusal(text), ":3: zone 'Sicily' after zone 'North Italy': a trace must cover one zone, set grid.location to it");
  for (const char* name : {"IT-SIC", "Sicily"}) {
    source_.location = name;
    EXPECT_NEAR(grams_of_all(read(text)), 1010.0, 1e-9) << name;
  }
  // A zone's name is no intensity: the column need not be named.
  EXPECT_NEAR(grams_of_all(read("datetime_utc,region,carbon\n2024-01-01 00:00,Sicily,100\n2024-01-01 01:00,Sicily,200\n")), 300.0, 1e-9);
  source_.location = "Italy";  // two rows for each hour
  EXPECT_EQ(refusal(text), ":3: 2024-01-01T00:00:00Z follows 2024-01-01T00:00:00Z: a duplicate");
  source_.location = "FR";
  EXPECT_EQ(refusal(text), ": has no rows of zone 'FR', which grid.location names");
}

// --- CSV: times -----------------------------------------------------------------------------------------------

TEST_F(TraceFormats, DatesOfWhichDayOrMonthMayBeFirst) {
  const std::string text = "datetime,g/kWh\n01/02/2024 00:00,100\n01/02/2024 01:00,200\n";
  source_.time_zone = "UTC";
  EXPECT_EQ(refusal(text), ":2: in '01/02/2024 00:00', and in all other dates, the day or the month may be first: set grid.dates to day_first or month_first");
  source_.dates = DateOrder::day_first;
  EXPECT_EQ(read(text).begin(), *parse_utc("2024-02-01"));
  source_.dates = DateOrder::month_first;
  EXPECT_EQ(read(text).begin(), *parse_utc("2024-01-02"));
  source_.dates = DateOrder::automatic;
  // The last of the dates proves the order of all.
  EXPECT_EQ(read("date,g/kWh\n11/12/2024,100\n12/12/2024,100\n13/12/2024,100\n").begin(), *parse_utc("2024-12-11"));
  EXPECT_EQ(read("date,g/kWh\n12/11/2024,100\n12/12/2024,100\n12/13/2024,100\n").begin(), *parse_utc("2024-12-11"));
  EXPECT_EQ(refusal("date,g/kWh\n13/12/2024,100\n12/13/2024,100\n"),
            ":3: '12/13/2024' and the dates before it have day and month in different orders");
}

TEST_F(TraceFormats, DateAndHourColumns) {
  source_.time_zone = "UTC";
  const Duration begin = *parse_utc("2024-01-01");
  std::string from_0 = "date,hour,g/kWh\n";
  std::string from_1 = from_0;
  for (int h = 0; h < 24; ++h) {
    from_0 += "2024-01-01," + std::to_string(h) + "," + std::to_string(100 + h) + "\n";
    from_1 += "2024-01-01," + std::to_string(h + 1) + "," + std::to_string(100 + h) + "\n";
  }
  for (const std::string& text : {from_0, from_1}) {
    const GridSignal grid = read(text);
    EXPECT_EQ(grid.begin(), begin);
    EXPECT_EQ(grid.end(), begin + day);
    EXPECT_NEAR(grams_at(grid, begin + 5.5 * hour), 105.0, 1e-9);
  }
  EXPECT_EQ(refusal("date,hour,g/kWh\n2024-01-01,8,100\n2024-01-01,9,100\n"),
            ":1: column 'hour' has neither an hour 0 nor an hour 24, so it does not say which hour begins a day");
  EXPECT_EQ(refusal("date,hour,g/kWh\n2024-01-01,0,100\n2024-01-01,24,100\n"),
            ":1: column 'hour' has both an hour 0 and an hour 24, so it does not say which hour begins a day");
  EXPECT_TRUE(has(refusal("date,hour,g/kWh\n2024-01-01,0,100\n2024-01-01,25,100\n"), ":3: '2024-01-01 25' is not a time"));
  EXPECT_TRUE(has(refusal("date,hour,g/kWh\n2024-01-01,0,100\n2024-01-01,1e300,100\n"), ":3: '2024-01-01 1e300' is not a time"));
  EXPECT_EQ(read("date,hour,g/kWh\n01.01.2024,00:00,100\n01.01.2024,01:00,100\n").begin(), begin);
  EXPECT_EQ(read("Date,Time,g/kWh\n2024-01-01,00:00,100\n2024-01-01,00:30,100\n").end(), begin + hour);
  EXPECT_EQ(read("year,month,day,hour,g/kWh\n2024,1,1,0,100\n2024,1,1,1,100\n").end(), begin + 2.0 * hour);
}

TEST_F(TraceFormats, TimesInSecondsSince1970) {
  EXPECT_EQ(read("timestamp,g/kWh\n1704067200000,100\n1704070800000,100\n").end(), *parse_utc("2024-01-01T02:00"));
  source_.nature = kLifeCycle;
  EXPECT_EQ(read(R"({"history": [{"datetime": 1704067200, "carbonIntensity": 100}, {"datetime": 1704070800, "carbonIntensity": 100}]})").begin(),
            *parse_utc("2024-01-01"));
}

// --- CSV: steps -----------------------------------------------------------------------------------------------

TEST_F(TraceFormats, MonthsAndYears) {
  source_.time_zone = "UTC";
  const GridSignal years = read("Year,g/kWh\n2023,300\n2024,200\n");
  EXPECT_EQ(years.end(), *parse_utc("2025-01-01"));
  EXPECT_NEAR(grams_of_all(years), 24.0 * (365 * 300.0 + 366 * 200.0), 1e-5);
  for (const char* text : {"month,g/kWh\n2024-01,300\n2024-02,200\n", "year,month,g/kWh\n2024,1,300\n2024,2,200\n",
                           "date,g/kWh\n2024-01-01,300\n2024-02-01,200\n", "date,g/kWh\n2024-02-01,200\n2024-01-01,300\n"})
    EXPECT_NEAR(grams_of_all(read(text)), 24.0 * (31 * 300.0 + 29 * 200.0), 1e-5) << text;
  EXPECT_EQ(read("date,g/kWh\n2023-07-01,300\n2023-10-01,200\n2024-01-01,200\n").end(), *parse_utc("2024-04-01"));  // quarters
  EXPECT_EQ(refusal("month,g/kWh\n2024-01,300\n2024-02,200\n2024-04,200\n"),
            ":4: 2024-04-01T00:00:00Z follows 2024-02-01T00:00:00Z: a gap; the steps are 31 days (grid.gaps: hold would let each value hold until the next)");
  // Months of a place begin by its clocks: 1 April is an hour nearer to 1 March.
  source_.time_zone = "Europe/Berlin";
  const GridSignal months = read("month,g/kWh\n2024-03,300\n2024-04,200\n");
  EXPECT_EQ(months.begin(), *parse_utc("2024-02-29T23:00"));
  EXPECT_EQ(months.end(), *parse_utc("2024-04-30T22:00"));
  EXPECT_NEAR(grams_of_all(months), 743 * 300.0 + 720 * 200.0, 1e-6);
}

TEST_F(TraceFormats, DaysOfAPlaceHave23To25Hours) {
  const std::string spring = "date,g/kWh\n2024-03-30,100\n2024-03-31,200\n2024-04-01,300\n";
  const std::string autumn = "date,g/kWh\n2024-10-26,100\n2024-10-27,200\n2024-10-28,300\n";
  source_.time_zone = "Europe/Berlin";
  EXPECT_NEAR(grams_of_all(read(spring)), 24 * 100.0 + 23 * 200.0 + 24 * 300.0, 1e-6);
  EXPECT_NEAR(grams_of_all(read(autumn)), 24 * 100.0 + 25 * 200.0 + 24 * 300.0, 1e-6);
  // The last day ends by the clocks too.
  EXPECT_EQ(read("date,g/kWh\n2024-03-30,100\n2024-03-31,200\n").end(), *parse_utc("2024-03-31T22:00"));
  // In Cairo and Havana clocks change at midnight: a day begins at the jump, or at the first of two midnights.
  source_.time_zone = "Africa/Cairo";
  EXPECT_NEAR(grams_of_all(read("date,g/kWh\n2024-04-25,100\n2024-04-26,200\n2024-04-27,300\n")), 24 * 100.0 + 23 * 200.0 + 24 * 300.0, 1e-6);
  source_.time_zone = "America/Havana";
  EXPECT_NEAR(grams_of_all(read("date,g/kWh\n2024-11-02,100\n2024-11-03,200\n2024-11-04,300\n")), 24 * 100.0 + 25 * 200.0 + 24 * 300.0, 1e-6);
  // Samoa had no 30 December 2011.
  source_.time_zone = "Pacific/Apia";
  EXPECT_TRUE(has(refusal("date,g/kWh\n2011-12-29,100\n2011-12-30,200\n2011-12-31,300\n"), ": a duplicate"));
  EXPECT_NEAR(grams_of_all(read("date,g/kWh\n2011-12-28,100\n2011-12-29,200\n2011-12-31,300\n")), 24 * 600.0, 1e-6);
  // The same days with their offsets written.
  source_.time_zone = "";
  EXPECT_NEAR(grams_of_all(read("time,g/kWh\n2024-10-26T00:00+02:00,100\n2024-10-27T00:00+02:00,200\n2024-10-28T00:00+01:00,300\n")),
              24 * 100.0 + 25 * 200.0 + 24 * 300.0, 1e-6);
}

TEST_F(TraceFormats, HoursThatClocksSkipOrRepeat) {
  source_.time_zone = "Europe/Berlin";
  EXPECT_EQ(refusal("time,g/kWh\n2024-03-31 01:00,100\n2024-03-31 02:00,100\n"),
            ":3: '2024-03-31 02:00' does not exist in Europe/Berlin, where clocks go forward then");
  EXPECT_EQ(refusal("time,g/kWh\n2024-10-27 02:00,100\n2024-10-27 03:00,100\n"),
            ":2: '2024-10-27 02:00' comes twice in Europe/Berlin, where clocks go back then: begin the file with another row, or write its offset");
  // Quarters of an hour: four that come first, four that come again.
  std::string quarters = "time,g/kWh\n2024-10-27 01:45,100\n";
  for (int i = 0; i < 8; ++i) quarters += "2024-10-27 02:" + std::string(i % 4 == 0 ? "00" : std::to_string(i % 4 * 15)) + "," + std::to_string(101 + i) + "\n";
  const GridSignal grid = read(quarters + "2024-10-27 03:00,109\n");
  EXPECT_EQ(grid.end(), *parse_utc("2024-10-27T02:15"));
  EXPECT_NEAR(grams_at(grid, *parse_utc("2024-10-27T01:20")), 106.0, 1e-9);
  // Newest first.
  EXPECT_EQ(read("time,g/kWh\n2024-10-27 03:00,4\n2024-10-27 02:00,3\n2024-10-27 02:00,2\n2024-10-27 01:00,1\n").end(), *parse_utc("2024-10-27T03:00"));
  // An autumn day of 24 rows lacks an hour.
  EXPECT_TRUE(has(refusal("time,g/kWh\n2024-10-27 00:00,1\n2024-10-27 01:00,1\n2024-10-27 02:00,1\n2024-10-27 03:00,1\n"), ":5: "));
}

std::string steps(int hours, int quarters) {
  std::string text = "time_utc,g/kWh\n";
  Duration time = *parse_utc("2022-01-01");
  for (int i = 0; i < hours; ++i, time += hour) text += format_utc(time) + ",100\n";
  for (int i = 0; i < quarters; ++i, time += 15.0 * minute) text += format_utc(time) + ",200\n";
  return text;
}

TEST_F(TraceFormats, StepsThatChange) {
  const GridSignal grid = read(steps(48, 48));
  EXPECT_EQ(grid.end(), *parse_utc("2022-01-03T12:00"));
  EXPECT_NEAR(grams_of_all(grid), 48 * 100.0 + 12 * 200.0, 1e-6);
  EXPECT_NEAR(grid.integrate(kilowatt, grid.begin() + 47.0 * hour, grid.begin() + 49.0 * hour) / gram, 300.0, 1e-6);
  // A change that does not last may be rows that are missing or doubled.
  EXPECT_TRUE(has(refusal(steps(48, 20)), ":51: 2022-01-03T00:15:00Z follows 2022-01-03T00:00:00Z: a shorter step; the steps are 60 minutes"));
  EXPECT_TRUE(has(refusal(steps(20, 48)), ":23: 2022-01-01T20:15:00Z follows 2022-01-01T20:00:00Z: a shorter step"));
  const std::string gap = steps(48, 0) + "2022-01-03T01:00:00Z,100\n2022-01-03T02:00:00Z,100\n";
  EXPECT_TRUE(has(refusal(gap), ":50: 2022-01-03T01:00:00Z follows 2022-01-02T23:00:00Z: a gap; the steps are 60 minutes"));
  source_.gaps = TraceGaps::hold;
  EXPECT_NEAR(grams_of_all(read(gap)), 51 * 100.0, 1e-6);
  EXPECT_NEAR(grams_of_all(read(steps(20, 20))), 20 * 100.0 + 5 * 200.0, 1e-6);
  EXPECT_TRUE(has(refusal(steps(2, 0) + "2022-01-01T01:00:00Z,100\n"), ":4: 2022-01-01T01:00:00Z follows 2022-01-01T01:00:00Z: a duplicate"));
  EXPECT_EQ(refusal("time_utc,g/kWh\n2022-01-01,\n2022-01-02,1\n"), ":2: has no value, and there is none before it that could hold");
}

TEST_F(TraceFormats, SamplesStandForTheTimeAroundThem) {
  source_.value_at = ValueAt::point;
  const GridSignal grid = read("datetime_utc,g/kWh\n2024-01-01,100\n2024-02-01,200\n2024-03-01,300\n");
  EXPECT_EQ(grid.begin(), *parse_utc("2023-12-16T12:00"));
  EXPECT_EQ(grid.end(), *parse_utc("2024-03-15T12:00"));
  EXPECT_NEAR(grams_of_all(grid), 24.0 * (31 * 100.0 + 30 * 200.0 + 29 * 300.0), 1e-5);
}

// --- units ----------------------------------------------------------------------------------------------------

TEST_F(TraceFormats, AUnitThatANameHalfSaysIsAskedFor) {
  const auto rows = [](const std::string& header, const char* value) {
    return "time," + header + "\n2021-01-01T00:00Z," + value + "\n2021-01-01T01:00Z," + value + "\n";
  };
  for (const char* kilograms : {"kg_co2_kwh", "kgCO2kWh", "kgPerkWh", "CO2 [kg/kWh]", "carbon_kg_per_kwh", "kg CO2-eq / kWh", "kg CO2 eq. per kWh",
                                "emission factor (kg of CO2 per kWh)", "kilograms CO2/kWh", "kgCO2e\xc2\xb7kWh-1", "kgCO2/kWh (direct)"})
    EXPECT_NEAR(first(read(rows(kilograms, "0.4"))), 400.0, 1e-9) << kilograms;
  EXPECT_NEAR(first(read(rows("gCO2/GWh", "4e8"))), 400.0, 1e-9);
  for (const char* mass : {"kg", "kg_co2", "kgCO2e", "co2_kg", "intensity (kg)", "lbs", "tCO2", "tonnes"})
    EXPECT_EQ(refusal(rows(mass, "400")), std::string(": column '") + mass + "' names a mass but not of how much energy: set grid.unit to the unit of the values "
                                                                            "(g/kWh, kg/kWh, kg/MWh or lb/MWh)")
        << mass;
  for (const char* unknown : {"gCO2/MJ", "mgCO2/kWh", "co2_per_mwh", "ton CO2/MWh", "kg/MJ", "USD/kWh"})
    EXPECT_TRUE(has(refusal(rows(unknown, "400")), ": set grid.unit to the unit of the values (g/kWh, kg/kWh, kg/MWh or lb/MWh)")) << refusal(rows(unknown, "400"));
  // Below 1 g/kWh on the mean: asked for, whatever the name says; the user's word counts.
  const std::string low = rows("carbon", "0.4");
  EXPECT_EQ(refusal(low), ": the mean intensity would be 0.4 g/kWh, lower than that of almost any grid: set grid.unit to the unit of the values (g/kWh, "
                          "kg/kWh, kg/MWh or lb/MWh)");
  EXPECT_TRUE(has(refusal(rows("gCO2/kWh", "0.4")), "set grid.unit"));
  EXPECT_NEAR(first(read(rows("carbon", "1"))), 1.0, 1e-9);
  source_.unit = TraceUnit::gram_per_kwh;
  EXPECT_NEAR(first(read(low)), 0.4, 1e-9);
  EXPECT_NEAR(first(read(rows("carbon", "0"))), 0.0, 1e-9);
  source_.unit = TraceUnit::kilogram_per_kwh;
  EXPECT_NEAR(first(read(low)), 400.0, 1e-9);
  EXPECT_NEAR(first(read(rows("kg_co2", "0.4"))), 400.0, 1e-9);
  EXPECT_TRUE(has(refusal(rows("gCO2/kWh", "0.4")), "column 'gCO2/kWh' gives its unit, but grid.unit says another"));
}

// --- what the digest covers -----------------------------------------------------------------------------------

TEST_F(TraceFormats, TheDigestCoversTheClocksOfAPlace) {
  const std::string text = "time,g/kWh\n2024-01-01 00:00,100\n2024-01-01 01:00,100\n";
  const auto digest = [&](const char* zone) {
    source_.time_zone = zone;
    static_cast<void>(read(text));
    return read_trace(source_).digest;
  };
  EXPECT_EQ(digest("UTC"), digest("+01:00"));  // the setting enters the experiment's digest by itself
  EXPECT_NE(digest("Europe/Berlin"), digest("UTC"));
  EXPECT_NE(digest("Europe/Berlin"), digest("Europe/London"));
  EXPECT_EQ(digest("Europe/Berlin"), digest("Europe/Paris"));  // the same moments
}

// --- from the settings to a charge -----------------------------------------------------------------------------

// Each of these settings changes what is read.
TEST_F(TraceFormats, TheSettingsOfAClusterReachTheReader) {
  ClusterSettings settings = tonne::testing::plain_cluster();
  settings.own_grid.intensity.reset();
  settings.own_grid.trace = source_.file;
  std::string text = "date;time;zone;v\n";
  for (const char* hour : {"00:00", "01:00", "02:00", "03:00", "04:00", "05:00"}) {
    text += std::string("10/11/2024;") + hour + ";A;0,1\n";
    text += std::string("10/11/2024;") + hour + ";B;" + (std::string(hour) == "02:00" ? "" : "0,3") + "\n";
  }
  std::ofstream(source_.file, std::ios::binary) << text;
  GridSettings& grid = settings.own_grid;
  grid.separator = Separator::semicolon;
  grid.decimal = DecimalMark::comma;
  grid.dates = DateOrder::month_first;
  grid.time_zone = "Europe/Berlin";
  grid.location = "B";
  grid.gaps = TraceGaps::hold;
  grid.unit = TraceUnit::kilogram_per_kwh;
  settings.start = "2024-10-10T22:00Z";
  const auto mean = [&] { return *make_cost_model(settings)->intensity(Duration{}, 6.0 * hour) / gram_per_kilowatt_hour; };
  EXPECT_NEAR(mean(), 300.0, 1e-9);
  grid.location = "A";
  EXPECT_NEAR(mean(), 100.0, 1e-9);
  settings.start = "2024-10-11T05:00Z";
  EXPECT_THROW(static_cast<void>(mean()), InputError);
  grid.dates = DateOrder::day_first;
  settings.start = "2024-11-09T23:00Z";
  EXPECT_NEAR(mean(), 100.0, 1e-9);
  grid.gaps = TraceGaps::refuse;
  EXPECT_NEAR(mean(), 100.0, 1e-9);
  grid.location = "B";
  EXPECT_THROW(static_cast<void>(mean()), InputError);
}

// --- files of an attacker -------------------------------------------------------------------------------------

// Good files with pieces cut out, put in and exchanged: a signal that can be used over its whole span, or one sentence.
RC_GTEST_FIXTURE_PROP(TraceFormats, ADamagedFileIsATraceOrRefused, ()) {
  static const std::vector<std::string> kFiles = {
      "datetime_utc,g/kWh\n2024-01-01T00:00,100\n2024-01-01T01:00,200\n2024-01-01T02:00,300\n",
      "datetime;kg/kWh\n28.10.2023 00:00;0.1\n29.10.2023 00:00;0.2\n30.10.2023 00:00;0.3\n",
      "date,hour,g/kWh\n2023-03-26,0,100\n2023-03-26,1,200\n2023-03-26,3,200\n",
      "month,zone id,g/kWh\n2024-01,A,100\n2024-02,A,200\n2024-03,A,300\n",
      ",timestamp,g/kWh\n0,1709125200,100\n1,1709128800,100\n",
      R"({"history":[{"zone":"A","datetime":"2024-01-01T00:00Z","carbonIntensity":100},{"zone":"A","datetime":"2024-01-01T01:00Z","carbonIntensity":1}]})",
      R"({"data":[{"from":"2024-01-01T00:00Z","to":"2024-01-01T00:30Z","intensity":{"forecast":1,"actual":100}}]})",
      R"([{"Location":"A","Time":"2024-01-01T00:00Z","Rating":100,"Duration":"01:00"}])",
      R"({"data":[{"point_time":"2024-01-01T00:00Z","value":100},{"point_time":"2024-01-01T01:00Z","value":1}],"meta":{"units":"lbs_co2_per_mwh"}})"};
  static const std::vector<std::string> kPieces = {
      ",", ";", "\t", "\n", "\r\n", "\"", " ", ".", "-", ":", "/", "+", "T", "Z", "0", "1", "24", "99999", "2199-12-31T24:00", "1970-01-01T00:00+23:59",
      "e308", "e-308", "1e9", "nan", "null", "[", "]", "{", "}", "{}", "[]", "moer", "lb", "MWh", "A", "B", std::string(1, '\0'), "\xff"};
  std::string text = *rc::gen::elementOf(kFiles);
  const int damages = *rc::gen::inRange(0, 4);
  for (int i = 0; i < damages; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    text.replace(at, *rc::gen::inRange<std::size_t>(0, 6), *rc::gen::elementOf(kPieces));
  }
  source_.time_zone = *rc::gen::element(std::string("UTC"), std::string("Europe/Berlin"));
  source_.gaps = *rc::gen::element(TraceGaps::refuse, TraceGaps::hold);
  source_.value_at = *rc::gen::element(ValueAt::interval, ValueAt::point);
  source_.format = text.starts_with("[") ? TraceFormat::carbon_aware : TraceFormat::automatic;
  source_.nature = text.find("point_time") != std::string::npos ? kMarginal : text.find("history") != std::string::npos ? kLifeCycle : kDirect;
  try {
    const GridSignal grid = read(text);
    RC_ASSERT(grid.begin() < grid.end());
    const double mean = grid.mean(grid.begin(), grid.end()) / gram_per_kilowatt_hour;
    RC_ASSERT(mean >= 0.0);
    RC_ASSERT(mean <= 10'001.0);
  } catch (const InputError& error) {
    RC_ASSERT(std::string(error.what()).find('\n') == std::string::npos);
  }
}

TEST_F(TraceFormats, LongAndAbsurdFilesEndInOneSentence) {
  const std::string many(2'000'000, '/');
  EXPECT_TRUE(has(refusal("datetime_utc,g/kWh\n" + many + ",1\n2024-01-01,1\n"), "is not a time"));
  std::string name;
  for (int i = 0; i < 500'000; ++i) name += "co2";
  EXPECT_TRUE(has(refusal("datetime_utc," + name + "kwh\n2024-01-01T00:00,1e308\n2024-01-01T01:00,1\n"), ":2: the intensity is 1e+308"));
  EXPECT_TRUE(has(refusal(std::string(100'000, ',') + "\n"), "has more than 4096 columns"));
  EXPECT_TRUE(has(refusal("datetime_utc,g/kWh\n2199-12-31,1\n99999-01-01,1\n"), ":3: '99999-01-01' is not a time"));
  EXPECT_TRUE(has(refusal(std::string("\0\0\0", 3)), "holds a zero byte"));
}

}  // namespace
}  // namespace tonne
