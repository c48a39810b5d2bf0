#include "experiments/text/log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "core/error.h"
#include "tests/experiments/support.h"

namespace tonne {
namespace {

using nlohmann::json;
using testing::read_file;
using testing::TemporaryFolder;

// What a session with these options writes to stderr meanwhile.
template <class Function>
std::string stderr_of(const LogOptions& options, const Function& function) {
  ::testing::internal::CaptureStderr();
  {
    const LogSession session(options);
    function();
  }
  return ::testing::internal::GetCapturedStderr();
}

std::vector<json> lines_of(const std::string& text) {
  std::vector<json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(json::parse(line));
  return lines;
}

TEST(Log, WithoutASessionEventsGoNowhere) {
  ::testing::internal::CaptureStderr();
  EXPECT_FALSE(is_logged(LogLevel::warning));
  log_event(LogLevel::warning, "lost", {}, "nobody hears this");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(Log, PeopleSeeWarningsByDefault) {
  const std::string text = stderr_of({}, [] {
    EXPECT_TRUE(is_logged(LogLevel::warning));
    EXPECT_FALSE(is_logged(LogLevel::info));
    log_event(LogLevel::debug, "detail", {{"cell", 1UL}}, "hidden");
    log_event(LogLevel::info, "done", {}, "hidden");
    log_event(LogLevel::warning, "odd", {{"cell", 1UL}}, "look here");
    log_event(LogLevel::error, "failed", {}, "told by the command itself");
  });
  EXPECT_EQ(text, "tonne: warning: look here\n");
}

TEST(Log, DebugShowsEventsWithTheirFields) {
  const std::string text = stderr_of({.level = LogLevel::debug}, [] {
    log_event(LogLevel::debug, "detail", {{"cell", 17UL}, {"seconds", 0.123456}, {"label", "my gp"}, {"none", ""}}, "text");
  });
  EXPECT_EQ(text, "tonne: debug: detail cell=17 seconds=0.123 label=my gp: text\n");
}

TEST(Log, OffIsSilent) {
  const std::string text = stderr_of({.level = LogLevel::off}, [] { log_event(LogLevel::warning, "odd", {}, "look here"); });
  EXPECT_EQ(text, "");
}

TEST(Log, NothingOfAUserSteersTheTerminal) {
  const std::string text = stderr_of({.level = LogLevel::debug}, [] {
    log_event(LogLevel::debug, "external_stderr", {{"label", "a\x1b[31m"}}, "red\x1b[2J\nsecond line");
  });
  EXPECT_EQ(text, "tonne: debug: external_stderr label=a?[31m: red?[2J?second line\n");
}

TEST(Log, TheFileHasOneObjectALine) {
  const TemporaryFolder folder;
  const LogOptions options{.file = folder / "run.jsonl"};
  static_cast<void>(stderr_of(options, [] {
    log_event(LogLevel::debug, "detail");
    log_event(LogLevel::info, "cell_finished", {{"cell", 3UL}, {"seconds", 0.5}, {"strategy", "\"quoted\"\n\xff"}}, "well");
    log_event(LogLevel::error, "failed", {}, "why {} %v");
  }));
  static_cast<void>(stderr_of(options, [] { log_event(LogLevel::info, "again"); }));
  const std::vector<json> lines = lines_of(read_file(folder / "run.jsonl"));
  ASSERT_EQ(lines.size(), 3U) << "debug is not asked for; a second session appends";
  EXPECT_EQ(lines[0]["event"], "cell_finished");
  EXPECT_EQ(lines[0]["level"], "info");
  EXPECT_EQ(lines[0]["cell"], 3);
  EXPECT_EQ(lines[0]["seconds"], 0.5);
  EXPECT_EQ(lines[0]["strategy"], "\"quoted\"\n\xEF\xBF\xBD");
  EXPECT_EQ(lines[0]["message"], "well");
  EXPECT_EQ(lines[1]["level"], "error");
  EXPECT_EQ(lines[1]["message"], "why {} %v");
  const std::string time = lines[0]["time"];
  EXPECT_EQ(time.size(), std::string("2026-11-30T02:34:27.028Z").size()) << time;
  EXPECT_EQ(time.back(), 'Z');
}

TEST(Log, AFileThatCannotBeWrittenIsRefused) {
  const TemporaryFolder folder;
  EXPECT_THROW(LogSession({.file = folder.path()}), InputError);
  EXPECT_THROW(LogSession({.file = "/proc/no/such/folder/run.jsonl"}), InputError);
  const auto other = folder.write("mine.yaml", "name: mine\n");
  EXPECT_THROW(LogSession({.file = other}), InputError);
  EXPECT_EQ(read_file(other), "name: mine\n") << "what is not a log is not appended to";
  EXPECT_NO_THROW(LogSession({.file = folder.write("empty.jsonl", "")}));
}

// What a terminal shows after these bytes: a carriage return with "erase to the end" starts the last line anew.
std::string screen(const std::string& bytes) {
  std::string lines;
  std::string last;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes.compare(i, 4, "\r\033[K") == 0) {
      last.clear();
      i += 3;
    } else if (bytes[i] == '\n') {
      lines += last + "\n";
      last.clear();
    } else {
      last += bytes[i];
    }
  }
  return lines + last;
}

TEST(Log, WarningsStandAboveTheStatusLine) {
  const std::string bytes = stderr_of({}, [] {
    show_status_line("[##..] 2/4");
    log_event(LogLevel::warning, "odd", {}, "first");
    show_status_line("[###.] 3/4");
    log_event(LogLevel::warning, "odd", {}, "second");
  });
  EXPECT_EQ(screen(bytes), "tonne: warning: first\ntonne: warning: second\n[###.] 3/4");
  EXPECT_EQ(screen(bytes + stderr_of({}, [] { show_status_line(""); })), "tonne: warning: first\ntonne: warning: second\n");
}

TEST(Log, ThreadsTearNoLine) {
  const std::string bytes = stderr_of({}, [] {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([t] {
        for (int i = 0; i < 200; ++i) {
          if (t == 0) show_status_line("[bar]");
          log_event(LogLevel::warning, "odd", {}, std::string(80, static_cast<char>('a' + t)));
        }
      });
    threads.clear();
    show_status_line("");
  });
  std::istringstream lines(screen(bytes));
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    ASSERT_EQ(line.size(), std::string("tonne: warning: ").size() + 80) << line;
    ASSERT_EQ(line.find_first_not_of(line.back(), 16), std::string::npos) << line;
  }
  EXPECT_EQ(count, 800);
}

}  // namespace
}  // namespace tonne
