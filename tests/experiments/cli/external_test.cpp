// External strategies through the program: good conversations, and every bad one.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <iterator>
#include <string>

#include "tests/experiments/support.h"
#include "tests/support/recipes.h"

namespace tonne {
namespace {

namespace fs = std::filesystem;
using testing::Finished;
using testing::read_file;
using testing::run_program;
using testing::TemporaryFolder;

bool has(const char* command) {
  return std::system(command) == 0;
}

// An experiment whose strategy is a shell script.
Finished run_script(const TemporaryFolder& folder, const std::string& script,
                    const std::string& settings = "") {
  folder.write("s.sh", script);
  folder.write("e.yaml",
               "problems: [{function: {function: branin}}]\nbudget: {evaluations: 5}\nstrategies: "
               "[{external: {command: [sh], script: s.sh" +
                   settings + "}}]\n");
  return run_program("run e.yaml --quiet --csv --allow-external", folder.path());
}

// Whether the process that has written its number to the file `pid` is gone, not even a zombie.
bool is_gone(const TemporaryFolder& folder) {
  const std::string text = read_file(folder / "pid");
  return !text.empty() && kill(std::stoi(text), 0) != 0 && errno == ESRCH;
}

constexpr const char* kHello = "read first\necho '{\"tonne\": 1}'\n";
const std::string kGood = R"(echo '{"parameters": {"x1": 0.5, "x2": 7}}')";

TEST(External, AShellScriptIsAStrategy) {
  const TemporaryFolder folder;
  const Finished done = run_script(folder, std::string(kHello) + "while read line; do " + kGood + "; done\n");
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(read_file(folder / "results/e/trials.csv").find("0.5"), std::string::npos);
}

TEST(External, AnswersThatMissABoundByRoundingCountAsTheBound) {
  for (const char* near : {"10.000000000000002", "10.000000000005"}) {
    const TemporaryFolder folder;
    const Finished done = run_script(folder, std::string(kHello) + R"(while read line; do echo '{"parameters": {"x1": )" + near + R"(, "x2": 7}}'; done)");
    ASSERT_EQ(done.exit_code, 0) << done.err;
    EXPECT_NE(read_file(folder / "results/e/trials.csv").find(",x1=10;x2=7"), std::string::npos) << read_file(folder / "results/e/trials.csv");
  }
  const TemporaryFolder folder;
  const Finished done = run_script(folder, std::string(kHello) + R"(while read line; do echo '{"parameters": {"x1": 10.0000000001, "x2": 7}}'; done)");
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_NE(done.err.find("parameter x1 takes -5"), std::string::npos) << done.err;
}

TEST(External, ANumberStandsForTheLevelThatIsWrittenAsOne) {
  const TemporaryFolder folder;
  folder.write("t.csv", "batch,acc,sec\n16,90,1\n0.1,91,1\nsome,92,1\n");
  folder.write("s.sh", std::string(kHello) + R"(read line; echo '{"parameters": {"batch": 16.0}}'; while read line; do echo '{"parameters": {"batch": 0.1}}'; done)");
  folder.write("e.yaml",
               "problems: [{tabular: {file: t.csv, decisions: [batch], objective: acc, direction: maximise, time: sec}}]\nbudget: {evaluations: 3}\n"
               "strategies: [{external: {command: [sh], script: s.sh}}]\n");
  const Finished done = run_program("run e.yaml --quiet --csv --allow-external", folder.path());
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const std::string trials = read_file(folder / "results/e/trials.csv");
  EXPECT_NE(trials.find("batch=16"), std::string::npos) << trials;
  EXPECT_NE(trials.find("batch=0.1"), std::string::npos) << trials;
  folder.write("s.sh", std::string(kHello) + R"(read line; echo '{"parameters": {"batch": 17}}'; read line)");
  const Finished refused = run_program("run e.yaml --quiet --allow-external --out other", folder.path());
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.err.find("parameter batch takes one of"), std::string::npos) << refused.err;
}

TEST(External, NothingRunsUnlessItIsAllowed) {
  const TemporaryFolder folder;
  folder.write("s.sh", "touch started\n");
  for (const char* entry : {"external: {command: [sh], script: s.sh}",
                            "marginal_stop: {strategy: {external: {command: [sh], script: s.sh}}}"}) {
    folder.write("e.yaml", std::string("problems: cell_nas\nbudget: {evaluations: 5}\nstrategies: [{") +
                               entry + "}]\n");
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
      {"exit 3\n", "", "line 1 of its output: the program has exited"},
      {hello + "read a\n" + kGood + "\nread b\necho 'what is this' >&2\nexit 1\n", "",
       "line 3 of its output: the program has exited; last output: 'what is this'"},
      {hello + "read a\necho nonsense\nsleep 3600\n", "",
       "line 2 of its output: found 'nonsense', expected a JSON object"},
      {"read a\necho '{\"tonne\": 2}'\nsleep 3600\n", "", "the protocol version"},
      {hello + "sleep 30\n", ", answer_within: 0.2 s", "line 2 of its output: no answer within 0.2"},
      {"sleep 30\n", ", start_within: 0.2 s", "line 1 of its output: no answer within 0.2"},
      {hello + "read a\necho '{\"parameters\": {\"x1\": 50, \"x2\": 7}}'\nsleep 3600\n", "",
       "parameter x1 takes -5.0 to 10.0"},
      {hello + "read a\necho '{\"parameters\": {\"x1\": 1}}'\nsleep 3600\n", "", "parameter x2 is missing"},
      {hello + "read a\necho '{\"parameters\": {\"x1\": 1, \"x2\": 1, \"x3\": 1}}'\nsleep 3600\n", "",
       "unknown, or inactive"},
      {hello + "read a\necho '{\"parameters\": {\"x1\": 1, \"x2\": 1}, \"fidelity\": 7}'\nsleep 3600\n", "",
       "fidelity must be"},
      {hello + "read a\necho '{\"proposals\": []}'\nsleep 3600\n", "", "non-empty list"},
      {hello + "read a\nhead -c 2000000 /dev/zero | tr '\\0' a\nsleep 3600\n", "", "exceeds 1,000,000 bytes"},
      {hello + "read a\nprintf '{\"\\033[31m\": 1}\\n'\nsleep 3600\n", "", "expected"},
      {hello + "read a\nprintf '{\"a\":'; head -c 400000 /dev/zero | tr '\\0' '['; head -c 400000 /dev/zero "
               "| tr '\\0' ']'\n"
               "echo '}'\nsleep 3600\n",
       "", "expected a JSON object"},
      {hello + "read a\necho '{\"parameters\": {\"x1\": NaN, \"x2\": 1}}'\nsleep 3600\n", "",
       "expected a JSON object"},
      {hello + "read a\necho '{\"wait\": 1}'\nsleep 3600\n", "", "wait must be true or false"},
      {hello + "read a\necho '{\"done\": false}'\nsleep 3600\n", "",
       "expected parameters, wait, done or proposals"},
      {hello + "read a\n" + kGood + "\n" + kGood + "\nread a\necho '{\"ask\": 0}'\nsleep 3600\n", "",
       "expected an answer to 2"},
      {hello + "read a\necho '{\"parameters\": {\"x1\": 1, \"x2\": 1}, \"resumes\": 0}'\nsleep 3600\n", "",
       "a completed trial"},
      {hello + "read a\necho '{\"parameters\": {\"x1\": 1, \"x2\": 1}, \"inherits\": true}'\nsleep 3600\n", "",
       "needs resumes"},
      {hello + "read a\necho '{\"parameters\": {\"x1\": 1, \"x2\": 1}, \"tag\": []}'\nsleep 3600\n", "",
       "a tag must be"},
      {hello + "read a\necho '{\"flops\": -1}'\nsleep 3600\n", "", "flops must be"},
  };
  for (const Bad& bad : cases) {
    const TemporaryFolder folder;
    const Finished done = run_script(folder, "echo $$ > pid\n" + bad.script, bad.settings);
    EXPECT_EQ(done.exit_code, 2) << bad.script;
    EXPECT_NE(done.err.find(bad.said), std::string::npos) << done.err;
    EXPECT_NE(done.err.find("s.sh"), std::string::npos) << done.err;
    EXPECT_EQ(done.err.find('\033'), std::string::npos);
    // The child that sleeps is killed, not waited for: that would be an hour, which no test is given.
    EXPECT_TRUE(is_gone(folder)) << bad.script;
  }
}

TEST(External, ACommandThatDoesNotExistIsNamed) {
  const TemporaryFolder folder;
  folder.write("e.yaml",
               "problems: cell_nas\nbudget: {evaluations: 5}\nstrategies: [{external: {command: "
               "[no-such-program]}}]\n");
  const Finished done = run_program("run e.yaml --quiet --csv --allow-external", folder.path());
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_NE(done.err.find("no-such-program"), std::string::npos) << done.err;
}

TEST(External, WaitDoneAndBatchesAreUnderstood) {
  const TemporaryFolder folder;
  const std::string batch =
      R"(echo '{"proposals": [{"parameters": {"x1": 1, "x2": 1}}, {"parameters": {"x1": 2, "x2": 2}}]}')";
  const Finished done = run_script(folder, std::string(kHello) + "read a\n" + batch + "\nread b\n" + kGood +
                                               "\nread c\necho '{\"done\": true}'\nsleep 9\n");
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const std::string trials = read_file(folder / "results/e/trials.csv");
  EXPECT_EQ(std::ranges::count(trials, '\n'), 4) << trials;
}

TEST(External, AProgramNeedsNoCommandBeforeIt) {
  const TemporaryFolder folder;
  folder.write("s.sh", std::string("#!/bin/sh\n") + kHello + "while read line; do " + kGood + "; done\n");
  fs::permissions(folder / "s.sh", fs::perms::owner_all);
  folder.write("e.yaml",
               "problems: [{function: {function: branin}}]\nbudget: {evaluations: 5}\nstrategies: "
               "[{external: {script: s.sh}}]\n");
  const Finished done = run_program("run e.yaml --quiet --csv --allow-external", folder.path());
  EXPECT_EQ(done.exit_code, 0) << done.err;
  const SearchSpace space;
  const ProblemTraits traits;
  const auto reason = testing::strategy_recipe("external")->refuses({space, traits});
  ASSERT_TRUE(reason);
  EXPECT_NE(reason->find("needs a command"), std::string::npos);
}

// What the program is told, line by line, of a conversation held by hand.
class Conversation {
 public:
  // `answers`: shell commands, one for each message after the first.
  explicit Conversation(const std::vector<std::string>& answers) {
    std::string script = "log=${0%/*}/log\n" + std::string(kHello);
    for (const std::string& answer : answers)
      script += "read -r line; echo \"$line\" >> $log; echo '" + answer + "'\n";
    const fs::path file = folder_.write("s.sh", script);
    traits_.name = "test";
    traits_.objectives = {{"error", "%", Direction::minimise}};
    traits_.fidelity = {"epochs", 1.0, 9.0, true};
    strategy_ = testing::strategy_recipe("external", "{command: [sh], script: '" + file.string() + "'}")
                    ->make({space_, traits_, 9.0, 4});
  }
  std::optional<Proposal> ask(TrialId id) { return strategy_->ask(id, Random(id)); }
  void tell(TrialId id, const Proposal& proposal, bool cached = false) {
    Trial trial;
    trial.id = id;
    trial.proposal = proposal;
    trial.result = Completed{{0.5}, cached};
    strategy_->tell(trial);
  }
  [[nodiscard]] const Strategy& strategy() const { return *strategy_; }
  // The messages so far, but the first one.
  [[nodiscard]] std::string heard() const { return read_file(folder_ / "log"); }

