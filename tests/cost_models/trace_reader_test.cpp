#include "cost_models/trace_reader.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/error.h"
#include "cost_models/time.h"
#include "tests/cost_models/trace_file.h"

namespace tonne {
namespace {

TEST_F(TraceFile, ReadsATimeAndAValue) {
  const GridSignal grid = read("time,value\n2021-01-01 00:00Z,100\n2021-01-01 00:15Z,200\n");
  EXPECT_EQ(grid.begin(), *parse_utc("2021-01-01"));
  EXPECT_EQ(grid.end(), *parse_utc("2021-01-01T00:30Z"));
  EXPECT_DOUBLE_EQ(grid.integrate(kilowatt, grid.begin(), grid.end()) / gram, 75.0);
}

TEST_F(TraceFile, ATimeSaysItsZoneOrIsRefused) {
  const std::string rows = "2021-01-01 00:00,1\n2021-01-01 01:00,2\n";
  const Duration midnight = *parse_utc("2021-01-01");
  EXPECT_EQ(read("datetime_utc,v\n" + rows).begin(), midnight);
  EXPECT_EQ(read("time,v\n2021-01-01T02:00+02:00,1\n2021-01-01T03:00+02:00,2\n").begin(), midnight);
  // Summer time ends: the offsets change and the time goes on.
  EXPECT_EQ(read("time,v\n2021-10-31T02:00+02:00,1\n2021-10-31T02:00+01:00,2\n2021-10-31T03:00+01:00,3\n").end(),
            *parse_utc("2021-10-31T03:00"));
  EXPECT_EQ(refusal("time,v\n" + rows),
            ":2: '2021-01-01 00:00' has no time zone: append Z or an offset, name the column datetime_utc, "
            "or give grid.time_zone (UTC, an offset such as +02:00, or a place such as Europe/Berlin)");
  EXPECT_EQ(refusal("time,v\n2021-01-01 00:00Z,1\n2021-01-01 01:00,2\n"),
            ":3: '2021-01-01 01:00' does not say its time zone and the rows before do: mixed zones");
  EXPECT_EQ(refusal("time_utc,v\n2021-01-01T02:00+02:00,1\n2021-01-01T03:00+02:00,2\n"),
            ":2: '2021-01-01T02:00+02:00' is not UTC, although its column's name says so");
  source_.time_zone = "-03:30";
  EXPECT_EQ(refusal("datetime_utc,v\n" + rows),
            ": has a column of UTC times, but grid.time_zone says another zone");
  EXPECT_EQ(read("time,v\n" + rows).begin(), midnight + 3.5 * hour);
  source_.time_zone = "UTC";
  EXPECT_EQ(read("time,v\n" + rows).begin(), midnight);
  for (const char* zone : {"CET", "localtime", "+25:00", "2", "+02:0", "../etc/passwd"}) {
    source_.time_zone = zone;
    EXPECT_NE(refusal("time,v\n" + rows).find("is not a time zone"), std::string::npos) << zone;
  }
}

TEST_F(TraceFile, ReadsThreeGenerationsOfElectricityMaps) {
  const std::string rows = "2021-01-01 00:00:00,Spain,ES,100,140\n2021-01-01 01:00:00,Spain,ES,110,150\n";
  for (const std::string header :
       {"Datetime (UTC),Country,Zone Name,Carbon Intensity gCO2eq/kWh (direct),Carbon Intensity gCO2eq/kWh (LCA)\n",
        "Datetime (UTC),Country,Zone name,Carbon intensity gCO2eq/kWh (direct),Carbon intensity gCO2eq/kWh (Life cycle)\n",
        "datetime (utc),country,zone id,carbon intensity gco2eq/kwh (direct),carbon intensity gco2eq/kwh (life cycle)\n"}) {
    for (const TraceFormat format : {TraceFormat::automatic, TraceFormat::electricity_maps}) {
      source_.format = format;
      source_.nature = kDirect;
      EXPECT_DOUBLE_EQ(first(read(header + rows)), 100.0);
      source_.nature = kLifeCycle;
      EXPECT_DOUBLE_EQ(first(read(header + rows)), 140.0);
      source_.nature = kMarginal;
      EXPECT_NE(refusal(header + rows).find("has average figures, but the settings ask for marginal"),
                std::string::npos);
      source_.nature = {SignalKind::average, SignalScope::direct, SignalBasis::market};
      EXPECT_NE(refusal(header + rows).find("has location figures, but the settings ask for market"),
                std::string::npos);
    }
  }
}

TEST_F(TraceFile, AFormatThatIsAskedIsRequired) {
  const std::string plain = "time_utc,value\n2021-01-01,1\n2021-01-02,2\n";
  source_.format = TraceFormat::electricity_maps;
  EXPECT_NE(refusal(plain).find("of Electricity Maps, as grid.format says"), std::string::npos);
  source_.format = TraceFormat::watttime;
  EXPECT_NE(refusal(plain).find("of WattTime, as grid.format says"), std::string::npos);
  source_.format = TraceFormat::automatic;
  source_.column = "Low Carbon Percentage";
  EXPECT_NE(refusal("Datetime (UTC),Carbon Intensity gCO2eq/kWh (direct),Low Carbon "
                    "Percentage\n2021-01-01,1,55\n2021-01-02,2,55\n")
                .find("is not a carbon intensity"),
            std::string::npos);
}

TEST_F(TraceFile, ReadsWattTimeAsMarginalPoundsPerMegawattHour) {
  const std::string csv = "timestamp,MOER,MOER version,frequency\n2021-01-01T00:00:00+00:00,1000,3.0,300\n2021-01-01T00:05:00+00:00,900,3.0,300\n";
  const std::string json =
      R"({"data": [{"point_time": "2021-01-01T00:00:00+00:00", "value": 1000}, {"point_time": "2021-01-01T00:05:00+00:00", "value": 900}],
          "meta": {"region": "CAISO_NORTH", "units": "lbs_co2_per_mwh", "signal_type": "co2_moer"}})";
  const std::string list =
      R"([{"point_time": "2021-01-01T00:00:00Z", "value": 1000, "ba": "X"}, {"point_time": "2021-01-01T00:05:00Z", "value": 900, "ba": "X"}])";
  for (const std::string& text : {csv, json, list}) {
    source_.nature = kMarginal;
    source_.unit = TraceUnit::automatic;
    if (text != json) {
      EXPECT_EQ(refusal(text), ": WattTime does not say its unit, which is lb/MWh in most of its files and kg/kWh in California's SGIP "
                               "signal: set grid.unit to the unit of the values (g/kWh, kg/kWh, kg/MWh or lb/MWh)");
      source_.unit = TraceUnit::pound_per_mwh;
    }
    const GridSignal grid = read(text);
    EXPECT_NEAR(first(grid), 453.59237, 1e-9);  // 1000 lb/MWh, the pound being .45359237 kg by definition
    EXPECT_EQ(grid.step(), 300.0 * second);
    source_.nature = kDirect;
    EXPECT_NE(refusal(text).find(
                  "WattTime has marginal figures, but the settings ask for average: set grid.kind: marginal"),
              std::string::npos)
        << refusal(text);
  }
  source_.nature = kMarginal;
  source_.unit = TraceUnit::automatic;
  EXPECT_NEAR(first(read("time,MOER (lbs CO2/MWh)\n2021-01-01T00:00Z,1000\n2021-01-01T00:05Z,900\n")), 453.59237, 1e-9);
  std::string health = json;
  EXPECT_NE(refusal(health.replace(health.find("co2_moer"), 8, "health_damage")).find("expected co2_moer or co2_aoer"), std::string::npos);
  source_.unit = TraceUnit::gram_per_kwh;
  EXPECT_NE(refusal(json).find("grid.unit says another"), std::string::npos);
}

