#include "experiments/analysis/statistics.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "experiments/analysis/distributions.h"

namespace tonne {
namespace {

const boost::math::normal kNormal;
const double kZ = quantile(kNormal, 0.975);
const double kPowerZ = quantile(kNormal, 0.8);

// Order of values, the smallest first; equal ones by index.
std::vector<std::size_t> order_of(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(values[i], i); });
  return order;
}

// Probabilities of each sum of the positive ones among signed ranks; `doubled`: twice the ranks, whole
// numbers.
std::vector<double> signed_sum_distribution(std::span<const std::size_t> doubled) {
  std::vector<double> parts(std::accumulate(doubled.begin(), doubled.end(), std::size_t{1}), 0.0);
  parts[0] = 1.0;
  std::size_t most = 0;
  for (const std::size_t rank : doubled) {
    most += rank;
    for (std::size_t sum = most + 1; sum-- > 0;)
      parts[sum] = 0.5 * (parts[sum] + (sum >= rank ? parts[sum - rank] : 0.0));
  }
  return parts;
}

// x - y in units to which differences are told apart: .763 - .768 and .936 - .931 are no exact opposites in
// binary, but tie. The median, so that one huge penalty does not blur all others.
std::vector<double> differences_of(std::span<const double> x, std::span<const double> y) {
  std::vector<double> sizes, differences;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sizes.push_back(std::max(std::abs(x[i]), std::abs(y[i])));
    // Two infinities are equal, though their difference is no number.
    differences.push_back(x[i] == y[i] ? 0.0 : x[i] - y[i]);
  }
  if (sizes.empty()) return differences;
  std::ranges::nth_element(sizes, sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2));
  const double grid = 1e-12 * sizes[sizes.size() / 2];
  if (!std::isnormal(grid)) return differences;
  for (double& difference : differences) difference = std::round(difference / grid);
  return differences;
}

double exact_p(std::span<const double> ranks, double statistic) {
  std::vector<std::size_t> doubled;
  for (const double rank : ranks) doubled.push_back(static_cast<std::size_t>(std::llround(2.0 * rank)));
  const std::vector<double> parts = signed_sum_distribution(doubled);
  const auto end = parts.begin() + std::llround(2.0 * statistic) + 1;
  return std::min(1.0, 2.0 * std::accumulate(parts.begin(), end, 0.0));
}

// The sum of ranks with random signs has mean sum(r) / 2 and variance sum(r^2) / 4: with ties and zeros, this
// is the corrected variance of the textbooks (Cureton 1967 for Pratt's zeros).
double approximate_p(std::span<const double> ranks, double statistic, bool continuity) {
  const double mean = 0.5 * std::accumulate(ranks.begin(), ranks.end(), 0.0);
  const double variance = 0.25 * std::inner_product(ranks.begin(), ranks.end(), ranks.begin(), 0.0);
  const double distance = std::max(0.0, mean - statistic - (continuity ? 0.5 : 0.0));
  return 2.0 * cdf(complement(kNormal, distance / std::sqrt(variance)));
}

// Sum of t^3 - t over groups of t equal values.
double tie_term(std::vector<double> values) {
  std::ranges::sort(values);
  double term = 0.0;
  for (auto first = values.begin(); first != values.end();) {
    const auto last = std::upper_bound(first, values.end(), *first);
    const auto count = static_cast<double>(last - first);
    term += count * count * count - count;
    first = last;
  }
  return term;
}

