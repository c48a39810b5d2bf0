#include "core/units.h"
#include "experiments/analysis/timeline.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "experiments/results/records.h"

namespace tonne {
namespace {

// Three workers; trials of unlike lengths and outcomes, numbered in the order in which they began.
std::vector<TrialRow> rows_of(std::uint64_t count) {
  std::vector<TrialRow> rows;
  std::array<double, 3> free{};
  for (std::uint64_t i = 0; i < count; ++i) {
    TrialRow row;
    row.trial = i;
    row.worker = static_cast<std::uint32_t>(std::ranges::min_element(free) - free.begin());
    row.start_s = free[row.worker];
    row.end_s = free[row.worker] += 3600.0 * static_cast<double>(1 + i * i % 7);
    row.fidelity = i % 3 == 0 ? 10.0 : 4.0;
    row.status = i % 11 == 0 ? TrialStatus::diverged : TrialStatus::completed;
    row.operational_kg = static_cast<double>(1 + i % 5);
    row.energy_j = {kilowatt_hour / joule, 0.0, 0.0, 0.0, 0.0};
    rows.push_back(row);
  }
  return rows;
}

double end_of(const std::vector<TrialRow>& rows) {
  double end = 0.0;
  for (const TrialRow& row : rows) end = std::max(end, row.end_s / 3600.0);
  return end;
}

Timeline timeline_of(const std::vector<TrialRow>& rows) {
  TimelineMaker maker(end_of(rows), false);
  for (const TrialRow& row : rows) maker.add(row);
  return *maker.finish();
}

std::string status_of(const TrialRow& row) {
  return row.status != TrialStatus::completed ? "failed" : row.fidelity >= 10.0 ? "completed" : "partially trained";
}

// The plain way: every trial is a bar, and neighbours join until there are few enough.
std::vector<TimelineBar> plain_bars(const std::vector<TrialRow>& rows) {
  std::vector<TimelineBar> bars;
  for (const TrialRow& row : rows)
    bars.push_back({row.worker, row.start_s / 3600.0, row.end_s / 3600.0, status_of(row), 1, row.operational_kg, ""});
  std::ranges::sort(bars, {}, [](const TimelineBar& bar) { return std::pair(bar.worker, bar.start_hours); });
  while (bars.size() > 1200) {
    std::vector<TimelineBar> joined;
    for (std::size_t i = 0; i < bars.size(); ++i) {
      TimelineBar& bar = joined.emplace_back(bars[i]);
      if (i + 1 == bars.size() || bars[i + 1].worker != bar.worker) continue;
      const TimelineBar& next = bars[++i];
      if (next.count > bar.count) bar.status = next.status;
      bar.end_hours = next.end_hours;
      bar.count += next.count;
      bar.kilograms += next.kilograms;
    }
    bars = std::move(joined);
  }
  return bars;
}

void expect_plain_bars(std::uint64_t trials) {
  const std::vector<TrialRow> rows = rows_of(trials);
  const Timeline timeline = timeline_of(rows);
  const std::vector<TimelineBar> plain = plain_bars(rows);
  EXPECT_EQ(timeline.trials, trials);
  EXPECT_EQ(timeline.workers, 3U);
  ASSERT_EQ(timeline.bars.size(), plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const TimelineBar &bar = timeline.bars[i], &other = plain[i];
    ASSERT_EQ(bar.worker, other.worker) << i;
    ASSERT_EQ(bar.count, other.count) << i;
    ASSERT_EQ(bar.status, other.status) << i;
    ASSERT_EQ(bar.start_hours, other.start_hours) << i;
    ASSERT_EQ(bar.end_hours, other.end_hours) << i;
    ASSERT_EQ(bar.kilograms, other.kilograms) << i;
  }
}

TEST(Timeline, ShowsEachTrialOfAShortSearch) { expect_plain_bars(1000); }

TEST(Timeline, JoinsNeighbours) { expect_plain_bars(5001); }

// More than are kept one by one: bars are joined while trials still come.
TEST(Timeline, JoinsWhileTrialsCome) { expect_plain_bars(300'001); }

TEST(Timeline, TellsTheGramsPerKilowattHour) {
  const Timeline timeline = timeline_of(rows_of(200'000));
  ASSERT_EQ(timeline.intensity_grams.size(), 96U);
  for (const double grams : timeline.intensity_grams) EXPECT_NEAR(grams, 3000.0, 30.0);  // 1 to 5 kg for each kWh
  EXPECT_EQ(timeline.intensity_hours.front(), 0.0);
}

// Bars of 31 trials are five even where they join as far as they can: there are more than are kept, and no fewer.
TEST(Timeline, EndsWithThousandsOfWorkers) {
  constexpr std::uint32_t kWorkers = 8440;
  TimelineMaker maker(32.0, false);
  TrialRow row;
  for (row.trial = 0; row.trial < 4 * 65'536; ++row.trial) {
    row.worker = static_cast<std::uint32_t>(row.trial % kWorkers);
    row.start_s = 3600.0 * static_cast<double>(row.trial / kWorkers);
    row.end_s = row.start_s + 3600.0;
    maker.add(row);
  }
  const Timeline timeline = *maker.finish();
  EXPECT_EQ(timeline.trials, 4U * 65'536U);
  EXPECT_EQ(timeline.workers, kWorkers);
  EXPECT_EQ(timeline.bars.size(), kWorkers);
}

// A store that somebody changed: a time that is no number belongs to no part of the search.
TEST(Timeline, LeavesOutTimesThatAreNoNumbers) {
  TimelineMaker maker(1.0, false);
  TrialRow row;
  row.start_s = NAN;
  row.energy_j = {kilowatt_hour / joule, 0.0, 0.0, 0.0, 0.0};
  maker.add(row);
  EXPECT_TRUE(maker.finish()->intensity_grams.empty());
}

TEST(Timeline, IsNoneWithoutTrials) { EXPECT_FALSE(TimelineMaker(1.0, false).finish()); }

}  // namespace
}  // namespace tonne
