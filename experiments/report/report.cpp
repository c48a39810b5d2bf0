#include "experiments/report/report.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/json.h"
#include "experiments/report/across_boards.h"
#include "experiments/report/board_facts.h"
#include "experiments/report/board_view.h"
#include "experiments/report/chart_choices.h"
#include "experiments/report/curve_data.h"
#include "experiments/report/findings_view.h"
#include "experiments/report/lead_view.h"
#include "experiments/report/report_data.h"
#include "experiments/report/spread_view.h"
#include "experiments/report/terms_view.h"
#include "experiments/report/warnings.h"
#include "experiments/results/imported.h"
#include "experiments/text/version.h"

namespace tonne {
namespace {

// One board's part of everything; its data for the charts is returned.
Json add_board(Report& report, const ReportInput& input, const BoardFacts& facts, std::size_t index,
               const std::string& name, const ChartColumn& column) {
  const auto ranks = rank_curves(facts.board, facts.curves);
  BoardView& view = report.view.boards.emplace_back(board_view(facts, index, ranks));
  set_findings(view, facts.board, input.findings[index]);
  add_intervals(view.leaderboard, facts.board.leaderboard);
  view.spread = spread_view(facts.board.leaderboard, input.draws[index]);
  view.folded = input.boards.size() > kMostOpenBoards;
  std::ranges::move(board_figures(facts), std::back_inserter(report.figures));
  std::ranges::move(finding_figures(facts.board, input.findings[index]), std::back_inserter(report.figures));
  std::ranges::move(board_charts(name, facts.board, facts.curves, facts.comparison, facts.digest, column),
                    std::back_inserter(report.charts));
  Json data = board_data(facts.board, facts.digest);
  data["file"] = name;
  data["curves"] = curves_data(facts.curves, facts.board.traits.default_true_value);
  data["attainment"] = attainment_data(facts.board, facts.curves);
  if (ranks) data["ranks"] = ranks_data(*ranks);
  return data;
}

bool is_real(const ReportInput& input) {
  return std::ranges::all_of(input.boards, [](const Board& board) { return imported_search(board.traits).has_value(); });
}

void add_whole(ReportView& view, const ReportInput& input, const std::vector<BoardFacts>& facts) {
  view.title = input.name;
  view.subtitle = subtitle(input.boards);
  view.program = version();
  view.digest = input.digest;
  view.statement = input.statement;
  view.experiment = input.experiment;
  view.uncertain = input.uncertain;
  view.real = is_real(input);
  view.across_text = across_text(facts);
  view.across = across_drawing(input.boards);
  view.headlines = {facts.size() == 1 ? view.boards.front().conclusion : view.across_text};
  view.warnings = warnings(input);
  view.leads = lead_views(input.boards, input.findings);
  view.terms = terms_of(view);
}

}  // namespace

Report make_report(const ReportInput& input, const ReportOptions& options) {
  Report report;
  report.findings = input.findings;
  std::vector<BoardFacts> facts;
  Json data = {{"boards", Json::array()}};
  const std::vector<std::string> names = chart_names(input.boards);
  for (std::size_t b = 0; b < input.boards.size(); ++b) {
    facts.push_back(
        board_facts(input.boards[b], input.curves[b], input.digests[b], options.target, options.worth));
    data["boards"].push_back(add_board(report, input, facts.back(), b, names[b], options.column));
  }
  if (is_real(input)) data["real"] = true;
  report.data = script_text(data);
  add_whole(report.view, input, facts);
  if (report.view.across)
    report.charts.push_back(
        {"across-ranking.svg", sized_svg(report.view.across->svg, options.column.millimetres)});
  return report;
}

std::string report_html(const Report& report) {
  return render_html(report.view, report.data);
}

std::string report_markdown(const Report& report) {
  return render_markdown(report.view);
}

std::string report_text(const Report& report) {
  return render_text(report.view);
}

}  // namespace tonne
