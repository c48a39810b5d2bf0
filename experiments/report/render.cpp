#include <fmt/format.h>

#include <algorithm>
#include <kainjow/mustache.hpp>
#include <stdexcept>

#include "core/error.h"
#include "experiments/report/assets.h"
#include "experiments/report/report_view.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

using kainjow::mustache::data;

// Control characters have no place in a page; a browser shows them as boxes or reads them as something else.
std::string clean(const std::string& text) {
  std::string kept;
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 0x20U || c == '\n' || c == '\t') kept += c;
  return kept;
}

data list(const std::vector<std::string>& texts) {
  data items{data::type::list};
  for (const std::string& text : texts) items.push_back(clean(text));
  return items;
}

data table_rows(const std::vector<std::vector<std::string>>& rows) {
  data lines{data::type::list};
  for (const auto& row : rows) {
    data line;
    line.set("cells", list(row));
    lines.push_back(line);
  }
  return lines;
}

// Rows whose cells have names in the template.
data named_rows(const std::vector<std::vector<std::string>>& rows, const std::vector<std::string>& names) {
  data lines{data::type::list};
  for (const auto& row : rows) {
    data line;
    for (std::size_t i = 0; i < names.size(); ++i) line.set(names[i], clean(row.at(i)));
    lines.push_back(line);
  }
  return lines;
}

void set_flag(data& object, const std::string& name, bool value) {
  object.set(name, value ? data::type::bool_true : data::type::bool_false);
}

data drawing(const Drawing& drawing) {
  data object;
  object.set("svg", drawing.svg);
  object.set("caption", clean(drawing.caption));
  object.set("figures_head", list(drawing.figures.head));
  object.set("figures", table_rows(drawing.figures.rows));
  return object;
}

data board_data(const BoardView& board, std::size_t index, bool alone) {
  data object;
  object.set("index", std::to_string(index));
  const auto text = [&](const char* name, const std::string& value) { object.set(name, clean(value)); };
  text("id", board.id);
  text("name", board.name);
  text("summary", board.summary);
  text("value_name", board.value_name);
  text("better", board.better);
  text("unit_words", board.unit_words);
  text("best", board.best);
  text("best_value", board.best_value);
  text("best_kg", board.best_kilograms);
  text("default", board.default_value);
  if (!alone) text("conclusion", board.conclusion);  // else it is the headline
  text("certainty", board.certainty);
  text("ratio_warning", board.ratio_warning);
  text("leaderboard_note", board.leaderboard.caption);
  text("ranks_caption", board.ranks_caption);
  text("profile_side", board.profile_side);
  text("waterfall_caption", board.waterfall_caption);
  text("timeline_caption", board.timeline_caption);
  text("importance_caption", board.importance_caption);
  text("parallel_caption", board.parallel_caption);
  object.set("leaderboard_head", list(board.leaderboard.head));
  object.set("leaderboard", table_rows(board.leaderboard.rows));
  set_flag(object, "has_pairs", board.pairs.has_value());
  if (board.pairs) {
    object.set("pairs",
               named_rows(board.pairs->rows, {"other", "difference", "difference_interval", "probability",
                                              "probability_interval", "delta", "p", "verdict"}));
    object.set("pair_count", fmt::format("{} comparison{}", board.pairs->rows.size(),
                                         board.pairs->rows.size() == 1 ? "" : "s"));
  }
  if (board.target) {
    data target;
    target.set("target", clean(board.target_value));
    target.set("caption", clean(board.target->caption));
    target.set("rows",
               named_rows(board.target->rows, {"strategy", "reached", "expected", "interval", "median"}));
    object.set("target", target);
  }
  set_flag(object, "has_metrics", board.metrics.has_value());
  if (board.metrics) {
    object.set("metrics_caption", clean(board.metrics->caption));
    object.set("metrics_head", list(board.metrics->head));
    object.set("metrics", table_rows(board.metrics->rows));
  }
  if (board.ranking) object.set("ranking", drawing(*board.ranking));
  set_flag(object, "has_curves", board.has_curves);
  set_flag(object, "has_profile", board.has_profile);
  set_flag(object, "has_ranks", board.has_ranks);
  set_flag(object, "has_attainment", board.has_attainment);
  set_flag(object, "has_waterfall", board.has_waterfall);
  set_flag(object, "has_timeline", board.has_timeline);
  set_flag(object, "has_importance", board.has_importance);
  set_flag(object, "has_parallel", board.has_parallel);
  data equivalents{data::type::list};
  for (const EquivalentView& view : board.equivalents) {
    data item;
    data pictures{data::type::list};
    for (std::size_t i = 0; i < view.count; ++i) pictures.push_back(view.icon);
    item.set("pictures", pictures);
    item.set("amount", view.amount);
    item.set("what", view.what);
    item.set("source", view.source);
    equivalents.push_back(item);
  }
  object.set("equivalents", equivalents);
  return object;
}

