// Fits to runs that the cost model itself made, with noise: what was put in comes out.

#include "experiments/measured/calibration.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <string>

#include "core/error.h"
#include "core/random.h"
#include "cost_models/machine_model.h"
#include "experiments/measured/calibration_text.h"
#include "experiments/measured/measurements.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

using testing::TemporaryFolder;

struct Truth {
  double utilisation = 0.45;
  double bandwidth_utilisation = 0.70;
  double step_overhead = 0.012;
  double compute = 0.85;
  double memory = 0.45;
};

// A table of runs on a V100: `stride` apart in FLOPs per byte and in steps, as a scan of networks would be.
std::string table_of(const Truth& truth, std::size_t rows, double noise, std::uint64_t seed, bool energy = true) {
  ClusterSettings cluster;
  cluster.utilisation = truth.utilisation;
  cluster.bandwidth_utilisation = truth.bandwidth_utilisation;
  cluster.step_overhead = truth.step_overhead * second;
  cluster.activity.compute = truth.compute;
  cluster.activity.memory = truth.memory;
  const auto model = make_cost_model(cluster);
  Random random(seed);
  std::string text = energy ? "name,flops,bytes,steps,seconds,joules\n" : "name,flops,bytes,steps,seconds\n";
  for (std::size_t i = 0; i < rows; ++i) {
    Workload work;
    work.flops = std::exp(random.uniform(std::log(2e14), std::log(8e15))) * flop;
    work.traffic = std::exp(random.uniform(std::log(2e12), std::log(2e14))) * byte;
    work.steps = std::round(std::exp(random.uniform(std::log(100.0), std::log(20'000.0))));
    const Charge charge = model->charge(work, Duration{});
    const Energy device = charge[Line::device_dynamic].energy + charge[Line::device_idle].energy;
    const double seconds = charge.time / second * std::exp(noise * random.normal());
    const double watts = device / charge.time / watt * std::exp(noise * random.normal());
    text += fmt::format("n{},{:.17g},{:.17g},{},{:.17g}", i, work.flops / flop, work.traffic / byte, work.steps,
                        seconds);
    text += energy ? fmt::format(",{:.17g}\n", seconds * watts) : "\n";
  }
  return text;
}

constexpr const char* kFile =
    "measured: {table: runs.csv, seconds: seconds, joules: joules, group: name}\n"
    "work: {flops: flops, traffic: bytes, steps: steps}\n"
    "cluster: {device: V100, startup: 2 s}\n";

Calibration fit_of(const std::string& table, const std::string& file = kFile) {
  const TemporaryFolder folder;
  folder.write("runs.csv", table);
  folder.write("runs.yaml", file);
  return calibrate(read_measurements(folder / "runs.yaml"), 0);
}

const CalibratedFigure& figure_of(const Calibration& c, FittedFigure figure) {
  return *std::ranges::find(c.figures, figure, &CalibratedFigure::figure);
}

TEST(Calibration, FindsTheFiguresThatMadeTheRuns) {
  const Truth truth;
  const Calibration c = fit_of(table_of(truth, 200, 0.01, 1));
  const auto expect_near = [&](FittedFigure figure, double value, double tolerance) {
    EXPECT_TRUE(figure_of(c, figure).identified()) << name_of(figure);
    EXPECT_NEAR(figure_of(c, figure).value, value, tolerance * value) << name_of(figure);
  };
  expect_near(FittedFigure::utilisation, truth.utilisation, 0.02);
  expect_near(FittedFigure::bandwidth_utilisation, truth.bandwidth_utilisation, 0.02);
  expect_near(FittedFigure::step_overhead, truth.step_overhead, 0.05);
  expect_near(FittedFigure::compute, truth.compute, 0.03);
  expect_near(FittedFigure::memory, truth.memory, 0.06);
  EXPECT_LT(c.crossed->time.mean_error, 0.012);
  EXPECT_LT(c.crossed->energy->mean_error, 0.018);
}

// 90 % intervals of 60 fits to so many rows each, five figures of each: of 60 a binomial (0.9) has 46 or fewer once in
// 2,000. What few rows tell is little, and is said so.
TEST(Calibration, IntervalsHoldWhatMadeTheRuns) {
  const Truth truth;
  constexpr int kFits = 60;
  for (const std::size_t rows : {3U, 6U, 10U, 30U}) {
    std::map<FittedFigure, int> missed;
    for (int i = 0; i < kFits; ++i) {
      const Calibration c = fit_of(table_of(truth, rows, 0.05, static_cast<std::uint64_t>(100 + i)));
      const auto count = [&](FittedFigure figure, double value) {
        const CalibratedFigure& f = figure_of(c, figure);
        if (f.identified() && (value < f.low || value > f.high)) ++missed[figure];
      };
      count(FittedFigure::utilisation, truth.utilisation);
      count(FittedFigure::bandwidth_utilisation, truth.bandwidth_utilisation);
      count(FittedFigure::step_overhead, truth.step_overhead);
      count(FittedFigure::compute, truth.compute);
      count(FittedFigure::memory, truth.memory);
    }
    for (const auto& [figure, count] : missed) {
      RecordProperty(fmt::format("{}_{}", rows, name_of(figure)), count);
      EXPECT_LT(count, kFits - 46) << rows << " rows, " << name_of(figure);
    }
  }
}

// The catalogue's figures are wrong for these runs; three rows mend most of it and never make it worse.
TEST(Calibration, ThreeRowsAreNoDisaster) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const TemporaryFolder folder;
    std::string table = table_of({}, 43, 0.05, seed);
    folder.write("runs.csv", table);
    folder.write("runs.yaml", kFile);
    Measurements measurements = read_measurements(folder / "runs.yaml");
    for (std::size_t i = 3; i < measurements.jobs[0].runs.size(); ++i) measurements.jobs[0].runs[i].unseen = true;
    const Calibration c = calibrate(measurements, 0);
    EXPECT_LT(c.unseen->time.mean_error, c.unseen_before->time.mean_error) << seed;
    EXPECT_LT(c.unseen->energy->mean_error, 0.35) << seed;
  }
}

// Eight rows of one network that ran three times as fast as the catalogue says: the priors must not pass the
// difference for noise.
TEST(Calibration, FewRowsMendACatalogueThatIsFarOff) {
  Truth truth;
  truth.utilisation = 0.85;
  truth.bandwidth_utilisation = 0.9;
  truth.step_overhead = 0.001;
  const Calibration c = fit_of(table_of(truth, 8, 0.03, 21));
  EXPECT_GT(c.before.time.mean_error, 0.5);
  EXPECT_LT(c.after.time.mean_error, 0.06);
}

TEST(Calibration, AStalledRunDoesNotMoveTheFit) {
  const std::string table = table_of({}, 60, 0.01, 7);
  const std::string stalled = table + "late,1e15,1e13,1000,9000,900000\n";
  const double without = figure_of(fit_of(table), FittedFigure::utilisation).value;
  EXPECT_NEAR(figure_of(fit_of(stalled), FittedFigure::utilisation).value, without, 0.01 * without);
  EXPECT_EQ(fit_of(stalled).missed.front().group, "late");
}

TEST(Calibration, SaysWhatTheRowsDoNotTell) {
  const Calibration c = fit_of(table_of({}, 40, 0.01, 3, false),
                               "measured: {table: runs.csv, seconds: seconds}\n"
                               "work: {flops: flops, traffic: bytes, steps: steps}\ncluster: {device: V100}\n");
  for (const CalibratedFigure& f : c.figures)  // without energy, power is not even tried
    EXPECT_TRUE(f.figure <= FittedFigure::startup) << name_of(f.figure);
  EXPECT_FALSE(c.after.energy);
  // All rows alike: they tell arithmetic and traffic by their sum alone, and nothing of steps.
  std::string alike = "flops,bytes,steps,seconds\n";
  for (int i = 0; i < 20; ++i) alike += fmt::format("1e15,1e13,0,{}\n", 100.0 + 0.1 * i);
  const Calibration same = fit_of(alike,
                                  "measured: {table: runs.csv, seconds: seconds}\n"
                                  "work: {flops: flops, traffic: bytes}\ncluster: {device: V100, startup: 0 s}\n");
  EXPECT_LT(same.after.time.mean_error, 0.01);
  const CalibratedFigure& arithmetic = figure_of(same, FittedFigure::utilisation);
  EXPECT_GT(arithmetic.high / arithmetic.low, 1.1);  // wide, though the sum is known to a percent
  EXPECT_FALSE(figure_of(same, FittedFigure::step_overhead).identified());
}

// A reading of the idle device tells its idle power, which the runs alone do not.
TEST(Calibration, TakesIdlePowerFromReadingsOfTheIdleDevice) {
  std::string table = table_of({}, 30, 0.02, 9);
  std::string with_idle;
  std::size_t line = 0;
  for (std::size_t begin = 0, end = 0; (end = table.find('\n', begin)) != std::string::npos; begin = end + 1, ++line)
    with_idle += table.substr(begin, end - begin) + (line == 0 ? ",idle\n" : line % 3 == 0 ? ",27\n" : ",\n");
  const Calibration c = fit_of(with_idle,
                               "measured: {table: runs.csv, seconds: seconds, joules: joules, idle_watts: idle}\n"
                               "work: {flops: flops, traffic: bytes, steps: steps}\ncluster: {device: V100}\n");
  EXPECT_TRUE(figure_of(c, FittedFigure::idle).identified());
  EXPECT_NEAR(figure_of(c, FittedFigure::idle).value, 27.0, 1.5);  // the runs were made with 40 W
}

// The entry that is written, read back as a catalogue, predicts what the report said.
TEST(Calibration, TheEntryPredictsWhatWasReported) {
  const TemporaryFolder folder;
  folder.write("runs.csv", table_of({}, 40, 0.03, 5));
  folder.write("runs.yaml", kFile);
  Measurements measurements = read_measurements(folder / "runs.yaml");
  measurements.date = "2026-11-30";
  const Calibration c = calibrate(measurements, 0);
  folder.write("mine.yaml", calibration_entry(measurements, c, "mine"));
  folder.write("again.yaml",
               "measured: {table: runs.csv, seconds: seconds, joules: joules, group: name}\n"
               "work: {flops: flops, traffic: bytes, steps: steps}\n"
               "cluster: {catalogue: mine.yaml, device: mine, startup: 2 s}\n");
  const auto jobs = check(read_measurements(folder / "again.yaml"));
  EXPECT_NEAR(jobs.front().seen.time.mean_error, c.after.time.mean_error, 1e-3);
  EXPECT_NEAR(jobs.front().seen.energy->mean_error, c.after.energy->mean_error, 1e-3);
  const auto catalogue = Catalogue::with_file(folder / "mine.yaml");
  const FigureRecord* figure = catalogue->device("mine").record.find("training.other/fp32.utilisation");
  ASSERT_NE(figure, nullptr);
  EXPECT_LT(*figure->low, figure->value);
  EXPECT_GT(*figure->high, figure->value);
  EXPECT_NE(figure->provenance.source.find("measured 2026-11-30: 40 rows of runs.csv"), std::string::npos);
  EXPECT_EQ(figure->provenance.published, 2026);
}

std::string refusal_of(const std::string& table, const std::string& file) {
  try {
    static_cast<void>(fit_of(table, file));
  } catch (const InputError& error) {
    const std::string text = error.what();
    const std::size_t path = text.find("/runs.");  // without the temporary folder
    return path == std::string::npos ? text : text.substr(path + 1);
  }
  return "accepted";
}

TEST(Measurements, MistakesAreToldWithTheirPlace) {
  const std::string table = table_of({}, 3, 0.0, 1);
  EXPECT_EQ(refusal_of(table, "work: {flops: flops}\n").substr(0, 46), "runs.yaml:1:1: measured: is missing: the table");
  EXPECT_NE(refusal_of(table, "measured: {table: runs.csv, seconds: time}\nwork: {flops: flops}\n")
                .find("has no column 'time', which measured.seconds names (columns: name, flops"),
            std::string::npos);
  EXPECT_NE(refusal_of(table, "measured: {table: runs.csv, seconds: seconds}\nwork: {flops: flop}\n")
                .find("has no column 'flop', which work.flops names"),
            std::string::npos);
  EXPECT_EQ(refusal_of("seconds,f\n0,1\n1,1\n", "measured: {table: runs.csv, seconds: seconds}\nwork: {flops: f}\n"),
            "runs.csv:2: column 'seconds' is 0, expected a number above 0");
  EXPECT_EQ(refusal_of("seconds,f\n1,1\n", "measured: {table: runs.csv, seconds: seconds}\nwork: {flops: f}\n"),
            "measured.table: has 1 row to fit: two are the least, twenty are enough");
  EXPECT_NE(refusal_of(table, "measured: {table: runs.csv, seconds: seconds, fit: [peak]}\nwork: {flops: flops}\n")
                .find("'peak' is no figure that can be fitted: utilisation, bandwidth_utilisation"),
            std::string::npos);
  EXPECT_NE(refusal_of("seconds,f\n1,-1\n1,1\n", "measured: {table: runs.csv, seconds: seconds}\nwork: {flops: f}\n")
                .find("work.flops is -1, expected a number from 0"),
            std::string::npos);
}

// A problem's own configurations: a column for each parameter, in its own words.
TEST(Measurements, ReadTheDecisionsOfAProblem) {
  const TemporaryFolder folder;
  folder.write("runs.csv",
               "edge_0_1,edge_0_2,edge_1_2,edge_0_3,edge_1_3,edge_2_3,s\n"
               "nor_conv_3x3,nor_conv_3x3,none,skip_connect,avg_pool_3x3,nor_conv_1x1,100\n");
  folder.write("runs.yaml", "measured: {table: runs.csv, seconds: s}\nproblem: cell_nas\nfidelity: 12\n");
  try {
    const Measurements measurements = read_measurements(folder / "runs.yaml");
    EXPECT_GT(measurements.jobs[0].runs[0].work.flops, Work{});
    EXPECT_EQ(measurements.jobs[0].runs[0].work.kind, WorkKind::narrow_convolution);
  } catch (const InputError& error) {
    FAIL() << error.what();
  }
}

}  // namespace
}  // namespace tonne
