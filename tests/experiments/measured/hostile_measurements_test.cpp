// Tables and files that nobody should have written: told in a sentence, never fitted.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.h"
#include "cost_models/machine_model.h"
#include "experiments/measured/agreement_chart.h"
#include "experiments/measured/calibration.h"
#include "experiments/measured/calibration_text.h"
#include "experiments/measured/measurements.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

using testing::Finished;
using testing::read_file;
using testing::run_program;
using testing::TemporaryFolder;

constexpr const char* kMeasured = "measured: {table: runs.csv, seconds: seconds, joules: joules}\n";
constexpr const char* kWork = "work: {flops: flops, traffic: bytes, steps: steps}\n";
constexpr const char* kHead = "flops,bytes,steps,seconds,joules\n";

// What is said of the table and file; "accepted" where nothing is.
std::string refusal_of(const std::string& table, const std::string& file) {
  const TemporaryFolder folder;
  folder.write("runs.csv", table);
  folder.write("runs.yaml", file);
  try {
    static_cast<void>(calibrate(read_measurements(folder / "runs.yaml"), 0));
  } catch (const InputError& error) {
    const std::string text = error.what();
    const std::size_t path = text.find("/runs.");  // without the temporary folder
    return path == std::string::npos ? text : text.substr(path + 1);
  }
  return "accepted";
}

std::string refusal_of_rows(const std::string& rows, const std::string& cluster = "{device: V100}") {
  return refusal_of(kHead + rows, std::string(kMeasured) + kWork + "cluster: " + cluster + "\n");
}

TEST(HostileMeasurements, RowsWithoutWorkAreRefused) {
  EXPECT_EQ(refusal_of_rows("1e15,1e12,1,9,900\n0,0,0,9,900\n"),
            "runs.csv:3: has no work: expected FLOPs, bytes, steps or samples above 0");
  EXPECT_EQ(refusal_of(std::string(kHead) + "1,1,1,9,900\n2,2,2,9,900\n", kMeasured),
            "runs.yaml:1:1: work: tells no work: expected flops, traffic or steps, a network, or a problem");
}

TEST(HostileMeasurements, AmountsBeyondReasonAreRefused) {
  EXPECT_EQ(refusal_of_rows("1e300,1e12,1,9,900\n1e15,1,1,9,900\n"),
            "runs.csv:2: is 1e+300 FLOPs of work, expected 0 to 1e40");
  EXPECT_EQ(refusal_of(std::string(kHead) + "1e300,1,1e300,9,900\n1,1,1,9,900\n",
                       std::string(kMeasured) + "work: {flops_per_sample: flops, samples: steps}\n"),
            "runs.csv:2: is inf FLOPs of work, expected 0 to 1e40");
  EXPECT_EQ(refusal_of_rows("1e15,1e12,1,1e-300,900\n1e15,1e12,1,9,900\n"),
            "runs.csv:2: column 'seconds' is 1e-300, expected 1e-18 to 1e+24");
  EXPECT_EQ(refusal_of_rows("1e15,1e12,1,9,1e300\n1e15,1e12,1,9,900\n"),
            "runs.csv:2: column 'joules' is 1e+300, expected 1e-18 to 1e+24");
}

// A model that predicts nothing has no logarithm.
TEST(HostileMeasurements, PredictionsOfNothingAreRefused) {
  const std::string rows = "1e15,1e12,1,9,900\n2e15,1e12,1,19,1900\n";
  EXPECT_NE(refusal_of_rows(rows, "{device: V100, idle: 0 W, activity: {compute: 0, memory: 0, waiting: 0}}")
                .find("row in line 2: the cost model predicts 0 J"),
            std::string::npos);
  const TemporaryFolder folder;
  folder.write("runs.csv", kHead + rows);
  folder.write("runs.yaml", std::string(kMeasured) + kWork +
                                "cluster: {device: V100, idle: 0 W, activity: {compute: 0, memory: 0, waiting: 0}}\n");
  EXPECT_THROW(static_cast<void>(check(read_measurements(folder / "runs.yaml"))), InputError);
}

TEST(HostileMeasurements, IdlePowerAtTheLimitIsNoLimit) {
  EXPECT_EQ(refusal_of_rows("1e15,1e12,1,9,2700\n2e15,1e12,1,19,5700\n", "{device: V100, idle: 300 W, tdp: 300 W}"),
            "accepted");
}