// Root of an increasing function between low (where it is below 0) and high.
template <class Function>
double bisect(double low, double high, Function function) {
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (function(middle) < 0.0 ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

// Standard error of theta hat where theta is true (Newcombe 2006; Hanley & McNeil 1982 for exponential
// values, their two counts averaged).
double newcombe_error(double theta, double m, double n) {
  const double others = 0.5 * (m + n) - 1.0;
  const double inflation = 1.0 + others * ((1.0 - theta) / (2.0 - theta) + theta / (1.0 + theta));
  return std::sqrt(std::max(0.0, theta * (1.0 - theta) * inflation / (m * n)));
}

}  // namespace

IntervalEstimate average(std::span<const IntervalEstimate> of_problems) {
  assert(!of_problems.empty());
  double sum = 0.0, below = 0.0, above = 0.0;
  bool known = true;
  for (const IntervalEstimate& one : of_problems) {
    sum += one.value;
    known = known && one.low && one.high;
    if (!known) continue;
    below += (one.value - *one.low) * (one.value - *one.low);
    above += (*one.high - one.value) * (*one.high - one.value);
  }
  const auto n = static_cast<double>(of_problems.size());
  if (!known) return {sum / n, std::nullopt, std::nullopt};
  return {sum / n, (sum - std::sqrt(below)) / n, (sum + std::sqrt(above)) / n};
}

IntervalEstimate proportion(double successes, std::size_t trials) {
  assert(trials > 0);
  const auto n = static_cast<double>(trials);
  const double part = successes / n;
  const double shrink = 1.0 / (1.0 + kZ * kZ / n);
  const double middle = shrink * (part + kZ * kZ / (2.0 * n));
  const double half = shrink * kZ * std::sqrt(part * (1.0 - part) / n + kZ * kZ / (4.0 * n * n));
  // At 0 and 1 rounding would leave the end a hair inside.
  return {part, part == 0.0 ? 0.0 : middle - half, part == 1.0 ? 1.0 : middle + half};
}

IntervalEstimate probability_of_improvement(std::span<const double> x, std::span<const double> y) {
  const double theta = 0.5 + 0.5 * cliffs_delta(x, y);
  const auto m = static_cast<double>(x.size()), n = static_cast<double>(y.size());
  const auto far = [&](double t) { return std::abs(t - theta) - kZ * newcombe_error(t, m, n); };
  const double low = theta == 0.0 ? 0.0 : bisect(0.0, theta, [&](double t) { return -far(t); });
  const double high = theta == 1.0 ? 1.0 : bisect(theta, 1.0, far);
  return {theta, low, high};
}

IntervalEstimate paired_probability(std::span<const double> x, std::span<const double> y) {
  assert(x.size() == y.size());
  double above = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) above += x[i] > y[i] ? 1.0 : x[i] == y[i] ? 0.5 : 0.0;
  return proportion(above, x.size());
}

double cliffs_delta(std::span<const double> x, std::span<const double> y) {
  assert(!x.empty() && !y.empty());
  std::vector<double> sorted(y.begin(), y.end());
  std::ranges::sort(sorted);
  double sum = 0.0;
  for (const double value : x) {
    const auto [first, last] = std::ranges::equal_range(sorted, value);
    sum += static_cast<double>(first - sorted.begin()) - static_cast<double>(sorted.end() - last);
  }
  return sum / (static_cast<double>(x.size()) * static_cast<double>(y.size()));
}

IntervalEstimate estimate_cliffs_delta(std::span<const double> x, std::span<const double> y) {
  const IntervalEstimate p = probability_of_improvement(x, y);
  return {2.0 * p.value - 1.0, 2.0 * *p.low - 1.0, 2.0 * *p.high - 1.0};
}

std::string_view cliffs_word(double delta) {
  const double size = std::abs(delta);
  return size < 0.147 ? "negligible" : size < 0.33 ? "small" : size < 0.474 ? "medium" : "large";
}

SignedRank wilcoxon_signed_rank(std::span<const double> x, std::span<const double> y,
                                const SignedRankChoices& choices) {
  assert(x.size() == y.size());
  std::vector<double> differences = differences_of(x, y);
  if (choices.zeros == Zeros::kWilcoxon) std::erase(differences, 0.0);
  std::vector<double> sizes(differences);
  for (double& size : sizes) size = std::abs(size);
  const std::vector<double> all_ranks = ranks(sizes);
  std::vector<double> kept;
  double positive = 0.0, negative = 0.0;
  for (std::size_t i = 0; i < differences.size(); ++i) {
    if (differences[i] == 0.0) continue;
    kept.push_back(all_ranks[i]);
    (differences[i] > 0.0 ? positive : negative) += all_ranks[i];
  }
  SignedRank result{std::min(positive, negative), 1.0, kept.size(), kept.size() <= choices.most_exact,
                    positive > negative};
  if (kept.empty()) return result;
  result.p = result.exact ? exact_p(kept, result.statistic)
                          : approximate_p(kept, result.statistic, choices.continuity);
  return result;
}

