#include "experiments/analysis/comparison.h"

#include <cstdint>
#include <unordered_map>
#include <utility>

#include "experiments/analysis/judge.h"

namespace tonne {
namespace {

constexpr std::size_t kLeastRankedSeeds = 5;

// Turned so that more is better.
double goodness(const Board& board, double value) {
  return improvement(board.leaderboard, 0.0, value);
}

Rivalry rivalry(const Board& board, std::size_t other) {
  std::unordered_map<std::uint64_t, double> values;  // by seed
  for (const SeedOutcome& outcome : board.leaderboard.rows[other].outcomes) values[outcome.seed] = outcome.value;
  std::vector<double> mine, its, differences;
  for (const SeedOutcome& outcome : board.leaderboard.rows.front().outcomes) {
    const auto at = values.find(outcome.seed);
    if (at == values.end()) continue;
    mine.push_back(goodness(board, outcome.value));
    its.push_back(goodness(board, at->second));
    differences.push_back(mine.back() - its.back());
  }
  Rivalry result;
  result.other = other;
  result.verdict = board.leaderboard.verdict.pairs[0][other];
  result.difference =
      bootstrap_mean(differences, stream_of(board, 0, "difference against " + board.strategies[other].label));
  result.probability = paired_probability(mine, its);
  result.delta = cliffs_delta(mine, its);
  return result;
}

void rank(const Board& board, Comparison& comparison) {
  const PairedValues paired = paired_values(board);
  comparison.ranked_seeds = paired.seeds.size();
  if (board.strategies.size() < 3 || paired.seeds.size() < kLeastRankedSeeds) return;
  std::vector<std::vector<double>> losses = paired.values;
  for (auto& values : losses)
    for (double& value : values) value = -goodness(board, value);
  comparison.ranking = friedman(losses);
  comparison.critical_difference = nemenyi_critical_difference(losses.size(), paired.seeds.size());
  comparison.groups = cliques(comparison.ranking->mean_ranks, [&](std::size_t i, std::size_t j) {
    return board.leaderboard.verdict.pairs[i][j].apart;
  });
}

}  // namespace

Comparison compare_strategies(const Board& board) {
  Comparison comparison;
  for (std::size_t other = 1; other < board.strategies.size(); ++other)
    if (board.leaderboard.verdict.pairs[0][other].seeds > 0) comparison.rivals.push_back(rivalry(board, other));
  rank(board, comparison);
  return comparison;
}

}  // namespace tonne
