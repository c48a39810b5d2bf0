#include "cost_models/grid.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/error.h"
#include "cost_models/time.h"

namespace tonne {
namespace {

constexpr SignalNature kDirect;

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
        "the grid trace test.csv covers 2021-01-01T00:00:00Z to 2021-01-01T02:00:00Z, but the search needs "
        "2021-01-01T03:00:00Z: change cluster.start, give a longer trace, or lower the budget");
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

RC_GTEST_PROP(GridSignal, MorePowerEmitsMore, ()) {
  const GridSignal grid = make_trace({100.0, 300.0, 50.0, 700.0});
  const double from = *rc::gen::inRange(0, 10'000) * 1.0;
  const double to = from + *rc::gen::inRange(1, 4'000);
  const double low = *rc::gen::inRange(0, 1000) * 0.1;
  const double more = *rc::gen::inRange(1, 1000) * 0.1;
  RC_ASSERT(grid.integrate(low * watt, from * second, to * second) < grid.integrate((low + more) * watt, from * second, to * second));
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

// --- steps that change ------------------------------------------------------------------------------------------

GridSignal make_changing(const std::vector<double>& hours, const std::vector<double>& grams) {
  std::vector<Duration> edges;
  std::vector<Intensity> values;
  for (const double h : hours) edges.push_back(h * hour);
  for (const double g : grams) values.push_back(g * gram_per_kilowatt_hour);
  return GridSignal::trace(edges, values, kDirect, "test.csv");
}

TEST(GridSignalOfChangingSteps, IsExactAtEdges) {
  const GridSignal grid = make_changing({1, 2, 5, 5.25}, {100, 200, 400});
  EXPECT_EQ(grid.begin(), hour);
  EXPECT_EQ(grid.end(), 5.25 * hour);
  EXPECT_EQ(grid.step(), Duration{});
  EXPECT_FALSE(grid.is_constant());
  EXPECT_DOUBLE_EQ(grid.integrate(kilowatt, hour, 5.25 * hour) / gram, 100.0 + 600.0 + 100.0);
  EXPECT_DOUBLE_EQ(grid.integrate(kilowatt, 1.5 * hour, 3.0 * hour) / gram, 50.0 + 200.0);
  EXPECT_DOUBLE_EQ(grid.integrate(kilowatt, 2.5 * hour, 3.0 * hour) / gram, 100.0);
  EXPECT_DOUBLE_EQ(grid.integrate(kilowatt, 1.5 * hour, 5.125 * hour) / gram, 50.0 + 600.0 + 50.0);
  EXPECT_DOUBLE_EQ(grid.mean(2.0 * hour, 2.0 * hour) / gram_per_kilowatt_hour, 200.0);
  EXPECT_DOUBLE_EQ(grid.mean(5.25 * hour, 5.25 * hour) / gram_per_kilowatt_hour, 400.0);
  EXPECT_THROW(static_cast<void>(grid.mean(0.99 * hour, 2.0 * hour)), InputError);
  EXPECT_THROW(static_cast<void>(grid.mean(2.0 * hour, 5.26 * hour)), InputError);
  const GridSignal moved = grid.on_clock(2.0 * hour);
  EXPECT_DOUBLE_EQ(moved.integrate(kilowatt, -0.5 * hour, hour) / gram, 50.0 + 200.0);
  EXPECT_EQ(moved.end(), 3.25 * hour);
}

// Any steps, whole numbers of seconds apart, and two ordered times on them: a sum over the steps says the same.
RC_GTEST_PROP(GridSignalOfChangingSteps, AgreesWithASumOverSteps, ()) {
  const auto lengths = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 100'000)));
  std::vector<double> edges{0.0};
  std::vector<double> grams;
  for (const int length : lengths) {
    edges.push_back(edges.back() + length / 3600.0);
    grams.push_back(*rc::gen::inRange(0, 1000));
  }
  const GridSignal grid = make_changing(edges, grams);
  const double u = *rc::gen::inRange(0, 1'000'001) * 1e-6;
  const double v = *rc::gen::inRange(0, 1'000'001) * 1e-6;
  const double from = std::min(u, v) * edges.back();
  const double to = std::max(u, v) * edges.back();
  long double sum = 0.0L;
  for (std::size_t i = 0; i < grams.size(); ++i) {
    const double overlap = std::min(to, edges[i + 1]) - std::max(from, edges[i]);
    if (overlap > 0.0) sum += static_cast<long double>(grams[i]) * overlap;
  }
  const double found = grid.integrate(kilowatt, from * hour, to * hour) / gram;
  RC_ASSERT(std::abs(found - static_cast<double>(sum)) <= 1e-12 * static_cast<double>(sum) + 1e-9);
}

// Steps that are all the same, said one by one, are the trace of that step.
RC_GTEST_PROP(GridSignalOfChangingSteps, EqualStepsAreTheUniformTrace, ()) {
  const Case x = any_case();
  std::vector<double> edges;
  for (std::size_t i = 0; i <= x.grams.size(); ++i) edges.push_back(static_cast<double>(i) * (x.grid.step() / hour));
  const GridSignal grid = make_changing(edges, x.grams);
  const double expected = x.grid.mean(x.a, x.c) / gram_per_kilowatt_hour;
  const double found = grid.mean(x.a, std::min(x.c, grid.end())) / gram_per_kilowatt_hour;
  RC_ASSERT(std::abs(found - expected) <= 1e-9 * expected + 1e-9);
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

}  // namespace
}  // namespace tonne