TEST(HostileMeasurements, ReadingsOfAHotIdleDeviceAreRefused) {
  const std::string file = "measured: {table: runs.csv, seconds: seconds, joules: joules, idle_watts: idle}\n"
                           "work: {flops: flops}\ncluster: {device: V100}\n";
  EXPECT_EQ(refusal_of("flops,seconds,joules,idle\n1e15,90,9000,500\n2e15,180,18000,500\n", file),
            "row in line 2: an idle power of 500 W is not below the 300 W that V100 may draw");
}

// The steps of a fit may try any idle power; a limit that only some rows have is no reason to stop.
TEST(HostileMeasurements, IdlePowerStaysBelowEveryRowsLimit) {
  std::string table = "flops,seconds,joules,idle,limit\n";
  for (int i = 0; i < 12; ++i)
    table += fmt::format("{}e15,{},{},{},{}\n", 1 + i, 250 * (1 + i), 250 * (1 + i) * 99, 98, i % 2 == 0 ? 100 : 300);
  const TemporaryFolder folder;
  folder.write("runs.csv", table);
  folder.write("runs.yaml", "measured: {table: runs.csv, seconds: seconds, joules: joules, idle_watts: idle}\n"
                            "work: {flops: flops, power_limit: limit}\ncluster: {device: V100}\n");
  const Calibration c = calibrate(read_measurements(folder / "runs.yaml"), 0);
  const auto idle = std::ranges::find(c.figures, FittedFigure::idle, &CalibratedFigure::figure);
  ASSERT_TRUE(idle->identified());
  EXPECT_LE(idle->high, 100.0);
  EXPECT_GT(idle->value, 85.0);
}

// Readings that differ from group to group leave idle power less certain than each of them is.
TEST(HostileMeasurements, IdleReadingsThatDisagreeWidenTheInterval) {
  const auto width = [](double low, double high) {
    std::string table = "flops,seconds,joules,idle\n";
    for (int i = 0; i < 8; ++i)
      table += fmt::format("{}e15,{},{},{}\n", 1 + i, 240 * (1 + i), 240 * (1 + i) * 280, i % 2 == 0 ? low : high);
    const TemporaryFolder folder;
    folder.write("runs.csv", table);
    folder.write("runs.yaml", "measured: {table: runs.csv, seconds: seconds, joules: joules, idle_watts: idle}\n"
                              "work: {flops: flops}\ncluster: {device: V100}\n");
    const Calibration c = calibrate(read_measurements(folder / "runs.yaml"), 0);
    const auto idle = std::ranges::find(c.figures, FittedFigure::idle, &CalibratedFigure::figure);
    return idle->high / idle->low;
  };
  EXPECT_LT(width(39.5, 40.5), 1.1);
  EXPECT_GT(width(36.0, 44.0), 1.1);
}

TEST(HostileMeasurements, JobsThatOverlapAreTold) {
  EXPECT_NE(refusal_of("flops,seconds,net\n1e15,90,a\n2e15,180,a\n",
                       "measured: {table: runs.csv, seconds: seconds}\nwork: {flops: flops}\n"
                       "jobs: {a: {where: {net: a}}, b: {where: {net: a}}}\n")
                .find("no row of the table belongs to the job 'b', or jobs before it have them all"),
            std::string::npos);
}

TEST(HostileMeasurements, AGridsTraceIsNotAsked) {
  const TemporaryFolder folder;
  folder.write("grid.csv", "datetime_utc,g\n2021-01-01 00:00:00,100\n2021-01-01 01:00:00,120\n");
  folder.write("runs.csv", std::string(kHead) + "1e15,1e12,1,90000,9e6\n2e15,1e12,1,190000,19e6\n");
  folder.write("runs.yaml", std::string(kMeasured) + kWork +
                                "cluster: {device: V100, startup: 9 h, "
                                "grid: {trace: grid.csv, kind: average, scope: direct}}\n");
  EXPECT_NO_THROW(static_cast<void>(calibrate(read_measurements(folder / "runs.yaml"), 0)));
}

