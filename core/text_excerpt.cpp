#include "core/text_excerpt.h"

#include <algorithm>
#include <cstddef>

namespace tonne {

std::string line_with_caret(const std::string& text, int line, int column) {
  constexpr std::size_t kBefore = 60, kLongest = 90;
  std::size_t begin = 0;
  for (int i = 1; i < line; ++i) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) return "";
    begin = end + 1;
  }
  std::string shown = text.substr(begin, text.find('\n', begin) - begin);
  if (shown.ends_with('\r')) shown.pop_back();
  std::ranges::replace(shown, '\t', ' ');
  const auto continues = [&](std::size_t i) { return i < shown.size() && (static_cast<unsigned char>(shown[i]) & 0xc0U) == 0x80U; };
  const std::size_t place = std::min(static_cast<std::size_t>(std::max(column, 1)) - 1, shown.size());
  std::size_t first = place > kBefore ? place - kBefore : 0;
  while (continues(first)) ++first;
  std::size_t last = std::min(first + kLongest, shown.size());
  while (continues(last)) ++last;
  std::size_t blanks = 0;  // a character of several bytes takes one column
  for (std::size_t i = first; i < place; ++i) blanks += continues(i) ? 0U : 1U;
  return "  " + shown.substr(first, last - first) + "\n  " + std::string(blanks, ' ') + "^";
}

}  // namespace tonne
