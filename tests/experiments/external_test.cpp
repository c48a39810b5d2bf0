// External strategies through the program: good conversations, and every bad one.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>

#include "support.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;
using testing::Finished;
using testing::read_file;
using testing::run_program;
using testing::TemporaryFolder;

bool has(const char* command) { return std::system(command) == 0; }

// An experiment whose strategy is a shell script.
Finished run_script(const TemporaryFolder& folder, const std::string& script, const std::string& settings = "") {
  folder.write("s.sh", script);
  folder.write("e.yaml",
               "problems: [{function: {function: branin}}]\nbudget: {evaluations: 5}\nstrategies: [{external: {command: [sh], script: s.sh" +
                   settings + "}}]\n");
  return run_program("run e.yaml --quiet --allow-external", folder.path());
}

constexpr const char* kHello = "read first\necho '{\"tonne\": 1}'\n";
const std::string kGood = R"(echo '{"parameters": {"x1": 0.5, "x2": 7}}')";

TEST(External, AShellScriptIsAStrategy) {
  const TemporaryFolder folder;
  const Finished done = run_script(folder, std::string(kHello) + "while read line; do " + kGood + "; done\n");
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(read_file(folder / "results/e/trials.csv").find("0.5"), std::string::npos);
}

TEST(External, NothingRunsUnlessItIsAllowed) {
  const TemporaryFolder folder;
  folder.write("s.sh", "touch started\n");
  for (const char* entry : {"external: {command: [sh], script: s.sh}",
                            "marginal_stop: {strategy: {external: {command: [sh], script: s.sh}}}"}) {
    folder.write("e.yaml", std::string("problems: cell_nas\nbudget: {evaluations: 5}\nstrategies: [{") + entry + "}]\n");
    const Finished refused = run_program("run e.yaml --quiet", folder.path());
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_NE(refused.err.find("--allow-external"), std::string::npos) << refused.err;
    EXPECT_EQ(run_program("validate e.yaml", folder.path()).exit_code, 0);
  }
  EXPECT_FALSE(fs::exists(folder / "started"));
  EXPECT_FALSE(fs::exists(folder / "results"));
}

TEST(External, EveryBadAnswerIsOneClearSentence) {
  struct Bad {
    std::string script;
    std::string settings;
    std::string said;
  };
  const std::string hello = kHello;
  const std::vector<Bad> cases = {
      {"exit 3\n", "", "line 1 of its answers: the program has ended"},
      {hello + "read a\n" + kGood + "\nread b\necho 'what is this' >&2\nexit 1\n", "",
       "line 3 of its answers: the program has ended; its last words: 'what is this'"},
      {hello + "read a\necho nonsense\nsleep 5\n", "", "line 2 of its answers: found 'nonsense', expected a JSON object"},
      {"read a\necho '{\"tonne\": 2}'\nsleep 5\n", "", "the version of the protocol"},
      {hello + "sleep 30\n", ", answer_within: 0.2 s", "line 2 of its answers: nothing came within 0.2"},
      {"sleep 30\n", ", start_within: 0.2 s", "line 1 of its answers: nothing came within 0.2"},
      {hello + "read a\necho '{\"parameters\": {\"x1\": 50, \"x2\": 7}}'\nsleep 5\n", "", "parameter x1 takes -5.0 to 10.0"},
      {hello + "read a\necho '{\"parameters\": {\"x1\": 1}}'\nsleep 5\n", "", "parameter x2 is missing"},
      {hello + "read a\necho '{\"parameters\": {\"x1\": 1, \"x2\": 1, \"x3\": 1}}'\nsleep 5\n", "", "unknown, or inactive"},
      {hello + "read a\necho '{\"parameters\": {\"x1\": 1, \"x2\": 1}, \"fidelity\": 7}'\nsleep 5\n", "", "fidelity takes"},
      {hello + "read a\necho '{\"proposals\": []}'\nsleep 5\n", "", "at least one"},
      {hello + "read a\nhead -c 2000000 /dev/zero | tr '\\0' a\nsleep 5\n", "", "longer than 1,000,000 bytes"},
      {hello + "read a\nprintf '{\"\\033[31m\": 1}\\n'\nsleep 5\n", "", "expected"},
  };
  for (const Bad& bad : cases) {
    const TemporaryFolder folder;
    const auto start = std::chrono::steady_clock::now();
    const Finished done = run_script(folder, bad.script, bad.settings);
    EXPECT_EQ(done.exit_code, 2) << bad.script;
    EXPECT_NE(done.err.find(bad.said), std::string::npos) << done.err;
    EXPECT_NE(done.err.find("s.sh"), std::string::npos) << done.err;
    EXPECT_EQ(done.err.find('\033'), std::string::npos);
    // The child that sleeps is not waited for.
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(4)) << bad.script;
  }
}

