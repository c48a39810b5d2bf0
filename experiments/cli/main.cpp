// The `tonne` program: reads the command line, runs a command, and tells every failure in one sentence.

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <functional>

#include "core/error.h"
#include "experiments/cli/command_line.h"
#include "experiments/cli/commands.h"
#include "experiments/results/store.h"

namespace {

using namespace tonne;
using namespace tonne::cli;

// One sentence to stderr and the exit code for each kind of failure.
int guarded(const std::function<int()>& command) {
  try {
    return command();
  } catch (const InputError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return kBadInput;
  } catch (const StoreError& error) {
    fmt::print(stderr, "tonne: {}\n", printable(error.what(), true));
    return kNoStore;
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "tonne: out of memory\n");
    return kFailure;
  } catch (const std::exception& error) {
    fmt::print(stderr, "tonne: internal error: {}\nPlease report it with the experiment file.\n", error.what());
    return kFailure;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Parsed parsed = parse_command_line(argc, argv);
  if (const int* exit_code = std::get_if<int>(&parsed)) return *exit_code;
  return guarded(std::get<std::function<int()>>(parsed));
}
