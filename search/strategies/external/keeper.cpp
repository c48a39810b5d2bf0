#include "search/strategies/external/keeper.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <string_view>
#include <system_error>

namespace tonne {
namespace {

// After the fork of a process with threads only what POSIX calls async-signal-safe is allowed: the keeper and the program's
// process up to its exec allocate nothing and take no lock.

constexpr int kLeash = 3;   // the keeper's descriptors
constexpr int kReport = 4;  // where an exec that fails says why

struct Pipe {
  int reads = -1;
  int writes = -1;
};

Pipe open_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category());
  return {ends[0], ends[1]};
}

void close_both(const Pipe& pipe) {
  close(pipe.reads);
  close(pipe.writes);
}

extern "C" void on_child(int) {}

[[noreturn]] void report_and_end(int report, int error) {
  (void)!write(report, &error, sizeof error);
  _exit(127);
}

// The parent of a process, from /proc/NUMBER/stat ("12 (name) S 1 ..."; a name may hold parentheses); 0: unknown.
pid_t parent_of(int folder, const char* number) {
  std::array<char, 512> text;
  const int process = openat(folder, number, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (process < 0) return 0;
  const int file = openat(process, "stat", O_RDONLY | O_CLOEXEC);
  close(process);
  if (file < 0) return 0;
  const ssize_t length = read(file, text.data(), text.size());
  close(file);
  const std::string_view line(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  const std::size_t name_end = line.rfind(") ");
  if (name_end == std::string_view::npos || name_end + 4 >= line.size()) return 0;
  pid_t parent = 0;
  std::from_chars(line.data() + name_end + 4, line.data() + line.size(), parent);
  return parent;
}

// Kills the children of this process; whether one was killed. A child's number is not given to another process before it is
// waited for. Where there is no /proc, only the program's own group can be reached.
bool kill_children(pid_t program) {
  const int folder = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return kill(-program, SIGKILL) == 0;
  const pid_t own = getpid();
  bool killed = false;
  alignas(dirent64) std::array<char, 4096> buffer;
  for (ssize_t length = 0; (length = getdents64(folder, buffer.data(), buffer.size())) > 0;)
    for (ssize_t at = 0; at < length;) {
      const auto* const entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
      at += entry->d_reclen;
      const std::string_view name(&entry->d_name[0]);
      pid_t process = 0;
      if (std::from_chars(name.data(), name.data() + name.size(), process).ec != std::errc{}) continue;
      if (parent_of(folder, name.data()) == own) killed = kill(process, SIGKILL) == 0 || killed;
    }
  close(folder);
  return killed;
}

// Waits for children that have ended; whether there are others.
bool has_children() {
  pid_t ended = 0;
  while ((ended = waitpid(-1, nullptr, WNOHANG)) > 0) {
  }
  return ended == 0 || errno != ECHILD;
}

// What a killed child leaves behind becomes the keeper's, so this ends when it has no child; or none that it may kill, after some
// rounds, since a child may come while the folder is read.
void kill_all(pid_t program) {
  constexpr int kMostRoundsInVain = 200;
  for (int in_vain = 0; has_children() && in_vain < kMostRoundsInVain; ++in_vain) {
    if (kill_children(program)) in_vain = 0;
    poll(nullptr, 0, 1);
  }
}

[[noreturn]] void keep(pid_t program) {
  struct sigaction action {};
  action.sa_handler = on_child;
  sigaction(SIGCHLD, &action, nullptr);
  sigset_t all_but_child;
  sigfillset(&all_but_child);
  sigdelset(&all_but_child, SIGCHLD);
  pollfd leash{kLeash, 0, 0};  // hang-ups are reported without being asked for
  while (ppoll(&leash, 1, nullptr, &all_but_child) <= 0) (void)has_children();
  kill_all(program);
  _exit(0);
}

// In the program's process.
[[noreturn]] void become(char* const* words, const std::array<int, 3>& standard, const sigset_t& signals, pid_t keeper) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != keeper) _exit(127);  // it died before it was asked for
  for (std::size_t i = 0; i < standard.size(); ++i) dup2(standard[i], static_cast<int>(i));
  close(kLeash);
  close_range(kReport + 1, ~0U, 0);  // also what this process was started with and never marked
  sigprocmask(SIG_SETMASK, &signals, nullptr);
  execvp(words[0], words);
  report_and_end(kReport, errno);
}

// In the keeper's process. Descriptors move up first, so that none is overwritten before it is copied.
[[noreturn]] void be_keeper(char* const* words, const Launch& launch, int leash, int report, const sigset_t& signals) {
  std::array<int, 5> wanted = {launch.standard[0], launch.standard[1], launch.standard[2], leash, report};
  for (int& descriptor : wanted) {
    descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 10);
    if (descriptor < 0) report_and_end(report, errno);
  }
  dup3(wanted[3], kLeash, O_CLOEXEC);
  dup3(wanted[4], kReport, O_CLOEXEC);
  setpgid(0, 0);
  prctl(PR_SET_NAME, "tonne-keeper");
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) report_and_end(kReport, errno);
  const pid_t own = getpid();
  const pid_t program = fork();
  if (program < 0) report_and_end(kReport, errno);
  if (program == 0) become(words, {wanted[0], wanted[1], wanted[2]}, signals, own);
  setpgid(program, program);  // both set it: whoever comes first
  // It holds open neither the files of the process that it was copied from nor the ends of other programs' channels.
  for (int i = 0; i < kLeash; ++i) close(i);
  close_range(kReport, ~0U, 0);
  keep(program);
}

// Fork with all signals blocked: no handler of this process runs in the copy. `before` gets the mask to restore.
pid_t fork_quietly(sigset_t& before) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  return fork();
}

}  // namespace

Kept start_kept(const Launch& launch) {
  std::vector<std::string> texts = launch.command;
  std::vector<char*> words;
  for (std::string& text : texts) words.push_back(text.data());
  words.push_back(nullptr);
  const Pipe leash = open_pipe();
  Pipe report;
  try {
    report = open_pipe();
  } catch (...) {
    close_both(leash);
    throw;
  }
  sigset_t signals;
  const pid_t keeper = fork_quietly(signals);
  if (keeper == 0) be_keeper(words.data(), launch, leash.reads, report.writes, signals);
  int error = keeper < 0 ? errno : 0;
  pthread_sigmask(SIG_SETMASK, &signals, nullptr);
  close(leash.reads);
  close(report.writes);
  const Kept kept{keeper, leash.writes};
  ssize_t count = 0;
  if (error == 0)  // the end of the pipe comes with a successful exec
    while ((count = read(report.reads, &error, sizeof error)) < 0 && errno == EINTR) {
    }
  close(report.reads);
  if (error == 0) return kept;
  if (keeper > 0) end_kept(kept);
  if (keeper < 0) close(leash.writes);
  throw std::system_error(error, std::generic_category());
}

void end_kept(const Kept& kept) noexcept {
  close(kept.leash);
  while (waitpid(kept.keeper, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace tonne
