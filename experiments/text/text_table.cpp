#include "experiments/text/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tonne {
namespace {

// So many significant digits without an exponent, and the whole part in full.
std::string fixed_digits(double value, int significant, int most_decimals) {
  const int decimals = significant - 1 - static_cast<int>(std::floor(std::log10(std::abs(value))));
  return fmt::format("{:.{}f}", value, std::clamp(decimals, 0, most_decimals));
}

}  // namespace

std::string grouped(double value) {
  const std::string digits = fmt::format("{:.0f}", value);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const std::size_t left = digits.size() - i;
    if (i > 0 && left % 3 == 0 && digits[i - 1] != '-') text += ',';
    text += digits[i];
  }
  return text;
}

std::string significant_text(double value) {
  if (value == 0.0) return "0";
  if (!(std::abs(value) >= 1e-3 && std::abs(value) < 1e6)) return fmt::format("{:.2e}", value);
  return fixed_digits(value, 3, 5);
}

std::string count_text(double count) {
  if (count >= 1e9) return fmt::format("{:.2e}", count);
  if (count >= 1e6) return significant_text(count / 1e6) + " million";
  if (count < 1000.0) return fmt::format("{:.3g}", count);
  const double unit = std::pow(10.0, std::floor(std::log10(count)) - 2.0);
  return grouped(std::round(count / unit) * unit);
}

std::string value_text(double value, const std::string& unit) {
  if (unit == "%") return fmt::format("{:.2f}", value);
  if (value == 0.0) return "0";
  if (!(std::abs(value) >= 1e-3 && std::abs(value) < 1e7)) return fmt::format("{:.4g}", value);
  return fixed_digits(value, 4, 6);
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
