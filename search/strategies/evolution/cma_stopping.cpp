#include "search/strategies/evolution/cma_stopping.h"

#include <algorithm>
#include <cmath>

namespace tonne {
namespace {

constexpr double kTolFun = 1e-12;
constexpr double kTolX = 1e-12;
constexpr double kTolXUp = 1e4;
constexpr double kConditionCov = 1e14;
/// Coordinates live in the unit cube: when a sample lies anywhere, a distribution has nothing left to say.
constexpr double kWidestAxis = 10.0;
constexpr std::size_t kMostHistory = 20'000;
/// Medians over a window change slowly: they are looked at this often in it.
constexpr std::size_t kLooksPerWindow = 10;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// Whether the last 30 % of the last `count` values are no better than the first 30 %.
bool has_not_fallen(const std::vector<double>& values, std::size_t count) {
  const auto part = static_cast<std::ptrdiff_t>(3 * count / 10);
  const auto first = values.end() - static_cast<std::ptrdiff_t>(count);
  return median({values.end() - part, values.end()}) >= median({first, first + part});
}

bool is_below_tol_x(const CmaDistribution& distribution, double tolerance) {
  for (std::size_t i = 0; i < distribution.size(); ++i)
    if (distribution.deviation(i) >= tolerance ||
        std::abs(distribution.sigma() * distribution.path(i)) >= tolerance)
      return false;
  return true;
}

bool has_no_effect_along_an_axis(const CmaDistribution& distribution) {
  const std::size_t j = static_cast<std::size_t>(distribution.generations()) % distribution.size();
  const double step = 0.1 * distribution.axis_deviation(j);
  for (std::size_t i = 0; i < distribution.size(); ++i)
    if (distribution.mean(i) + step * distribution.axis(j)[i] != distribution.mean(i)) return false;
  return true;
}

bool has_no_effect_in_a_coordinate(const CmaDistribution& distribution) {
  for (std::size_t i = 0; i < distribution.size(); ++i)
    if (distribution.mean(i) + 0.2 * distribution.deviation(i) == distribution.mean(i)) return true;
  return false;
}

}  // namespace

void CmaStopping::begin(std::size_t n, std::size_t lambda, double sigma) {
  const std::size_t by_dimension = (30 * n + lambda - 1) / lambda;
  window_ = 10 + by_dimension;
  least_history_ = 120 + by_dimension;
  first_sigma_ = sigma;
  best_.clear();
  median_.clear();
}

void CmaStopping::record(std::span<const double> losses) {
  lowest_ = losses.front();
  highest_ = losses.back();
  best_.push_back(lowest_);
  median_.push_back(losses[losses.size() / 2]);
}

std::optional<CmaStop> CmaStopping::reason(const CmaDistribution& distribution) const {
  if (const auto found = reason_in_losses()) return found;
  if (distribution.size() == 0) return std::nullopt;
  double widest = 0.0;
  double narrowest = distribution.axis_deviation(0);
  for (std::size_t j = 0; j < distribution.size(); ++j) {
    widest = std::max(widest, distribution.axis_deviation(j));
    narrowest = std::min(narrowest, distribution.axis_deviation(j));
  }
  if (is_below_tol_x(distribution, kTolX * first_sigma_)) return CmaStop::tol_x;
  if (widest * widest > kConditionCov * narrowest * narrowest) return CmaStop::condition_cov;
  if (has_no_effect_along_an_axis(distribution)) return CmaStop::no_effect_axis;
  if (has_no_effect_in_a_coordinate(distribution)) return CmaStop::no_effect_coord;
  if (widest > std::min(kTolXUp * first_sigma_, kWidestAxis)) return CmaStop::tol_x_up;
  return std::nullopt;
}

std::optional<CmaStop> CmaStopping::reason_in_losses() const {
  if (best_.size() >= window_) {
    const auto [low, high] =
        std::minmax_element(best_.end() - static_cast<std::ptrdiff_t>(window_), best_.end());
    if (std::max(*high, highest_) - std::min(*low, lowest_) < kTolFun) return CmaStop::tol_fun;
    if (*low == *high) return CmaStop::equal_fun_values;
  }
  return has_stagnated() ? std::optional(CmaStop::stagnation) : std::nullopt;
}

bool CmaStopping::has_stagnated() const {
  const std::size_t window =
      std::clamp(best_.size() / 5, least_history_, std::max(kMostHistory, least_history_));
  if (best_.size() < window || best_.size() % (window / kLooksPerWindow) != 0) return false;
  return has_not_fallen(best_, window) && has_not_fallen(median_, window);
}

}  // namespace tonne
