#include "experiments/statistics.h"

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/random.h"

namespace tonne {
namespace {

const boost::math::normal kNormal;
constexpr double kLevel = 0.95;

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Linear between order statistics, as R's type 7; `sorted` is not empty.
double quantile_of(const std::vector<double>& sorted, double part) {
  const double at = std::clamp(part, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Random resampling(std::string_view what, std::size_t count) {
  return Random(2021).child("statistics").child(what).child(count);
}

void resample(std::span<const double> values, Random& random, std::vector<double>& sample) {
  sample.resize(values.size());
  for (double& value : sample) value = values[random.below(values.size())];
}

double median_of(std::vector<double> values) {
  std::ranges::sort(values);
  return quantile_of(values, 0.5);
}

// z0 and a of Efron 1987: the bias from the part of the resamples below the estimate, the acceleration from
// the jackknife's skewness.
double acceleration_of(std::span<const double> values,
                       const std::function<double(std::span<const double>)>& statistic) {
  std::vector<double> left_out(values.size()), rest(values.begin() + 1, values.end());
  for (std::size_t i = 0; i < values.size(); ++i) {
    left_out[i] = statistic(rest);
    if (i < rest.size()) rest[i] = values[i];
  }
  const double mean = mean_of(left_out);
  double squares = 0.0, cubes = 0.0;
  for (const double value : left_out) {
    squares += (mean - value) * (mean - value);
    cubes += (mean - value) * (mean - value) * (mean - value);
  }
  return squares > 0.0 ? cubes / (6.0 * std::pow(squares, 1.5)) : 0.0;
}

// Number of ways in which n signed ranks 1..n give each sum of positive ones, as parts of all.
std::vector<double> signed_rank_distribution(std::size_t n) {
  std::vector<double> parts(n * (n + 1) / 2 + 1, 0.0);
  parts[0] = 1.0;
  std::size_t most = 0;
  for (std::size_t rank = 1; rank <= n; ++rank) {
    most += rank;
    for (std::size_t sum = most + 1; sum-- > 0;)
      parts[sum] = 0.5 * (parts[sum] + (sum >= rank ? parts[sum - rank] : 0.0));
  }
  return parts;
}

// Sum of t^3 - t over groups of equal values.
double tie_term(std::vector<double> values) {
  std::ranges::sort(values);
  double term = 0.0;
  for (std::size_t i = 0; i < values.size();) {
    std::size_t end = i + 1;
    while (end < values.size() && values[end] == values[i]) ++end;
    const auto count = static_cast<double>(end - i);
    term += count * count * count - count;
    i = end;
  }
  return term;
}

}  // namespace

double interquartile_mean(std::vector<double> values) {
  assert(!values.empty());
  std::ranges::sort(values);
  const auto n = static_cast<double>(values.size());
  const double cut = 0.25 * n;
  double sum = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto at = static_cast<double>(i);
    const double kept = std::max(0.0, std::min(at + 1.0, n - cut) - std::max(at, cut));
    sum += kept * values[i];
  }
  return sum / (n - 2.0 * cut);
}

Estimate bootstrap(std::span<const double> values,
                   const std::function<double(std::span<const double>)>& statistic) {
  assert(!values.empty());
  Estimate estimate{statistic(values), std::nullopt, std::nullopt};
  if (values.size() < 3) return estimate;
  if (std::ranges::all_of(values, [&](double v) { return v == values.front(); })) {
    estimate.low = estimate.high = estimate.value;
    return estimate;
  }
  Random random = resampling("bootstrap", values.size());
  std::vector<double> sample, statistics(kResamples);
  double below = 0.0;
  for (double& resampled : statistics) {
    resample(values, random, sample);
    resampled = statistic(sample);
    below += resampled < estimate.value ? 1.0 : resampled == estimate.value ? 0.5 : 0.0;
  }
  std::ranges::sort(statistics);
  const double edge = 0.5 / static_cast<double>(kResamples);
  const double bias =
      quantile(kNormal, std::clamp(below / static_cast<double>(kResamples), edge, 1.0 - edge));
  const double acceleration = acceleration_of(values, statistic);
  const auto bound = [&](double part) {
    const double z = bias + quantile(kNormal, part);
    return quantile_of(statistics, cdf(kNormal, bias + z / (1.0 - acceleration * z)));
  };
  estimate.low = bound(0.5 * (1.0 - kLevel));
  estimate.high = bound(0.5 * (1.0 + kLevel));
  return estimate;
}

Estimate bootstrap_mean(std::span<const double> values) {
  return bootstrap(values, [](std::span<const double> sample) { return mean_of(sample); });
}

Estimate bootstrap_interquartile_mean(std::span<const double> values) {
  return bootstrap(values, [](std::span<const double> sample) {
    return interquartile_mean({sample.begin(), sample.end()});
  });
}

Estimate probability_of_improvement(std::span<const double> x, std::span<const double> y) {
  assert(!x.empty() && !y.empty());
  const auto probability = [](std::span<const double> a, std::span<const double> b) {
    return 0.5 + 0.5 * cliffs_delta(a, b);
  };
  Estimate estimate{probability(x, y), std::nullopt, std::nullopt};
  if (x.size() < 3 || y.size() < 3) return estimate;
  Random random = resampling("improvement", x.size());
  std::vector<double> a, b, statistics(kResamples);
  for (double& resampled : statistics) {
    resample(x, random, a);
    resample(y, random, b);
    resampled = probability(a, b);
  }
  std::ranges::sort(statistics);
  estimate.low = quantile_of(statistics, 0.5 * (1.0 - kLevel));
  estimate.high = quantile_of(statistics, 0.5 * (1.0 + kLevel));
  return estimate;
}

Estimate paired_probability(std::span<const double> x, std::span<const double> y) {
  assert(!x.empty() && x.size() == y.size());
  double above = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) above += x[i] > y[i] ? 1.0 : x[i] == y[i] ? 0.5 : 0.0;
  const auto n = static_cast<double>(x.size());
  const double part = above / n;
  const double z = quantile(kNormal, 0.5 * (1.0 + kLevel));
  const double middle = (part + z * z / (2.0 * n)) / (1.0 + z * z / n);
  const double half = z / (1.0 + z * z / n) * std::sqrt(part * (1.0 - part) / n + z * z / (4.0 * n * n));
  return {part, std::max(0.0, middle - half), std::min(1.0, middle + half)};
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

std::string_view cliffs_word(double delta) {
  const double size = std::abs(delta);
  return size < 0.147 ? "negligible" : size < 0.33 ? "small" : size < 0.474 ? "medium" : "large";
}

SignedRank wilcoxon_signed_rank(std::span<const double> x, std::span<const double> y) {
  assert(x.size() == y.size());
  std::vector<double> differences, sizes;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (x[i] == y[i]) continue;
    differences.push_back(x[i] - y[i]);
    sizes.push_back(std::abs(x[i] - y[i]));
  }
  SignedRank result;
  result.pairs = differences.size();
  if (differences.empty()) return result;
  const std::vector<double> rank = ranks(sizes);
  double positive = 0.0;
  for (std::size_t i = 0; i < rank.size(); ++i) positive += differences[i] > 0.0 ? rank[i] : 0.0;
  const auto n = static_cast<double>(result.pairs);
  const double all = 0.5 * n * (n + 1.0);
  result.statistic = std::min(positive, all - positive);
  const double ties = tie_term(sizes);
  constexpr std::size_t kMostExact = 50;
  result.exact = ties == 0.0 && result.pairs <= kMostExact;
  if (result.exact) {
    const std::vector<double> parts = signed_rank_distribution(result.pairs);
    const auto until = static_cast<std::ptrdiff_t>(std::llround(result.statistic));
    result.p = std::min(1.0, 2.0 * std::accumulate(parts.begin(), parts.begin() + until + 1, 0.0));
    return result;
  }
  const double variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - ties / 48.0;
  result.p = std::min(1.0, 2.0 * cdf(kNormal, (result.statistic - 0.5 * all) / std::sqrt(variance)));
  return result;
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(p[i], i); });
  std::vector<double> adjusted(p.size());
  double most = 0.0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    most = std::max(most, std::min(1.0, static_cast<double>(p.size() - k) * p[order[k]]));
    adjusted[order[k]] = most;
  }
  return adjusted;
}