std::string markdown_text(const std::string& text) {
  std::string escaped;
  for (const char c : clean(text)) {
    if (std::string_view("\\`*_{}[]<>|#~").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c == '\n' || c == '\t' ? ' ' : c;
  }
  return escaped;
}

std::string markdown_table(const TextTable& table) {
  const auto line = [](const std::vector<std::string>& cells) {
    std::string text = "|";
    for (const std::string& cell : cells) text += " " + markdown_text(cell) + " |";
    return text + "\n";
  };
  std::string text = line(table.head) + "|-|";
  for (std::size_t i = 1; i < table.head.size(); ++i) text += "-:|";
  text += "\n";
  for (const auto& row : table.rows) text += line(row);
  if (!table.caption.empty()) text += "\n" + markdown_text(table.caption) + "\n";
  return text + "\n";
}

std::string markdown_board(const BoardView& board) {
  std::string text = fmt::format("## {}\n\n{}\n\n{}\n\n**How sure?** {}\n\n", markdown_text(board.name),
                                 markdown_text(board.summary), markdown_text(board.conclusion),
                                 markdown_text(board.certainty));
  text += markdown_table(board.leaderboard) + markdown_text(board.ratio_warning) + "\n\n";
  if (board.pairs)
    text += fmt::format("### {} against the others\n\n", markdown_text(board.best)) +
            markdown_table(*board.pairs);
  if (board.target)
    text += fmt::format("### What it takes to reach {}\n\n", markdown_text(board.target_value)) +
            markdown_table(*board.target);
  if (board.metrics) text += "### More measures\n\n" + markdown_table(*board.metrics);
  return text;
}

std::string plain_table(const TextTable& table) {
  TextRows rows{table.head};
  rows.insert(rows.end(), table.rows.begin(), table.rows.end());
  for (auto& row : rows)
    for (std::string& cell : row) cell = printable(cell);
  return format_table(rows, false) + (table.caption.empty() ? "" : "\n" + wrapped(printable(table.caption))) +
         "\n";
}

std::string text_board(const BoardView& board, bool alone) {
  std::string text =
      printable(board.name) + "   " + printable(board.summary) + "\n\n" + plain_table(board.leaderboard);
  if (!alone) text += wrapped(printable(board.conclusion));
  text += wrapped(printable(board.certainty)) + "\n";
  if (board.pairs) text += plain_table(*board.pairs);
  if (board.target)
    text += wrapped("To reach " + printable(board.target_value) + ":") + "\n" + plain_table(*board.target);
  return text;
}

}  // namespace

std::string render_html(const ReportView& view, const std::string& json) {
  data page;
  page.set("css", std::string(report_assets::kStyle));
  page.set("plotly", std::string(report_assets::kPlotly));
  page.set("javascript", std::string(report_assets::kScript));
  page.set("data", json);
  const auto text = [&](const char* name, const std::string& value) { page.set(name, clean(value)); };
  text("title", view.title);
  text("subtitle", view.subtitle);
  text("program", view.program);
  text("digest", view.digest);
  text("experiment", view.experiment);
  if (!view.statement.empty()) text("statement", view.statement);
  page.set("headlines", list(view.headlines));
  set_flag(page, "has_warnings", !view.warnings.empty());
  page.set("warnings", list(view.warnings));
  set_flag(page, "uncertain", view.uncertain);
  set_flag(page, "has_overview", view.boards.size() > 1);
  data boards{data::type::list};
  for (std::size_t b = 0; b < view.boards.size(); ++b)
    boards.push_back(board_data(view.boards[b], b, view.boards.size() == 1));
  page.set("boards", boards);
  set_flag(page, "has_across", !view.across_text.empty());
  text("across_text", view.across_text);
  if (view.across) {
    page.set("across_svg", view.across->svg);
    text("across_caption", view.across->caption);
  }
  kainjow::mustache::mustache sheet{std::string(report_assets::kTemplate)};
  if (!sheet.is_valid()) throw std::logic_error("the report's template: " + sheet.error_message());
  return sheet.render(page);
}

std::string render_text(const ReportView& view) {
  std::string text;
  for (const std::string& headline : view.headlines) text += wrapped(printable(headline)) + "\n";
  for (const std::string& warning : view.warnings) text += wrapped("Note: " + printable(warning));
  for (const BoardView& board : view.boards) text += "\n" + text_board(board, view.boards.size() == 1);
  return text;
}

std::string render_markdown(const ReportView& view) {
  std::string text = fmt::format("# {}\n\n{}\n\n", markdown_text(view.title), markdown_text(view.subtitle));
  for (const std::string& headline : view.headlines)
    text += fmt::format("**{}**\n\n", markdown_text(headline));
  if (!view.warnings.empty()) {
    text += "Read with care:\n\n";
    for (const std::string& warning : view.warnings) text += "- " + markdown_text(warning) + "\n";
    text += "\n";
  }
  for (const BoardView& board : view.boards) text += markdown_board(board);
  if (!view.across_text.empty()) text += "## Over all boards\n\n" + markdown_text(view.across_text) + "\n\n";
  return text;
}

}  // namespace tonne
