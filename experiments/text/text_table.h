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
/// The text, or as many of its words as fit before " ...".
[[nodiscard]] std::string clipped(const std::string& text, std::size_t width);
/// Lines indented by two, of at most so many columns (120 are the most that is good to read); 0: where it is
/// not known, 110.
[[nodiscard]] std::string wrapped(const std::string& text, std::size_t width = 0);

/// What text is shown on.
struct TextStyle {
  bool bold = false;      ///< heads in bold
  std::size_t width = 0;  ///< columns of the terminal; 0: any number, for files and pipes
};

/// What a table's last column holds: text stands to the left, and fills the rest of a terminal's width.
enum class LastColumn { figures, wrapped_text, clipped_text };

/// What is particular to a table.
struct TableLayout {
  std::vector<std::string> expendable =
      {};                ///< heads of columns to leave out where the width is short, the first to go first
  std::size_t left = 1;  ///< so many columns are aligned to the left, the others to the right
  LastColumn last = LastColumn::figures;
  std::string rest = "--json or a wider terminal";  ///< where a reader finds what was left out
};

/// The first row is the head. All rows of one length. Says below the table which columns were left out.
[[nodiscard]] std::string format_table(TextRows table, const TextStyle& style = {},
                                       const TableLayout& layout = {});

/// To so many significant digits.
[[nodiscard]] double rounded_to(double value, int digits);
/// "12,345".
[[nodiscard]] std::string grouped(double value);
/// Three significant digits, the whole part in full below a million, then in words: "5.11", "0.0212",
/// "15,568", "3.71 million"; an exponent from 1e15 on and below 1e-4: "1.24e-05".
[[nodiscard]] std::string significant_text(double value);
/// A count of anything: "9", "4,740", "124 million": three significant digits.
[[nodiscard]] std::string count_text(double count);
/// A value with the digits that its unit deserves: 94.31 of percent, four significant ones else ("2.790").
[[nodiscard]] std::string value_text(double value, const std::string& unit);

/// "gp", "gp and tpe", "gp, tpe and rf".
[[nodiscard]] std::string joined(const std::vector<std::string>& names, const std::string& last = "and");

}  // namespace tonne
