// The resampled part of experiments/analysis/statistics.h.

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "core/random.h"
#include "experiments/analysis/distributions.h"
#include "experiments/analysis/statistics.h"

namespace tonne {
namespace {

constexpr double kTail = 0.025;
constexpr std::size_t kLeastFreedom = 4;  // degrees of freedom: 3 values would cover the mean 7 times in 10
constexpr std::size_t kMostJackknifed = 4000;  // the jackknife's work is the square of it
using Strata = std::span<const std::vector<double>>;

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// In magnitude, of the finite ones.
double largest_of(std::span<const double> values) {
  double largest = 0.0;
  for (const double value : values)
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  return largest;
}

// n / 4 are cut at each end: the value on the cut counts in part.
double middle_mean(std::span<const double> sorted) {
  const std::size_t n = sorted.size();
  if (n == 1) return sorted.front();
  const double cut = 0.25 * static_cast<double>(n);
  const auto first = static_cast<std::size_t>(cut);
  const double part = 1.0 - (cut - static_cast<double>(first));
  double sum = part * (sorted[first] + sorted[n - 1 - first]);
  for (std::size_t i = first + 1; i < n - 1 - first; ++i) sum += sorted[i];
  return sum / (static_cast<double>(n) - 2.0 * cut);
}

// Linear between order statistics (type 7); no product of 0 and infinity.
double quantile_of(const std::vector<double>& sorted, double p) {
  const double at = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double part = at - static_cast<double>(below);
  if (part == 0.0 || sorted[below] == sorted[above]) return sorted[below];
  return sorted[below] + part * (sorted[above] - sorted[below]);
}

Random resampling(std::string_view what, std::string_view stream, std::size_t count) {
  return Random(2021).child("statistics").child(what).child(stream).child(count);
}

// Values of all strata in increasing order, and which of them are whose.
struct Pool {
  explicit Pool(Strata strata) : members(strata.size()) {
    std::vector<std::pair<double, std::size_t>> owned;
    for (std::size_t g = 0; g < strata.size(); ++g)
      for (const double value : strata[g]) owned.emplace_back(value, g);
    std::ranges::sort(owned);
    for (const auto& [value, g] : owned) {
      members[g].push_back(values.size());
      values.push_back(value);
    }
  }
  [[nodiscard]] bool constant() const {
    return std::ranges::all_of(members, [&](const auto& m) { return values[m.front()] == values[m.back()]; });
  }

  std::vector<double> values;
  std::vector<std::vector<std::size_t>> members;  // positions in `values`, of each stratum
};

// A part of a large pool, evenly from each stratum; at least two values of each.
Pool thinned(const Pool& pool, std::size_t most) {
  std::vector<std::vector<double>> strata;
  for (const auto& members : pool.members) {
    const std::size_t kept = std::max<std::size_t>(2, members.size() * most / pool.values.size());
    auto& stratum = strata.emplace_back();
    for (std::size_t i = 0; i < kept; ++i)
      stratum.push_back(pool.values[members[(2 * i + 1) * members.size() / (2 * kept)]]);
  }
  return Pool(strata);
}

// Draws resamples, each in increasing order, by counting how often each value is drawn.
class Resampler {
 public:
  Resampler(const Pool& pool, std::string_view stream)
      : pool_(pool),
        random_(resampling("bootstrap", stream, pool.values.size())),
        counts_(pool.values.size()),
        sample_(pool.values.size()) {}

  std::span<const double> draw() {
    std::ranges::fill(counts_, 0U);
    for (const auto& members : pool_.members)
      for (std::size_t i = 0; i < members.size(); ++i) ++counts_[members[below(members.size())]];
    std::size_t filled = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i)
      for (unsigned k = 0; k < counts_[i]; ++k) sample_[filled++] = pool_.values[i];
    return sample_;
  }

 private:
  // Uniform on {0, .., count - 1}; two from 64 random bits, with a bias below count / 2^32.
  std::size_t below(std::size_t count) {
    bits_ = second_half_ ? bits_ >> 32U : random_.next();
    second_half_ = !second_half_;
    return ((bits_ & 0xffffffffU) * count) >> 32U;
  }

