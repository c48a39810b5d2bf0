#include "search/surrogates/conformal_quantiles.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace tonne {

double interpolated_quantile(std::span<double> values, double alpha) {
  assert(!values.empty());
  std::ranges::sort(values);
  const double place = std::clamp(alpha, 0.0, 1.0) * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const double above = values[std::min(below + 1, values.size() - 1)];
  return values[below] + (place - static_cast<double>(below)) * (above - values[below]);
}

ConformalQuantiles::ConformalQuantiles(const ConformalOptions& options)
    : options_(options), corrections_(options.quantiles) {
  assert(options.quantiles % 2 == 1);
  for (std::size_t q = 0; q < options.quantiles; ++q) {
    BoostingOptions boosting = options.boosting;
    boosting.loss = BoostingLoss::pinball;
    boosting.quantile = static_cast<double>(q + 1) / static_cast<double>(options.quantiles + 1);
    models_.emplace_back(boosting);
  }
}

void ConformalQuantiles::fit(const std::vector<std::uint32_t>& categories, std::span<const double> points,
                             std::span<const double> y, Random random) {
  const std::size_t columns = categories.size();
  const std::size_t n = y.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::size_t held_out = 0;
  if (n > options_.least_points) {
    held_out = std::min(
        n - 1, static_cast<std::size_t>(std::ceil(options_.valid_fraction * static_cast<double>(n))));
    for (std::size_t i = 0; i < held_out; ++i) std::swap(order[i], order[i + random.below(n - i)]);
    std::ranges::sort(order.begin() + static_cast<std::ptrdiff_t>(held_out), order.end());
  }
  std::vector<double> rows;
  std::vector<double> targets;
  for (const std::size_t i : order) {
    rows.insert(rows.end(), points.begin() + static_cast<std::ptrdiff_t>(i * columns),
                points.begin() + static_cast<std::ptrdiff_t>((i + 1) * columns));
    targets.push_back(y[i]);
  }
  const BinnedPoints training(categories, std::span(rows).subspan(held_out * columns));
  for (BoostedTrees& model : models_) model.fit(training, std::span(targets).subspan(held_out));
  computed_ += training.computed();
  correct(std::span(rows).first(held_out * columns), std::span(targets).first(held_out));
}

void ConformalQuantiles::correct(std::span<const double> points, std::span<const double> y) {
  std::ranges::fill(corrections_, 0.0);
  if (y.empty()) return;
  std::vector<double> low(y.size());
  std::vector<double> high(y.size());
  const auto count = static_cast<double>(y.size());
  for (std::size_t q = 0; 2 * q + 1 < models_.size(); ++q) {
    const std::size_t other = models_.size() - 1 - q;
    models_[q].predict(points, low);
    models_[other].predict(points, high);
    for (std::size_t i = 0; i < y.size(); ++i) low[i] = std::max(low[i] - y[i], y[i] - high[i]);
    const double coverage = 1.0 - 2.0 * level(q);
    const double correction = interpolated_quantile(low, coverage * count / (count + 1.0));
    corrections_[q] = -correction;
    corrections_[other] = correction;
    computed_ += 2.0 * count * prediction_work();
  }
}

void ConformalQuantiles::predict(std::size_t q, std::span<const double> points,
                                 std::span<double> values) const {
  models_[q].predict(points, values);
  for (double& value : values) value += corrections_[q];
}

Work ConformalQuantiles::computed() const {
  Work sum = computed_;
  for (const BoostedTrees& model : models_) sum += model.computed();
  return sum;
}

}  // namespace tonne
