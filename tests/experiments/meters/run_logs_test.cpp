// Logs of finished runs: CodeCarbon, Slurm, Zeus's windows.

#include "tests/experiments/meters/meter_support.h"

namespace tonne::meters {
namespace {

using ::testing::HasSubstr;
using testing::parsed;
using testing::refusal;

constexpr double kJoulesOfKwh = kilowatt_hour / joule;

double part_of(const Run& run, const std::string& component) {
  for (const Run::Part& part : run.parts)
    if (part.component == component) return part.energy / joule;
  return -1.0;
}

TEST(MeterRunLogs, CodeCarbonOfTheFirstGenerationHasASumAlone) {
  const MeterLog log = parsed(
      "timestamp,project_name,duration,emissions,energy_consumed,country_name,country_iso_code,region,on_"
      "cloud,cloud_provider,cloud_region\n"
      "2021-06-29T11:00:38,codecarbon,200.0,0.001,0.002,Morocco,MAR,casablanca-settat,N,,\n");
  EXPECT_EQ(log.format, Format::codecarbon);
  ASSERT_EQ(log.runs.size(), 1U);
  const auto& run = log.runs[0];
  EXPECT_EQ(run.name, "codecarbon");
  EXPECT_DOUBLE_EQ(run.time / second, 200.0);
  EXPECT_EQ(time_text(log, *run.start), "2021-06-29 10:57:18");  // the timestamp is the end
  EXPECT_DOUBLE_EQ(part_of(run, "machine"), 0.002 * kJoulesOfKwh);
}

const std::string kSecond =
    "timestamp,project_name,run_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,cpu_"
    "energy,gpu_energy,ram_energy,"
    "energy_consumed,country_name,cpu_model,gpu_count,gpu_model,tracking_mode,on_cloud,pue\n";

TEST(MeterRunLogs, CodeCarbonsPueIsTakenOut) {
  const MeterLog log = parsed(kSecond +
                              "2024-05-31T10:39:13,p,run-1,100,0,0,40,200,3,0.002,0.010,0.003,0.015,France,"
                              "\"Xeon, 2 sockets\",1,A100,machine,N,1.5\n");
  const auto& run = log.runs.at(0);
  EXPECT_DOUBLE_EQ(part_of(run, "gpu"), 0.010 / 1.5 * kJoulesOfKwh);
  EXPECT_DOUBLE_EQ(part_of(run, "cpu"), 0.002 / 1.5 * kJoulesOfKwh);
  EXPECT_NEAR(run.energy() / joule, 0.010 * kJoulesOfKwh, 1e-6);
  EXPECT_THAT(log.notes.at(0), HasSubstr("PUE of 1.5, which was taken out"));
}

TEST(MeterRunLogs, CodeCarbonsFlushesAreOneRun) {
  const std::string rest = ",0,0,0,0,0,0,0.001,0,0.001,France,Xeon,1,A100,machine,N,1.0\n";
  const MeterLog log =
      parsed(kSecond + "2024-05-31T10:39:13,p,run-1,100" + rest +
             "2024-05-31T10:41:13,p,run-1,220,0,0,0,0,0,0,0.003,0,0.003,France,Xeon,1,A100,machine,N,1.0\n" +
             "2024-05-31T11:00:00,p,run-2,60" + rest);
  ASSERT_EQ(log.runs.size(), 2U);
  EXPECT_DOUBLE_EQ(log.runs[0].time / second, 220.0);
  EXPECT_DOUBLE_EQ(log.runs[0].energy() / joule, 0.003 * kJoulesOfKwh);
  EXPECT_THAT(log.notes.at(0), HasSubstr("earlier states of runs that stand in it again: 1 row"));
}

TEST(MeterRunLogs, CodeCarbonsAppendedRowsMayLackEmptyFields) {
  // gpu_count and gpu_model are left out, so that what follows stands two fields too far left.
  const MeterLog log =
      parsed(kSecond +
             "2024-05-31T10:39:13,p,run-1,100,0,0,0,0,0,0.001,0.0,0.002,0.003,France,Xeon,machine,N,1.5\n");
  EXPECT_DOUBLE_EQ(log.runs.at(0).energy() / joule, 0.002 * kJoulesOfKwh);  // the PUE is found from the end
  EXPECT_THAT(log.notes.at(1), HasSubstr("1 row without empty fields"));
  EXPECT_EQ(refusal(kSecond +
                    "2024-05-31T10:39:13,p,100,0,0,0,0,0,0.001,0.0,0.002,0.003,France,Xeon,machine,N,1.0\n"),
            "log:2: has 17 fields, the header has 20");
  EXPECT_EQ(refusal(kSecond + "2024-05-31T10:39:13,p,run-1,100,0,0,0,0,0,0.001,0.0,0.002,0.003,France,Xeon,1.5\n"),
            "log:2: has 16 fields, the header has 20, and its PUE cannot be told");
}

TEST(MeterRunLogs, CodeCarbonsThirdGenerationAndTasks) {
  const MeterLog log = parsed(
      "task_name,timestamp,project_name,run_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_"
      "power,cpu_energy,gpu_energy,ram_energy,"
      "energy_consumed,water_consumed,tracking_mode,cpu_utilization_percent,gpu_utilization_percent,ram_"
      "utilization_percent,ram_used_gb,on_cloud\n"
      "load,2026-01-01T00:00:10,p,r,10,0,0,0,0,0,0.001,0,0,0.001,0,machine,1,2,3,4,N\n"
      "train,2026-01-01T00:01:10,p,r,60,0,0,0,0,0,0.001,0.002,0,0.003,0,machine,1,2,3,4,N\n");
  ASSERT_EQ(log.runs.size(), 2U);
  EXPECT_EQ(log.runs[0].name, "load");
  EXPECT_DOUBLE_EQ(part_of(log.runs[1], "gpu"), 0.002 * kJoulesOfKwh);
}

TEST(MeterRunLogs, ALastRowThatIsCutOffIsLeftOut) {
  const std::string row =
      "2024-05-31T10:39:13,p,run-1,100,0,0,0,0,0,0.001,0,0.001,0.002,France,Xeon,1,A100,machine,N,1.0\n";
  const MeterLog carbon = parsed(kSecond + row + "2024-05-31T10:50:13,p,run-2,100,0,0,0,0,0,0.001,0");
  EXPECT_EQ(carbon.runs.size(), 1U);
  EXPECT_EQ(carbon.notes.at(0), "the last line, 3, is cut off and was left out");
  const MeterLog slurm = parsed("JobID|ElapsedRaw|ConsumedEnergyRaw\n7|10|100\n8|10");
  EXPECT_EQ(slurm.runs.size(), 1U);
  EXPECT_EQ(slurm.notes.at(0), "the last line, 3, is cut off and was left out");
}

TEST(MeterRunLogs, CodeCarbonRowsThatContradictThemselvesAreRefused) {
  EXPECT_THAT(
      refusal(
          kSecond +
          "2024-05-31T10:39:13,p,r,100,0,0,0,0,0,0.001,0.001,0.001,0.9,France,Xeon,1,A100,machine,N,1.0\n"),
      HasSubstr("log:2:57: energy_consumed is 0.9 kWh, but cpu_energy, gpu_energy and ram_energy are 0.003 "
                "kWh together"));
  EXPECT_THAT(
      refusal(kSecond +
              "2024-05-31T10:39:13,p,r,100,0,0,0,0,0,0,0.001,0,0.001,France,Xeon,1,A100,simulated,N,1.0\n"),
      HasSubstr("is a row that tonne simulated"));
  EXPECT_THAT(
      refusal(kSecond +
              "2024-05-31T10:39:13,p,r,-5,0,0,0,0,0,0,0.001,0,0.001,France,Xeon,1,A100,machine,N,1.0\n"),
      HasSubstr("log:2:25: '-5' is no duration"));
  EXPECT_THAT(
      refusal(kSecond + "2024-05-31T10:39:13,p,r,5,0,0,0,0,0,0,,0,,France,Xeon,1,A100,machine,N,1.0\n"),
      HasSubstr("has no run with a measured energy: energy_consumed is 0 or empty in all rows"));
}

TEST(MeterRunLogs, SlurmsStepsAreNotAddedToTheirJob) {
  const MeterLog log = parsed(
      "JobID|JobName|Elapsed|Start|End|ConsumedEnergyRaw|AllocTRES|State\n"
      "100|train|01:00:00|2024-01-31T10:00:00|2024-01-31T11:00:00|1800000|billing=8,cpu=8,energy=1800000,"
      "gres/gpu=2,node=1|COMPLETED\n"
      "100.batch|batch|01:00:00|2024-01-31T10:00:00|2024-01-31T11:00:00|1800000|cpu=8|COMPLETED\n"
      "100.extern|extern|01:00:00|2024-01-31T10:00:00|2024-01-31T11:00:00|1800000|cpu=8|COMPLETED\n"
      "100.0|python|00:59:00|2024-01-31T10:00:00|2024-01-31T11:00:00|1790000|cpu=8|COMPLETED\n"
      "101_4|x|1-00:00:10|Unknown|Unknown|5000||COMPLETED\n"
      "102|y|00:00:10|2024-01-31T10:00:00|2024-01-31T11:00:00|18446744073709551614||COMPLETED\n"
      "103|z|00:00:10|2024-01-31T10:00:00|2024-01-31T11:00:00|||COMPLETED\n"
      "103.batch|batch|00:00:10|2024-01-31T10:00:00|2024-01-31T11:00:00|4000||COMPLETED\n"
      "103.0|batch|00:00:10|2024-01-31T10:00:00|2024-01-31T11:00:00|3000||COMPLETED\n"
      "104|w|00:00:10|2024-01-31T10:00:00|Unknown|77||RUNNING\n"
      "105|v|00:00:10|2024-01-31T10:00:00|Unknown|0||COMPLETED\n");
  EXPECT_EQ(log.format, Format::slurm);
  ASSERT_EQ(log.runs.size(), 3U);
  EXPECT_EQ(log.runs[0].name, "job 100 train");
  EXPECT_DOUBLE_EQ(part_of(log.runs[0], "node"), 1.8e6);
  EXPECT_DOUBLE_EQ(log.runs[0].time / second, 3600.0);
  EXPECT_EQ(log.runs[1].start, std::nullopt);
  EXPECT_DOUBLE_EQ(log.runs[1].time / second, 86410.0);
  EXPECT_DOUBLE_EQ(part_of(log.runs[2], "node"), 4000.0);
  const MeterReport report = report_of(log);
  EXPECT_TRUE(testing::warns(report, "no energy was measured of job 102, 105"))
      << testing::all_warnings(report);
  EXPECT_TRUE(testing::warns(report, "job 103 has no energy of its own: the largest of its steps'"));
  EXPECT_TRUE(testing::warns(report, "job 104 has not ended"));
  EXPECT_TRUE(testing::warns(report, "job 101_4 has no known start"));
}

TEST(MeterRunLogs, SlurmsSuffixesAreThousands) {
  const MeterLog log =
      parsed("JobID|ElapsedRaw|ConsumedEnergy|\n7|10|1.50K|\n8|10|2M|\n9|10|0.25G|\n10|10|512|\n");
  ASSERT_EQ(log.runs.size(), 4U);
  EXPECT_DOUBLE_EQ(log.runs[0].energy() / joule, 1500.0);
  EXPECT_DOUBLE_EQ(log.runs[1].energy() / joule, 2e6);
  EXPECT_DOUBLE_EQ(log.runs[2].energy() / joule, 2.5e8);
  EXPECT_DOUBLE_EQ(log.runs[3].energy() / joule, 512.0);
}

TEST(MeterRunLogs, SlurmsRefusals) {
  EXPECT_EQ(refusal("JobID           JobName  Elapsed\n------------ ---------- ----------\n"),
            "log:1: is sacct's table for people: run sacct with -P");
  EXPECT_THAT(refusal("JobID|ElapsedRaw|ConsumedEnergyRaw\n7|10|0\n"),
              HasSubstr("ConsumedEnergyRaw is 0 or empty in all jobs"));
  EXPECT_THAT(refusal("JobID|Elapsed|ConsumedEnergyRaw\n7|soon|10\n"),
              HasSubstr("log:2:3: 'soon' is no duration"));
  EXPECT_THAT(refusal("JobID|Elapsed\n7|10\n"),
              HasSubstr("log:1: needs the columns JobID, ElapsedRaw and ConsumedEnergyRaw"));
}

TEST(MeterRunLogs, WindowsOfZeusMayNest) {
  const MeterLog log = parsed(
      "start_time,window_name,elapsed_time,gpu0_energy,gpu1_energy\n"
      "1706695872.5,epoch,10.5,2000.5,1000\n1706695873.5,step, "
      "one,1.5,200.5,100\n1706695874,short,0.001,0,0\n");
  EXPECT_EQ(log.format, Format::zeus_windows);
  EXPECT_EQ(log.basis, TimeBasis::utc);
  ASSERT_EQ(log.runs.size(), 2U);
  EXPECT_DOUBLE_EQ(part_of(log.runs[0], "GPU 0"), 2000.5);
  EXPECT_DOUBLE_EQ(part_of(log.runs[0], "GPU 1"), 1000.0);
  EXPECT_EQ(log.runs[1].name, "step,one");
  const MeterReport report = report_of(log);
  EXPECT_TRUE(testing::warns(report, "windows overlap: do not add them up"));
  EXPECT_TRUE(testing::warns(report, "short in line 4"));
}

}  // namespace
}  // namespace tonne::meters
