#include "experiments/text/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/error.h"

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

// So many significant digits, the whole part in full up to `most_whole` digits, then in words; an exponent
// where that would be no help to a reader.
std::string readable(double value, int digits, int most_whole) {
  if (value == 0.0) return "0";
  if (!std::isfinite(value)) return fmt::format("{}", value);
  constexpr int kSmallest = -4;
  constexpr const char* kWords[] = {" million", " billion", " trillion"};
  const int exponent = exponent_of(value, digits);
  if (exponent < kSmallest || exponent >= 15) return fmt::format("{:.{}e}", value, digits - 1);
  if (exponent < most_whole)
    return with_commas(fmt::format("{:.{}f}", value, std::max(digits - 1 - exponent, 0)));
  const int word = exponent / 3 - 2;
  const int above = exponent - 3 * (word + 2);
  return fmt::format("{:.{}f}{}", value / std::pow(1e3, word + 2), std::max(digits - 1 - above, 0),
                     kWords[word]);
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t space = std::min(text.find(' ', at), text.size());
    words.push_back(text.substr(at, space - at));
    at = space + 1;
  }
  return words;
}

// The text in lines of at most so many columns, but for longer words; at least one line.
std::vector<std::string> lines_of(const std::string& text, std::size_t width) {
  std::vector<std::string> lines{""};
  bool started = false;
  for (const std::string& word : words_of(text)) {
    if (started && length_of(lines.back()) + 1 + length_of(word) > width) {
      lines.emplace_back();
      started = false;
    }
    lines.back() += (started ? " " : "") + word;
    started = true;
  }
  return lines;
}

std::vector<std::size_t> widths_of(const TextRows& table) {
  std::vector<std::size_t> widths(table.front().size(), 0);
  for (const auto& cells : table)
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], length_of(cells[i]));
  return widths;
}

// What stands before a column.
std::string gap(std::size_t column) {
  return column == 0 ? "  " : "   ";
}

// Of the first `count` columns with what stands before each.
std::size_t line_width(const std::vector<std::size_t>& widths, std::size_t count) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < count; ++i) width += gap(i).size() + widths[i];
  return width;
}

// Of a column of text, so much has to fit.
constexpr std::size_t kLeastText = 20;

// Of the last column, behind columns of so much in all.
std::size_t room_for_prose(std::size_t before, const TextStyle& style) {
  constexpr std::size_t kGap = 3;
  if (style.width == 0) return std::string::npos;
  return std::max(kLeastText, style.width > before + kGap ? style.width - before - kGap : 0);
}

// Leaves out columns until the table fits; the heads of those, in the table's order.
std::vector<std::string> drop_columns(TextRows& table, const TextStyle& style, const TableLayout& layout) {
  const TextRows whole = table;
  const std::string last_head = table.front().back();
  const auto fits = [&] {
    std::vector<std::size_t> widths = widths_of(table);
    if (layout.last != LastColumn::figures && table.front().back() == last_head)
      widths.back() = std::min(widths.back(), kLeastText);
    return style.width == 0 || line_width(widths, widths.size()) <= style.width;
  };
  std::vector<std::string> dropped;
  for (const std::string& head : layout.expendable) {
    if (fits()) break;
    const auto at = std::ranges::find(table.front(), head) - table.front().begin();
    if (at == std::ssize(table.front())) continue;
    for (auto& cells : table) cells.erase(cells.begin() + at);
    dropped.push_back(head);
  }
  std::ranges::sort(dropped, {},
                    [&](const std::string& head) { return std::ranges::find(whole.front(), head); });
  return dropped;
}

}  // namespace

double rounded_to(double value, int digits) {
  return std::strtod(fmt::format("{:.{}e}", value, digits - 1).c_str(), nullptr);
}

std::string grouped(double value) {
  return with_commas(fmt::format("{:.0f}", value));
}

std::string significant_text(double value) {
  return readable(value, 3, 6);
}

std::string count_text(double count) {
  const double rounded = std::isfinite(count) ? rounded_to(count, 3) : count;
  return rounded < 1000.0 ? fmt::format("{:.3g}", rounded) : significant_text(rounded);
}

std::string value_text(double value, const std::string& unit) {
  return unit == "%" ? fmt::format("{:.2f}", value) : readable(value, 4, 7);
}

std::size_t length_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string padded(const std::string& text, std::size_t width, bool left) {
  const std::size_t length = length_of(text);
  const std::string fill(width > length ? width - length : 0, ' ');
  return left ? text + fill : fill + text;
}

std::string clipped(const std::string& text, std::size_t width) {
  if (length_of(text) <= width) return text;
  const std::string mark = " ...";
  std::string kept;
  for (const std::string& word : words_of(text)) {
    const std::string longer = kept.empty() ? word : kept + " " + word;
    if (length_of(longer) + mark.size() > width) break;
    kept = longer;
  }
  return kept + mark;
}

std::string wrapped(const std::string& text, std::size_t width) {
  constexpr std::size_t kUnknown = 110, kWidest = 120;
  std::string result;
  for (const std::string& line : lines_of(text, (width == 0 ? kUnknown : std::min(width, kWidest)) - 2))
    result += "  " + line + "\n";
  return result;
}

std::string format_table(TextRows table, const TextStyle& style, const TableLayout& layout) {
  const std::string last_head = table.front().back();
  const std::vector<std::string> dropped = drop_columns(table, style, layout);
  const bool prose = layout.last != LastColumn::figures && table.front().back() == last_head;
  const std::vector<std::size_t> widths = widths_of(table);
  const std::size_t last = widths.size() - 1;
  const std::size_t before = line_width(widths, last);  // of the last column
  std::string text;
  for (std::size_t r = 0; r < table.size(); ++r) {
    std::string line;
    for (std::size_t i = 0; i < last; ++i) line += gap(i) + padded(table[r][i], widths[i], i < layout.left);
    if (!prose) {
      line += gap(last) + padded(table[r][last], widths[last], last < layout.left);
    } else {
      const std::string indent = "\n" + std::string(before, ' ') + gap(last);
      const std::size_t room = room_for_prose(before, style);
      const bool one_line = layout.last == LastColumn::clipped_text;
      std::string cell;
      for (const std::string& part :
           one_line ? std::vector{clipped(table[r][last], room)} : lines_of(table[r][last], room))
        cell += (cell.empty() ? gap(last) : indent) + part;
      line += cell;
      line.erase(line.find_last_not_of(' ') + 1);
    }
    text += (style.bold && r == 0 ? "\033[1m" + line + "\033[0m" : line) + "\n";
  }
  if (dropped.empty()) return text;
  return text + wrapped(fmt::format("Not shown at {} columns: {}; all with {}.", style.width,
                                    join_names(dropped), layout.rest),
                        style.width);
}

std::string joined(const std::vector<std::string>& names, const std::string& last) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " " + last + " " : ", ") + names[i];
  return text;
}

}  // namespace tonne
