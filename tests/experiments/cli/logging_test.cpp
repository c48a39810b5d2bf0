// --log-level and --log-file, as a user gives them.

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/experiments/support.h"

namespace tonne {
namespace {

using nlohmann::json;
using testing::Finished;
using testing::read_file;
using testing::run_program;
using testing::TemporaryFolder;

constexpr const char* kExperiment = R"(
name: logged
seeds: 3
problems: [cell_nas]
strategies: [random, regularized_evolution]
cluster: {device: V100, workers: 2, facility: {pue: 1.1}, grid: FRA-2023}
budget: {evaluations: 20}
)";

std::vector<json> events_in(const std::filesystem::path& file) {
  std::vector<json> events;
  std::istringstream stream(read_file(file));
  for (std::string line; std::getline(stream, line);) events.push_back(json::parse(line));
  return events;
}

std::vector<json> named(const std::vector<json>& events, const std::string& name) {
  std::vector<json> found;
  for (const json& event : events)
    if (event.at("event") == name) found.push_back(event);
  return found;
}

TEST(Logging, TheQuickstartGivesALineForEachCell) {
  const TemporaryFolder folder;
  const Finished run = run_program("run '" TONNE_SOURCE_DIR "/configs/quickstart.yaml' --quiet --out r --log-file run.jsonl", folder.path());
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.err, "");
  const std::vector<json> events = events_in(folder / "run.jsonl");
  EXPECT_EQ(events.front()["event"], "command_started");
  EXPECT_EQ(events.back()["event"], "command_finished");
  EXPECT_EQ(events.back()["exit_code"], 0);
  std::set<int> cells;
  for (const json& event : named(events, "cell_finished")) {
    cells.insert(event.at("cell").get<int>());
    EXPECT_GT(event.at("evaluations"), 0);
    EXPECT_GT(event.at("seconds"), 0.0);
    EXPECT_EQ(event.at("shard"), "1/1");
    EXPECT_EQ(event.at("problem"), "cell_nas/cifar10");
  }
  EXPECT_EQ(cells.size(), 80U);
}

TEST(Logging, LeavesResultsAsTheyAre) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kExperiment);
  ASSERT_EQ(run_program("run e.yaml --quiet --out plain", folder.path()).exit_code, 0);
  ASSERT_EQ(run_program("run e.yaml --quiet --out logged --log-level debug --log-file l.jsonl", folder.path()).exit_code, 0);
  for (const char* file : {"incumbents.csv", "summary.json"})
    EXPECT_EQ(read_file(folder.path() / "plain" / file), read_file(folder.path() / "logged" / file)) << file;
  const std::string digest = run_program("show plain --digest", folder.path()).out;
  EXPECT_EQ(run_program("show logged --digest", folder.path()).out, digest);
  const std::vector<json> events = events_in(folder / "l.jsonl");
  EXPECT_EQ(named(events, "cell_started").size(), 6U);
  EXPECT_GE(named(events, "store_write").size(), 12U) << "trials and cell of each search";
}

TEST(Logging, ResumingAndMergingAreTold) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kExperiment);
  for (const char* shard : {"1/2", "2/2"})
    ASSERT_EQ(run_program(std::string("run e.yaml --quiet --log-file l.jsonl --shard ") + shard, folder.path()).exit_code, 0);
  const Finished again = run_program("run e.yaml --quiet --resume --log-file l.jsonl --shard 2/2", folder.path());
  ASSERT_EQ(again.exit_code, 0) << again.err;
  const Finished merged =
      run_program("merge results/logged-shard-1-of-2 results/logged-shard-2-of-2 --out all --log-file l.jsonl", folder.path());
  ASSERT_EQ(merged.exit_code, 0) << merged.err;
  const std::vector<json> events = events_in(folder / "l.jsonl");
  EXPECT_EQ(named(events, "run_started").size(), 2U);
  ASSERT_EQ(named(events, "run_resumed").size(), 1U);
  EXPECT_EQ(named(events, "run_resumed").front()["cells_recorded"], 3);
  EXPECT_EQ(named(events, "cell_finished").size(), 6U) << "nothing is run twice";
  EXPECT_EQ(named(events, "shard_joined").size(), 2U);
}

TEST(Logging, ReportAndPlanLogToo) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kExperiment);
  ASSERT_EQ(run_program("run e.yaml --quiet --out r", folder.path()).exit_code, 0);
  ASSERT_EQ(run_program("report r --log-file l.jsonl", folder.path()).exit_code, 0);
  const Finished plan = run_program(
      "plan cell_nas --device V100 --grid FRA-2023 --limit '0.05 kg' --strategies random --seeds 6 --fresh-seeds 2 --log-file l.jsonl "
      "--log-level debug",
      folder.path());
  ASSERT_EQ(plan.exit_code, 0) << plan.err;
  const std::vector<json> events = events_in(folder / "l.jsonl");
  ASSERT_EQ(named(events, "command_finished").size(), 2U);
  EXPECT_EQ(named(events, "command_finished").front()["command"], "report");
  EXPECT_GE(named(events, "cell_finished").size(), 8U) << "six to choose by, two to expect from";
  EXPECT_FALSE(named(events, "plan_step").empty());
}

