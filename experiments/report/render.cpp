#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <kainjow/mustache.hpp>
#include <sstream>
#include <stdexcept>

#include "core/error.h"
#include "experiments/report/assets.h"
#include "experiments/report/report_view.h"
#include "experiments/text/text_table.h"

namespace tonne {
namespace {

using Data = kainjow::mustache::data;

// Control characters have no place in a page; nor have marks that turn the direction of the text around them.
std::string clean(std::string text) {
  std::ranges::replace(text, '\t', ' ');
  return printable(text, true);
}

Data list(const std::vector<std::string>& texts) {
  Data items{Data::type::list};
  for (const std::string& text : texts) items.push_back(clean(text));
  return items;
}

Data table_rows(const std::vector<std::vector<std::string>>& rows) {
  Data lines{Data::type::list};
  for (const auto& row : rows) {
    Data line;
    line.set("cells", list(row));
    lines.push_back(line);
  }
  return lines;
}

// Rows whose cells have names in the template.
Data named_rows(const std::vector<std::vector<std::string>>& rows, const std::vector<std::string>& names) {
  Data lines{Data::type::list};
  for (const auto& row : rows) {
    Data line;
    for (std::size_t i = 0; i < names.size(); ++i) line.set(names[i], clean(row.at(i)));
    lines.push_back(line);
  }
  return lines;
}

void set_flag(Data& object, const std::string& name, bool value) {
  object.set(name, value ? Data::type::bool_true : Data::type::bool_false);
}

Data drawing(const Drawing& drawing) {
  Data object;
  object.set("svg", drawing.svg);
  object.set("caption", clean(drawing.caption));
  object.set("figures_head", list(drawing.figures.head));
  object.set("figures", table_rows(drawing.figures.rows));
  return object;
}

// Strings of a view by the names that the template calls them. Empty ones are left out: mustache would show a
// section of an empty string.
template <class View>
struct Field {
  const char* name;
  std::string View::*text;
};

template <class View>
void set_texts(Data& object, const View& view, std::initializer_list<Field<View>> fields) {
  for (const auto& [name, text] : fields)
    if (!(view.*text).empty()) object.set(name, clean(view.*text));
}

Data pairs_data(const TextTable& pairs) {
  Data object;
  object.set("rows", named_rows(pairs.rows, {"other", "difference", "difference_interval", "probability",
                                             "probability_interval", "delta", "p", "verdict"}));
  object.set("caption", clean(pairs.caption));
  return object;
}

Data target_data(const TextTable& table, const std::string& target) {
  Data object;
  object.set("target", clean(target));
  object.set("caption", clean(table.caption));
  object.set("rows", named_rows(table.rows, {"strategy", "reached", "expected", "interval", "median"}));
  return object;
}

// A table whose cells have no names.
Data table_data(const TextTable& table) {
  Data object;
  object.set("caption", clean(table.caption));
  object.set("head", list(table.head));
  object.set("rows", table_rows(table.rows));
  return object;
}

Data leads_data(const std::vector<LeadView>& views) {
  Data leads{Data::type::list};
  for (const LeadView& view : views) {
    Data lead;
    set_texts(lead, view, {{"id", &LeadView::id}, {"title", &LeadView::title}, {"text", &LeadView::text}});
    set_flag(lead, "has_items", !view.items.empty());
    lead.set("items", list(view.items));
    if (view.table) lead.set("table", table_data(*view.table));
    if (view.drawing) lead.set("drawing", drawing(*view.drawing));
    leads.push_back(lead);
  }
  return leads;
}

Data terms_data(const std::vector<TermView>& views) {
  Data terms{Data::type::list};
  for (const TermView& view : views) {
    Data term;
    set_texts(term, view, {{"term", &TermView::term}, {"meaning", &TermView::meaning}});
    terms.push_back(term);
  }
  return terms;
}

// What was found beyond the leaderboard.
void set_findings(Data& object, const BoardView& board) {
  if (const auto& best = board.best_configuration) {
    Data configuration;
    set_texts(configuration, *best, {{"finder", &BestView::finder}, {"yaml", &BestView::yaml}});
    object.set("best_configuration", configuration);
  }
  if (board.baseline) {
    Data baseline = table_data(*board.baseline);
    baseline.set("name", clean(board.baseline_name));
    object.set("baseline", baseline);
  }
  if (board.spread) {
    Data spread = drawing(board.spread->tornado);
    spread.set("verdict", clean(board.spread->verdict));
    object.set("spread", spread);
  }
}

Data equivalents_data(const std::vector<EquivalentView>& views) {
  Data equivalents{Data::type::list};
  for (const EquivalentView& view : views) {
    Data item, pictures{Data::type::list};
    for (std::size_t i = 0; i < view.count; ++i) pictures.push_back(view.icon);
    item.set("pictures", pictures);
    set_texts(item, view,
              {{"amount", &EquivalentView::amount},
               {"what", &EquivalentView::what},
               {"source", &EquivalentView::source}});
    equivalents.push_back(item);
  }
  return equivalents;
}

Data board_data(const BoardView& board, std::size_t index, bool alone) {
  using B = BoardView;
  using C = ChartCaptions;
  Data object;
  object.set("index", std::to_string(index));
  set_texts(object, board,
            {{"id", &B::id},
             {"name", &B::name},
             {"summary", &B::summary},
             {"value_name", &B::value_name},
             {"better", &B::better},
             {"unit_words", &B::unit_words},
             {"best", &B::best},
             {"label", &B::label},
             {"best_value", &B::best_value},
             {"best_kg", &B::best_kilograms},
             {"default", &B::default_value},
             {"certainty", &B::certainty},
             {"ratio_warning", &B::ratio_warning},
             {"profile_side", &B::profile_side}});
  if (!alone) object.set("conclusion", clean(board.conclusion));  // else it is the headline
  set_texts(object, board.captions,
            {{"ranks_caption", &C::ranks},
             {"waterfall_caption", &C::waterfall},
             {"timeline_caption", &C::timeline},
             {"importance_caption", &C::importance},
             {"parallel_caption", &C::parallel}});
  set_flag(object, "has_values", board.has_values);
  set_findings(object, board);
  object.set("leaderboard", table_data(board.leaderboard));
  if (board.pairs) object.set("pairs", pairs_data(*board.pairs));
  if (board.target) object.set("target", target_data(*board.target, board.target_value));
  if (board.metrics) object.set("metrics", table_data(*board.metrics));
  if (board.ranking) object.set("ranking", drawing(*board.ranking));
  object.set("equivalents", equivalents_data(board.equivalents));
  return object;
}

// A folded board stands in a <details>, of which the first two are open.
Data sheet_data(const BoardView& board, std::size_t index, bool alone) {
  constexpr std::size_t kOpen = 2;
  Data object = board_data(board, index, alone);
  set_flag(object, "sheet_folded", board.folded);
  set_flag(object, "sheet_open", index < kOpen);
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

// A fence that the text cannot end.
std::string markdown_code(const std::string& text) {
  std::string fence = "```";
  while (text.find(fence) != std::string::npos) fence += '`';
  return fence + "yaml\n" + clean(text) + fence + "\n\n";
}

std::string markdown_findings(const BoardView& board) {
  std::string text;
  if (board.spread)
    text += "### How much the uncertain figures matter\n\n" + markdown_text(board.spread->verdict) + "\n\n" +
            markdown_table(board.spread->tornado.figures);
  if (board.baseline)
    text += fmt::format("### Against {}\n\n", markdown_text(board.baseline_name)) +
            markdown_table(*board.baseline);
  if (const auto& best = board.best_configuration)
    text +=
        "### Best configuration found\n\n" + markdown_text(best->finder) + "\n\n" + markdown_code(best->yaml);
  return text;
}

std::string markdown_board(const BoardView& board) {
  std::string text = fmt::format("## {}\n\n{}\n\n{}\n\n**How sure is this?** {}\n\n",
                                 markdown_text(board.name), markdown_text(board.summary),
                                 markdown_text(board.conclusion), markdown_text(board.certainty));
  text += markdown_table(board.leaderboard) + markdown_text(board.ratio_warning) + "\n\n" +
          markdown_findings(board);
  if (board.pairs)
    text += fmt::format("### {} against the other strategies\n\n", markdown_text(board.best)) +
            markdown_table(*board.pairs);
  if (board.target)
    text += fmt::format("### Cost of reaching {}\n\n", markdown_text(board.target_value)) +
            markdown_table(*board.target);
  if (board.metrics) text += "### More metrics\n\n" + markdown_table(*board.metrics);
  return text;
}

std::string plain_table(const TextTable& table) {
  TextRows rows{table.head};
  rows.insert(rows.end(), table.rows.begin(), table.rows.end());
  for (auto& row : rows)
    for (std::string& cell : row) cell = printable(cell);
  return format_table(rows) + (table.caption.empty() ? "" : "\n" + wrapped(printable(table.caption))) + "\n";
}

std::string plain_code(const std::string& lines) {
  std::istringstream stream(lines);
  std::string text;
  for (std::string line; std::getline(stream, line);) text += "    " + printable(line) + "\n";
  return text;
}

std::string text_board(const BoardView& board, bool alone) {
  std::string text =
      printable(board.name) + "   " + printable(board.summary) + "\n\n" + plain_table(board.leaderboard);
  if (!alone) text += wrapped(printable(board.conclusion));
  text += wrapped(printable(board.certainty)) + "\n";
  if (board.spread)
    text += wrapped(printable(board.spread->verdict)) + "\n" + plain_table(board.spread->tornado.figures);
  if (board.baseline)
    text += wrapped("Against " + printable(board.baseline_name) + ":") + "\n" + plain_table(*board.baseline);
  if (const auto& best = board.best_configuration)
    text += wrapped("Best configuration found: " + printable(best->finder)) + "\n" + plain_code(best->yaml) +
            "\n";
  if (board.pairs) text += plain_table(*board.pairs);
  if (board.target)
    text += wrapped("Cost of reaching " + printable(board.target_value) + ":") + "\n" +
            plain_table(*board.target);
  return text;
}

}  // namespace

std::string render_html(const ReportView& view, const std::string& json) {
  Data page;
  page.set("css", std::string(report_assets::kStyle));
  page.set("plotly", std::string(report_assets::kPlotly));
  page.set("javascript", std::string(report_assets::kScript));
  page.set("data", json);
  set_texts(page, view,
            {{"title", &ReportView::title},
             {"subtitle", &ReportView::subtitle},
             {"program", &ReportView::program},
             {"digest", &ReportView::digest},
             {"experiment", &ReportView::experiment},
             {"statement", &ReportView::statement},
             {"across_text", &ReportView::across_text}});
  page.set("headlines", list(view.headlines));
  set_flag(page, "has_warnings", !view.warnings.empty());
  page.set("warnings", list(view.warnings));
  set_flag(page, "uncertain", view.uncertain);
  set_flag(page, "real", view.real);
  set_flag(page, "has_overview", view.boards.size() > 1);
  page.set("leads", leads_data(view.leads));
  set_flag(page, "has_terms", !view.terms.empty());
  page.set("terms", terms_data(view.terms));
  set_flag(page, "folded", !view.boards.empty() && view.boards.front().folded);
  Data boards{Data::type::list};
  for (std::size_t b = 0; b < view.boards.size(); ++b)
    boards.push_back(sheet_data(view.boards[b], b, view.boards.size() == 1));
  page.set("boards", boards);
  if (view.across) page.set("across", drawing(*view.across));
  kainjow::mustache::mustache sheet{std::string(report_assets::kTemplate)};
  if (!sheet.is_valid()) throw std::logic_error("the report's template: " + sheet.error_message());
  return sheet.render(page);
}

std::string render_text(const ReportView& view) {
  std::string text;
  for (const std::string& headline : view.headlines) text += wrapped(printable(headline)) + "\n";
  for (const std::string& warning : view.warnings) text += wrapped("Note: " + printable(warning));
  for (const LeadView& lead : view.leads) {
    text += "\n" + wrapped(printable(lead.title)) + (lead.text.empty() ? "" : wrapped(printable(lead.text)));
    for (const std::string& item : lead.items) text += wrapped(printable(item));
    if (lead.table) text += "\n" + plain_table(*lead.table);
  }
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
  for (const LeadView& lead : view.leads) {
    text += fmt::format("## {}\n\n", markdown_text(lead.title));
    if (!lead.text.empty()) text += markdown_text(lead.text) + "\n\n";
    for (const std::string& item : lead.items) text += "- " + markdown_text(item) + "\n";
    if (!lead.items.empty()) text += "\n";
    if (lead.table) text += markdown_table(*lead.table);
  }
  if (!view.terms.empty()) text += "## How to read this\n\n";
  for (const TermView& term : view.terms)
    text += fmt::format("- **{}**: {}\n", markdown_text(term.term), markdown_text(term.meaning));
  if (!view.terms.empty()) text += "\n";
  for (const BoardView& board : view.boards) text += markdown_board(board);
  if (!view.across_text.empty())
    text += "## Across all boards\n\n" + markdown_text(view.across_text) + "\n\n";
  return text;
}

}  // namespace tonne
