#include "experiments/text/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace tonne {
namespace {

// The decimal exponent of the value once it is rounded: 999.6 to three digits is 1.00e3.
int exponent_of(double value, int digits) {
  const std::string text = fmt::format("{:.{}e}", value, digits - 1);
  return std::stoi(text.substr(text.find('e') + 1));
}

std::string with_commas(const std::string& number) {
  const std::size_t end = std::min(number.find('.'), number.size());
  std::string text;
  for (std::size_t i = 0; i < number.size(); ++i) {
    if (i > 0 && i < end && (end - i) % 3 == 0 && number[i - 1] != '-') text += ',';
    text += number[i];
  }
  return text;
}

// So many significant digits, the whole part in full up to `most_whole` digits, then in words; an exponent where that would be
// no help to a reader.
std::string readable(double value, int digits, int most_whole) {
  if (value == 0.0) return "0";
  if (!std::isfinite(value)) return fmt::format("{}", value);
  constexpr int kSmallest = -4;
  constexpr const char* kWords[] = {" million", " billion", " trillion"};
  const int exponent = exponent_of(value, digits);
  if (exponent < kSmallest || exponent >= 15) return fmt::format("{:.{}e}", value, digits - 1);
  if (exponent < most_whole) return with_commas(fmt::format("{:.{}f}", value, std::max(digits - 1 - exponent, 0)));
  const int word = exponent / 3 - 2;
  const int above = exponent - 3 * (word + 2);
  return fmt::format("{:.{}f}{}", value / std::pow(1e3, word + 2), std::max(digits - 1 - above, 0), kWords[word]);
}

}  // namespace

double rounded_to(double value, int digits) {
  return std::strtod(fmt::format("{:.{}e}", value, digits - 1).c_str(), nullptr);
}

std::string grouped(double value) { return with_commas(fmt::format("{:.0f}", value)); }

std::string significant_text(double value) { return readable(value, 3, 6); }

std::string count_text(double count) {
  const double rounded = std::isfinite(count) ? rounded_to(count, 3) : count;
  return rounded < 1000.0 ? fmt::format("{:.3g}", rounded) : significant_text(rounded);
}

std::string value_text(double value, const std::string& unit) {
  return unit == "%" ? fmt::format("{:.2f}", value) : readable(value, 4, 7);
}

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