constexpr const char* kExternal = R"(
name: external
seeds: 2
problems: [cell_nas]
strategies: [external: {command: [sh, s.sh]}]
cluster: {device: V100, facility: {pue: 1.1}, grid: FRA-2023}
budget: {evaluations: 5}
)";

TEST(Logging, DebugShowsWhatAnExternalStrategyWritesToStderr) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kExternal);
  folder.write("s.sh",
               "read first\necho 'loading the model' >&2\nprintf 'second \\033[31mline' >&2\necho '{\"tonne\": 1}'\n"
               "read ask\necho '{\"done\": true}'\n");
  const Finished quiet = run_program("run e.yaml --quiet --allow-external --out a", folder.path());
  EXPECT_EQ(quiet.err.find("loading"), std::string::npos) << quiet.err;
  const Finished run =
      run_program("run e.yaml --quiet --allow-external --out b --log-level debug --log-file l.jsonl", folder.path());
  EXPECT_NE(run.err.find("external_stderr"), std::string::npos) << run.err;
  EXPECT_NE(run.err.find(": loading the model\n"), std::string::npos) << run.err;
  EXPECT_NE(run.err.find(": second ?[31mline\n"), std::string::npos) << "the last line has no end; " << run.err;
  const std::vector<json> lines = named(events_in(folder / "l.jsonl"), "external_stderr");
  ASSERT_EQ(lines.size(), 4U) << "two of each of two searches";
  std::map<std::string, int> count;
  for (const json& line : lines) ++count[line.at("message").get<std::string>()];
  EXPECT_EQ(count["loading the model"], 2);
  EXPECT_EQ(count["second \x1b[31mline"], 2) << "the file has it as it came";
  EXPECT_TRUE(lines.front().contains("cell"));
}

TEST(Logging, FailuresAreInTheFileAndOnceOnStderr) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kExternal);
  folder.write("s.sh", "echo 'out of luck' >&2\nexit 3\n");
  const Finished run = run_program("run e.yaml --quiet --allow-external --threads 1 --log-file l.jsonl", folder.path());
  EXPECT_EQ(run.exit_code, 2);
  const std::size_t first = run.err.find("the program has exited");
  ASSERT_NE(first, std::string::npos) << run.err;
  EXPECT_EQ(run.err.find("the program has exited", first + 1), std::string::npos) << run.err;
  const std::vector<json> events = events_in(folder / "l.jsonl");
  ASSERT_EQ(named(events, "cell_failed").size(), 1U);
  EXPECT_EQ(named(events, "cell_failed").front()["level"], "error");
  EXPECT_NE(named(events, "cell_failed").front()["message"].get<std::string>().find("out of luck"), std::string::npos);
  EXPECT_EQ(named(events, "command_failed").size(), 1U);
}

TEST(Logging, WhatCanHardlyBeMeantIsWarnedOf) {
  const TemporaryFolder folder;
  folder.write("e.yaml",
               "name: one\nseeds: 1\nproblems: [cell_nas]\nstrategies: [random]\ncluster: {device: V100, facility: {pue: 1.1}, grid: "
               "FRA-2023}\nbudget: {co2e: 1 g}\n");
  const Finished run = run_program("run e.yaml --quiet --out a", folder.path());
  EXPECT_NE(run.err.find("tonne: warning: one seed"), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("pays for one evaluation at most"), std::string::npos) << run.err;
  EXPECT_EQ(run_program("run e.yaml --quiet --out b --log-level error", folder.path()).err, "");
}

TEST(Logging, GridsOfDifferentKindsAreWarnedOf) {
  const TemporaryFolder folder;
  const std::string begin =
      "name: two\nseeds: [0, 2]\nproblems: [cell_nas]\nstrategies: [random]\nbudget: {evaluations: 2}\ncluster: {device: V100, "
      "facility: {pue: 1.1}, grid: ";
  const std::string warning = "The grid figures are of different kinds: average, direct, location; average, life_cycle, location.";
  folder.write("mixed.yaml", begin + "[gcp:us-west1, Sweden]}\n");
  EXPECT_NE(run_program("run mixed.yaml --quiet --out a", folder.path()).err.find("tonne: warning: " + warning), std::string::npos);
  EXPECT_NE(run_program("validate mixed.yaml", folder.path()).out.find(warning), std::string::npos);
  folder.write("same.yaml", begin + "[gcp:us-west1, gcp:us-central1]}\n");
  EXPECT_EQ(run_program("run same.yaml --quiet --out b", folder.path()).err, "");
  const Finished compared = run_program("compare a b", folder.path());
  EXPECT_EQ(compared.exit_code, 0) << compared.err;
  EXPECT_NE(run_program("report a --format json", folder.path()).out.find(warning), std::string::npos);
}

TEST(Logging, BadOptionsAreRefused) {
  const TemporaryFolder folder;
  folder.write("e.yaml", kExperiment);
  EXPECT_EQ(run_program("run e.yaml --log-level loud", folder.path()).exit_code, 2);
  const Finished run = run_program("run e.yaml --log-file /proc/none/l.jsonl", folder.path());
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.err.find("--log-file"), std::string::npos) << run.err;
  EXPECT_FALSE(std::filesystem::exists(folder / "results")) << "nothing half-written";
}

}  // namespace
}  // namespace tonne