TEST(HostileMeasurements, GroupsAreNotSplit) {
  const std::string rows = "flops,seconds,net\n1e15,90,a\n1e15,91,a\n2e15,180,b\n2e15,182,b\n";
  const std::string refused = refusal_of(
      rows, "measured: {table: runs.csv, seconds: seconds, group: net, hold_out: rows}\nwork: {flops: flops}\n");
  EXPECT_EQ(refused, "runs.csv:3: measured.hold_out 'rows' keeps only a part of the group 'a' out of the fit: expected "
                     "measured.group's column 'net'");
  EXPECT_EQ(refusal_of(rows, "measured: {table: runs.csv, seconds: seconds, group: net, hold_out: net}\n"
                             "work: {flops: flops}\ncluster: {device: V100}\n"),
            "accepted");
}

// Rows of two jobs that take turns: of each every second one, not all of one.
TEST(HostileMeasurements, EverySecondRowIsOfTheJob) {
  const TemporaryFolder folder;
  std::string table = "flops,seconds,net\n";
  for (int i = 0; i < 8; ++i) table += fmt::format("1e15,{},{}\n", 90 + i, i % 2 == 0 ? "a" : "b");
  folder.write("runs.csv", table);
  folder.write("runs.yaml", "measured: {table: runs.csv, seconds: seconds, hold_out: rows}\nwork: {flops: flops}\n"
                            "jobs: {a: {where: {net: a}}, b: {where: {net: b}}}\n");
  for (const MeasuredJob& job : read_measurements(folder / "runs.yaml").jobs)
    EXPECT_EQ(std::ranges::count_if(job.runs, &MeasuredRun::unseen), 2) << job.name;
}

TEST(HostileMeasurements, SettingsThatNothingReadsAreRefused) {
  const std::string table = "flops,seconds\n1e15,90\n2e15,180\n";
  const std::string measured = "measured: {table: runs.csv, seconds: seconds}\n";
  EXPECT_EQ(refusal_of(table, measured + "work: {flops: flops}\nfidelity: 12\n"),
            "runs.yaml:3:11: fidelity: is of a problem: give problem, too");
  EXPECT_EQ(refusal_of(table, measured + "work: {flops: flops}\ndecisions: nasbench101\n"),
            "runs.yaml:3:12: decisions: are of a problem: give problem, too");
  EXPECT_EQ(refusal_of(table, measured + "problem: cell_nas\nwork: {flops: flops}\n"),
            "runs.yaml:3:7: work: describes the work, which the problem tells: expected inference, scale or power_limit "
            "alone");
  EXPECT_EQ(refusal_of(table, measured + "work: {network: accel_nasbench, precision: fp16}\n").substr(0, 60),
            "runs.yaml:2:7: work: describes the work, which the network's");
  EXPECT_NE(refusal_of(table, measured + "work: {network: nasbench101}\n").find("accel_nasbench"), std::string::npos);
}

// Ten rows that agree on a device thirty times slower than the defaults say so.
TEST(HostileMeasurements, AMissThatAllRowsShareIsNoNoise) {
  for (const double utilisation : {0.01, 0.003}) {
    ClusterSettings cluster;
    cluster.utilisation = utilisation;
    const auto model = make_cost_model(cluster);
    std::string table = "flops,seconds\n";
    for (int i = 0; i < 10; ++i) {
      Workload work;
      work.flops = 1e15 * std::pow(1.4, i) * flop;
      table += fmt::format("{:.17g},{:.17g}\n", work.flops / flop,
                           model->charge(work, Duration{}).time / second * (i % 3 == 0 ? 1.05 : 0.97));
    }
    const TemporaryFolder folder;
    folder.write("runs.csv", table);
    folder.write("runs.yaml", "measured: {table: runs.csv, seconds: seconds}\nwork: {flops: flops}\n"
                              "cluster: {device: V100}\n");
    const Calibration c = calibrate(read_measurements(folder / "runs.yaml"), 0);
    EXPECT_TRUE(c.figures.front().identified()) << utilisation;
    EXPECT_NEAR(c.figures.front().value, utilisation, 0.1 * utilisation);
    EXPECT_LT(c.crossed->time.mean_error, 0.1) << utilisation;
  }
}

