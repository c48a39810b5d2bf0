#pragma once
// Tables, paragraphs and figures for people.

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
/// The first column to the left, the others to the right; the head, the first row, in bold. All rows of one
/// length.
[[nodiscard]] std::string format_table(const TextRows& table, bool bold);

/// To so many significant digits.
[[nodiscard]] double rounded_to(double value, int digits);
/// "12,345".
[[nodiscard]] std::string grouped(double value);
/// Three significant digits, the whole part in full below a million, then in words: "5.11", "0.0212", "15,568", "3.71 million";
/// an exponent from 1e15 on and below 1e-4: "1.24e-05".
[[nodiscard]] std::string significant_text(double value);
/// A count of anything: "9", "4,740", "124 million": three significant digits.
[[nodiscard]] std::string count_text(double count);
/// A value with the digits that its unit deserves: 94.31 of percent, four significant ones else ("2.790").
[[nodiscard]] std::string value_text(double value, const std::string& unit);

/// "gp", "gp and tpe", "gp, tpe and rf".
[[nodiscard]] std::string joined(const std::vector<std::string>& names, const std::string& last = "and");

}  // namespace tonne
