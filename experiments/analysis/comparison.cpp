#include "experiments/analysis/comparison.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace tonne {
namespace {

constexpr std::size_t kLeastRankedSeeds = 5;

// Turned so that more is better.
double goodness(const Board& board, double value) {
  return board.traits.direction == Direction::maximise ? value : -value;
}

struct Pairs {
  std::vector<double> first, other;
};

Pairs common_seeds(const Board& board, std::size_t first, std::size_t other) {
  std::map<std::uint64_t, double> by_seed;
  for (const BoardSearch& search : board.strategies[other].searches)
    if (search.value) by_seed[search.seed] = goodness(board, *search.value);
  Pairs pairs;
  for (const BoardSearch& search : board.strategies[first].searches) {
    const auto rival = by_seed.find(search.seed);
    if (!search.value || rival == by_seed.end()) continue;
    pairs.first.push_back(goodness(board, *search.value));
    pairs.other.push_back(rival->second);
  }
  return pairs;
}

std::optional<std::size_t> seeds_wanted(const std::vector<double>& differences) {
  const SeedMean mean = estimate_mean(differences);
  double squares = 0.0;
  for (const double d : differences) squares += (d - mean.mean) * (d - mean.mean);
  const double deviation = std::sqrt(squares / static_cast<double>(differences.size() - 1));
  if (mean.mean == 0.0 || deviation == 0.0) return std::nullopt;
  const std::size_t wanted = pairs_for(std::abs(mean.mean) / deviation);
  // Fewer than there are: only the adjustment for many comparisons stood in the way.
  return wanted > differences.size() ? std::optional(wanted) : std::nullopt;
}

Rivalry rivalry(const Board& board, std::size_t other) {
  const Pairs pairs = common_seeds(board, 0, other);
  Rivalry result;
  result.other = other;
  result.seeds = pairs.first.size();
  if (pairs.first.empty()) return result;
  std::vector<double> differences;
  for (std::size_t i = 0; i < pairs.first.size(); ++i) differences.push_back(pairs.first[i] - pairs.other[i]);
  result.difference = bootstrap_mean(differences);
  result.probability = probability_of_improvement(pairs.first, pairs.other);
  result.delta = cliffs_delta(pairs.first, pairs.other);
  result.test = wilcoxon_signed_rank(pairs.first, pairs.other);
  if (differences.size() >= 2) result.seeds_wanted = seeds_wanted(differences);
  return result;
}

// Wilcoxon's p of every pair, adjusted by Holm over all pairs: [i][j].
std::vector<std::vector<double>> all_pairs(const PairedValues& paired) {
  const std::size_t strategies = paired.values.size();
  std::vector<double> raw;
  for (std::size_t i = 0; i < strategies; ++i)
    for (std::size_t j = i + 1; j < strategies; ++j)
      raw.push_back(wilcoxon_signed_rank(paired.values[i], paired.values[j]).p);
  const std::vector<double> adjusted = holm(raw);
  std::vector<std::vector<double>> matrix(strategies, std::vector<double>(strategies, 1.0));
  std::size_t at = 0;
  for (std::size_t i = 0; i < strategies; ++i)
    for (std::size_t j = i + 1; j < strategies; ++j) matrix[i][j] = matrix[j][i] = adjusted[at++];
  return matrix;
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
  const auto p = all_pairs(paired);
  comparison.groups = cliques(comparison.ranking->mean_ranks,
                              [&](std::size_t i, std::size_t j) { return p[i][j] < kSignificant; });
}

}  // namespace

Comparison compare_strategies(const Board& board) {
  Comparison comparison;
  comparison.level = {0};
  if (!board.leaderboard.rows.front().value) return comparison;
  for (std::size_t other = 1; other < board.strategies.size(); ++other)
    if (board.leaderboard.rows[other].value) comparison.rivals.push_back(rivalry(board, other));
  std::vector<double> raw;
  std::size_t seeds = 0;
  for (const Rivalry& rival : comparison.rivals) {
    raw.push_back(rival.test.p);
    seeds = std::max(seeds, rival.seeds);
  }
  const std::vector<double> adjusted = holm(raw);
  for (std::size_t i = 0; i < adjusted.size(); ++i) {
    Rivalry& rival = comparison.rivals[i];
    rival.p = adjusted[i];
    // A mean may rest on a few seeds, and the other be better in most.
    rival.apart = rival.p < kSignificant && rival.probability.value > 0.5;
    if (rival.apart) rival.seeds_wanted.reset();
    if (!rival.apart) comparison.level.push_back(rival.other);
  }
  comparison.can_tell =
      smallest_attainable_p(seeds) * static_cast<double>(std::max<std::size_t>(1, raw.size())) < kSignificant;
  rank(board, comparison);
  return comparison;
}

}  // namespace tonne
