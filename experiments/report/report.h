#pragma once
// `tonne report`: from a store to one page. A pure function of the recorded data.

#include <optional>
#include <string>
#include <vector>

#include "experiments/report/report_charts.h"
#include "experiments/report/report_figures.h"
#include "experiments/report/report_input.h"
#include "experiments/report/report_view.h"

namespace tonne {

struct ReportOptions {
  std::optional<double> target;  ///< the value whose cost is asked; none: chosen from the data
  double worth = 0.0;  ///< least gain per kg CO2e that is worth it, above 0; 0: chosen from the data
  ChartColumn column = kDoubleColumn;  ///< of Report::charts
};

struct Report {
  ReportView view;
  std::string data;  ///< JSON of the charts, safe inside a script element
  std::vector<ReportFigure> figures;
  std::vector<BoardFindings> findings;  ///< beside view.boards
  std::vector<ChartFile> charts;        ///< for papers
};

/// Of one results folder, or of several whose searches are compared (report_input.h).
[[nodiscard]] Report make_report(const ReportInput& input, const ReportOptions& options = {});

/// report.html
[[nodiscard]] std::string report_html(const Report& report);
/// Text and tables as Markdown.
[[nodiscard]] std::string report_markdown(const Report& report);

/// The same for a terminal.
[[nodiscard]] std::string report_text(const Report& report);
/// The figures, one a line: problem,scenario,strategy,metric,value,low,high,unit.
[[nodiscard]] std::string report_csv(const Report& report);
/// Headlines, warnings, advice and figures.
[[nodiscard]] std::string report_json(const Report& report);

}  // namespace tonne
