#pragma once
// A process between this one and a program that it runs: it ends the program, and all that the program has started.

#include <array>
#include <string>
#include <vector>

namespace tonne {

/// What a program is started with. All descriptors are closed on exec.
struct Launch {
  std::vector<std::string> command;  ///< program and arguments; the program is looked up in PATH
  std::array<int, 3> standard{};     ///< its standard input, output and error
};

/// A program under its keeper.
struct Kept {
  int keeper = -1;  ///< process number, to be waited for
  int leash = -1;   ///< when this is closed, by hand or because this process dies of whatever, the keeper kills and ends
};

/// Starts the program below a keeper: a copy of this process that holds no descriptor but the other end of the leash, in a
/// process group and with all signals blocked. The kernel gives it whatever its descendants leave behind (PR_SET_CHILD_SUBREAPER),
/// so that neither setsid nor a double fork leads out of its reach. Once the leash is closed it kills its children until it has
/// none. Out of its reach remain: a program that changes its user (sudo), one that another service starts (cron, systemd), and
/// what is left should somebody kill the keeper itself; the program dies with it (PR_SET_PDEATHSIG).
/// Throws std::system_error with the errno of what failed, the program's exec included.
[[nodiscard]] Kept start_kept(const Launch& launch);

/// Closes the leash and waits until the keeper has ended.
void end_kept(const Kept& kept) noexcept;

}  // namespace tonne
