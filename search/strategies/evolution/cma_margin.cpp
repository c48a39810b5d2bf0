#include "search/strategies/evolution/cma_margin.h"

#include <algorithm>
#include <cmath>

#include "core/random.h"

namespace tonne {
namespace {

Cell linear_cell(double index, double count) {
  return {index / count, (index + 1.0) / count, index == 0.0, index + 1.0 == count};
}

Cell log_cell(const Integer& domain, double value) {
  const double bottom = std::log(static_cast<double>(domain.low) - 0.5);
  const double range = std::log(static_cast<double>(domain.high) + 0.5) - bottom;
  return {(std::log(value - 0.5) - bottom) / range, (std::log(value + 0.5) - bottom) / range,
          value == static_cast<double>(domain.low), value == static_cast<double>(domain.high)};
}

}  // namespace

Cell cell_at(const Domain& domain, double u) {
  const double value = from_unit(domain, u);
  const auto count = static_cast<double>(*cardinality(domain));
  const auto* integer = std::get_if<Integer>(&domain);
  if (integer == nullptr) return linear_cell(value, count);
  if (integer->scale == Scale::log) return log_cell(*integer, value);
  return linear_cell(value - static_cast<double>(integer->low), count);
}

Marginal with_margin(Marginal marginal, const Cell& cell, double deviation, double alpha) {
  if (cell.first && cell.last) return marginal;
  const double sd = marginal.stretch * deviation;
  if (cell.first || cell.last) {
    const double threshold = cell.first ? cell.high : cell.low;
    const double reach = normal_quantile(1.0 - alpha) * sd;
    return {std::clamp(marginal.mean, threshold - reach, threshold + reach), marginal.stretch};
  }
  const double half = alpha / 2.0;
  const double below = normal_cdf((cell.low - marginal.mean) / sd);
  const double above = normal_cdf((marginal.mean - cell.high) / sd);
  if (below >= half && above >= half) return marginal;
  const double kept_below = std::max(below, half);
  const double kept_above = std::max(above, half);
  const double within = 1.0 - below - above;
  // What is too much is taken from both sides in proportion to what they have above their margin, and from
  // within.
  const double excess = 1.0 - kept_below - kept_above - within;
  const double share = excess / (kept_below + kept_above + within - 3.0 * half);
  const double to_low = normal_quantile(1.0 - (kept_below + share * (kept_below - half)));
  const double to_high = normal_quantile(1.0 - (kept_above + share * (kept_above - half)));
  return {(cell.low * to_high + cell.high * to_low) / (to_low + to_high),
          (cell.high - cell.low) / (deviation * (to_low + to_high))};
}

}  // namespace tonne
