#include "experiments/text/latex_text.h"

#include <fmt/format.h>

#include "core/error.h"

namespace tonne {
namespace {

std::string escaped(char c) {
  constexpr std::string_view kWithBackslash = "&%$#_{}";
  constexpr std::string_view kInMathsOnly = "<>|";
  if (c == '\\') return "\\textbackslash{}";
  if (c == '~') return "\\textasciitilde{}";
  if (c == '^') return "\\textasciicircum{}";
  if (c == '"') return "''";
  if (kInMathsOnly.find(c) != std::string_view::npos) return fmt::format("${}$", c);
  return kWithBackslash.find(c) != std::string_view::npos ? std::string("\\") + c : std::string(1, c);
}

}  // namespace

std::string latex_escaped(std::string_view text) {
  std::string result;
  for (const char c : printable(text)) result += escaped(c);
  return result;
}

std::string latex_text(std::string_view text) {
  constexpr std::string_view kCarbon = "CO2e", kLow = "CO$_2$e";
  std::string result = latex_escaped(text);
  for (std::size_t at = result.find(kCarbon); at != std::string::npos;
       at = result.find(kCarbon, at + kLow.size()))
    result.replace(at, kCarbon.size(), kLow);
  return result;
}

std::string latex_table(const LatexTable& table) {
  std::string text = fmt::format(
      "\\begin{{table}}[tb]\n  \\centering\n  \\caption{{{}}}\n  \\label{{{}}}\n  \\begin{{tabular}}{{{}}}\n "
      "   \\toprule\n",
      table.caption, table.label, table.columns);
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    std::string line;
    for (const std::string& cell : table.rows[r])
      line += (line.empty() ? "" : " & ") + (cell.empty() ? "{}" : cell);
    text += "    " + line + " \\\\\n";
    if (r == 0) text += "    \\midrule\n";
  }
  return text + "    \\bottomrule\n  \\end{tabular}\n\\end{table}\n";
}

}  // namespace tonne
