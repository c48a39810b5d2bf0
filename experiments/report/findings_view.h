#pragma once
// The configuration to use and differences from the baseline: a board's findings as text, tables and figures.

#include <vector>

#include "experiments/analysis/findings.h"
#include "experiments/report/report_figures.h"
#include "experiments/report/report_view.h"

namespace tonne {

void set_findings(BoardView& view, const Board& board, const BoardFindings& findings);

/// "difference from random", "published co2e", for programs.
[[nodiscard]] std::vector<ReportFigure> finding_figures(const Board& board, const BoardFindings& findings);

}  // namespace tonne
