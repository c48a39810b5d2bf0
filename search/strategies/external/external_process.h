#pragma once
// A child process that answers lines with lines.

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "search/strategies/external/keeper.h"

namespace tonne {

/// A program that answers lines with lines.
class LineProgram {
 public:
  virtual ~LineProgram() = default;
  /// Sends one line (without its end) and returns the next line of the program. Throws InputError that says which line of its
  /// answers is missing when the program has ended, says nothing for so long, or writes a line of more than a megabyte.
  virtual std::string exchange(std::string_view line, std::chrono::milliseconds limit) = 0;
  /// "python3 search.py, line 7 of its output": where the last answer stands.
  [[nodiscard]] virtual std::string place() const = 0;
};

/// Starts a program, without a shell, in a process group of its own, and talks with it over its standard input and output. What
/// it writes to standard error is handed on line by line, and the end of it is kept for error messages. The destructor kills it with
/// all that it has started and waits for them; so does its keeper, should this process be killed.
class ExternalProcess final : public LineProgram {
 public:
  /// Throws InputError when the program cannot be started. `command`: program and arguments; the program is looked up in PATH.
  /// `on_error_line` gets each line of standard error, without its end, as soon as it is read; empty: nobody does.
  explicit ExternalProcess(const std::vector<std::string>& command,
                           std::function<void(const std::string&)> on_error_line = {});
  ~ExternalProcess() override;
  ExternalProcess(const ExternalProcess&) = delete;
  ExternalProcess& operator=(const ExternalProcess&) = delete;

  std::string exchange(std::string_view line, std::chrono::milliseconds limit) override;
  [[nodiscard]] std::string place() const override;

 private:
  using Clock = std::chrono::steady_clock;
  [[noreturn]] void fail(const std::string& what);
  bool take_line(std::string& line);
  void wait(bool writing, Clock::time_point until, std::chrono::milliseconds limit);
  void receive();
  void receive_errors();
  void hand_on_error_lines();

  std::string name_;  // the command as text
  Kept kept_;
  int talk_ = -1;    // a socket: its standard input and output
  int errors_ = -1;  // a pipe: its standard error
  std::string received_;
  std::string last_errors_;
  std::string error_line_;  // of which the end has not come
  std::function<void(const std::string&)> on_error_line_;
  std::size_t answers_ = 0;
  bool ended_ = false;
};

}  // namespace tonne