  const Pool& pool_;
  Random random_;
  std::vector<unsigned> counts_;
  std::vector<double> sample_;
  std::uint64_t bits_ = 0;
  bool second_half_ = false;
};

// Efron's a, from the jackknife's influences l = (n_g - 1) (mean - value left out) of each stratum g:
// sum(l^3 / n_g^3) / (6 sum(l^2 / n_g^2)^(3/2)). Never beyond 1/6 in magnitude.
template <class Function>
double jackknife_acceleration(const Pool& pool, const Function& statistic) {
  double squares = 0.0, cubes = 0.0;
  std::vector<double> rest(pool.values.begin() + 1, pool.values.end()), left_out(pool.values.size());
  for (std::size_t i = 0; i < left_out.size(); ++i) {
    left_out[i] = statistic(rest);
    if (i < rest.size()) rest[i] = pool.values[i];
  }
  for (const auto& members : pool.members) {
    const auto n = static_cast<double>(members.size());
    double mean = 0.0;
    for (const std::size_t i : members) mean += left_out[i] / n;
    for (const std::size_t i : members) {
      const double influence = (n - 1.0) / n * (mean - left_out[i]);
      squares += influence * influence;
      cubes += influence * influence * influence;
    }
  }
  const double acceleration = cubes / (6.0 * std::pow(squares, 1.5));
  return std::isfinite(acceleration) ? acceleration : 0.0;  // no spread, or infinite values
}

// Of many values by a part of them: it falls with the root of their number.
template <class Function>
double acceleration_of(const Pool& pool, const Function& statistic) {
  if (pool.values.size() <= kMostJackknifed) return jackknife_acceleration(pool, statistic);
  const Pool part = thinned(pool, kMostJackknifed / 2);
  return jackknife_acceleration(part, statistic) *
         std::sqrt(static_cast<double>(part.values.size()) / static_cast<double>(pool.values.size()));
}

// The normal deviate of the upper end: 1.96, or wider by Student's t and for the bootstrap's variance, which
// is (n - 1) / n of what it should be (Hesterberg 2015, "expanded percentile interval").
double deviate_of(std::size_t values, std::size_t groups, Tails tails) {
  const double p = 1.0 - kTail;
  if (tails == Tails::kPlain) return normal_quantile(p);
  const auto n = static_cast<double>(values), free = static_cast<double>(values - groups);
  return std::sqrt(n / free) * t_quantile(free, p);
}

// The bounds are the quantiles of the resampled statistics at Phi(z0 + (z0 + z) / (1 - a (z0 + z))), z0 from
// the part of them below the estimate.
template <class Function>
IntervalEstimate bca(const Pool& pool, const Function& statistic, std::string_view stream,
                     Tails tails = Tails::kExpanded) {
  IntervalEstimate estimate{statistic(pool.values), std::nullopt, std::nullopt};
  const bool single = std::ranges::any_of(pool.members, [](const auto& m) { return m.size() < 2; });
  if (single || pool.values.size() < pool.members.size() + kLeastFreedom) return estimate;
  if (!std::isfinite(estimate.value)) return estimate;
  if (pool.constant()) {
    estimate.low = estimate.high = estimate.value;
    return estimate;
  }
  Resampler resampler(pool, stream);
  std::vector<double> resampled(resamples_of(pool.values.size()));
  // Sums of the same values in another order are equal: without this, another unit gives another interval.
  const double rounding = 1e-12 * largest_of(pool.values);
  double below = 0.0;
  for (double& value : resampled) {
    value = statistic(resampler.draw());
    below += std::abs(value - estimate.value) <= rounding ? 0.5 : value < estimate.value ? 1.0 : 0.0;
  }
  std::ranges::sort(resampled);
  const auto resamples = static_cast<double>(resampled.size());
  const double edge = 0.5 / resamples;
  const double bias = normal_quantile(std::clamp(below / resamples, edge, 1.0 - edge));
  const double acceleration = acceleration_of(pool, statistic);
  const auto bound = [&](double deviate) {
    const double z = bias + deviate;
    // Past its pole the formula turns round: the end of the resamples is as far as it can mean.
    if (acceleration * z >= 1.0) return z > 0.0 ? resampled.back() : resampled.front();
    return quantile_of(resampled, normal_cdf(bias + z / (1.0 - acceleration * z)));
  };
  const double deviate = deviate_of(pool.values.size(), pool.members.size(), tails);
  estimate.low = bound(-deviate);
  estimate.high = bound(deviate);
  return estimate;
}

Pool pool_of(std::span<const double> values) {
  const std::vector<double> only(values.begin(), values.end());
  return Pool(Strata(&only, 1));
}

// All spent over successes in one resample of the searches; infinite without a success.
double resampled_ratio(std::span<const double> spent, const std::vector<bool>& reached, Random& random) {
  double sum = 0.0, successes = 0.0;
  for (std::size_t i = 0; i < spent.size(); ++i) {
    const auto drawn = random.below(spent.size());
    sum += spent[drawn];
    successes += reached[drawn] ? 1.0 : 0.0;
  }
  return successes > 0.0 ? sum / successes : std::numeric_limits<double>::infinity();
}

}  // namespace