std::vector<double> ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(values[i], i); });
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
  const std::size_t treatments = losses.size();
  const std::size_t blocks = losses.front().size();
  assert(treatments >= 2 && blocks >= 2);
  Friedman result;
  result.mean_ranks.assign(treatments, 0.0);
  double ties = 0.0;
  std::vector<double> block(treatments);
  for (std::size_t b = 0; b < blocks; ++b) {
    for (std::size_t t = 0; t < treatments; ++t) block[t] = losses[t][b];
    ties += tie_term(block);
    const std::vector<double> rank = ranks(block);
    for (std::size_t t = 0; t < treatments; ++t)
      result.mean_ranks[t] += rank[t] / static_cast<double>(blocks);
  }
  const auto k = static_cast<double>(treatments), n = static_cast<double>(blocks);
  double squares = 0.0;
  for (const double rank : result.mean_ranks) squares += (rank - 0.5 * (k + 1.0)) * (rank - 0.5 * (k + 1.0));
  const double corrected = 1.0 - ties / (n * k * (k * k - 1.0));
  if (corrected <= 0.0) return result;  // every block is one tie
  result.chi_squared = 12.0 * n / (k * (k + 1.0)) * squares / corrected;
  result.p = cdf(complement(boost::math::chi_squared(k - 1.0), result.chi_squared));
  const double rest = n * (k - 1.0) - result.chi_squared;
  if (rest <= 0.0) {  // all blocks agree
    result.f = std::numeric_limits<double>::infinity();
    result.f_p = 0.0;
    return result;
  }
  result.f = (n - 1.0) * result.chi_squared / rest;
  result.f_p = cdf(complement(boost::math::fisher_f(k - 1.0, (k - 1.0) * (n - 1.0)), result.f));
  return result;
}

