#pragma once
// Tables and paragraphs on a terminal.

#include <cstddef>
#include <string>
#include <vector>

namespace tonne {

using TextRows = std::vector<std::vector<std::string>>;

/// Code points, so that a label with an umlaut stays in its column.
[[nodiscard]] std::size_t length_of(const std::string& text);
/// With spaces behind it (`left`) or before it.
[[nodiscard]] std::string padded(const std::string& text, std::size_t width, bool left);
/// Lines of at most 110 columns, indented by two.
[[nodiscard]] std::string wrapped(const std::string& text);
/// The first column to the left, the others to the right; the head, the first row, in bold. All rows of one length.
[[nodiscard]] std::string format_table(const TextRows& table, bool bold);

/// "gp", "gp and tpe", "gp, tpe and rf".
[[nodiscard]] std::string joined(const std::vector<std::string>& names, const std::string& last = "and");

}  // namespace tonne
