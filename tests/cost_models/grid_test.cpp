#include "cost_models/grid.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/error.h"
#include "cost_models/time.h"

namespace tonne {
namespace {

constexpr SignalNature kDirect{SignalKind::average, SignalScope::direct};

GridSignal make_trace(const std::vector<double>& grams, Duration begin = {}, Duration step = hour) {
  std::vector<Intensity> values;
  for (const double g : grams) values.push_back(g * gram_per_kilowatt_hour);
  return GridSignal::trace(begin, step, values, kDirect, "test.csv");
}

TEST(GridSignal, AConstantHasNoEnds) {
  const GridSignal grid = GridSignal::constant(400.0 * gram_per_kilowatt_hour, kDirect);
  EXPECT_DOUBLE_EQ(grid.integrate(2.0 * kilowatt, {}, 3.0 * hour) / gram, 2400.0);
  EXPECT_DOUBLE_EQ(grid.mean(-1e9 * hour, 1e9 * hour) / gram_per_kilowatt_hour, 400.0);
}

TEST(GridSignal, IsExactAtEdges) {
  const GridSignal grid = make_trace({100, 200, 300});
  EXPECT_DOUBLE_EQ(grid.integrate(kilowatt, {}, hour) / gram, 100.0);
  EXPECT_DOUBLE_EQ(grid.integrate(kilowatt, hour, 2.0 * hour) / gram, 200.0);
  EXPECT_DOUBLE_EQ(grid.integrate(kilowatt, {}, 3.0 * hour) / gram, 600.0);
  EXPECT_DOUBLE_EQ(grid.integrate(kilowatt, 0.5 * hour, 2.25 * hour) / gram, 50.0 + 200.0 + 75.0);
  EXPECT_DOUBLE_EQ(grid.integrate(kilowatt, 1.25 * hour, 1.75 * hour) / gram, 100.0);
  // The value at an edge is that of the step that begins there; at the very end, of the last.
  EXPECT_DOUBLE_EQ(grid.mean(hour, hour) / gram_per_kilowatt_hour, 200.0);
  EXPECT_DOUBLE_EQ(grid.mean(3.0 * hour, 3.0 * hour) / gram_per_kilowatt_hour, 300.0);
}

TEST(GridSignal, ThrowsOutsideItsTrace) {
  const GridSignal grid =
      make_trace({100, 200}, *parse_utc("2021-01-01")).on_clock(*parse_utc("2021-01-01T01:00Z"));
  EXPECT_NO_THROW(static_cast<void>(grid.mean(-hour, hour)));
  EXPECT_THROW(static_cast<void>(grid.mean(-1.001 * hour, hour)), InputError);
  try {
    static_cast<void>(grid.mean({}, 2.0 * hour));
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_STREQ(
        error.what(),
        "the grid trace test.csv covers 2021-01-01T00:00:00Z to 2021-01-01T02:00:00Z, and the search needs "
        "it at "
        "2021-01-01T03:00:00Z: set cluster.start to another time, give a longer trace, or lower the budget");
  }
}

TEST(GridSignal, ThrowsAtAbsurdTimes) {
  const GridSignal grid = make_trace({100, 200});
  EXPECT_THROW(static_cast<void>(grid.mean({}, 1e300 * hour)), InputError);
  EXPECT_THROW(static_cast<void>(grid.mean(-1e300 * hour, {})), InputError);
}

struct Case {
  GridSignal grid = GridSignal::constant({}, kDirect);
  std::vector<double> grams;
  Duration a, b, c;
};

// A trace of up to 3000 steps of 5 min or an hour and three ordered times on it, now and then on an edge.
Case any_case() {
  Case result;
  const auto grams = *rc::gen::resize(
      3000, rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 1000))));
  for (const int g : grams) result.grams.push_back(g);
  const Duration step = *rc::gen::element(5.0 * minute, hour);
  result.grid = make_trace(result.grams, {}, step);
  std::vector<double> seconds;
  for (int i = 0; i < 3; ++i) {
    const double at = *rc::gen::inRange(0, 1'000'001) * 1e-6 * (result.grid.end() / second);
    seconds.push_back(*rc::gen::arbitrary<bool>() ? at : std::floor(at / (step / second)) * (step / second));
  }
  std::sort(seconds.begin(), seconds.end());
  result.a = seconds[0] * second;
  result.b = seconds[1] * second;
  result.c = seconds[2] * second;
  return result;
}

