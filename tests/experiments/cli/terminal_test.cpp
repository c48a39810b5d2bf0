// What the program shows on a terminal of a given width: it is run on a pseudo-terminal.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "experiments/text/text_table.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

using testing::Finished;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::run_program;
using testing::TemporaryFolder;
namespace fs = std::filesystem;

// stdout and stderr of the program on a terminal of so many columns; 0: one that does not know its width.
std::string on_terminal(const std::vector<std::string>& arguments, unsigned short columns,
                        const char* variable = nullptr) {
  winsize size{};
  size.ws_row = 50;
  size.ws_col = columns;
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, &size);
  if (child == 0) {
    ::setenv("TERM", "dumb", 1);
    ::unsetenv("COLUMNS");
    if (variable) ::setenv("COLUMNS", variable, 1);
    std::vector<char*> words;
    std::string program = TONNE_PROGRAM;
    std::vector<std::string> copies = arguments;
    words.push_back(program.data());
    for (std::string& argument : copies) words.push_back(argument.data());
    words.push_back(nullptr);
    ::execv(TONNE_PROGRAM, words.data());
    ::_exit(127);
  }
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t count = 0; (count = ::read(terminal, buffer.data(), buffer.size())) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(count));
  ::close(terminal);
  ::waitpid(child, nullptr, 0);
  std::erase(text, '\r');
  return text;
}

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    widest = std::max(widest, length_of(text.substr(at, end - at)));
    at = end + 1;
  }
  return widest;
}

class Terminal : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_.write("e.yaml",
                  "name: small\nproblems: cell_nas\nstrategies: [random, regularized_evolution, tpe]\n"
                  "budget: {evaluations: 30}\nseeds: 3\n");
    ASSERT_EQ(run_program("run e.yaml --quiet --out r", folder_.path()).exit_code, 0);
  }
  [[nodiscard]] std::vector<std::string> show() const { return {"show", (folder_ / "r").string()}; }
  TemporaryFolder folder_;
};

TEST_F(Terminal, ShortOfColumnsATableLeavesSomeOutAndSaysWhich) {
  const std::string narrow = on_terminal(show(), 80);
  EXPECT_LE(widest_line(narrow), 80U) << narrow;
  EXPECT_THAT(narrow, HasSubstr("kg CO2e"));
  EXPECT_THAT(narrow,
              HasSubstr("Not shown at 80 columns: evals, device-h, kWh, gain/t, overhead; all with\n"));
  const std::string wide = on_terminal(show(), 200);
  EXPECT_THAT(wide, Not(HasSubstr("Not shown")));
  EXPECT_LE(widest_line(wide), 130U) << "prose over the whole width is hard to read";
}

TEST_F(Terminal, APipeGetsEverything) {
  const std::string piped = run_program("show " + (folder_ / "r").string(), folder_.path(), "COLUMNS=60").out;
  EXPECT_THAT(piped, HasSubstr("device-h"));
  EXPECT_THAT(piped, Not(HasSubstr("Not shown")));
}

TEST_F(Terminal, ColumnsIsAskedWhereTheTerminalDoesNotKnow) {
  EXPECT_THAT(on_terminal(show(), 0, "70"), HasSubstr("Not shown at 70 columns"));
  EXPECT_THAT(on_terminal(show(), 0), HasSubstr("Not shown at 80 columns"));
  EXPECT_THAT(on_terminal(show(), 90, "70"), HasSubstr("Not shown at 90 columns"));
}

TEST(NarrowTerminal, PublishedTablesAreStacked) {
  const std::string tables = on_terminal({"reproduce", "all"}, 80);
  EXPECT_LE(widest_line(tables), 80U);
  EXPECT_THAT(
      tables,
      HasSubstr("\n  as measured\n    device_hours                           -       32,640         -\n"));
}

TEST(NarrowTerminal, OneEntryInFullIsWrapped) {
  for (const char* name : {"tpe", "reinforce"}) {
    const std::string entry = on_terminal({"list", "strategies", name}, 80);
    EXPECT_LE(widest_line(entry), 80U) << entry;
  }
}

TEST(NarrowTerminal, AProblemsPortraitFits) {
  const std::string portrait = on_terminal({"describe", "cell_nas", "--samples", "200"}, 80);
  EXPECT_LE(widest_line(portrait), 80U) << portrait;
  EXPECT_THAT(portrait, HasSubstr("50 %"));
}

TEST_F(Terminal, AMeterFitsIntoEightyColumns) {
  std::string log = "timestamp, index, name, power.draw [W]\n";
  for (int i = 10; i < 50; ++i)
    for (const char* device : {"0", "1"})
      log += "2024/01/31 10:11:" + std::to_string(i) + ".00" + device + ", " + device + ", NVIDIA A100-SXM4-40GB, " +
             (i < 20 || i > 40 ? "60" : "300") + " W\n";
  const fs::path file = folder_.write("power.csv", log);
  const std::string shown = on_terminal({"meter", file.string()}, 80);
  EXPECT_LE(widest_line(shown), 80U) << shown;
  EXPECT_THAT(shown, HasSubstr("nvidia-smi --query-gpu, 2 devices, 80 readings"));
  const fs::path jobs = folder_.write("jobs.txt", "JobID|JobName|ElapsedRaw|Start|ConsumedEnergyRaw\n"
                                                  "1234567|a rather long name of a job|3600|2024-01-31T10:00:00|1800000\n");
  EXPECT_LE(widest_line(on_terminal({"meter", jobs.string()}, 80)), 80U) << on_terminal({"meter", jobs.string()}, 80);
}

}  // namespace
}  // namespace tonne
