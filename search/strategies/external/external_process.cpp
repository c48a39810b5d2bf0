#include "search/strategies/external/external_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

#include "core/error.h"

namespace tonne {
namespace {

constexpr std::size_t kLongestLine = 1'000'000;
constexpr std::size_t kKeptErrors = 2000;
constexpr std::size_t kLongestErrorLine = 4096;  // what is longer is handed on in pieces

std::string text_of(const std::vector<std::string>& command) {
  std::string text;
  for (const std::string& word : command) text += (text.empty() ? "" : " ") + word;
  return printable(text);
}

// Child's ends of the channels; closed in this process once the child has them.
struct Channels {
  std::array<int, 2> talk{-1, -1};
  std::array<int, 2> errors{-1, -1};
};

Channels open_channels(const std::string& name) {
  Channels channels;
  // A socket, not pipes: writing to a program that has ended must not raise SIGPIPE.
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channels.talk.data()) != 0)
    throw InputError(name + ": cannot start: " + std::strerror(errno));
  if (pipe2(channels.errors.data(), O_CLOEXEC) != 0) {
    const int error = errno;
    for (const int end : channels.talk) close(end);
    throw InputError(name + ": cannot start: " + std::strerror(error));
  }
  fcntl(channels.talk[0], F_SETFL, O_NONBLOCK);
  fcntl(channels.errors[0], F_SETFL, O_NONBLOCK);
  return channels;
}

}  // namespace

ExternalProcess::ExternalProcess(const std::vector<std::string>& command,
                                 std::function<void(const std::string&)> on_error_line)
    : name_(text_of(command)), on_error_line_(std::move(on_error_line)) {
  const Channels channels = open_channels(name_);
  talk_ = channels.talk[0];
  errors_ = channels.errors[0];
  std::string error;
  try {
    kept_ = start_kept({command, {channels.talk[1], channels.talk[1], channels.errors[1]}});
  } catch (const std::system_error& cause) {
    error = std::strerror(cause.code().value());
  }
  close(channels.talk[1]);
  close(channels.errors[1]);
  if (error.empty()) return;
  close(talk_);
  close(errors_);
  throw InputError(name_ + ": cannot start: " + error);
}

ExternalProcess::~ExternalProcess() {
  end_kept(kept_);
  receive_errors();  // what it had still to say
  if (!error_line_.empty()) on_error_line_(error_line_);
  close(talk_);
  close(errors_);
}

std::string ExternalProcess::place() const {
  return name_ + ", line " + std::to_string(answers_) + " of its output";
}

std::string ExternalProcess::exchange(std::string_view line, std::chrono::milliseconds limit) {
  const Clock::time_point until = Clock::now() + limit;
  std::string message(line);
  message += '\n';
  std::size_t sent = 0;
  std::string answer;
  ++answers_;
  while (true) {
    if (sent < message.size()) {
      const ssize_t count = send(talk_, message.data() + sent, message.size() - sent, MSG_NOSIGNAL);
      if (count > 0) sent += static_cast<std::size_t>(count);
      if (count < 0 && errno != EAGAIN && errno != EINTR) ended_ = true;
    }
    receive();
    receive_errors();
    if (take_line(answer)) return answer;
    if (ended_) fail("the program has exited");
    if (received_.size() > kLongestLine) fail("exceeds 1,000,000 bytes");
    if (Clock::now() >= until)
      fail("no answer within " + std::to_string(static_cast<double>(limit.count()) / 1000.0) + " s");
    wait(sent < message.size(), until, limit);
  }
}

void ExternalProcess::wait(bool writing, Clock::time_point until, std::chrono::milliseconds limit) {
  const auto events = static_cast<short>(writing ? POLLIN | POLLOUT : POLLIN);
  std::array<pollfd, 3> watched = {pollfd{talk_, events, 0}, pollfd{errors_, POLLIN, 0}, pollfd{kept_.leash, 0, 0}};
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
  const auto pause = std::clamp(left, std::chrono::milliseconds(1), limit);
  poll(watched.data(), watched.size(), static_cast<int>(std::min<long>(pause.count(), 1'000'000)));
  if ((watched[2].revents & POLLERR) != 0) ended_ = true;  // its keeper was killed, and it with it
  // A closed standard error is always ready to be read: do not spin on it.
  if ((watched[1].revents & POLLHUP) != 0 && (watched[0].revents == 0))
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void ExternalProcess::receive() {
  std::array<char, 65536> buffer;
  while (received_.size() <= kLongestLine) {
    const ssize_t count = recv(talk_, buffer.data(), buffer.size(), 0);
    if (count > 0) {
      received_.append(buffer.data(), static_cast<std::size_t>(count));
      continue;
    }
    if (count == 0 || (errno != EAGAIN && errno != EINTR)) ended_ = true;
    return;
  }
}

void ExternalProcess::receive_errors() {
  std::array<char, 4096> buffer;
  while (true) {
    const ssize_t count = read(errors_, buffer.data(), buffer.size());
    if (count <= 0) return;
    last_errors_.append(buffer.data(), static_cast<std::size_t>(count));
    if (last_errors_.size() > kKeptErrors) last_errors_.erase(0, last_errors_.size() - kKeptErrors);
    if (!on_error_line_) continue;
    error_line_.append(buffer.data(), static_cast<std::size_t>(count));
    hand_on_error_lines();
  }
}

void ExternalProcess::hand_on_error_lines() {
  std::size_t begin = 0;
  for (std::size_t end = error_line_.find('\n'); end != std::string::npos; end = error_line_.find('\n', begin)) {
    on_error_line_(error_line_.substr(begin, end - begin));
    begin = end + 1;
  }
  error_line_.erase(0, begin);
  if (error_line_.size() < kLongestErrorLine) return;
  on_error_line_(error_line_);
  error_line_.clear();
}

bool ExternalProcess::take_line(std::string& line) {
  const std::size_t end = received_.find('\n');
  if (end == std::string::npos || end > kLongestLine) return false;
  line = received_.substr(0, end);
  received_.erase(0, end + 1);
  return true;
}

void ExternalProcess::fail(const std::string& what) {
  // What a dying program says may come after its end is seen.
  if (ended_) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  receive_errors();
  std::string last = last_errors_;
  while (!last.empty() && (last.back() == '\n' || last.back() == '\r')) last.pop_back();
  const std::size_t line = last.rfind('\n');
  if (line != std::string::npos) last.erase(0, line + 1);
  throw InputError(place() + ": " + what + (last.empty() ? "" : "; last output: '" + printable(last) + "'"));
}

}  // namespace tonne