RC_GTEST_PROP(GridSignal, AddsUpOverTime, ()) {
  const Case x = any_case();
  const double whole = x.grid.integrate(kilowatt, x.a, x.c) / gram;
  const double parts = (x.grid.integrate(kilowatt, x.a, x.b) + x.grid.integrate(kilowatt, x.b, x.c)) / gram;
  RC_ASSERT(std::abs(whole - parts) <= 1e-12 * whole);
}

RC_GTEST_PROP(GridSignal, AgreesWithASumOverSteps, ()) {
  const Case x = any_case();
  const double step = x.grid.step() / second;
  long double sum = 0.0L;
  for (std::size_t i = 0; i < x.grams.size(); ++i) {
    const double low = std::max(x.a / second, static_cast<double>(i) * step);
    const double high = std::min(x.c / second, static_cast<double>(i + 1) * step);
    if (high > low) sum += static_cast<long double>(x.grams[i]) * (high - low) / 3600.0L;
  }
  const double found = x.grid.integrate(kilowatt, x.a, x.c) / gram;
  RC_ASSERT(std::abs(found - static_cast<double>(sum)) <= 1e-12 * found);
}

RC_GTEST_PROP(GridSignal, AMeanLiesWithinTheValues, ()) {
  const Case x = any_case();
  const auto [low, high] = std::minmax_element(x.grams.begin(), x.grams.end());
  const double mean = x.grid.mean(x.a, x.c) / gram_per_kilowatt_hour;
  RC_ASSERT(mean >= *low * (1 - 1e-12));
  RC_ASSERT(mean <= *high * (1 + 1e-12));
}

// At the far end of a long trace a short interval keeps its precision.
TEST(GridSignal, AShortIntervalAfterThreeYearsIsExact) {
  std::vector<double> grams(3 * 8766 * 12);
  for (std::size_t i = 0; i < grams.size(); ++i) grams[i] = 100.0 + 0.1 * static_cast<double>(i % 97);
  const GridSignal grid = make_trace(grams, {}, 5.0 * minute);
  const std::size_t i = grams.size() - 3;
  const Duration edge = static_cast<double>(i) * 5.0 * minute;
  const double expected = (grams[i - 1] + 300.0 * grams[i] + grams[i + 1]) / 302.0;
  EXPECT_NEAR(grid.mean(edge - second, edge + 301.0 * second) / gram_per_kilowatt_hour, expected,
              1e-13 * expected);
}

class TraceFile : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    file_ = std::filesystem::temp_directory_path() / ("tonne_trace_" + std::string(info->name()) + ".csv");
  }
  void TearDown() override { std::filesystem::remove(file_); }

  LoadedTrace read(const std::string& text, const std::string& column = "", SignalNature nature = kDirect) {
    std::ofstream(file_) << text;
    return read_trace({file_, column, nature});
  }
  // The message of the refusal, without the file's folder.
  std::string refusal(const std::string& text, const std::string& column = "",
                      SignalNature nature = kDirect) {
    try {
      static_cast<void>(read(text, column, nature));
    } catch (const InputError& error) {
      const std::string message = error.what();
      return message.starts_with(file_.string()) ? message.substr(file_.string().size()) : message;
    }
    return "accepted";
  }

  std::filesystem::path file_;
};

TEST_F(TraceFile, ReadsATimeAndAValue) {
  const GridSignal grid = read("time,value\n2021-01-01 00:00,100\n2021-01-01 00:15,200\n").signal;
  EXPECT_EQ(grid.begin(), *parse_utc("2021-01-01"));
  EXPECT_EQ(grid.end(), *parse_utc("2021-01-01T00:30Z"));
  EXPECT_DOUBLE_EQ(grid.integrate(kilowatt, grid.begin(), grid.end()) / gram, 75.0);
}

TEST_F(TraceFile, ReadsThreeGenerationsOfElectricityMaps) {
  const std::string rows = "2021-01-01 00:00:00,Spain,ES,100,140\n2021-01-01 01:00:00,Spain,ES,110,150\n";
  const SignalNature life_cycle{SignalKind::average, SignalScope::life_cycle};
  for (const std::string header : {"Datetime (UTC),Country,Zone Name,Carbon Intensity gCO2eq/kWh "
                                   "(direct),Carbon Intensity gCO2eq/kWh (LCA)\n",
                                   "Datetime (UTC),Country,Zone name,Carbon intensity gCO2eq/kWh "
                                   "(direct),Carbon intensity gCO2eq/kWh (Life cycle)\n",
                                   "datetime (utc),country,zone id,carbon intensity gco2eq/kwh "
                                   "(direct),carbon intensity gco2eq/kwh (life cycle)\n"}) {
    const GridSignal direct = read(header + rows).signal;
    EXPECT_DOUBLE_EQ(direct.mean(direct.begin(), direct.begin()) / gram_per_kilowatt_hour, 100.0);
    const GridSignal whole = read(header + rows, "", life_cycle).signal;
    EXPECT_DOUBLE_EQ(whole.mean(whole.begin(), whole.begin()) / gram_per_kilowatt_hour, 140.0);
    EXPECT_EQ(whole.nature(), life_cycle);
  }
}

