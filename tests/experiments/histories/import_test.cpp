// tonne import as a user meets it: figures are compared with sums made by hand.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "core/units.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

using testing::Finished;
using testing::read_file;
using testing::run_program;
using testing::TemporaryFolder;

// 300 W and 40 W of the device, 50 W of its host, nothing for manufacture.
constexpr const char* kCluster =
    "cluster:\n"
    "  device: V100\n"
    "  tdp: 300 W\n"
    "  idle: 40 W\n"
    "  host_power: 50 W\n"
    "  facility: {pue: 1.5}\n"
    "  grid: {intensity: 100 gCO2e/kWh}\n"
    "  embodied: {count: false}\n";

// Two at once; the third begins while the second's worker is free, and fails.
constexpr const char* kTrials =
    "lr,op,accuracy,state,start,end,kwh\n"
    "0.01,adam,0.8,complete,2024-01-31T10:00:00Z,2024-01-31T10:01:40Z,0.002\n"
    "0.02,sgd,0.9,complete,2024-01-31T10:00:00Z,2024-01-31T10:00:50Z,0.001\n"
    "0.03,sgd,,failed,2024-01-31T10:01:00Z,2024-01-31T10:02:40Z,0.003\n";

constexpr const char* kRead = "import csv trials.csv --objective accuracy:max --start start --end end --state state --parameters lr op --cluster c.yaml ";

class Import : public ::testing::Test {
 protected:
  Import() {
    folder_.write("trials.csv", kTrials);
    folder_.write("c.yaml", kCluster);
  }
  Finished run(const std::string& arguments) { return run_program(arguments, folder_.path()); }
  nlohmann::json show(const std::string& results) {
    const Finished shown = run("show --json " + results);
    EXPECT_EQ(shown.exit_code, 0) << shown.err;
    return nlohmann::json::parse(shown.out);
  }
  void expect_refused(const std::string& arguments, const std::string& why, int code = 2) {
    const Finished finished = run(arguments);
    EXPECT_EQ(finished.exit_code, code) << arguments;
    EXPECT_NE(finished.err.find(why), std::string::npos) << finished.err;
    EXPECT_FALSE(std::filesystem::exists(folder_ / "none")) << arguments;
  }

  const TemporaryFolder folder_;
};

TEST_F(Import, ChargesTheRecordedTimesAtModelledPower) {
  const Finished finished = run(kRead + std::string("--ignore kwh --out r"));
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_NE(finished.out.find("run times real, energy modelled"), std::string::npos) << finished.out;
  EXPECT_NE(finished.out.find("Energy is modelled, not measured"), std::string::npos);
  const nlohmann::json summary = show("r");
  const nlohmann::json& row = summary["leaderboards"][0]["rows"][0];
  EXPECT_EQ(row["evaluations"], 3.0);
  EXPECT_EQ(row["failures"], 1.0);
  EXPECT_EQ(row["value"], 0.9);
  EXPECT_NEAR(row["makespan_h"].get<double>(), 160.0 * second / hour, 1e-12);
  // 250 s of trials at 40 + 0.65 x 260 + 50 W, 10 s and 60 s of waiting at 40 + 50 W, both x 1.5.
  const Energy energy = 1.5 * (250.0 * 259.0 + 70.0 * 90.0) * joule;
  EXPECT_NEAR(row["search"]["energy_kwh"].get<double>(), energy / kilowatt_hour, 1e-12);
  EXPECT_NEAR(row["search"]["operational_kg"].get<double>(), energy * (100.0 * gram_per_kilowatt_hour) / kilogram, 1e-12);
  EXPECT_EQ(row["search"]["embodied_kg"], 0.0);
  const Finished csv = run("export r --format csv");
  ASSERT_EQ(csv.exit_code, 0) << csv.err;
  const std::string trials = read_file(folder_ / "r/trials.csv");
  EXPECT_NE(trials.find(",0,0,0,100,completed,0.8,"), std::string::npos) << trials;
  EXPECT_NE(trials.find(",1,1,0,50,completed,0.9,"), std::string::npos) << trials;
  EXPECT_NE(trials.find(",2,1,60,160,invalid,,"), std::string::npos) << trials;
}

