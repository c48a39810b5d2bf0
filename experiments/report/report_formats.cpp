#include <fmt/format.h>

#include "core/json.h"
#include "experiments/exports/findings_json.h"
#include "experiments/report/report.h"
#include "experiments/text/csv_text.h"

namespace tonne {
namespace {

Json optional_number(const std::optional<double>& value) {
  return value ? Json(*value) : Json();
}

std::string number_text(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : "";
}

Json board_json(const BoardView& board) {
  return {{"name", board.name},
          {"verdict", parse_json(board.verdict)},
          {"certainty", board.certainty},
          {"target", board.target_value},
          {"uncertain_figures", board.spread ? Json(board.spread->verdict) : Json()}};
}

}  // namespace

std::string report_csv(const Report& report) {
  std::string text = "problem,scenario,strategy,metric,value,low,high,unit\n";
  for (const ReportFigure& figure : report.figures)
    text += fmt::format("{},{},{},{},{},{},{},{}\n", csv_text(figure.problem), csv_text(figure.scenario),
                        csv_text(figure.strategy), csv_text(figure.metric), number_text(figure.value),
                        number_text(figure.low), number_text(figure.high), csv_text(figure.unit));
  return text;
}

std::string report_json(const Report& report) {
  Json json = {{"name", report.view.title},
               {"program", report.view.program},
               {"experiment_digest", report.view.digest},
               {"headlines", report.view.headlines},
               {"warnings", report.view.warnings}};
  json["boards"] = Json::array();
  for (std::size_t b = 0; b < report.view.boards.size(); ++b) {
    json["boards"].push_back(board_json(report.view.boards[b]));
    json["boards"].back()["unit"] = report.findings[b].unit;
    json["boards"].back()["difference_unit"] = report.findings[b].difference_unit;
    add_findings(json["boards"].back(), report.findings[b]);
  }
  for (const LeadView& lead : report.view.leads)
    json["leads"].push_back({{"title", lead.title}, {"text", lead.text}, {"items", lead.items}});
  json["figures"] = Json::array();
  for (const ReportFigure& figure : report.figures)
    json["figures"].push_back({{"problem", figure.problem},
                               {"scenario", figure.scenario},
                               {"strategy", figure.strategy},
                               {"metric", figure.metric},
                               {"value", optional_number(figure.value)},
                               {"low", optional_number(figure.low)},
                               {"high", optional_number(figure.high)},
                               {"unit", figure.unit}});
  return json_document(json, JsonText::ascii);
}

}  // namespace tonne
