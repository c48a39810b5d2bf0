// External programs that do all they can to outlive their search.

#include <gtest/gtest.h>
#include <signal.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <thread>

#include "tests/experiments/support.h"

namespace tonne {
namespace {

using testing::Finished;
using testing::read_file;
using testing::run_program;
using testing::TemporaryFolder;

// A process in a session of its own, whose parents are gone, without any of its channels, deaf to what can be ignored. The
// process that `program` writes down is the program itself.
const std::string kEscape = R"(echo $$ > program
( setsid nohup sh -c 'trap "" TERM HUP INT; (sleep 300; true) & echo $! > sleeper; echo $$ > stray; while :; do sleep 60; done' \
  >/dev/null 2>&1 </dev/null & )
while ! test -s stray; do sleep 0.01; done
read first
echo '{"tonne": 1}'
)";
const std::string kAnswers = R"(while read line; do echo '{"parameters": {"x1": 0.5, "x2": 7}}'; done
)";

void write_experiment(const TemporaryFolder& folder, const std::string& script, int evaluations) {
  folder.write("s.sh", script);
  folder.write("e.yaml", "problems: [{function: {function: branin}}]\nbudget: {evaluations: " + std::to_string(evaluations) +
                             "}\nstrategies: [{external: {command: [sh], script: s.sh}}]\n");
}

bool is_gone(const TemporaryFolder& folder, const std::string& name) {
  const std::string text = read_file(folder / name);
  return !text.empty() && kill(std::stoi(text), 0) != 0 && errno == ESRCH;
}

void expect_gone(const TemporaryFolder& folder) {
  for (const char* name : {"program", "stray", "sleeper"}) EXPECT_TRUE(is_gone(folder, name)) << name;
}

TEST(ExternalEscape, NothingOutlivesTheSearch) {
  const TemporaryFolder folder;
  write_experiment(folder, kEscape + kAnswers, 3);
  const Finished done = run_program("run e.yaml --quiet --allow-external", folder.path());
  EXPECT_EQ(done.exit_code, 0) << done.err;
  expect_gone(folder);
}

TEST(ExternalEscape, NothingOutlivesAnError) {
  const TemporaryFolder folder;
  for (const char* end : {"exit 1\n", "read line\necho nonsense\nsleep 60\n"}) {
    write_experiment(folder, "rm -f stray\n" + kEscape + end, 3);
    EXPECT_EQ(run_program("run e.yaml --quiet --allow-external", folder.path()).exit_code, 2);
    expect_gone(folder);
  }
}

// `signals` are sent to the program, one after the other.
Finished run_and_signal(const TemporaryFolder& folder, const std::string& sent) {
  write_experiment(folder, kEscape + "while read line; do sleep 0.02; echo '{\"parameters\": {\"x1\": 0.5, \"x2\": 7}}'; done\n",
                   100'000);
  folder.write("signal.sh", "env --default-signal=INT \"$@\" & run=$!\nwhile ! test -s stray; do sleep 0.02; done\nsleep 0.1\n" + sent + "\nwait $run\n");
  return run_program("run e.yaml --quiet --allow-external", folder.path(), "sh signal.sh");
}

TEST(ExternalEscape, NothingOutlivesAnInterrupt) {
  for (const char* sent : {"kill -INT $run", "kill -TERM $run"}) {
    const TemporaryFolder folder;
    const Finished done = run_and_signal(folder, sent);
    EXPECT_EQ(done.exit_code, 130) << done.err;
    expect_gone(folder);
  }
}

TEST(ExternalEscape, NothingOutlivesTheProgramThatIsKilled) {
  const TemporaryFolder folder;
  run_and_signal(folder, "kill -KILL $run");
  // Its keeper ends them on its own time.
  for (int i = 0; i < 500 && !(is_gone(folder, "stray") && is_gone(folder, "sleeper") && is_gone(folder, "program")); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  expect_gone(folder);
}

// The program may kill its keeper, and then dies with it.
TEST(ExternalEscape, AProgramThatKillsItsKeeperDiesWithIt) {
  const TemporaryFolder folder;
  write_experiment(folder, "echo $$ > program\nkill -KILL $PPID\nsleep 9\n", 3);
  const Finished done = run_program("run e.yaml --quiet --allow-external", folder.path());
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_NE(done.err.find("the program has exited"), std::string::npos) << done.err;
  // Whoever takes over orphans may have yet to wait for it.
  const std::string state = read_file("/proc/" + std::to_string(std::stoi(read_file(folder / "program"))) + "/stat");
  EXPECT_TRUE(state.empty() || state.find(") Z ") != std::string::npos) << state;
}

TEST(ExternalEscape, TheProgramHasNoDescriptorButItsThree) {
  const TemporaryFolder folder;
  write_experiment(folder, "ls /proc/self/fd > fds\nsh -c 'kill -TERM $$' ; echo $? > term\nread a\necho '{\"tonne\": 1}'\n" + kAnswers,
                   1);
  EXPECT_EQ(run_program("run e.yaml --quiet --allow-external", folder.path()).exit_code, 0);
  // The folder that ls reads is the fourth, the script of sh the one at 10.
  const std::string found = read_file(folder / "fds");
  EXPECT_TRUE(found == "0\n1\n2\n3\n" || found == "0\n1\n10\n2\n3\n") << found;
  EXPECT_EQ(read_file(folder / "term"), "143\n");  // the keeper's mask of signals is not handed on
}

TEST(ExternalEscape, CommandsAreShownBeforeTheyStart) {
  const TemporaryFolder folder;
  folder.write("e.yaml",
               "problems: [{function: {function: branin}}]\nbudget: {evaluations: 3}\nstrategies: [{external: {command: [sh, -c, "
               "\"exit 1 # it's \\e[31m\\u202e\"]}}, {marginal_stop: {strategy: {external: {command: [sh, -c, 'exit 1']}}}}]\n");
  const Finished shown = run_program("run e.yaml --allow-external", folder.path());
  EXPECT_NE(shown.err.find("runs: sh -c 'exit 1 # it'\\''s ?[31m?'\n"), std::string::npos) << shown.err;
  EXPECT_NE(shown.err.find("runs: sh -c 'exit 1'\n"), std::string::npos) << shown.err;
  EXPECT_LT(shown.err.find("runs: "), shown.err.find("cells"));
  EXPECT_EQ(shown.err.find('\033'), std::string::npos);
  EXPECT_EQ(run_program("run e.yaml --quiet --allow-external --out q", folder.path()).err.find("runs: "), std::string::npos);
}

}  // namespace
}  // namespace tonne