 private:
  TemporaryFolder folder_;
  SearchSpace space_{{{.name = "x", .domain = Real{0.0, 1.0}}}};
  ProblemTraits traits_;
  std::unique_ptr<Strategy> strategy_;
};

std::size_t times(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(External, ToWaitIsNotToBeTurnedDown) {
  const std::string good = R"({"parameters": {"x": 0.5}})";
  Conversation talk({good, R"({"wait": true})", good});
  const auto first = talk.ask(0);
  ASSERT_TRUE(first);
  EXPECT_FALSE(talk.ask(1));
  talk.tell(0, *first);
  EXPECT_TRUE(talk.ask(1));
  EXPECT_EQ(times(talk.heard(), "turned_down"), 0U) << talk.heard();
}

TEST(External, EachProposalIsToldOfOnceAndByItsTag) {
  const std::string batch =
      R"({"proposals": [{"parameters": {"x": 0.1}, "tag": "a"}, {"parameters": {"x": 0.2}, "tag": 7}]})";
  const std::string good = R"({"parameters": {"x": 0.5}})";
  Conversation talk({batch, good, good});
  const auto first = talk.ask(0);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->configuration[0], 0.1);
  EXPECT_EQ(talk.ask(1)->configuration[0], 0.2);
  EXPECT_EQ(talk.ask(1)->configuration[0], 0.5);  // the batch's second one was turned down
  EXPECT_EQ(
      times(talk.heard(), R"({"id":1,"tag":7,"parameters":{"x":0.2},"fidelity":9.0,"turned_down":true})"), 1U)
      << talk.heard();
  talk.tell(0, *first);
  talk.tell(0, *first);
  talk.tell(99, *first);
  EXPECT_TRUE(talk.ask(2));
  EXPECT_EQ(times(talk.heard(), R"("losses":[0.5])"), 1U) << talk.heard();
  EXPECT_EQ(times(talk.heard(), R"("tag":"a")"), 1U) << talk.heard();
}

TEST(External, TrialsResumeAndInherit) {
  Conversation talk({R"({"parameters": {"x": 0.5}, "fidelity": 3})",
                     R"({"parameters": {"x": 0.5}, "resumes": 0, "fidelity": 9})",
                     R"({"parameters": {"x": 0.7}, "resumes": 0, "inherits": true, "fidelity": 4})",
                     R"({"parameters": {"x": 0.7}, "resumes": 0, "fidelity": 9})"});
  EXPECT_TRUE(talk.strategy().may_resume());
  const auto first = talk.ask(0);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->fidelity, 3.0);
  talk.tell(0, *first);
  const auto second = talk.ask(1);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->resumes, TrialId{0});
  EXPECT_FALSE(second->inherits);
  const auto third = talk.ask(2);
  ASSERT_TRUE(third);
  EXPECT_EQ(third->resumes, TrialId{0});
  EXPECT_TRUE(third->inherits);
  EXPECT_THROW(static_cast<void>(talk.ask(3)), InputError);
}