TEST(HostileMeasurements, ATitleIsNoMarkup) {
  ComparedRun run{"<b>\x01", false, 1.0, 2.0, 0.0, 0.0};
  std::vector<ComparedRun> runs(7, run);
  for (int i = 0; i < 7; ++i) runs[static_cast<std::size_t>(i)].job += std::to_string(i);
  const std::string svg = agreement_chart("a\x01</title>\n", runs, false);
  EXPECT_EQ(svg.find('\x01'), std::string::npos);
  EXPECT_EQ(svg.find("<b>"), std::string::npos);
  EXPECT_EQ(svg.find("a?</title>\n<"), std::string::npos);
  EXPECT_EQ(svg.find("class=\"c6\""), std::string::npos);  // six colours, used again
}

std::string good_table() {
  std::string table = "flops,seconds\n";
  for (int i = 1; i <= 8; ++i) table += fmt::format("{}e15,{}\n", i, 150 * i);
  return table;
}

constexpr const char* kGoodFile =
    "measured: {table: 'r\xF0\x9F\x98\x80\"x.csv', seconds: seconds, date: 2026-11-30}\nwork: {flops: flops}\n"
    "cluster: {device: V100, startup: 0 s}\n";

// What the program writes, it reads; what it cannot write, it says at once.
TEST(HostileMeasurements, EntriesCanBeReadWhateverTheTableIsCalled) {
  const TemporaryFolder folder;
  folder.write("r\xF0\x9F\x98\x80\"x.csv", good_table());
  folder.write("runs.yaml", kGoodFile);
  const Finished finished = run_program("calibrate runs.yaml --out mine.yaml --name mine", folder.path());
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  const auto catalogue = Catalogue::with_file(folder / "mine.yaml");
  EXPECT_NE(catalogue->device("mine").record.find("training.other/fp32.utilisation")->provenance.source.find(
                "r\xF0\x9F\x98\x80\"x.csv"),
            std::string::npos);
  EXPECT_NE(read_file(folder / "mine.yaml").find("# It holds together with the cluster's settings in the fit: startup."),
            std::string::npos);
}

TEST(HostileMeasurements, ArgumentsAreRefusedBeforeTheWork) {
  const TemporaryFolder folder;
  folder.write("r\xF0\x9F\x98\x80\"x.csv", good_table());
  folder.write("runs.yaml", kGoodFile);
  const auto refused = [&](const std::string& arguments) {
    const Finished finished = run_program("calibrate " + arguments, folder.path());
    EXPECT_EQ(finished.exit_code, 2) << finished.err;
    EXPECT_EQ(finished.out, "");
    return finished.err;
  };
  EXPECT_EQ(refused("runs.yaml --name 'a: b'"),
            "--name: 'a: b' is not a valid name: use 1 to 64 letters, digits and -_.+\n");
  EXPECT_EQ(refused("runs.yaml --out ./runs.yaml"), "./runs.yaml: exists, and is not overwritten: give another name, and join the entries by hand\n");
  EXPECT_EQ(read_file(folder / "runs.yaml"), kGoodFile);
  EXPECT_EQ(refused("runs.yaml --charts there"), "--charts needs --check\n");
  EXPECT_NE(refused("runs.yaml --rows -1").find("--rows"), std::string::npos);
  // The entry's date is the measurement's: the same rows give the same bytes on any day.
  folder.write("undated.yaml", std::string(kGoodFile).replace(std::string(kGoodFile).find(", date: 2026-11-30"), 18, ""));
  EXPECT_NE(refused("undated.yaml").find("measured.date: is missing"), std::string::npos);
  EXPECT_NE(refused("--check runs.yaml ./runs.yaml --charts there").find("two files are called 'runs'"),
            std::string::npos);
}

// A device of the user's own catalogue: the entry belongs beside it.
TEST(HostileMeasurements, EntriesOfOnesOwnDevicesBelongIntoTheirCatalogue) {
  const TemporaryFolder folder;
  folder.write("r\xF0\x9F\x98\x80\"x.csv", good_table());
  folder.write("own.yaml", "devices:\n  Mine: {like: V100, idle: {power: 30 W}}\n");
  folder.write("runs.yaml",
               "measured: {table: 'r\xF0\x9F\x98\x80\"x.csv', seconds: seconds, date: 2026}\nwork: {flops: flops}\n"
               "cluster: {catalogue: own.yaml, device: Mine}\n");
  const Finished finished = run_program("calibrate runs.yaml", folder.path());
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_NE(finished.out.find("# Measured: put it into own.yaml, below Mine, whose other figures it has."),
            std::string::npos)
      << finished.out;
}

}  // namespace
}  // namespace tonne