std::vector<double> holm(std::span<const double> p) {
  const std::vector<std::size_t> order = order_of(p);
  std::vector<double> adjusted(p.size());
  double most = 0.0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    most = std::max(most, std::min(1.0, static_cast<double>(p.size() - k) * p[order[k]]));
    adjusted[order[k]] = most;
  }
  return adjusted;
}

std::vector<double> ranks(std::span<const double> values) {
  const std::vector<std::size_t> order = order_of(values);
  std::vector<double> rank(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i + 1;
    while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
    const double mean = 0.5 * static_cast<double>(i + 1 + end);
    for (; i < end; ++i) rank[order[i]] = mean;
  }
  return rank;
}

Friedman friedman(const std::vector<std::vector<double>>& losses) {
  const std::size_t treatments = losses.size(), blocks = losses.front().size();
  assert(treatments >= 2 && blocks >= 2);
  const auto k = static_cast<double>(treatments), n = static_cast<double>(blocks);
  Friedman result;
  result.mean_ranks.assign(treatments, 0.0);
  double ties = 0.0;
  std::vector<double> block(treatments);
  for (std::size_t b = 0; b < blocks; ++b) {
    for (std::size_t t = 0; t < treatments; ++t) block[t] = losses[t][b];
    ties += tie_term(block);
    const std::vector<double> rank = ranks(block);
    for (std::size_t t = 0; t < treatments; ++t) result.mean_ranks[t] += rank[t];
  }
  for (double& rank : result.mean_ranks) rank /= n;
  result.tie_correction = 1.0 - ties / (n * k * (k * k - 1.0));
  if (result.tie_correction <= 0.0) return result;  // every block is one tie
  double squares = 0.0;
  for (const double rank : result.mean_ranks) squares += (rank - 0.5 * (k + 1.0)) * (rank - 0.5 * (k + 1.0));
  result.chi_squared = 12.0 * n / (k * (k + 1.0)) * squares / result.tie_correction;
  result.p = chi_squared_tail(k - 1.0, result.chi_squared);
  const double rest = n * (k - 1.0) - result.chi_squared;
  if (rest <= 1e-9 * n) {  // all blocks agree
    result.f = std::numeric_limits<double>::infinity();
    result.f_p = 0.0;
    return result;
  }
  result.f = (n - 1.0) * result.chi_squared / rest;
  result.f_p = f_tail(k - 1.0, (k - 1.0) * (n - 1.0), result.f);
  return result;
}

double range_distribution(double r, std::size_t k) {
  if (r <= 0.0) return 0.0;
  const auto inside = [&](double z) {
    const double width = cdf(kNormal, z + r) - cdf(kNormal, z);
    return static_cast<double>(k) * pdf(kNormal, z) * std::pow(width, static_cast<double>(k - 1));
  };
  constexpr double kEnd = 9.0;  // phi(9) is 1e-18
  return boost::math::quadrature::gauss_kronrod<double, 61>::integrate(inside, -kEnd, kEnd, 8, 1e-12);
}

namespace {

// A difference of mean ranks, in units of the range of standard normals.
double range_unit(std::size_t treatments, std::size_t blocks) {
  const auto k = static_cast<double>(treatments);
  return std::sqrt(k * (k + 1.0) / (12.0 * static_cast<double>(blocks)));
}

}  // namespace

double nemenyi_critical_difference(std::size_t treatments, std::size_t blocks, double level) {
  assert(treatments >= 2 && blocks >= 1 && level > 0.0 && level < 1.0);
  constexpr double kMostRange = 20.0;
  const double range =
      bisect(0.0, kMostRange, [&](double r) { return range_distribution(r, treatments) - (1.0 - level); });
  return range * range_unit(treatments, blocks);
}

double nemenyi_p(double difference, std::size_t treatments, std::size_t blocks) {
  const double p =
      1.0 - range_distribution(std::abs(difference) / range_unit(treatments, blocks), treatments);
  return std::clamp(p, 0.0, 1.0);
}

