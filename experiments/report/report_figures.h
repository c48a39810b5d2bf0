#pragma once
// The numbers of a report, for programs.

#include <optional>
#include <string>
#include <vector>

#include "experiments/report/board_facts.h"

namespace tonne {

struct ReportFigure {
  std::string problem, scenario, strategy, metric, unit;
  std::optional<double> value, low, high;  ///< 95 % interval where there is one
};

/// Of one board: each strategy's, then the best one's against the others.
[[nodiscard]] std::vector<ReportFigure> board_figures(const BoardFacts& facts);

}  // namespace tonne
