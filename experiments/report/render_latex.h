#pragma once
// A report's leaderboards for a paper.

#include <string>

#include "experiments/report/report_view.h"

namespace tonne {

/// One table of booktabs for each board: value with its interval, kg CO2e and USD, the best group in bold.
/// Every text is escaped.
[[nodiscard]] std::string render_latex(const ReportView& view);

}  // namespace tonne