TEST(External, ACommandThatDoesNotExistIsNamed) {
  const TemporaryFolder folder;
  folder.write("e.yaml", "problems: cell_nas\nbudget: {evaluations: 5}\nstrategies: [{external: {command: [no-such-program]}}]\n");
  const Finished done = run_program("run e.yaml --quiet --allow-external", folder.path());
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_NE(done.err.find("no-such-program"), std::string::npos) << done.err;
}

TEST(External, WaitDoneAndBatchesAreUnderstood) {
  const TemporaryFolder folder;
  const std::string batch = R"(echo '{"proposals": [{"parameters": {"x1": 1, "x2": 1}}, {"parameters": {"x1": 2, "x2": 2}}]}')";
  const Finished done = run_script(
      folder, std::string(kHello) + "read a\n" + batch + "\nread b\n" + kGood + "\nread c\necho '{\"done\": true}'\nsleep 9\n");
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const std::string trials = read_file(folder / "results/e/trials.csv");
  EXPECT_EQ(std::ranges::count(trials, '\n'), 4) << trials;
}

// The dependency-free example: the same bytes again, with several workers, failures and a conditional table.
TEST(External, TheExampleGivesTheSameResultsAgain) {
  if (!has("python3 -c pass 2>/dev/null")) GTEST_SKIP() << "no python3 here";
  const TemporaryFolder folder;
  folder.write("e.yaml", "problems: [cell_nas, {function: {function: hartmann6}}]\nseeds: 2\nbudget: {evaluations: 30}\n"
                         "cluster: {workers: 4}\nduplicates: forbid\nstrategies: [random, {external: {command: [python3], script: '" +
                             std::string(TONNE_SOURCE_DIR) + "/docs/external/random_strategy.py'}}]\n");
  ASSERT_EQ(run_program("run e.yaml --quiet --allow-external --out a", folder.path()).exit_code, 0);
  ASSERT_EQ(run_program("run e.yaml --quiet --allow-external --out b --threads 1", folder.path()).exit_code, 0);
  EXPECT_EQ(read_file(folder / "a/trials.csv"), read_file(folder / "b/trials.csv"));
}

TEST(External, OptunaIsAStrategy) {
  std::string python;
  for (const char* candidate : {"/usr/bin/python3", "python3"})
    if (python.empty() && has((std::string(candidate) + " -c 'import optuna' 2>/dev/null").c_str())) python = candidate;
  if (python.empty()) GTEST_SKIP() << "python3-optuna is not installed";
  const TemporaryFolder folder;
  folder.write("e.yaml", "problems: [{function: {function: hartmann6}}]\nseeds: 5\nbudget: {evaluations: 80}\ncluster: {workers: 2}\n"
                         "strategies: [random, {external: {label: optuna, command: [" + python + "], script: '" +
                             std::string(TONNE_SOURCE_DIR) + "/docs/external/optuna_strategy.py'}}]\n");
  const Finished done = run_program("run e.yaml --quiet --allow-external --json", folder.path());
  ASSERT_EQ(done.exit_code, 0) << done.err;
  // Leaderboards are sorted: Optuna's TPE stands before random search after 80 evaluations of Hartmann 6.
  EXPECT_LT(done.out.find("\"optuna\""), done.out.find("\"random\""));
}

}  // namespace
}  // namespace tonne