TEST_F(Import, ChargesMeasuredEnergyAndNothingBeside) {
  const Finished finished = run(kRead + std::string("--energy-kwh kwh --out r"));
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_NE(finished.out.find("run times real, energy measured"), std::string::npos) << finished.out;
  const nlohmann::json summary = show("r");
  const nlohmann::json& row = summary["leaderboards"][0]["rows"][0];
  EXPECT_NEAR(row["search"]["energy_kwh"].get<double>(), 1.5 * 0.006, 1e-12);
  EXPECT_NEAR(row["search"]["operational_kg"].get<double>(), 1.5 * 0.006 * 0.1, 1e-12);
  const Finished statement = run("statement r");
  EXPECT_NE(statement.out.find("energy was measured"), std::string::npos) << statement.out;
  EXPECT_EQ(statement.out.find("No models were trained"), std::string::npos) << statement.out;
}

constexpr const char* kEmissions =
    "timestamp,project_name,run_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,"
    "energy_consumed\n";

TEST_F(Import, SharesARunOfCodeCarbonAmongTheTrials) {
  folder_.write("e.csv", kEmissions + std::string("2024-01-31T10:02:45,p,1,170,0.1,0.1,1,1,1,0.01,0.03,0.01,0.05\n"));
  const Finished finished = run(kRead + std::string("--ignore kwh --emissions e.csv --out r"));
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const nlohmann::json summary = show("r");
  EXPECT_NEAR(summary["leaderboards"][0]["rows"][0]["search"]["energy_kwh"].get<double>(), 1.5 * 0.05, 1e-12);
  ASSERT_EQ(run("export r --format csv").exit_code, 0);
  // 50 s of 250 s: 0.01 kWh.
  EXPECT_NE(read_file(folder_ / "r/trials.csv").find("completed,0.9,1,0,,0,36000,0,0,18000,"), std::string::npos)
      << read_file(folder_ / "r/trials.csv");
}

TEST_F(Import, GivesEachTrialTheRunThatBeganAndEndedWithIt) {
  folder_.write("e.csv", kEmissions + std::string("2024-01-31T10:01:40,p,1,100,0.1,0.1,1,1,1,0.01,0.01,0,0.02\n"
                                                  "2024-01-31T10:00:50,p,2,50,0.1,0.1,1,1,1,0.02,0.02,0,0.04\n"
                                                  "2024-01-31T10:02:40,p,3,100,0.1,0.1,1,1,1,0.01,0,0,0.01\n"));
  const Finished finished = run(kRead + std::string("--ignore kwh --emissions e.csv --out r"));
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  ASSERT_EQ(run("export r --format csv").exit_code, 0);
  EXPECT_NE(read_file(folder_ / "r/trials.csv").find("completed,0.9,1,0,,0,144000,0,0,72000,"), std::string::npos)
      << read_file(folder_ / "r/trials.csv");
}

// A card's own sensor: 100 W all the time, in equal parts to the trials that run, with a host of 50 W each; waiting as modelled.
TEST_F(Import, SharesACardsReadingsAndModelsItsHost) {
  std::string log = "timestamp, index, power.draw [W]\n";
  for (int minute = 0; minute <= 3; ++minute)
    for (int s = 0; s < 60; s += 10)
      log += "2024/01/31 10:0" + std::to_string(minute) + ":" + (s == 0 ? "00" : std::to_string(s)) + ".000, 0, 100.00 W\n";
  folder_.write("power.csv", log);
  const Finished finished = run(kRead + std::string("--ignore kwh --emissions power.csv --out r"));
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_NE(finished.out.find("for the device alone"), std::string::npos) << finished.out;
  const Energy energy = 1.5 * (160.0 * 100.0 + 250.0 * 50.0 + 70.0 * 90.0) * joule;
  EXPECT_NEAR(show("r")["leaderboards"][0]["rows"][0]["search"]["energy_kwh"].get<double>(), energy / kilowatt_hour, 1e-9);
}

