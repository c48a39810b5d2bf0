#pragma once
// The charts of one board for papers.

#include <optional>
#include <string>
#include <vector>

#include "experiments/analysis/anytime.h"
#include "experiments/analysis/board.h"
#include "experiments/analysis/comparison.h"
#include "experiments/analysis/trial_digest.h"
#include "experiments/report/svg.h"

namespace tonne {

struct ChartFile {
  std::string name;  ///< "cell_nas-cifar10-anytime.svg"
  std::string svg;
};

/// Mean ranks over the seeds; none where there are too few strategies or seeds to rank.
[[nodiscard]] std::optional<std::string> ranking_svg(const Board& board, const Comparison& comparison,
                                                     double width = 0.0);

/// `file` begins each name. anytime, pareto, carbon, waterfall (of the best strategy); where there is
/// something to show also ranking, forest (the best against the others), profile (how far from the best the
/// searches end) and timeline.
[[nodiscard]] std::vector<ChartFile> board_charts(const std::string& file, const Board& board,
                                                  const BoardCurves& curves, const Comparison& comparison,
                                                  const TrialDigest& digest, const ChartColumn& column);

}  // namespace tonne
