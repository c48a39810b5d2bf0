#pragma once
// The best strategy of a board against the others, and what may be said of it.

#include <optional>
#include <string>
#include <vector>

#include "experiments/analysis/board.h"
#include "experiments/analysis/statistics.h"

namespace tonne {

/// The leaderboard's first strategy against another one, over the seeds that both have.
struct Rivalry {
  std::size_t other = 0;  ///< index in Board::strategies
  std::size_t seeds = 0;
  IntervalEstimate difference;   ///< mean by which the first is better, paired by seed; BCa
  IntervalEstimate probability;  ///< that a search of the first ends better than one of the other
  double delta = 0.0;            ///< Cliff's
  SignedRank test;
  double p = 1.0;      ///< the test's, adjusted by Holm over the board
  bool apart = false;  ///< p < .05, and better in most seeds too
  /// Seeds that would likely settle it: for a difference of this size and spread at power .8; none where it
  /// is settled or there is no difference.
  std::optional<std::size_t> seeds_wanted;
};

struct Comparison {
  std::vector<Rivalry> rivals;      ///< in the leaderboard's order; none without a winner
  std::vector<std::size_t> level;   ///< strategies that are not told apart from the first, itself among them
  std::optional<Friedman> ranking;  ///< over seeds; for at least three strategies and five seeds in common
  std::vector<std::vector<std::size_t>>
      groups;                        ///< not told apart by pairwise tests (Wilcoxon, Holm over all pairs)
  double critical_difference = 0.0;  ///< Nemenyi's, of the ranking
  std::size_t ranked_seeds = 0;
  bool can_tell = false;  ///< the seeds suffice for any difference at all to reach p < .05
};

[[nodiscard]] Comparison compare_strategies(const Board& board);

}  // namespace tonne