TEST_F(Import, PricesATraceAtTheRealHours) {
  folder_.write("g.csv", "time,g\n2024-01-31T09:00Z,400\n2024-01-31T10:00Z,200\n2024-01-31T11:00Z,0\n");
  folder_.write("c.yaml", "device: V100\nembodied: {count: false}\nfacility: {pue: 1}\n");
  const Finished finished = run(kRead + std::string("--energy-kwh kwh --grid g.csv --out r"));
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const nlohmann::json summary = show("r");
  EXPECT_NEAR(summary["leaderboards"][0]["rows"][0]["search"]["operational_kg"].get<double>(), 0.006 * 0.2, 1e-12);
}

TEST_F(Import, IsTheSameTwice) {
  ASSERT_EQ(run(kRead + std::string("--out a")).exit_code, 0);
  ASSERT_EQ(run(kRead + std::string("--out b")).exit_code, 0);
  EXPECT_EQ(run("show a --digest").out, run("show b --digest").out);
  EXPECT_EQ(read_file(folder_ / "a/summary.json"), read_file(folder_ / "b/summary.json"));
}

TEST_F(Import, CanBeReportedAndCompared) {
  ASSERT_EQ(run(kRead + std::string("--out a")).exit_code, 0);
  const Finished report = run("report a");
  ASSERT_EQ(report.exit_code, 0) << report.err;
  EXPECT_NE(read_file(folder_ / "a/report.html").find("The searches were real and were imported"), std::string::npos);
  ASSERT_EQ(run(kRead + std::string("--pue 1.1 --out b")).exit_code, 0);
  const Finished compared = run("compare a b");
  EXPECT_EQ(compared.exit_code, 0) << compared.err;
  EXPECT_NE(compared.out.find("cluster.facility.pue is 1.5 in a and 1.1 in b"), std::string::npos) << compared.out;
}

TEST_F(Import, SharesADeviceAmongTrials) {
  ASSERT_EQ(run(kRead + std::string("--ignore kwh --out a")).exit_code, 0);
  ASSERT_EQ(run(kRead + std::string("--ignore kwh --devices-per-trial 0.5 --out b")).exit_code, 0);
  const double whole = show("a")["leaderboards"][0]["rows"][0]["search"]["energy_kwh"].get<double>();
  const double half = show("b")["leaderboards"][0]["rows"][0]["search"]["energy_kwh"].get<double>();
  EXPECT_NEAR(half, 0.5 * whole, 1e-12);
}

TEST_F(Import, RefusesInOneSentence) {
  const std::string read = "import csv trials.csv --objective accuracy:max --start start --end end --state state ";
  expect_refused(read + "--out none", "it is not said on what the search ran: give --device");
  expect_refused(read + "--device V100 --out none", "from which grid");
  expect_refused(kRead + std::string("--workers 1 --out none"), "1 workers are fewer than the 2 trials that ran at once");
  expect_refused(kRead + std::string("--device V1000 --out none"), "V1000");
  expect_refused(kRead + std::string(""), "nothing to write");
  expect_refused("import csv trials.csv --objective accuracy:max --cluster c.yaml --ignore start end --out none", "without run times there is nothing to price");
  folder_.write("c2.yaml", "device: [V100, A100-40GB]\ngrid: FRA-2023\n");
  expect_refused(read + "--cluster c2.yaml --out none", "a recorded search ran on one cluster");
  folder_.write("c3.yaml", "device: V100\ngrid: FRA-2023\npreemption: {interval: 1 h}\n");
  expect_refused(read + "--cluster c3.yaml --out none", "in its run times already");
  folder_.write("c4.yaml", "devise: V100\n");
  expect_refused(read + "--cluster c4.yaml --device V100 --grid FRA-2023 --out none", "c4.yaml:1:1");
  folder_.write("g.csv", "time,g\n2023-01-31T09:00Z,400\n2023-01-31T10:00Z,200\n");
  expect_refused(kRead + std::string("--grid g.csv --out none"), "is outside the grid trace");
  expect_refused(kRead + std::string("--as-table none.yaml"), "too few to fit a model");
  ASSERT_EQ(run(kRead + std::string("--out r")).exit_code, 0);
  expect_refused(kRead + std::string("--out r"), "exists already: choose another folder", 3);
}

