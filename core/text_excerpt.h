#pragma once
// What a message shows of a user's text.

#include <string>

namespace tonne {

/// A line of the text, cut to what a terminal shows, and below it a caret under the column. Both count from 1, the column in bytes;
/// empty where the text has no such line.
[[nodiscard]] std::string line_with_caret(const std::string& text, int line, int column);

}  // namespace tonne