TEST_F(TraceFile, ReadsTheCarbonAwareSdk) {
  const std::string records =
      R"([{"Location": "ES", "Time": "2021-01-01T00:00:00+00:00", "Rating": 100, "Duration": "01:00"},
          {"Location": "ES", "Time": "2021-01-01T01:00:00+00:00", "Rating": "200.5", "Duration": "01:00:00"}])";
  const std::string wrapped = "{\"Emissions\": " + records + "}";
  const std::string small = R"({"emissions": [{"location": "ES", "time": "2021-01-01T00:00:00Z", "rating": 100, "duration": "00:05:00"}]})";
  EXPECT_NE(refusal(records).find("average or marginal"), std::string::npos);
  source_.format = TraceFormat::csv;
  EXPECT_NE(refusal(records).find("is JSON"), std::string::npos);
  source_.format = TraceFormat::carbon_aware;
  EXPECT_NE(refusal("time_utc,v\n2021-01-01,1\n2021-01-02,1\n").find("is not JSON"), std::string::npos);
  for (const std::string& text : {records, wrapped, "\xEF\xBB\xBF" + records}) {
    const GridSignal grid = read(text);
    EXPECT_DOUBLE_EQ(first(grid), 100.0);
    EXPECT_EQ(grid.end(), *parse_utc("2021-01-01T02:00"));
  }
  EXPECT_EQ(read(small).step(), 300.0 * second);
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = records;
    return text.replace(text.rfind(from), from.size(), to);
  };
  EXPECT_EQ(refusal(with("ES", "FR")), ": record 2: location 'FR' after 'ES': a trace must cover one zone, set grid.location to it");
  EXPECT_EQ(read(with("01:00:00\"}", "02:00\"}")).end(), *parse_utc("2021-01-01T03:00"));
  EXPECT_EQ(refusal(with("T01:00:00+00:00", "T00:30:00+00:00")),
            ": record 2: 2021-01-01T00:30:00Z follows 2021-01-01T00:00:00Z, which lasts until 2021-01-01T01:00:00Z: they overlap");
  EXPECT_NE(refusal(with("01:00:00\"}", "1e300:00\"}")).find("is not a span"), std::string::npos);
  EXPECT_EQ(refusal(with("\"200.5\"", "true")), ": record 2: has no number 'rating'");
  EXPECT_EQ(refusal(with("\"200.5\"", "-3")).substr(0, 34), ": record 2: the intensity is -3, e");
  EXPECT_NE(refusal(with("01:00:00\"}", "-1.25:00\"}")).find("is not a span"), std::string::npos);
  EXPECT_EQ(refusal(with("T01:00:00+00:00", "T02:00:00+00:00")),
            ": record 2: 2021-01-01T02:00:00Z follows 2021-01-01T00:00:00Z, which lasts until 2021-01-01T01:00:00Z: a gap");
  EXPECT_NE(refusal("[1, 2]").find("record 1"), std::string::npos);
  EXPECT_NE(refusal("{}").find("no list of records"), std::string::npos);
  EXPECT_NE(refusal("[{").find("is not JSON"), std::string::npos);
  EXPECT_NE(refusal(std::string(100'000, '[')).find("nested"), std::string::npos);
}

TEST_F(TraceFile, AUnitIsTheColumnsOrTheUsers) {
  const auto rows = [](const std::string& header, const char* value) {
    return "time," + header + "\n2021-01-01T00:00Z," + value + "\n2021-01-01T01:00Z," + value + "\n";
  };
  EXPECT_DOUBLE_EQ(first(read(rows("kgCO2/kWh", "0.25"))), 250.0);
  EXPECT_DOUBLE_EQ(first(read(rows("x gCO2eq/kWh", "250"))), 250.0);
  EXPECT_DOUBLE_EQ(first(read(rows("kg/MWh", "250"))), 250.0);
  EXPECT_DOUBLE_EQ(first(read(rows("value", "250"))), 250.0);
  for (const char* kilograms : {"kg CO2/kWh", "kg CO2eq/kWh", "kgCO2e_per_kWh", "mix kgCO\xe2\x82\x82" "eq/kWh", "tCO2/MWh", "t per MWh"})
    EXPECT_DOUBLE_EQ(first(read(rows(kilograms, "0.25"))), 250.0) << kilograms;
  for (const char* pounds : {"lbCO2/MWh", "lbs CO2e/MWh", "lbs_co2_per_mwh"})
    EXPECT_NEAR(first(read(rows(pounds, "1000"))), 453.59237, 1e-9) << pounds;
  EXPECT_NEAR(first(read(rows("lb/kWh", "1"))), 453.59237, 1e-9);
  EXPECT_DOUBLE_EQ(first(read(rows("gCO2/MWh", "250000"))), 250.0);
  EXPECT_NE(refusal(rows("USD/kWh", "1")).find("has no known unit"), std::string::npos);
  EXPECT_NE(refusal(rows("/kWh", "1")).find("has no known unit"), std::string::npos);
  source_.unit = TraceUnit::kilogram_per_kwh;
  EXPECT_DOUBLE_EQ(first(read(rows("value", "0.25"))), 250.0);
  EXPECT_NE(refusal(rows("g/kWh", "250")).find("another"), std::string::npos);
  EXPECT_NE(refusal(rows("value", "250")).find("expected 0 to 10 in its unit"), std::string::npos);
}

TEST_F(TraceFile, ASampleStandsForTheTimeAroundIt) {
  source_.value_at = ValueAt::point;
  const GridSignal grid = read("time,v\n2021-01-01T00:00Z,100\n2021-01-01T01:00Z,300\n");
  EXPECT_EQ(grid.begin(), *parse_utc("2021-01-01") - 0.5 * hour);
  EXPECT_DOUBLE_EQ(grid.mean(grid.begin() + hour, grid.end()) / gram_per_kilowatt_hour, 300.0);
}

TEST_F(TraceFile, TimesMayBeRoundedToMilliseconds) {
  std::string tenths = "time_utc,v\n";
  std::string thirds = tenths;
  for (int i = 0; i < 50; ++i) {
    tenths += "2021-01-01T00:00:0" + std::to_string(i / 10) + "." + std::to_string(i % 10) + ",1\n";
    const int ms = static_cast<int>(i * 1000.0 / 3.0 + 0.5);
    thirds += "2021-01-01T00:00:" + std::string(ms < 10'000 ? "0" : "") + std::to_string(ms / 1000) + "." +
              std::string(3 - std::to_string(ms % 1000).size(), '0') + std::to_string(ms % 1000) + ",1\n";
  }
  EXPECT_NEAR(read(tenths).step() / second, 0.1, 1e-8);
  EXPECT_NEAR(read(thirds).step() / second, 1.0 / 3.0, 1e-4);
}

TEST_F(TraceFile, RefusesBadRowsByNumber) {
  const std::string head = "time_utc,value\n2021-01-01 00:00,100\n2021-01-01 01:00,200\n";
  EXPECT_EQ(refusal(head + "2021-01-01 03:00,1\n"),
            ":4: 2021-01-01T03:00:00Z follows 2021-01-01T01:00:00Z: a gap; the steps are 60 minutes (grid.gaps: hold would let each value hold until the next)");
  EXPECT_EQ(
      refusal(head + "2021-01-01 01:30,1\n"),
      ":4: 2021-01-01T01:30:00Z follows 2021-01-01T01:00:00Z: a shorter step; the steps are 60 minutes (grid.gaps: hold would let each value hold until the next)");
  EXPECT_EQ(refusal(head + "2021-01-01 01:00,1\n"), ":4: 2021-01-01T01:00:00Z follows 2021-01-01T01:00:00Z: a duplicate");
  EXPECT_EQ(refusal("time_utc,value\n2021-01-01 00:00,100\n2021-01-01 00:00,200\n"),
            ":3: 2021-01-01T00:00:00Z follows 2021-01-01T00:00:00Z: a duplicate");
  EXPECT_EQ(refusal(head + "2020-12-31 01:00,1\n"),
            ":4: 2020-12-31T01:00:00Z follows 2021-01-01T01:00:00Z: times go backwards");
  EXPECT_EQ(refusal(head + "2021-01-01 02:00,-1\n"), ":4: the intensity is -1, expected 0 to 10000 in its unit (10,000 g CO2e/kWh)");
  EXPECT_EQ(refusal(head + "2021-01-01 02:00,1e5\n").substr(0, 30), ":4: the intensity is 100000, e");
  EXPECT_EQ(refusal(head + "2021-01-01 02:00,nan\n"), ":4: column 'value': is 'nan', expected a number (grid.gaps: hold would keep the value before)");
  EXPECT_EQ(refusal(head + "2021-01-01 02:00,\n"), ":4: column 'value': is empty, expected a number (grid.gaps: hold would keep the value before)");
  EXPECT_EQ(refusal(head + "2021-02-30 02:00,1\n").substr(0, 41), ":4: '2021-02-30 02:00' is not a time such");
}

TEST_F(TraceFile, RefusesWhatIsNoTrace) {
  const std::string rows = "2021-01-01,1\n2021-01-02,2\n";
  EXPECT_EQ(refusal("time_utc,value\n2021-01-01,1\n"), ": has fewer than two rows, so its step is unknown");
  EXPECT_EQ(refusal("when,value\n" + rows).substr(0, 22), ":1: has no time column");
  EXPECT_EQ(refusal("time_utc,a,b\n2021-01-01,1,1\n2021-01-02,2,2\n").substr(0, 26), ":1: has several columns: s");
  EXPECT_NE(refusal("").find("is empty"), std::string::npos);
  source_.column = "valeu";
  EXPECT_EQ(refusal("time_utc,value\n" + rows), ":1: has no column 'valeu'. Did you mean value? It has time_utc, value");
  source_.column = "x_lca";
  EXPECT_EQ(
      refusal("time_utc,x_lca\n" + rows),
      ": column 'x_lca' has life_cycle figures, but the settings ask for direct: set grid.scope: life_cycle");
  source_.column = "value";
  EXPECT_EQ(refusal("time_utc,zone,value\n2021-01-01,A,1\n2021-01-02,B,2\n"),
            ":3: zone 'B' after zone 'A': a trace must cover one zone, set grid.location to it");
}

TEST(RealTrace, AYearOfSpainAddsUp) {
  const std::filesystem::path file = std::string(TONNE_SOURCE_DIR) + "/../shared/data/carbon_hourly_2021_2023_4zones.csv";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "the hourly table is not here";
  const GridSignal grid = read_trace({file, "ES_direct_g", kDirect}).signal;
  EXPECT_EQ(grid.begin(), *parse_utc("2021-01-01"));
  EXPECT_EQ(grid.end(), *parse_utc("2024-01-01"));
  EXPECT_DOUBLE_EQ(grid.integrate(kilowatt, grid.begin(), grid.begin() + 2.0 * hour) / gram, 103.42 + 100.86);
  const GridSignal whole = read_trace({file, "ES_lca_g", kLifeCycle}).signal;
  EXPECT_GT(whole.mean(whole.begin(), whole.end()), grid.mean(grid.begin(), grid.end()));
  EXPECT_THROW(static_cast<void>(read_trace({file, "ES_lca_g", kDirect})), InputError);
}

}  // namespace
}  // namespace tonne
