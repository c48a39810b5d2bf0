#include "experiments/cli/program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>

#include <cerrno>
#include <cstdio>
#include <exception>
#include <functional>
#include <string>
#include <system_error>

#include "core/error.h"
#include "experiments/cli/command_line.h"
#include "experiments/cli/commands.h"
#include "experiments/cli/terminal.h"
#include "experiments/results/records.h"
#include "experiments/text/log.h"

namespace tonne::cli {
namespace {

// One sentence to stderr and the exit code for each kind of failure.
int told(int exit_code, const std::string& sentence) {
  show_status_line("");
  tell(sentence + "\n");
  return exit_code;
}

int guarded(const std::function<int()>& command) {
  try {
    return command();
  } catch (const InputError& error) {
    return told(kBadInput, error.what());
  } catch (const StoreError& error) {
    return told(kNoStore, "tonne: " + printable(error.what(), true));
  } catch (const std::bad_alloc&) {
    return told(kFailure, "tonne: out of memory");
  } catch (const std::exception& error) {
    // Standard library and TBB throw different types, with the system's words in both.
    if (std::string(error.what()).find(std::generic_category().message(EAGAIN)) != std::string::npos)
      return told(kFailure, "tonne: the system allows no more threads or memory: raise the limit (ulimit), or try --threads 1");
    return told(kFailure, fmt::format("tonne: internal error: {}\nPlease report it with the experiment file.", error.what()));
  }
}

// Whoever closed a standard stream must not have the next file that is opened take its place: what is printed would go into it.
void occupy_standard_streams() {
  for (int stream = 0; stream <= 2; ++stream)
    if (::fcntl(stream, F_GETFD) < 0 && ::open("/dev/null", O_RDONLY) < 0) return;  // writing there fails, as it should
}

}  // namespace

int program(int argc, char** argv) {
  occupy_standard_streams();
  ::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is told like a full disk
  const Parsed parsed = parse_command_line(argc, argv);
  if (const int* exit_code = std::get_if<int>(&parsed)) return *exit_code;
  return guarded(std::get<std::function<int()>>(parsed));
}

}  // namespace tonne::cli