TEST_F(Import, CannotBeRunAgain) {
  ASSERT_EQ(run(kRead + std::string("--out r")).exit_code, 0);
  folder_.write("e.yaml", "problems: [cell_nas]\nstrategies: [random]\nbudget: {evaluations: 3}\n");
  const Finished finished = run("run e.yaml --resume --out r");
  EXPECT_EQ(finished.exit_code, 3);
  EXPECT_NE(finished.err.find("a real search that was imported, which cannot be run again"), std::string::npos) << finished.err;
}

TEST_F(Import, BecomesATableThatRuns) {
  std::string trials = "lr,op,accuracy,start,end\n";
  for (int i = 0; i < 30; ++i)
    trials += "0.0" + std::to_string(i + 10) + (i % 3 == 0 ? ",adam," : ",sgd,") + "0." + std::to_string(50 + (7 * i) % 40) + "," +
              std::to_string(1'700'000'000 + 10 * i) + "," + std::to_string(1'700'000'008 + 10 * i) + "\n";
  folder_.write("trials.csv", trials);
  const Finished finished = run("import csv trials.csv --objective accuracy:max --start start --end end --parameters lr op --cluster c.yaml --as-table t.yaml");
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_NE(read_file(folder_ / "t.yaml").find("It averages"), std::string::npos);
  const Finished ran = run("run t.yaml --out r");
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_NE(ran.out.find("tpe"), std::string::npos);
  const nlohmann::json summary = show("r");
  const nlohmann::json& row = summary["leaderboards"][0]["rows"][0];
  EXPECT_NEAR(row["makespan_h"].get<double>(), 30 * 8.0 * second / hour, 1e-9);  // each took 8 s, one after the other
}

// A study with set times, as Optuna writes it.
constexpr const char* kStudy = R"(
import datetime, sys
try:
    import optuna
except ImportError:
    sys.exit(77)
optuna.logging.set_verbosity(optuna.logging.ERROR)
study = optuna.create_study(study_name="s", storage="sqlite:///study.db", direction="maximize")
space = {"x": optuna.distributions.FloatDistribution(0.001, 1.0, log=True)}
begin = datetime.datetime(2024, 1, 31, 10, 0, 0)
def add(x, state, start, seconds, **more):
    trial = optuna.trial.create_trial(state=state, params={"x": x}, distributions=space, **more)
    trial.datetime_start = begin + datetime.timedelta(seconds=start)
    trial.datetime_complete = trial.datetime_start + datetime.timedelta(seconds=seconds)
    study.add_trial(trial)
State = optuna.trial.TrialState
add(0.1, State.COMPLETE, 0, 100, value=0.5, intermediate_values={0: 0.3, 1: 0.5})
add(0.2, State.PRUNED, 100, 20.5, value=0.2, intermediate_values={0: 0.2})
add(0.3, State.COMPLETE, 130, 100, value=0.7, intermediate_values={0: 0.4, 1: 0.7})
)";

TEST_F(Import, ReadsAStudyOfOptuna) {
  folder_.write("study.py", kStudy);
  const int status = std::system(("cd '" + folder_.path().string() + "' && /usr/bin/python3 study.py").c_str());
  if (WIFEXITED(status) && WEXITSTATUS(status) != 0) GTEST_SKIP() << "needs Debian's python3-optuna";
  const Finished finished = run("import optuna study.db --cluster c.yaml --out r");
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  const nlohmann::json summary = show("r");
  const nlohmann::json& row = summary["leaderboards"][0]["rows"][0];
  EXPECT_EQ(row["value"], 0.7);
  EXPECT_EQ(row["evaluations"], 3.0);
  EXPECT_NEAR(row["makespan_h"].get<double>(), 230.0 * second / hour, 1e-12);
  const Energy energy = 1.5 * (220.5 * 259.0 + 9.5 * 90.0) * joule;
  EXPECT_NEAR(row["search"]["energy_kwh"].get<double>(), energy / kilowatt_hour, 1e-12);
  ASSERT_EQ(run("export r --format csv").exit_code, 0);
  const std::string trials = read_file(folder_ / "r/trials.csv");
  EXPECT_NE(trials.find(",1,0,100,120.5,completed,0.2,1,"), std::string::npos) << trials;  // pruned: trained half as far
  EXPECT_NE(trials.find(",2,0,130,230,completed,0.7,2,"), std::string::npos) << trials;
}

}  // namespace
}  // namespace tonne