std::size_t resamples_of(std::size_t values) {
  constexpr std::size_t kDrawn = kResamples * kMostJackknifed, kLeast = 1000;
  return std::clamp(kDrawn / std::max<std::size_t>(1, values), kLeast, kResamples);
}

double interquartile_mean(std::vector<double> values) {
  assert(!values.empty());
  std::ranges::sort(values);
  return middle_mean(values);
}

IntervalEstimate bootstrap(std::span<const double> values, const Statistic& statistic, Tails tails,
                           std::string_view stream) {
  return bca(pool_of(values), statistic, stream, tails);
}

IntervalEstimate bootstrap_mean(std::span<const double> values, std::string_view stream) {
  return bca(pool_of(values), mean_of, stream);
}

IntervalEstimate bootstrap_interquartile_mean(std::span<const double> values, std::string_view stream) {
  return bca(pool_of(values), middle_mean, stream);
}

IntervalEstimate stratified_bootstrap(Strata problems, const Statistic& statistic) {
  return bca(Pool(problems), statistic, {});
}

IntervalEstimate stratified_bootstrap_mean(Strata problems) {
  return bca(Pool(problems), mean_of, {});
}

IntervalEstimate stratified_bootstrap_interquartile_mean(Strata problems) {
  return bca(Pool(problems), middle_mean, {});
}

ExpectedCost expected_cost(std::span<const double> spent, const std::vector<bool>& reached, std::string_view stream) {
  assert(spent.size() == reached.size());
  ExpectedCost result;
  result.searches = spent.size();
  std::vector<double> of_reached;
  for (std::size_t i = 0; i < spent.size(); ++i)
    if (reached[i]) of_reached.push_back(spent[i]);
  result.successes = of_reached.size();
  if (of_reached.empty()) return result;
  std::ranges::sort(of_reached);
  result.median_of_reached = quantile_of(of_reached, 0.5);
  const double all = std::accumulate(spent.begin(), spent.end(), 0.0);
  IntervalEstimate cost{all / static_cast<double>(of_reached.size()), std::nullopt, std::nullopt};
  if (spent.size() > kLeastFreedom) {
    Random random = resampling("expected cost", stream, spent.size());
    std::vector<double> ratios(resamples_of(spent.size()));
    for (double& ratio : ratios) ratio = resampled_ratio(spent, reached, random);
    std::ranges::sort(ratios);
    // Order statistics without interpolation: between a finite cost and an infinite one lies nothing.
    const double tail = normal_cdf(-deviate_of(spent.size(), 1, Tails::kExpanded));
    const auto cut = static_cast<std::size_t>(tail * static_cast<double>(ratios.size()));
    cost.low = ratios[cut];
    cost.high = ratios[ratios.size() - 1 - cut];
  }
  result.cost = cost;
  return result;
}

}  // namespace tonne
