#include "experiments/cli/reproduce_formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "core/json.h"
#include "experiments/report/svg_ladder.h"
#include "experiments/report/svg_marks.h"
#include "experiments/text/latex_text.h"

namespace tonne::cli {
namespace {

std::string computed_text(double value) {
  return value < 1000.0 ? fmt::format("{:.4g}", value) : value < 1e9 ? grouped(value) : value_text(value, "");
}

std::string error_text(double error) {
  const double percent = 100.0 * error;
  return std::abs(percent) < 1e4 ? fmt::format("{:+.2f} %", percent) : fmt::format("{:+.1e} %", percent);
}

const TextRows kHead{{"row", "column", "published", "computed", "error", "verdict"}};

std::vector<std::string> cells_of(const PublishedCell& cell) {
  const bool printed = !cell.printed.empty();
  return {printable(cell.row),
          printable(cell.column),
          printed ? printable(cell.printed) : "-",
          computed_text(cell.computed),
          printed ? error_text(cell.error) : "-",
          std::string(to_string(cell.verdict))};
}

std::string without_end_spaces(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

struct CellWidths {
  std::size_t row = 3, column = 6;
};

// A line of a table; without the row's name where that stands above.
std::string cell_line(const std::vector<std::string>& cells, const CellWidths& widths, bool with_row) {
  std::string line = with_row ? fmt::format("  {}", padded(cells[0], widths.row, true)) : "  ";
  line += fmt::format("  {}  {:>11}  {:>11}  {:>8}  {}",
                      padded(clipped(cells[1], widths.column), widths.column, true), cells[2], cells[3],
                      cells[4], cells[5]);
  return without_end_spaces(line);
}

std::string note_text(const PublishedCell& cell, const TextStyle& style) {
  std::string text;
  const auto add = [&](const char* what, const std::string& words) {
    if (words.empty()) return;
    const std::string note = what + printable(words);
    text += style.width == 0 ? "      " + note + "\n" : wrapped(note, style.width);
  };
  add("note: ", cell.note);
  add("called a known miss: ", cell.reason);
  return text;
}

// "MobileNetV3-Large, klb: known miss (+13.43 %): the paper ...", of every cell that the file calls a known miss.
std::vector<std::string> known_misses(const PublishedTable& table) {
  std::vector<std::string> lines;
  for (const PublishedCell& cell : table.cells)
    if (!cell.reason.empty())
      lines.push_back(fmt::format("{}, {}: {} ({}): {}", cell.row, cell.column, to_string(cell.verdict),
                                  error_text(cell.error), cell.reason));
  return lines;
}

// Where the width is short, a row's name stands above its cells, and columns with long names are cut.
std::string cells_text(const PublishedTable& table, const TextStyle& style) {
  constexpr std::size_t kFigures = 49;  // of the columns after the first two, "ok, rounded" included
  CellWidths widths;
  for (const PublishedCell& cell : table.cells) {
    widths.row = std::max(widths.row, length_of(cell.row));
    widths.column = std::max(widths.column, length_of(cell.column));
  }
  const bool wide = style.width == 0 || 4 + widths.row + widths.column + kFigures <= style.width;
  if (!wide)
    widths.column = std::min(widths.column, std::max<std::size_t>(style.width, kFigures + 16) - kFigures - 4);
  std::string text = cell_line(kHead.front(), widths, wide);
  std::string row;
  for (const PublishedCell& cell : table.cells) {
    if (!wide && std::exchange(row, cell.row) != cell.row) text += wrapped(printable(cell.row), style.width);
    text += cell_line(cells_of(cell), widths, wide) + note_text(cell, style);
  }
  return text;
}

// Bars to the right save, bars to the left ('<') cost more; lengths on the log scale.
std::string waterfall_text(const PublishedTable& table, const TextStyle& style) {
  constexpr double kWidth = 40.0, kBefore = 42.0;
  const double widest =
      style.width == 0 ? kWidth : std::clamp(static_cast<double>(style.width) - kBefore, 10.0, kWidth);
  std::string text =
      "\n" +
      wrapped(
          "The waterfall: what divides the carbon from row to row (share of the whole reduction, log scale)",
          style.width);
  double product = 1.0;
  double longest = 0.0;
  for (const LadderFactor& f : table.waterfall) longest = std::max(longest, std::abs(std::log(f.factor)));
  std::string from;
  for (const LadderFactor& f : table.waterfall) {
    if (f.from != from) text += fmt::format("  {} -> {}\n", printable(f.from), printable(f.to));
    from = f.from;
    if (f.share) product *= f.factor;
    const double length = widest * std::abs(std::log(f.factor)) / longest;
    const std::string bar(static_cast<std::size_t>(std::ceil(length)), f.factor < 1.0 ? '<' : '#');
    text += fmt::format("    {:<15} {:>8.4g} x  {:>8}  {}\n", f.what, f.factor,
                        f.share ? fmt::format("{:.1f} %", 100.0 * *f.share) : "-", bar);
  }
  text += fmt::format("    {:<15} {:>8.4g} x  {:>8}\n", "product", product, "100 %");
  const std::string legend =
      "'<' marks a factor below 1, which adds carbon; '-' lies below the measured row.";
  return text + (style.width == 0 ? "    " + legend + "\n" : wrapped(legend, style.width));
}

std::string verdicts_text(const NamedTable& named) {
  const PublishedTable& table = named.table;
  const auto count = [&](Verdict verdict) {
    return std::ranges::count(table.cells, verdict, &PublishedCell::verdict);
  };
  std::string text = fmt::format(
      "{}: {} cells within {:g} %, {} equal once rounded to the printed digits, {} stated, {} missed",
      named.name, count(Verdict::within), 100.0 * table.tolerance, count(Verdict::rounds),
      count(Verdict::stated), count(Verdict::misses));
  if (const auto known = count(Verdict::known_miss); known > 0)
    text += fmt::format(", {} known to miss", known);
  if (const auto met = count(Verdict::met); met > 0)
    text += fmt::format(", {} called a known miss but no longer missing", met);
  return text;
}

// What a reader has to know of a table, each with its name.
std::vector<std::string> remarks(const PublishedTable& table) {
  std::vector<std::string> texts{"sources: " + table.source};
  if (!table.assumption.empty()) texts.push_back("assumption: " + table.assumption);
  if (!table.note.empty()) texts.push_back("note: " + table.note);
  return texts;
}

Json table_json(const NamedTable& named) {
  Json cells = Json::array();
  for (const PublishedCell& cell : named.table.cells) {
    const bool printed = !cell.printed.empty();
    cells.push_back({{"row", cell.row},
                     {"column", cell.column},
                     {"published", printed ? Json(cell.printed) : Json(nullptr)},
                     {"computed", cell.computed},
                     {"relative_error", printed ? Json(cell.error) : Json(nullptr)},
                     {"verdict", std::string(to_string(cell.verdict))},
                     {"note", cell.note},
                     {"known_miss", cell.reason.empty() ? Json(nullptr) : Json(cell.reason)}});
  }
  Json waterfall = Json::array();
  for (const LadderFactor& f : named.table.waterfall)
    waterfall.push_back({{"from", f.from},
                         {"to", f.to},
                         {"what", f.what},
                         {"factor", f.factor},
                         {"share", f.share ? Json(*f.share) : Json(nullptr)}});
  return {{"name", named.name},           {"title", named.table.title},
          {"source", named.table.source}, {"assumption", named.table.assumption},
          {"note", named.table.note},     {"tolerance", named.table.tolerance},
          {"holds", named.table.holds()}, {"cells", cells},
          {"waterfall", waterfall}};
}

std::string line_for(const std::string& text, const TextStyle& style) {
  return style.width == 0 ? "  " + text + "\n" : wrapped(text, style.width);
}

// One table's ladder as a chart.
std::string ladder_svg(const PublishedTable& table) {
  LadderChart chart{table.title, "times less CO2e, log scale", {}, known_misses(table)};
  for (const LadderFactor& f : table.waterfall)
    chart.steps.push_back({f.from + " -> " + f.to, f.what, f.factor});
  return ladder_chart_svg(chart);
}

// --- Markdown ---

std::string markdown_cell(const std::string& text) {
  std::string result;
  for (const char c : printable(text)) {
    if (std::string_view("\\`*_{}[]<>|#~").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

std::string markdown_line(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + markdown_cell(cell) + " |";
  return line + "\n";
}

// --- HTML ---

std::string html_row(const std::vector<std::string>& cells, const char* element) {
  std::string row = "<tr>";
  for (const std::string& cell : cells) row += fmt::format("<{0}>{1}</{0}>", element, svg_text(cell));
  return row + "</tr>\n";
}

constexpr const char* kPageHead =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'\">\n"
    "<title>Published tables, computed again</title>\n<style>\n"
    ":root { color-scheme: light dark; }\n"
    "body { margin: 0 auto; padding: 1.5rem; max-width: 70rem; font: 16px/1.5 system-ui, sans-serif; }\n"
    ".scroll { overflow-x: auto; }\n"
    "table { border-collapse: collapse; font-variant-numeric: tabular-nums; }\n"
    "th, td { padding: .2rem .7rem; text-align: right; border-bottom: 1px solid #8886; }\n"
    "th:nth-child(-n+2), td:nth-child(-n+2), td:last-child { text-align: left; }\n"
    "svg, svg * { color: inherit; }\nsvg { max-width: 100%; height: auto; }\n"
    "</style>\n</head>\n<body>\n<main>\n<h1>Published tables, computed again</h1>\n";

// --- LaTeX ---

std::string latex_cells(const PublishedTable& table, const std::string& name) {
  std::string caption = table.title + ". " + table.source;
  for (const std::string& miss : known_misses(table)) caption += ". " + miss;
  LatexTable latex{"llrrrl", {}, latex_text(caption), "tab:" + name};
  for (const std::string& head : kHead.front()) {
    if (latex.rows.empty()) latex.rows.emplace_back();
    latex.rows.front().push_back(latex_text(head));
  }
  for (const PublishedCell& cell : table.cells) {
    std::vector<std::string> cells = cells_of(cell);
    for (std::string& text : cells)
      text = text.starts_with('-') && text != "-" ? "$-$" + latex_text(text.substr(1)) : latex_text(text);
    latex.rows.push_back(std::move(cells));
  }
  return latex_table(latex);
}

// The bars are rules, so that no package draws them.
std::string latex_ladder(const PublishedTable& table, const std::string& name) {
  constexpr double kWidest = 40.0;  // millimetres
  LatexTable latex{"llrrl",
                   {{"to", "cause", "factor", "share", ""}},
                   latex_text(table.title + ": what divides the carbon, on a log scale."),
                   "tab:" + name + "-ladder"};
  double longest = 0.0;
  for (const LadderFactor& f : table.waterfall) longest = std::max(longest, std::abs(std::log(f.factor)));
  std::string to;
  for (const LadderFactor& f : table.waterfall) {
    const bool again = std::exchange(to, f.to) == f.to;
    const std::string share = f.share ? fmt::format("{:.1f} \\%", 100.0 * *f.share) : "--";
    const std::string bar = fmt::format("{}\\rule{{{:.1f}mm}}{{1.4ex}}", f.factor < 1.0 ? "$-$ " : "",
                                        kWidest * std::abs(std::log(f.factor)) / std::max(longest, 1e-12));
    latex.rows.push_back({again ? "" : latex_text(f.to), latex_text(f.what),
                          fmt::format("{:.4g} $\\times$", f.factor),
                          share.starts_with('-') && f.share ? "$-$" + share.substr(1) : share, bar});
  }
  return latex_table(latex);
}

}  // namespace

std::string reproduced_text(const NamedTable& named, const TextStyle& style) {
  std::string text = style.width == 0 ? printable(named.table.title) + "\n"
                                      : wrapped(printable(named.table.title), style.width).substr(2);
  for (const std::string& remark : remarks(named.table)) text += line_for(printable(remark), style);
  text += "\n" + cells_text(named.table, style);
  if (!named.table.waterfall.empty()) text += waterfall_text(named.table, style);
  return text + "\n" + line_for(printable(verdicts_text(named)), style);
}

std::string reproduced_json(const std::vector<NamedTable>& tables) {
  Json out = Json::array();
  for (const NamedTable& named : tables) out.push_back(table_json(named));
  return json_document(out);
}

std::string reproduced_markdown(const std::vector<NamedTable>& tables) {
  std::string text;
  for (const NamedTable& named : tables) {
    text += (text.empty() ? "" : "\n") + fmt::format("## {}\n\n", markdown_cell(named.table.title));
    for (const std::string& remark : remarks(named.table)) text += "- " + markdown_cell(remark) + "\n";
    text += "\n" + markdown_line(kHead.front()) + "|-|-|-:|-:|-:|-|\n";
    for (const PublishedCell& cell : named.table.cells) text += markdown_line(cells_of(cell));
    for (const std::string& miss : known_misses(named.table)) text += "\n- " + markdown_cell(miss) + "\n";
    if (!named.table.waterfall.empty())
      text += "\n```\n" + waterfall_text(named.table, {}).substr(1) + "```\n";
    text += "\n" + markdown_cell(verdicts_text(named)) + "\n";
  }
  return text;
}

std::string reproduced_html(const std::vector<NamedTable>& tables) {
  std::string text = kPageHead;
  for (const NamedTable& named : tables) {
    text += fmt::format("<h2>{}</h2>\n", svg_text(named.table.title));
    for (const std::string& remark : remarks(named.table))
      text += fmt::format("<p>{}</p>\n", svg_text(remark));
    if (!named.table.waterfall.empty()) text += ladder_svg(named.table);
    text += "<div class=\"scroll\"><table>\n<thead>" + html_row(kHead.front(), "th") + "</thead>\n<tbody>\n";
    for (const PublishedCell& cell : named.table.cells) text += html_row(cells_of(cell), "td");
    text += "</tbody>\n</table></div>\n";
    for (const std::string& miss : known_misses(named.table)) text += fmt::format("<p>{}</p>\n", svg_text(miss));
    text += fmt::format("<p>{}</p>\n", svg_text(verdicts_text(named)));
  }
  return text + "</main>\n</body>\n</html>\n";
}

std::string reproduced_latex(const std::vector<NamedTable>& tables) {
  std::string text = "% Needs \\usepackage{booktabs}.\n";
  for (const NamedTable& named : tables) {
    std::string label;  // of a file: without what is no letter of a label
    for (const char c : named.name) label += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '-';
    text += "\n" + latex_cells(named.table, label);
    if (!named.table.waterfall.empty()) text += "\n" + latex_ladder(named.table, label);
  }
  return text;
}

std::string reproduced_svg(const std::vector<NamedTable>& tables) {
  std::vector<std::string> names;
  const NamedTable* drawn = nullptr;
  for (const NamedTable& named : tables) {
    if (named.table.waterfall.empty()) continue;
    names.push_back(printable(named.name));
    drawn = &named;
  }
  if (!drawn)
    throw InputError("--format svg draws a ladder, and this table has none; evolved-transformer-ladder does");
  if (names.size() > 1) throw InputError("--format svg draws one ladder; choose one of " + join_names(names));
  return ladder_svg(drawn->table);
}

}  // namespace tonne::cli