TEST(External, ACachedTrialHasNoCheckpoint) {
  Conversation talk({R"({"parameters": {"x": 0.5}, "fidelity": 3})",
                     R"({"parameters": {"x": 0.5}, "resumes": 0, "fidelity": 9})"});
  talk.tell(0, talk.ask(0).value(), true);
  EXPECT_THROW(static_cast<void>(talk.ask(1)), InputError);
}

TEST(External, TheWorkThatTheProgramCountsIsItsOwn) {
  Conversation talk({R"({"parameters": {"x": 0.5}, "flops": 1000})", R"({"wait": true, "flops": 500.5})"});
  EXPECT_EQ(talk.strategy().computed(), Work{});
  EXPECT_TRUE(talk.ask(0));
  EXPECT_EQ(talk.strategy().computed(), 1000.0 * flop);
  EXPECT_FALSE(talk.ask(1));
  EXPECT_EQ(talk.strategy().computed(), 1500.5 * flop);
}

TEST(External, NothingIsLeftOpen) {
  const auto open_files = [] {
    return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
  };
  const auto before = open_files();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(Conversation({R"({"parameters": {"x": 0.5}})"}).ask(0));
  EXPECT_EQ(open_files(), before);
}

TEST(External, AnInterruptEndsTheProgramToo) {
  const TemporaryFolder folder;
  folder.write("s.sh", std::string("echo $$ > pid\n") + kHello + "while read line; do sleep 0.02; " + kGood +
                           "; done\n");
  folder.write("e.yaml",
               "problems: [{function: {function: branin}}]\nbudget: {evaluations: 100000}\n"
               "strategies: [{external: {command: [sh], script: s.sh}}]\n");
  folder.write(
      "interrupt.sh",
      "env --default-signal=INT \"$@\" & run=$!\nwhile ! test -s pid; do sleep 0.05; done\nsleep 0.1\nkill -INT $run\nwait $run\n");
  const Finished done = run_program("run e.yaml --quiet --csv --allow-external", folder.path(), "sh interrupt.sh");
  EXPECT_EQ(done.exit_code, 130) << done.err;
  EXPECT_TRUE(is_gone(folder));
}

