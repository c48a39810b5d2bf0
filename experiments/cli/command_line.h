#pragma once
// The command line: every command with its options. Its source and that of command_description.h
// are the only files that know CLI11, which takes seconds to compile.

#include <functional>
#include <variant>

namespace tonne::cli {

/// What to do once the command line is read: run a command, or leave with an exit code, since help was asked for or the
/// command line is wrong (both are printed already).
using Parsed = std::variant<std::function<int()>, int>;

/// Reads the command line. Without a command: prints a short introduction.
[[nodiscard]] Parsed parse_command_line(int argc, char** argv);

}  // namespace tonne::cli
