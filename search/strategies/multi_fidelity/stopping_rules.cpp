#include "search/strategies/multi_fidelity/stopping_rules.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>

namespace tonne {
namespace {

double best_of(std::span<const double> losses) { return *std::ranges::min_element(losses); }

double mean_of(std::span<const double> values) {
  double sum = 0.0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

/// Twice the rank of each size, 1 the smallest, equal ones their mean: whole numbers.
std::vector<std::size_t> doubled_ranks(std::span<const double> differences) {
  const std::size_t n = differences.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto size = [&](std::size_t i) { return std::abs(differences[i]); };
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return size(a) != size(b) ? size(a) < size(b) : a < b;
  });
  std::vector<std::size_t> ranks(n);
  for (std::size_t first = 0; first < n;) {
    std::size_t end = first + 1;
    while (end < n && size(order[end]) == size(order[first])) ++end;
    for (std::size_t i = first; i < end; ++i) ranks[order[i]] = first + 1 + end;
    first = end;
  }
  return ranks;
}

/// The probability that a random half of the ranks, each with probability 1/2, adds up to `sum` or more.
double exact_tail(const std::vector<std::size_t>& ranks, std::size_t sum) {
  const std::size_t all = std::accumulate(ranks.begin(), ranks.end(), std::size_t{0});
  std::vector<double> probability(all + 1, 0.0);
  probability[0] = 1.0;
  for (const std::size_t rank : ranks)
    for (std::size_t s = all + 1; s-- > 0;)
      probability[s] = 0.5 * probability[s] + (s >= rank ? 0.5 * probability[s - rank] : 0.0);
  double tail = 0.0;
  for (std::size_t s = all + 1; s-- > sum;) tail += probability[s];
  return std::min(1.0, tail);
}

double normal_tail(const std::vector<std::size_t>& ranks, std::size_t sum) {
  double mean = 0.0;
  double variance = 0.0;
  for (const std::size_t rank : ranks) {
    mean += 0.5 * static_cast<double>(rank);
    variance += 0.25 * static_cast<double>(rank) * static_cast<double>(rank);
  }
  const double z = (static_cast<double>(sum) - mean) / std::sqrt(variance);
  return 0.5 * std::erfc(z / std::numbers::sqrt2);
}

}  // namespace

void RunningPercentile::add(double value) {
  if (!low_.empty() && value >= low_.front()) {
    high_.push_back(value);
    std::ranges::push_heap(high_, std::greater<>{});
  } else {
    low_.push_back(value);
    std::ranges::push_heap(low_);
  }
  const std::size_t wanted = static_cast<std::size_t>(std::floor(position())) + 1;
  while (low_.size() > wanted) {
    std::ranges::pop_heap(low_);
    high_.push_back(low_.back());
    low_.pop_back();
    std::ranges::push_heap(high_, std::greater<>{});
  }
  while (low_.size() < wanted) {
    std::ranges::pop_heap(high_, std::greater<>{});
    low_.push_back(high_.back());
    high_.pop_back();
    std::ranges::push_heap(low_);
  }
}

double RunningPercentile::value() const {
  const double part = position() - std::floor(position());
  if (part == 0.0 || high_.empty()) return low_.front();
  return low_.front() + part * (high_.front() - low_.front());
}

bool PercentileRule::stops(std::span<const double> losses) const {
  const RunningPercentile& others = values_[losses.size() - 1];
  return others.count() >= grace_ && best_of(losses) > others.value();
}

void PercentileRule::complete(std::span<const double> losses) {
  double sum = 0.0;
  for (std::size_t s = 0; s < values_.size(); ++s) {
    sum += losses[s];
    values_[s].add(compared_ == ComparedValues::reported ? losses[s] : sum / static_cast<double>(s + 1));
  }
}

bool WilcoxonRule::stops(std::span<const double> losses) const {
  if (best_.empty() || losses.size() < std::max<std::size_t>(2, startup_)) return false;
  if (mean_of(best_) >= mean_of(losses)) return false;
  std::vector<double> differences;
  for (std::size_t s = 0; s < losses.size(); ++s) differences.push_back(losses[s] - best_[s]);
  if (!std::ranges::all_of(differences, [](double value) { return std::isfinite(value); })) return false;
  return signed_rank_p_greater(differences) < p_;
}

void WilcoxonRule::complete(std::span<const double> losses) {
  if (best_.empty() || losses.back() < best_.back()) best_.assign(losses.begin(), losses.end());
}

double signed_rank_p_greater(std::span<const double> differences) {
  constexpr std::size_t kMostExact = 50;
  const std::vector<std::size_t> ranks = doubled_ranks(differences);
  std::vector<std::size_t> signed_ranks;  // zeros add half their ranks whatever the signs
  std::size_t sum = 0;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    if (differences[i] == 0.0) continue;
    signed_ranks.push_back(ranks[i]);
    if (differences[i] > 0.0) sum += ranks[i];
  }
  if (signed_ranks.empty()) return 1.0;
  return signed_ranks.size() <= kMostExact ? exact_tail(signed_ranks, sum) : normal_tail(signed_ranks, sum);
}

bool PatientRule::stops(std::span<const double> losses) const {
  if (losses.size() <= patience_ + 1) return false;
  const std::size_t before = losses.size() - patience_ - 1;
  if (best_of(losses.first(before)) + min_delta_ >= best_of(losses.subspan(before))) return false;
  return !other_ || other_->stops(losses);
}

}  // namespace tonne
