#include "experiments/analysis/judge.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "core/random.h"
#include "experiments/analysis/distributions.h"

namespace tonne {
namespace {

constexpr double kClearly = 0.95;  // of the CO2e: less than this part is clearly less

struct Pairs {
  std::vector<double> first, other;  // turned so that more is better
};

Pairs common_seeds(const Leaderboard& board, const LeaderboardRow& first, const LeaderboardRow& other) {
  std::map<std::uint64_t, double> by_seed;
  for (const SeedOutcome& outcome : other.outcomes) by_seed[outcome.seed] = improvement(board, 0.0, outcome.value);
  Pairs pairs;
  for (const SeedOutcome& outcome : first.outcomes) {
    const auto rival = by_seed.find(outcome.seed);
    if (rival == by_seed.end()) continue;
    pairs.first.push_back(improvement(board, 0.0, outcome.value));
    pairs.other.push_back(rival->second);
  }
  return pairs;
}

// Seeds for a mean and spread as these values have, in the smallest of so many tests.
std::optional<std::size_t> wanted(const std::vector<double>& values, std::size_t comparisons) {
  if (values.size() < 2) return std::nullopt;
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double deviation = std::sqrt(squares / (n - 1.0));
  if (mean == 0.0) return std::nullopt;
  const std::size_t least = pairs_for_claim(comparisons);
  const std::size_t seeds = deviation == 0.0 ? least : pairs_for(std::abs(mean) / deviation, comparisons);
  // As many as there are, or fewer, were just unlucky: more than there are would still be needed.
  return std::max(seeds, values.size() + 1);
}

// Seeds for a p of .05 after the correction, with power .8, when so many gave this one-sided p: z grows as their root.
std::optional<std::size_t> wanted_for_gain(double p, std::size_t seeds, std::size_t strategies) {
  if (p >= 0.5) return std::nullopt;
  const double least = normal_quantile(1.0 - 0.5 * kSignificant / static_cast<double>(strategies));
  const double ratio = (least + normal_quantile(0.8)) / normal_quantile(1.0 - p);
  constexpr double kMost = 1e6;
  const auto wanted = static_cast<std::size_t>(std::ceil(std::min(kMost, ratio * ratio * static_cast<double>(seeds))));
  return std::max({wanted, seeds + 1, pairs_for_claim(strategies)});
}

PairVerdict compare(const Leaderboard& board, std::size_t i, std::size_t j, std::size_t comparisons) {
  const Pairs pairs = common_seeds(board, board.rows[i], board.rows[j]);
  PairVerdict verdict;
  verdict.seeds = pairs.first.size();
  if (pairs.first.empty()) return verdict;
  std::vector<double> differences;
  for (std::size_t k = 0; k < pairs.first.size(); ++k) differences.push_back(pairs.first[k] - pairs.other[k]);
  verdict.difference =
      std::accumulate(differences.begin(), differences.end(), 0.0) / static_cast<double>(differences.size());
  verdict.test = wilcoxon_signed_rank(pairs.first, pairs.other);
  verdict.seeds_wanted = wanted(differences, comparisons);
  // A mean may rest on a few seeds, and the other be better in most.
  const double more = paired_probability(pairs.first, pairs.other).value - 0.5;
  verdict.apart = more * verdict.difference > 0.0;  // if p is small enough: compare_all() sees to that
  return verdict;
}

PairVerdict mirrored(PairVerdict verdict) {
  verdict.difference = -verdict.difference;
  return verdict;
}

void compare_all(const Leaderboard& board, BoardVerdict& verdict) {
  const std::size_t rows = board.rows.size(), comparisons = rows * (rows - 1) / 2;
  verdict.pairs.assign(rows, std::vector<PairVerdict>(rows));
  std::vector<double> raw;
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = i + 1; j < rows; ++j) {
      verdict.pairs[i][j] = compare(board, i, j, comparisons);
      raw.push_back(verdict.pairs[i][j].test.p);
      verdict.seeds = std::max(verdict.seeds, verdict.pairs[i][j].seeds);
    }
  if (rows == 1) verdict.seeds = board.rows.front().seeds;
  const std::vector<double> adjusted = holm(raw);
  std::size_t at = 0;
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = i + 1; j < rows; ++j) {
      PairVerdict& pair = verdict.pairs[i][j];
      pair.p = adjusted[at++];
      pair.apart = pair.apart && pair.p < kSignificant;
      if (pair.apart) pair.seeds_wanted.reset();
      verdict.pairs[j][i] = mirrored(pair);
    }
  verdict.can_tell = rows > 1 && verdict.seeds >= pairs_for_claim(comparisons);
}

