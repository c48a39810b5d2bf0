#pragma once
// The log: what happens while a command works, for people on stderr and for programs as JSON lines in a file. Results
// never depend on it, and nothing of it enters a store or a digest.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace tonne {

enum class LogLevel : std::uint8_t { debug, info, warning, error, off };

struct LogOptions {
  LogLevel level = LogLevel::warning;  ///< of stderr; the file has these events, and all of level info and above
  std::filesystem::path file = {};     ///< lines are appended; empty: no file
};

/// A value that belongs to an event.
struct LogField {
  std::string_view name;
  std::variant<std::uint64_t, double, std::string> value;
};

/// While it lives, the process logs; without one, events go nowhere. One at a time.
class LogSession {
 public:
  /// Throws InputError when the file cannot be opened, or holds something that is not a log.
  explicit LogSession(const LogOptions& options);
  ~LogSession();
  LogSession(const LogSession&) = delete;
  LogSession& operator=(const LogSession&) = delete;
};

/// Whether an event of this level would be seen: spares making it.
[[nodiscard]] bool is_logged(LogLevel level);

/// Logs one event; safe to call from several threads. Errors go to the file alone, since every command ends with its error
/// in one sentence on stderr. On stderr: "tonne: warning: MESSAGE" or "tonne: debug: EVENT name=value
/// ...: MESSAGE". In the file: {"time": ..., "level": ..., "event": ..., the fields, "message": ...}.
void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {}, std::string_view message = {});

/// Text without an end that stands on the last line of the terminal (a progress bar) until the next call: what is logged
/// meanwhile appears above it. Empty: nothing stands there. Safe to call from several threads.
void show_status_line(const std::string& text);

/// Measures real time, for logs and progress alone.
class Stopwatch {
 public:
  [[nodiscard]] double seconds() const { return std::chrono::duration<double>(Clock::now() - begin_).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point begin_ = Clock::now();
};

}  // namespace tonne