TEST_F(TraceFile, RefusesBadRowsByNumber) {
  const std::string head = "time,value\n2021-01-01 00:00,100\n2021-01-01 01:00,200\n";
  EXPECT_EQ(refusal(head + "2021-01-01 03:00,1\n"),
            ":4: 2021-01-01T03:00:00Z follows 2021-01-01T01:00:00Z: a gap, the steps are 60 minutes");
  EXPECT_EQ(
      refusal(head + "2021-01-01 01:30,1\n"),
      ":4: 2021-01-01T01:30:00Z follows 2021-01-01T01:00:00Z: a shorter step, the steps are 60 minutes");
  EXPECT_EQ(refusal(head + "2021-01-01 01:00,1\n"),
            ":4: 2021-01-01T01:00:00Z follows 2021-01-01T01:00:00Z: a duplicate");
  EXPECT_EQ(refusal(head + "2020-12-31 01:00,1\n"),
            ":4: 2020-12-31T01:00:00Z follows 2021-01-01T01:00:00Z: times go back");
  EXPECT_EQ(refusal(head + "2021-01-01 02:00,-1\n"),
            ":4: column 'value': is -1, expected 0 to 10000 g CO2e/kWh");
  EXPECT_EQ(refusal(head + "2021-01-01 02:00,1e5\n"),
            ":4: column 'value': is 100000, expected 0 to 10000 g CO2e/kWh");
  EXPECT_EQ(refusal(head + "2021-01-01 02:00,nan\n"), ":4: column 'value': is 'nan', expected a number");
  EXPECT_EQ(refusal(head + "2021-01-01 02:00,\n"), ":4: column 'value': is empty, expected a number");
  EXPECT_EQ(refusal(head + "2021-01-01T02:00+01:00,1\n"),
            ":4: column 'time': '2021-01-01T02:00+01:00' is no UTC time such as '2021-01-01 00:00:00' or "
            "'2021-01-01T00:00Z'");
}

TEST_F(TraceFile, RefusesWhatIsNoTrace) {
  const std::string rows = "2021-01-01,1\n2021-01-02,2\n";
  EXPECT_EQ(refusal("time,value\n2021-01-01,1\n"),
            ": has fewer than two rows: the step of a trace is the time between them");
  EXPECT_EQ(refusal("when,value\n" + rows).substr(0, 26), ":1: has no column of times");
  EXPECT_EQ(refusal("time,value\n" + rows, "valeu"),
            ":1: has no column 'valeu'. Did you mean value? It has time, value");
  EXPECT_EQ(refusal("time,x_lca\n" + rows, "x_lca"),
            ":1: column 'x_lca' holds life_cycle figures, the settings ask for scope: direct");
  EXPECT_EQ(refusal("time,a,b\n2021-01-01,1,1\n2021-01-02,2,2\n").substr(0, 26),
            ":1: has several columns: n");
  EXPECT_EQ(refusal("time,zone,value\n2021-01-01,A,1\n2021-01-02,B,2\n", "value"),
            ":3: zone 'B' after zone 'A': a trace is of one zone");
  EXPECT_NE(refusal("").find("is empty"), std::string::npos);
}

TEST(RealTrace, AYearOfSpainAddsUp) {
  const std::filesystem::path file =
      std::string(TONNE_SOURCE_DIR) + "/../shared/data/carbon_hourly_2021_2023_4zones.csv";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "the hourly table is not here";
  const GridSignal grid = read_trace({file, "ES_direct_g", kDirect}).signal;
  EXPECT_EQ(grid.begin(), *parse_utc("2021-01-01"));
  EXPECT_EQ(grid.end(), *parse_utc("2024-01-01"));
  EXPECT_DOUBLE_EQ(grid.integrate(kilowatt, grid.begin(), grid.begin() + 2.0 * hour) / gram, 103.42 + 100.86);
  const GridSignal whole =
      read_trace({file, "ES_lca_g", {SignalKind::average, SignalScope::life_cycle}}).signal;
  EXPECT_GT(whole.mean(whole.begin(), whole.end()), grid.mean(grid.begin(), grid.end()));
  EXPECT_THROW(static_cast<void>(read_trace({file, "ES_lca_g", kDirect})), InputError);
}

}  // namespace
}  // namespace tonne
