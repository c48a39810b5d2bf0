#pragma once
// What the terminal can show.

#include <cstddef>
#include <string>

#include "experiments/text/text_table.h"

namespace tonne::cli {

/// Whether a stream (1: stdout, 2: stderr) is a terminal.
[[nodiscard]] bool is_terminal(int stream);
/// Whether to mark text on that stream: a terminal, NO_COLOR unset or empty, TERM not "dumb".
[[nodiscard]] bool use_color(int stream);
/// Columns of the terminal that stdout is, by COLUMNS where it does not say, 80 where nothing does; 0: no
/// terminal.
[[nodiscard]] std::size_t terminal_width();
/// How text is shown on stdout.
[[nodiscard]] TextStyle text_style();
/// Prints to stdout; a closed pipe or full disk is an error that throws StoreError.
void print(const std::string& text);
/// Writes to stderr. Where that is closed or full there is nobody to tell, and no reason to stop.
void tell(const std::string& text);

}  // namespace tonne::cli
