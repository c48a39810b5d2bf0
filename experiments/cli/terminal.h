#pragma once
// What the terminal can show.

#include <string>

namespace tonne::cli {

/// Whether a stream (1: stdout, 2: stderr) is a terminal.
[[nodiscard]] bool is_terminal(int stream);
/// Whether to mark text on that stream: a terminal, NO_COLOR unset or empty, TERM not "dumb".
[[nodiscard]] bool use_color(int stream);
/// Prints to stdout; a closed pipe or full disk is an error that throws StoreError.
void print(const std::string& text);

}  // namespace tonne::cli
