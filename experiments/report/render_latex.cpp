#include "experiments/report/render_latex.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "experiments/text/latex_text.h"

namespace tonne {
namespace {

// "quickstart, cell_nas" as "quickstart-cell-nas".
std::string slug(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (!result.empty() && result.back() != '-')
      result += '-';
  }
  return result;
}

// "-2.790" with a minus instead of a hyphen, "93.1 .. 94.2" as an interval; "-" stands for nothing.
std::string figure(const std::string& text) {
  if (text == "-") return "--";
  if (const std::size_t dots = text.find(" .. "); dots != std::string::npos)
    return "[" + figure(text.substr(0, dots)) + ", " + figure(text.substr(dots + 4)) + "]";
  return text.starts_with('-') ? "$-$" + latex_text(text.substr(1)) : latex_text(text);
}

// Bold says something where there is a choice.
bool marks_best(const BoardView& board) {
  return board.leaderboard.rows.size() > 1 && !board.best_group.empty();
}

std::string caption(const BoardView& board, const ReportView& view) {
  return latex_text(fmt::format(
      "Search strategies on {}: mean {} ({} is better), with its 95 % interval over seeds, and the mean cost "
      "of a search.{} {} with tonne {} on {}.{}{}",
      board.name, board.value_name, board.better,
      marks_best(board) ? " Bold: the leader and those not separated from it." : "", view.real ? "Recorded, and reckoned" : "Simulated", view.program, board.summary,
      board.notes.empty() ? "" : " ", fmt::join(board.notes, " ")));
}

std::string board_table(const BoardView& board, const ReportView& view) {
  const TextTable& source = board.leaderboard;
  std::vector<std::size_t> columns{0, 1, 2};  // strategy, value, interval
  for (const char* head : {"kg CO2e", "USD"})
    if (const auto at = std::ranges::find(source.head, head); at != source.head.end())
      columns.push_back(static_cast<std::size_t>(at - source.head.begin()));
  LatexTable table;
  table.columns = "l" + std::string(columns.size() - 1, 'r');
  table.label = "tab:" + slug(view.title + "-" + board.id);
  table.caption = caption(board, view);
  table.rows.emplace_back();
  for (const std::size_t column : columns) table.rows.front().push_back(latex_text(source.head[column]));
  for (std::size_t r = 0; r < source.rows.size(); ++r) {
    const bool best = marks_best(board) && std::ranges::find(board.best_group, source.rows[r][0]) != board.best_group.end();
    std::vector<std::string> cells;
    for (const std::size_t column : columns) {
      const std::string cell =
          column == 0 ? latex_text(source.rows[r][column]) : figure(source.rows[r][column]);
      cells.push_back(best && column < 2 ? "\\textbf{" + cell + "}" : cell);
    }
    table.rows.push_back(std::move(cells));
  }
  return latex_table(table);
}

}  // namespace

std::string render_latex(const ReportView& view) {
  std::string text = "% Needs \\usepackage{booktabs}.\n";
  for (const BoardView& board : view.boards) text += "\n" + board_table(board, view);
  return text;
}

}  // namespace tonne