std::vector<double> gains(const Leaderboard& board, const LeaderboardRow& row) {
  std::vector<double> values;
  for (const SeedOutcome& outcome : row.outcomes)
    values.push_back(improvement(board, board.default_value, outcome.value));
  return values;
}

void compare_with_default(const Leaderboard& board, BoardVerdict& verdict) {
  const LeaderboardRow& leader = board.rows.front();
  const auto found = [](const LeaderboardRow& row) { return row.without_winner < row.seeds; };
  if (std::ranges::none_of(board.rows, found)) return;
  verdict.gain = improvement(board, board.default_value, leader.value.mean);
  verdict.standing = verdict.gain > 0.0 ? Standing::kUnsettled : Standing::kNotAbove;
  if (verdict.standing == Standing::kNotAbove) return;
  std::vector<double> raw;
  for (const LeaderboardRow& row : board.rows) raw.push_back(std::min(1.0, 2.0 * p_above_zero(gains(board, row))));
  verdict.gain_p = holm(raw).front();
  if (verdict.gain_p < kSignificant)
    verdict.standing = Standing::kAbove;
  else
    verdict.gain_seeds_wanted = wanted_for_gain(0.5 * raw.front(), leader.seeds, board.rows.size());
}

void choose(const Leaderboard& board, BoardVerdict& verdict) {
  for (std::size_t row = 1; row < board.rows.size(); ++row)
    (verdict.pairs[0][row].apart ? verdict.ahead_of : verdict.not_separated).push_back(row);
  if (verdict.standing == Standing::kNothingFound || verdict.standing == Standing::kNotAbove) return;
  const auto carbon = [&](std::size_t row) { return board.rows[row].search.carbon(); };
  verdict.candidates = {0};
  for (const std::size_t row : verdict.not_separated)
    if (improvement(board, board.default_value, board.rows[row].value.mean) > 0.0 &&
        kClearly * carbon(row) <= carbon(0))
      verdict.candidates.push_back(row);
  const std::size_t least = *std::ranges::min_element(verdict.candidates, {}, carbon);
  if (carbon(least) < kClearly * carbon(0)) verdict.cheapest = least;
}

// P(T > t) of Student's t.
double t_tail(double degrees, double t) {
  const double both = f_tail(1.0, degrees, t * t);
  return t > 0.0 ? 0.5 * both : 1.0 - 0.5 * both;
}

// One-sided t test of a mean above 0, with Hall's transformation for skewness where that is the more cautious: where the
// long tail points below, as it does near an optimum, the plain test claims too often. The skewness of a few values is
// too small, so it is taken one standard error lower (docs/statistics.md has what that leaves).
double skewed_t_test(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0.0, cubes = 0.0;
  for (const double value : values) {
    squares += (value - mean) * (value - mean);
    cubes += (value - mean) * (value - mean) * (value - mean);
  }
  if (squares == 0.0) return mean > 0.0 ? 0.0 : 1.0;
  const double deviation = std::sqrt(squares / n);
  const double error = std::sqrt(6.0 * n * (n - 1.0) / ((n - 2.0) * (n + 1.0) * (n + 3.0)));
  const double skewness = cubes / n / (deviation * deviation * deviation) * std::sqrt(n * (n - 1.0)) / (n - 2.0) - error;
  const double t = mean / std::sqrt(squares / (n - 1.0) / n);
  const double root = std::sqrt(n);
  const double corrected = t + skewness * t * t / (3.0 * root) +
                           skewness * skewness * t * t * t / (27.0 * n) + skewness / (6.0 * root);
  return t_tail(n - 1.0, std::min(t, corrected));
}

}  // namespace

double p_above_zero(const std::vector<double>& values) {
  assert(!values.empty());
  if (values.size() < 3) return 1.0;  // no skewness, and no claim at any level in use
  const SignedRank ranked = wilcoxon_signed_rank(values, std::vector<double>(values.size(), 0.0));
  const double mean = std::accumulate(values.begin(), values.end(), 0.0);
  if (!(mean > 0.0) || !ranked.first_above) return 1.0;
  return std::max(0.5 * ranked.p, skewed_t_test(values));
}

double improvement(const Leaderboard& board, double from, double to) {
  return board.direction == Direction::maximise ? to - from : from - to;
}

std::vector<std::size_t> best_first(const Leaderboard& board) {
  std::vector<std::size_t> order(board.rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t row) {
    return std::tuple(improvement(board, board.rows[row].value.mean, 0.0), board.rows[row].search.carbon(), row);
  });
  return order;
}

BoardVerdict judge(const Leaderboard& board) {
  BoardVerdict verdict;
  if (board.rows.empty()) return verdict;
  compare_all(board, verdict);
  compare_with_default(board, verdict);
  choose(board, verdict);
  return verdict;
}

}  // namespace tonne