double range_distribution(double r, std::size_t k) {
  if (r <= 0.0) return 0.0;
  const auto inside = [&](double z) {
    const double width = cdf(kNormal, z + r) - cdf(kNormal, z);
    return static_cast<double>(k) * pdf(kNormal, z) * std::pow(width, static_cast<double>(k - 1));
  };
  return boost::math::quadrature::gauss_kronrod<double, 61>::integrate(inside, -9.0, 9.0, 8, 1e-12);
}

double nemenyi_critical_difference(std::size_t treatments, std::size_t blocks, double level) {
  double low = 0.0, high = 20.0;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (range_distribution(middle, treatments) < 1.0 - level ? low : high) = middle;
  }
  const auto k = static_cast<double>(treatments);
  return high / std::sqrt(2.0) * std::sqrt(k * (k + 1.0) / (6.0 * static_cast<double>(blocks)));
}

std::vector<std::vector<std::size_t>> cliques(const std::vector<double>& mean_ranks,
                                              const std::function<bool(std::size_t, std::size_t)>& apart) {
  std::vector<std::size_t> order(mean_ranks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(mean_ranks[i], i); });
  std::vector<std::vector<std::size_t>> groups;
  std::size_t reached = 0;  // past the end of the last group
  for (std::size_t first = 0; first < order.size(); ++first) {
    std::size_t end = first + 1;
    const auto fits = [&](std::size_t next) {
      for (std::size_t i = first; i < next; ++i)
        if (apart(order[i], order[next])) return false;
      return true;
    };
    while (end < order.size() && fits(end)) ++end;
    if (end - first < 2 || end <= reached) continue;  // alone, or inside the group before
    reached = end;
    groups.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(first),
                        order.begin() + static_cast<std::ptrdiff_t>(end));
  }
  return groups;
}

double smallest_attainable_p(std::size_t pairs) {
  return std::min(1.0, std::ldexp(2.0, -static_cast<int>(std::min<std::size_t>(pairs, 1000))));
}

std::size_t pairs_for(double effect) {
  assert(effect > 0.0);
  const double z = quantile(kNormal, 0.975) + quantile(kNormal, 0.8);
  return static_cast<std::size_t>(std::max(2.0, std::ceil(std::min(1e9, (z / effect) * (z / effect)))));
}

ExpectedCost expected_cost(std::span<const double> spent, const std::vector<bool>& reached) {
  assert(spent.size() == reached.size());
  ExpectedCost result;
  result.searches = spent.size();
  std::vector<double> of_reached;
  for (std::size_t i = 0; i < spent.size(); ++i)
    if (reached[i]) of_reached.push_back(spent[i]);
  result.successes = of_reached.size();
  if (of_reached.empty()) return result;
  const double all = std::accumulate(spent.begin(), spent.end(), 0.0);
  Estimate cost{all / static_cast<double>(of_reached.size()), std::nullopt, std::nullopt};
  if (spent.size() >= 3) {
    Random random = resampling("expected cost", spent.size());
    std::vector<double> ratios(kResamples);
    for (double& ratio : ratios) {
      double sum = 0.0, successes = 0.0;
      for (std::size_t i = 0; i < spent.size(); ++i) {
        const auto drawn = random.below(spent.size());
        sum += spent[drawn];
        successes += reached[drawn] ? 1.0 : 0.0;
      }
      ratio = successes > 0.0 ? sum / successes : std::numeric_limits<double>::infinity();
    }
    std::ranges::sort(ratios);
    // Order statistics without interpolation: a resample without a success has no finite cost.
    cost.low = ratios[static_cast<std::size_t>(0.025 * static_cast<double>(kResamples))];
    cost.high = ratios[static_cast<std::size_t>(0.975 * static_cast<double>(kResamples))];
  }
  result.cost = cost;
  result.median_of_reached = median_of(std::move(of_reached));
  return result;
}

}  // namespace tonne
