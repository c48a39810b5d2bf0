#include "experiments/text/log.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/basic_file_sink.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/json.h"

namespace tonne {
namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
  constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                                   spdlog::level::err, spdlog::level::off};
  return kLevels[static_cast<std::size_t>(level)];
}

// The last line of stderr, where a progress bar may stand.
class StatusLine {
 public:
  void put(const std::string& text) {
    const std::lock_guard lock(mutex_);
    if (text.empty() && text_.empty()) return;
    text_ = text;
    write(kClear + text_);
  }
  // One write for the line and the bar below it, so that neither is ever seen torn.
  void write_above(const std::string& line) {
    const std::lock_guard lock(mutex_);
    write(text_.empty() ? line : kClear + line + text_);
  }

 private:
  static void write(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
  }
  inline static const std::string kClear = "\r\033[K";
  std::mutex mutex_;
  std::string text_;
};

StatusLine& status_line() {
  static StatusLine line;
  return line;
}

class TerminalSink final : public spdlog::sinks::base_sink<std::mutex> {
 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    status_line().write_above("tonne: " + std::string(message.payload.begin(), message.payload.end()) + "\n");
  }
  void flush_() override {}
};

struct Loggers {
  std::unique_ptr<spdlog::logger> terminal;
  std::unique_ptr<spdlog::logger> file;  // null: none
};

// Read by every thread that logs, changed only while a command starts or ends.
std::atomic<Loggers*> loggers = nullptr;

std::string_view name_of(LogLevel level) {
  constexpr std::string_view kNames[] = {"debug", "info", "warning", "error", "off"};
  return kNames[static_cast<std::size_t>(level)];
}

std::string value_text(const LogField& field) {
  if (const auto* number = std::get_if<double>(&field.value)) return fmt::format("{:.3g}", *number);
  if (const auto* count = std::get_if<std::uint64_t>(&field.value)) return fmt::format("{}", *count);
  return std::get<std::string>(field.value);
}

std::string line_for_people(LogLevel level, std::string_view event, std::initializer_list<LogField> fields, std::string_view message) {
  std::string line = fmt::format("{}: ", name_of(level));
  if (level < LogLevel::warning) {
    line += event;
    for (const LogField& field : fields)
      if (const std::string value = value_text(field); !value.empty()) line += fmt::format(" {}={}", field.name, value);
    if (!message.empty()) line += ": ";
  }
  line += message;
  return printable(line);
}

// All of the object but its braces, time and level, which the logger's pattern has.
std::string members_for_programs(std::string_view event, std::initializer_list<LogField> fields, std::string_view message) {
  Json json;
  json["event"] = event;
  for (const LogField& field : fields)
    std::visit([&](const auto& value) { json[std::string(field.name)] = value; }, field.value);
  if (!message.empty()) json["message"] = message;
  const std::string object = json_line(json);
  return object.substr(1, object.size() - 2);
}

// Lines are appended: an experiment file or results named by mistake must stay what they are.
void check_is_log(const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error))
    throw InputError("--log-file: " + printable(file.string()) + " is a folder, expected a file to append to");
  if (!std::filesystem::is_regular_file(file, error)) return;
  const int first = std::ifstream(file, std::ios::binary).get();
  if (first != std::ifstream::traits_type::eof() && first != '{')
    throw InputError("--log-file: " + printable(file.string()) + " exists and is not a log: name another file");
}

std::unique_ptr<spdlog::logger> file_logger(const LogOptions& options) {
  check_is_log(options.file);
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file.string());
    auto logger = std::make_unique<spdlog::logger>("file", std::move(sink));
    logger->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})", spdlog::pattern_time_type::utc));
    logger->set_level(std::min(spdlog_level(options.level), spdlog::level::info));
    logger->flush_on(spdlog::level::debug);  // whoever watches the file sees each event as it comes
    return logger;
  } catch (const spdlog::spdlog_ex& problem) {
    throw InputError("--log-file: " + printable(problem.what()));
  }
}

}  // namespace

LogSession::LogSession(const LogOptions& options) {
  auto made = std::make_unique<Loggers>();
  made->terminal = std::make_unique<spdlog::logger>("terminal", std::make_shared<TerminalSink>());
  made->terminal->set_level(spdlog_level(options.level));
  if (!options.file.empty()) made->file = file_logger(options);
  loggers = made.release();
}

LogSession::~LogSession() { delete loggers.exchange(nullptr); }

bool is_logged(LogLevel level) {
  const Loggers* const to = loggers;
  if (to == nullptr) return false;
  return to->terminal->should_log(spdlog_level(level)) || (to->file && to->file->should_log(spdlog_level(level)));
}

void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields, std::string_view message) {
  Loggers* const to = loggers;
  if (to == nullptr) return;
  const auto at = spdlog_level(level);
  if (level != LogLevel::error && to->terminal->should_log(at)) to->terminal->log(at, line_for_people(level, event, fields, message));
  if (to->file && to->file->should_log(at)) to->file->log(at, members_for_programs(event, fields, message));
}

void show_status_line(const std::string& text) { status_line().put(text); }

}  // namespace tonne
