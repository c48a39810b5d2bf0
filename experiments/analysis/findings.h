#pragma once
// What readers ask of a board beyond its leaderboard: the configuration to use, how the strategies stand to
// the baseline, how the simulation stands to what was published.

#include <optional>
#include <string>
#include <vector>

#include "experiments/analysis/baseline.h"
#include "experiments/analysis/best_configuration.h"
#include "experiments/analysis/leaderboard.h"
#include "experiments/analysis/published_match.h"

namespace tonne {

class Store;

struct BoardFindings {
  std::string unit, difference_unit;  ///< of the values below and of their differences
  std::optional<BestConfiguration> best;
  std::string baseline;  ///< label; empty: none
  std::optional<BaselineTable> differences;
  std::vector<PublishedMatch> published;
};

/// Beside leaderboards(store), which are `boards`. Throws StoreError.
[[nodiscard]] std::vector<BoardFindings> findings(const Store& store, const std::vector<Leaderboard>& boards);

/// What a store says, read once for all that tell it.
struct Conclusions {
  std::vector<Leaderboard> boards;
  std::vector<BoardFindings> findings;
};
/// Throws StoreError.
[[nodiscard]] Conclusions conclusions(const Store& store);

/// "gp, seed 7: accuracy 94.40 %".
[[nodiscard]] std::string finder_text(const BestConfiguration& best, const Leaderboard& board);

/// For a terminal, below the tables; of more than eight boards only what was published. `width`: as of wrapped().
[[nodiscard]] std::string format_findings(const std::vector<BoardFindings>& findings,
                                          const std::vector<Leaderboard>& boards, std::size_t width = 0);

}  // namespace tonne
