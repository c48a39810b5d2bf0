#include "experiments/text_table.h"

#include <algorithm>

namespace tonne {

// Counts code points, so that a label with an umlaut stays in its column.
std::size_t length_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string padded(const std::string& text, std::size_t width, bool left) {
  const std::size_t length = length_of(text);
  const std::string fill(width > length ? width - length : 0, ' ');
  return left ? text + fill : fill + text;
}

// Lines of at most 110 columns, indented by two.
std::string wrapped(const std::string& text) {
  constexpr std::size_t kWidth = 110;
  std::string lines = " ";
  std::size_t column = 1;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t space = std::min(text.find(' ', at), text.size());
    const std::size_t length = space - at;
    if (column + 1 + length > kWidth && column > 1) {
      lines += "\n ";
      column = 1;
    }
    lines += ' ' + text.substr(at, length);
    column += 1 + length;
    at = space + 1;
  }
  return lines + "\n";
}

// The first column to the left, the others to the right; the head in bold.
std::string format_table(const TextRows& table, bool bold) {
  std::vector<std::size_t> widths(table.front().size(), 0);
  for (const auto& cells : table)
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], length_of(cells[i]));
  std::string text;
  for (std::size_t r = 0; r < table.size(); ++r) {
    std::string line;
    for (std::size_t i = 0; i < table[r].size(); ++i)
      line += (i == 0 ? "  " : "   ") + padded(table[r][i], widths[i], i == 0);
    text += (bold && r == 0 ? "\033[1m" + line + "\033[0m" : line) + "\n";
  }
  return text;
}

std::string joined(const std::vector<std::string>& names, const std::string& last) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " " + last + " " : ", ") + names[i];
  return text;
}

}  // namespace tonne