// The second program dies as long as there is no file `ok`; the first search is kept.
TEST(External, ACrashedSearchIsRunAgain) {
  const TemporaryFolder folder;
  folder.write("s.sh", std::string("mkdir first 2>/dev/null || test -e ok || exit 1\n") + kHello +
                           "while read line; do " + kGood + "; done\n");
  folder.write("e.yaml",
               "problems: [{function: {function: branin}}]\nseeds: 2\nbudget: {evaluations: 5}\n"
               "strategies: [{external: {command: [sh], script: s.sh}}]\n");
  const Finished crashed = run_program("run e.yaml --quiet --csv --allow-external --threads 1", folder.path());
  EXPECT_EQ(crashed.exit_code, 2);
  folder.write("ok", "");
  EXPECT_EQ(run_program("run e.yaml --quiet --resume", folder.path()).exit_code, 2);  // not allowed
  const Finished resumed = run_program("run e.yaml --quiet --csv --allow-external --resume", folder.path());
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(std::ranges::count(read_file(folder / "results/e/trials.csv"), '\n'), 11);
}

// The dependency-free example: the same bytes again, with several workers, failures and a conditional table.
TEST(External, TheExampleGivesTheSameResultsAgain) {
  if (!has("python3 -c pass 2>/dev/null")) GTEST_SKIP() << "no python3 here";
  const TemporaryFolder folder;
  folder.write(
      "e.yaml",
      "problems: [cell_nas, {function: {function: hartmann6}}]\nseeds: 2\nbudget: {evaluations: 30}\n"
      "cluster: {workers: 4}\nduplicates: forbid\nstrategies: [random, {external: {command: [python3], "
      "script: '" +
          std::string(TONNE_SOURCE_DIR) + "/docs/external/random_strategy.py'}}]\n");
  ASSERT_EQ(run_program("run e.yaml --quiet --csv --allow-external --out a", folder.path()).exit_code, 0);
  ASSERT_EQ(run_program("run e.yaml --quiet --csv --allow-external --out b --threads 1", folder.path()).exit_code,
            0);
  EXPECT_EQ(read_file(folder / "a/trials.csv"), read_file(folder / "b/trials.csv"));
}

TEST(External, OptunaIsAStrategy) {
  std::string python;
  for (const char* candidate : {"/usr/bin/python3", "python3"})
    if (python.empty() && has((std::string(candidate) + " -c 'import optuna' 2>/dev/null").c_str()))
      python = candidate;
  if (python.empty()) GTEST_SKIP() << "python3-optuna is not installed";
  const TemporaryFolder folder;
  folder.write("e.yaml",
               "problems: [{function: {function: hartmann6}}]\nseeds: 5\nbudget: {evaluations: 80}\ncluster: "
               "{workers: 2}\n"
               "strategies: [random, {external: {label: optuna, command: [" +
                   python + "], script: '" + std::string(TONNE_SOURCE_DIR) +
                   "/docs/external/optuna_strategy.py'}}]\n");
  const Finished done = run_program("run e.yaml --quiet --csv --allow-external --json", folder.path());
  ASSERT_EQ(done.exit_code, 0) << done.err;
  // Leaderboards are sorted: Optuna's TPE stands before random search after 80 evaluations of Hartmann 6.
  EXPECT_LT(done.out.find("\"optuna\""), done.out.find("\"random\""));
}

}  // namespace
}  // namespace tonne
