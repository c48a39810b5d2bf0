#pragma once
// Text inside LaTeX.

#include <string>
#include <string_view>
#include <vector>

namespace tonne {

/// Text as LaTeX prints it literally. Control characters become '?'.
[[nodiscard]] std::string latex_escaped(std::string_view text);
/// The same, with the 2 of CO2e set low.
[[nodiscard]] std::string latex_text(std::string_view text);

/// A tabular of the package booktabs: cells are LaTeX already, the first row is the head; `columns` as in
/// "lrr".
struct LatexTable {
  std::string columns;
  std::vector<std::vector<std::string>> rows;
  std::string caption, label;  ///< the caption is LaTeX already
};
/// As a table environment of its own, to be included anywhere.
[[nodiscard]] std::string latex_table(const LatexTable& table);

}  // namespace tonne
