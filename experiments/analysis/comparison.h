#pragma once
// The best strategy of a board against each of the others: the sizes of the differences beside the verdict's tests, and
// the ranks of all. What is claimed is the verdict's.

#include <optional>
#include <vector>

#include "experiments/analysis/board.h"
#include "experiments/analysis/statistics.h"

namespace tonne {

/// The leaderboard's first strategy against another one, over the seeds that both have.
struct Rivalry {
  std::size_t other = 0;         ///< index in Board::strategies
  PairVerdict verdict;           ///< of the two
  IntervalEstimate difference;   ///< mean by which the first is better, paired by seed; BCa
  IntervalEstimate probability;  ///< that it ends better, paired by seed, ties by half; Wilson
  double delta = 0.0;            ///< Cliff's
};

struct Comparison {
  std::vector<Rivalry> rivals;      ///< in the leaderboard's order; those that share seeds with the first
  std::optional<Friedman> ranking;  ///< over seeds; for at least three strategies and five seeds in common
  std::vector<std::vector<std::size_t>> groups;  ///< neighbours in rank that the verdict does not tell apart
  double critical_difference = 0.0;              ///< Nemenyi's, of the ranking
  std::size_t ranked_seeds = 0;
};

[[nodiscard]] Comparison compare_strategies(const Board& board);

}  // namespace tonne
