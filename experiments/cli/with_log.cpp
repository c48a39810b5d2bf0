// The log of a command.

#include <algorithm>
#include <array>
#include <exception>

#include "experiments/cli/commands.h"
#include "experiments/text/log.h"
#include "experiments/text/version.h"

namespace tonne::cli {
namespace {

LogLevel level_of(const std::string& name) {
  constexpr std::array<std::string_view, 5> kNames = {"debug", "info", "warning", "error", "off"};
  return static_cast<LogLevel>(std::ranges::find(kNames, name) - kNames.begin());
}

}  // namespace

int with_log(const LogArguments& arguments, std::string_view name, const std::function<int()>& command) {
  const LogSession session({level_of(arguments.level), arguments.file});
  const Stopwatch watch;
  const std::string text(name);
  log_event(LogLevel::info, "command_started", {{"command", text}, {"version", std::string(version())}});
  try {
    const int code = command();
    log_event(LogLevel::info, "command_finished",
              {{"command", text}, {"seconds", watch.seconds()}, {"exit_code", static_cast<std::uint64_t>(code)}});
    return code;
  } catch (const std::exception& error) {
    log_event(LogLevel::error, "command_failed", {{"command", text}, {"seconds", watch.seconds()}}, error.what());
    throw;
  }
}

}  // namespace tonne::cli