std::vector<PairTest> wilcoxon_holm(const std::vector<std::vector<double>>& losses) {
  std::vector<PairTest> pairs;
  std::vector<double> raw;
  for (std::size_t i = 0; i < losses.size(); ++i)
    for (std::size_t j = i + 1; j < losses.size(); ++j) {
      pairs.push_back({i, j, wilcoxon_signed_rank(losses[i], losses[j]), 1.0});
      raw.push_back(pairs.back().test.p);
    }
  const std::vector<double> adjusted = holm(raw);
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i].p = adjusted[i];
  return pairs;
}

std::vector<std::vector<std::size_t>> cliques(const std::vector<double>& mean_ranks,
                                              const std::function<bool(std::size_t, std::size_t)>& apart) {
  const std::vector<std::size_t> order = order_of(mean_ranks);
  std::vector<std::vector<std::size_t>> groups;
  std::size_t reached = 0;  // past the end of the last group
  for (std::size_t first = 0; first < order.size(); ++first) {
    const auto fits = [&](std::size_t next) {
      for (std::size_t i = first; i < next; ++i)
        if (apart(order[i], order[next])) return false;
      return true;
    };
    std::size_t end = first + 1;
    while (end < order.size() && fits(end)) ++end;
    if (end - first < 2 || end <= reached) continue;  // alone, or inside the group before
    reached = end;
    groups.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(first),
                        order.begin() + static_cast<std::ptrdiff_t>(end));
  }
  return groups;
}

CriticalDifferences critical_differences(const std::vector<std::vector<double>>& losses, double level) {
  CriticalDifferences result;
  result.ranking = friedman(losses);
  result.critical_difference = nemenyi_critical_difference(losses.size(), losses.front().size(), level);
  result.pairs = wilcoxon_holm(losses);
  const std::vector<double>& rank = result.ranking.mean_ranks;
  result.groups_by_ranks = cliques(rank, [&](std::size_t i, std::size_t j) {
    return std::abs(rank[i] - rank[j]) >= result.critical_difference;
  });
  std::vector<std::vector<bool>> apart(losses.size(), std::vector<bool>(losses.size(), false));
  for (const PairTest& pair : result.pairs)
    apart[pair.first][pair.second] = apart[pair.second][pair.first] = pair.p < level;
  result.groups_by_pairs = cliques(rank, [&](std::size_t i, std::size_t j) { return apart[i][j]; });
  return result;
}

double smallest_attainable_p(std::size_t pairs) {
  constexpr std::size_t kLeastPower = 1000;  // 2^-1000 is still a normal number
  return std::min(1.0, std::ldexp(2.0, -static_cast<int>(std::min(pairs, kLeastPower))));
}

std::size_t pairs_for_claim(std::size_t comparisons, double level) {
  assert(comparisons > 0 && level > 0.0);
  std::size_t pairs = 1;
  while (static_cast<double>(comparisons) * smallest_attainable_p(pairs) >= level) ++pairs;
  return pairs;
}

namespace {

constexpr double kEfficiency = 3.0 / std::numbers::pi;  // of the signed-rank test, for normal differences
const double kGuenther = 0.5 * kZ * kZ;

}  // namespace

std::size_t pairs_for(double effect, std::size_t comparisons) {
  assert(effect > 0.0 && comparisons > 0);
  const double z = quantile(kNormal, 1.0 - 0.5 * kSignificant / static_cast<double>(comparisons));
  const double ratio = (z + kPowerZ) / effect;
  constexpr double kMost = 1e9;
  const double pairs = std::ceil(std::min(kMost, ratio * ratio / kEfficiency + 0.5 * z * z));
  return std::max(pairs_for_claim(comparisons), static_cast<std::size_t>(pairs));
}

std::optional<double> detectable_effect(std::size_t pairs) {
  if (pairs < pairs_for_claim(1)) return std::nullopt;
  return (kZ + kPowerZ) / std::sqrt(kEfficiency * (static_cast<double>(pairs) - kGuenther));
}

}  // namespace tonne
