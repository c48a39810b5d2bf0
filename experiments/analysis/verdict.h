#pragma once
// What a leaderboard may claim: who leads, ahead of whom, and whether the search beat the default configuration. Every
// output takes it from here, so that terminal, page, charts and JSON say the same. judge.h makes it, verdict_text.h says it.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "experiments/analysis/statistics.h"

namespace tonne {

/// How one search ended.
struct SeedOutcome {
  std::uint64_t seed = 0;
  double value = 0.0;  ///< true value of the final incumbent; the default configuration's where it found nothing
  bool found = false;  ///< some candidate trained
};

/// Two strategies over the seeds that both have.
struct PairVerdict {
  std::size_t seeds = 0;
  double difference = 0.0;  ///< mean by which the first is better, paired by seed, in the objective's unit
  SignedRank test;
  double p = 1.0;           ///< the test's, adjusted by Holm over all pairs of the board
  bool apart = false;       ///< p < .05, and the better mean is better in more seeds than not
  /// Seeds that would likely set them apart, for a difference of this size and spread: power .8 at the level that Holm
  /// leaves to the smallest of all p. None where they are apart, or where there is no difference to find.
  std::optional<std::size_t> seeds_wanted;
};

/// Of the leader's mean against the default configuration, which costs nothing.
enum class Standing {
  kNothingFound,  ///< no search of any strategy found a candidate that trains
  kNotAbove,      ///< no better than the default
  kUnsettled,     ///< better, by no more than chance may give the best of so many
  kAbove          ///< better
};

struct BoardVerdict {
  Standing standing = Standing::kNothingFound;
  double gain = 0.0;                            ///< of the leader's mean over the default, in the objective's unit
  double gain_p = 1.0;                          ///< two-sided, adjusted by Holm over the board's strategies
  std::optional<std::size_t> gain_seeds_wanted; ///< where it is kUnsettled: seeds that would likely settle it
  std::vector<std::vector<PairVerdict>> pairs;  ///< [i][j], the first is i; rows of the leaderboard
  std::vector<std::size_t> ahead_of;            ///< rows that the leader, row 0, is told apart from
  std::vector<std::size_t> not_separated;       ///< the other rows, in order of value
  /// The leader and those of not_separated that one might as well take: not below the default, and not clearly dearer in
  /// CO2e. Empty unless standing is kAbove or kUnsettled.
  std::vector<std::size_t> candidates;
  std::optional<std::size_t> cheapest;  ///< of the candidates, where it emits clearly less than the leader
  bool can_tell = false;                ///< the seeds suffice for some difference to be told apart
  std::size_t seeds = 0;                ///< the most that two strategies have in common; of the only one, its own
};

}  // namespace tonne
