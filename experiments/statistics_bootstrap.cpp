// The resampled part of experiments/statistics.h.

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <type_traits>

#include "core/random.h"
#include "experiments/statistics.h"

namespace tonne {
namespace {

constexpr double kTail = 0.025;
using Strata = std::span<const std::vector<double>>;

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
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

Random resampling(std::string_view what, std::size_t count) {
  return Random(2021).child("statistics").child(what).child(count);
}

// Draws resamples of sorted strata, each in increasing order.
class Resampler {
 public:
  explicit Resampler(Strata strata) : strata_(strata), random_(Random(0)) {
    std::size_t all = 0;
    for (const auto& stratum : strata_) all += stratum.size();
    random_ = resampling("bootstrap", all);
    sample_.resize(all);
  }

  std::span<const double> draw() {
    std::size_t filled = 0;
    for (const auto& stratum : strata_) {
      counts_.assign(stratum.size(), 0);
      for (std::size_t i = 0; i < stratum.size(); ++i) ++counts_[random_.below(stratum.size())];
      for (std::size_t i = 0; i < stratum.size(); ++i)
        for (unsigned k = 0; k < counts_[i]; ++k) sample_[filled++] = stratum[i];
    }
    if (strata_.size() > 1) std::ranges::sort(sample_);
    return sample_;
  }

 private:
  Strata strata_;
  Random random_;
  std::vector<unsigned> counts_;
  std::vector<double> sample_;
};

// All strata in one, without the value at `left_out` of stratum `where`.
void pool_without(Strata strata, std::size_t where, std::size_t left_out, std::vector<double>& pooled) {
  pooled.clear();
  for (std::size_t g = 0; g < strata.size(); ++g)
    for (std::size_t i = 0; i < strata[g].size(); ++i)
      if (g != where || i != left_out) pooled.push_back(strata[g][i]);
  if (strata.size() > 1) std::ranges::sort(pooled);
}

// Efron's a, from the jackknife's influences l = (n_g - 1) (mean - value left out) of each stratum g:
// sum(l^3 / n_g^3) / (6 sum(l^2 / n_g^2)^(3/2)). Never beyond 1/6 in magnitude.
template <class Function>
double acceleration_of(Strata strata, const Function& statistic) {
  double squares = 0.0, cubes = 0.0;
  std::vector<double> pooled, values;
  for (std::size_t g = 0; g < strata.size(); ++g) {
    values.clear();
    for (std::size_t i = 0; i < strata[g].size(); ++i) {
      pool_without(strata, g, i, pooled);
      values.push_back(statistic(pooled));
    }
    const auto n = static_cast<double>(values.size());
    const double mean = mean_of(values);
    for (const double value : values) {
      const double influence = (n - 1.0) / n * (mean - value);
      squares += influence * influence;
      cubes += influence * influence * influence;
    }
  }
  const double acceleration = cubes / (6.0 * std::pow(squares, 1.5));
  return std::isfinite(acceleration) ? acceleration : 0.0;  // no spread, or infinite values
}

// `strata` are sorted. The bounds are the quantiles of the resampled statistics at
// Phi(z0 + (z0 + z) / (1 - a (z0 + z))), z0 from the part of them below the estimate. With |a| <= 1/6 and
// 2,000 resamples, a (z0 + z) stays below 1.
template <class Function>
IntervalEstimate bca(Strata strata, const Function& statistic) {
  std::vector<double> pooled;
  pool_without(strata, strata.size(), 0, pooled);
  IntervalEstimate estimate{statistic(pooled), std::nullopt, std::nullopt};
  const bool few = std::ranges::any_of(strata, [](const auto& stratum) { return stratum.size() < 2; });
  if (few || pooled.size() < 3 || !std::isfinite(estimate.value)) return estimate;
  const auto constant = [](const auto& stratum) { return stratum.front() == stratum.back(); };
  if (std::ranges::all_of(strata, constant)) {
    estimate.low = estimate.high = estimate.value;
    return estimate;
  }
  Resampler resampler(strata);
  std::vector<double> resampled(kResamples);
  double below = 0.0;
  for (double& value : resampled) {
    value = statistic(resampler.draw());
    below += value < estimate.value ? 1.0 : value == estimate.value ? 0.5 : 0.0;
  }
  std::ranges::sort(resampled);
  const double edge = 0.5 / static_cast<double>(kResamples);
  const double bias = normal_quantile(std::clamp(below / static_cast<double>(kResamples), edge, 1.0 - edge));
  const double acceleration = acceleration_of(strata, statistic);
  const auto bound = [&](double p) {
    const double z = bias + normal_quantile(p);
    return quantile_of(resampled, normal_cdf(bias + z / (1.0 - acceleration * z)));
  };
  estimate.low = bound(kTail);
  estimate.high = bound(1.0 - kTail);
  return estimate;
}

template <class Function>
IntervalEstimate bca_of_problems(Strata problems, const Function& statistic) {
  std::vector<std::vector<double>> sorted(problems.begin(), problems.end());
  for (auto& stratum : sorted) {
    assert(!stratum.empty());
    std::ranges::sort(stratum);
  }
  return bca(Strata(sorted), statistic);
}

template <class Function>
IntervalEstimate bca_of_values(std::span<const double> values, const Function& statistic) {
  const std::vector<double> only(values.begin(), values.end());
  return bca_of_problems(Strata(&only, 1), statistic);
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

double interquartile_mean(std::vector<double> values) {
  assert(!values.empty());
  std::ranges::sort(values);
  return middle_mean(values);
}

IntervalEstimate bootstrap(std::span<const double> values, const Statistic& statistic) {
  return bca_of_values(values, statistic);
}

IntervalEstimate bootstrap_mean(std::span<const double> values) {
  return bca_of_values(values, mean_of);
}

IntervalEstimate bootstrap_interquartile_mean(std::span<const double> values) {
  return bca_of_values(values, middle_mean);
}

IntervalEstimate stratified_bootstrap(Strata problems, const Statistic& statistic) {
  return bca_of_problems(problems, statistic);
}

IntervalEstimate stratified_bootstrap_mean(Strata problems) {
  return bca_of_problems(problems, mean_of);
}

IntervalEstimate stratified_bootstrap_interquartile_mean(Strata problems) {
  return bca_of_problems(problems, middle_mean);
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
  std::ranges::sort(of_reached);
  result.median_of_reached = quantile_of(of_reached, 0.5);
  const double all = std::accumulate(spent.begin(), spent.end(), 0.0);
  IntervalEstimate cost{all / static_cast<double>(of_reached.size()), std::nullopt, std::nullopt};
  if (spent.size() >= 3) {
    Random random = resampling("expected cost", spent.size());
    std::vector<double> ratios(kResamples);
    for (double& ratio : ratios) ratio = resampled_ratio(spent, reached, random);
    std::ranges::sort(ratios);
    // Order statistics without interpolation: between a finite cost and an infinite one lies nothing.
    cost.low = ratios[static_cast<std::size_t>(kTail * static_cast<double>(kResamples))];
    cost.high = ratios[static_cast<std::size_t>((1.0 - kTail) * static_cast<double>(kResamples))];
  }
  result.cost = cost;
  return result;
}

}  // namespace tonne
