#include "cost_models/grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>

#include "core/error.h"
#include "cost_models/time.h"

namespace tonne {

std::string_view to_string(SignalKind kind) {
  return kind == SignalKind::average ? "average" : "marginal";
}
std::string_view to_string(SignalScope scope) {
  return scope == SignalScope::direct ? "direct" : "life_cycle";
}

std::string_view to_string(SignalBasis basis) {
  return basis == SignalBasis::location ? "location" : "market";
}

GridSignal GridSignal::constant(Intensity level, SignalNature nature) {
  assert(level >= Intensity{});
  return GridSignal(level, nature);
}

void GridSignal::Steps::add(double term) {
  const Sum sum = sums.back();
  // Knuth's TwoSum: `error` is exactly what the rounded sum leaves out.
  const double rounded = sum.high + term;
  const double part = rounded - sum.high;
  const double error = (sum.high - (rounded - part)) + (term - part);
  sums.push_back({rounded, sum.low + error});
}

void GridSignal::hold(std::shared_ptr<const Steps> steps) {
  values_ = steps->values;
  sums_ = steps->sums;
  offsets_ = steps->offsets;
  steps_ = std::move(steps);
}

GridSignal GridSignal::trace(Duration begin, Duration step, const std::vector<Intensity>& values,
                             SignalNature nature, std::string name) {
  assert(step > Duration{} && !values.empty());
  GridSignal signal(Intensity{}, nature);
  signal.begin_ = begin;
  signal.step_ = step;
  signal.name_ = std::move(name);
  auto steps = std::make_shared<Steps>();
  steps->values = values;
  steps->sums.reserve(values.size() + 1);
  steps->sums.emplace_back();
  for (const Intensity value : values) steps->add(value.base());
  signal.hold(std::move(steps));
  return signal;
}

GridSignal GridSignal::trace(const std::vector<Duration>& edges, const std::vector<Intensity>& values,
                             SignalNature nature, std::string name) {
  assert(!values.empty() && edges.size() == values.size() + 1);
  GridSignal signal(Intensity{}, nature);
  signal.begin_ = edges.front();
  signal.name_ = std::move(name);
  auto steps = std::make_shared<Steps>();
  steps->values = values;
  steps->sums.reserve(edges.size());
  steps->offsets.reserve(edges.size());
  steps->sums.emplace_back();
  steps->offsets.push_back(Duration{});
  for (std::size_t i = 0; i < values.size(); ++i) {
    assert(edges[i] < edges[i + 1]);
    steps->add((values[i] * (edges[i + 1] - edges[i])).base());
    steps->offsets.push_back(edges[i + 1] - edges.front());
  }
  signal.hold(std::move(steps));
  return signal;
}

GridSignal GridSignal::on_clock(Duration origin) const {
  GridSignal signal = *this;
  if (is_constant()) return signal;
  signal.begin_ -= origin;
  signal.clock_zero_ += origin;
  return signal;
}

Intensity GridSignal::mean(Duration from, Duration to) const {
  assert(from <= to);
  return is_constant() ? level_ : trace_mean(from, to);
}

Carbon GridSignal::integrate(Power power, Duration from, Duration to) const {
  return power * (to - from) * mean(from, to);
}

std::size_t GridSignal::step_at(Duration offset) const {
  auto i = static_cast<std::size_t>(offset / step_);
  // The quotient may have been rounded over an edge.
  while (static_cast<double>(i) * step_ > offset) --i;
  while (static_cast<double>(i + 1) * step_ <= offset) ++i;
  return i;
}

std::size_t GridSignal::changing_step_at(Duration offset) const {
  return static_cast<std::size_t>(std::ranges::upper_bound(offsets_, offset) - offsets_.begin()) - 1;
}

double GridSignal::sum_between(std::size_t first, std::size_t last) const {
  return (sums_[last].high - sums_[first].high) + (sums_[last].low - sums_[first].low);
}

Intensity GridSignal::changing_mean(Duration low, Duration high) const {
  const std::size_t first = std::min(changing_step_at(low), values_.size() - 1);
  const std::size_t last = changing_step_at(high);
  if (low >= high || first == last) return values_[first];

  auto area = values_[first] * (offsets_[first + 1] - low);
  area += decltype(area)::from_base(sum_between(first + 1, last));
  if (last < values_.size()) area += values_[last] * (high - offsets_[last]);
  return area / (high - low);
}

Intensity GridSignal::trace_mean(Duration from, Duration to) const {
  if (!(from >= begin_) || !(to <= end())) refuse(from, to);
  const Duration low = from - begin_;
  const Duration high = to - begin_;
  if (!offsets_.empty()) return changing_mean(low, high);
  const std::size_t first = std::min(step_at(low), values_.size() - 1);
  const std::size_t last = std::min(step_at(high), values_.size());
  if (low >= high || first == last) return values_[first];

  const auto head = values_[first] * (static_cast<double>(first + 1) * step_ - low);
  auto area = head + Intensity::from_base(sum_between(first + 1, last)) * step_;
  if (last < values_.size()) area += values_[last] * (high - static_cast<double>(last) * step_);
  return area / (high - low);
}

void GridSignal::refuse(Duration from, Duration to) const {
  const Duration outside = from >= begin_ ? to : from;
  const bool finite = std::isfinite(outside.base()) && std::abs(outside.base()) < 1e12;
  throw InputError(
      fmt::format("the grid trace {} covers {} to {}, but the search needs {}: change cluster.start, give a "
                  "longer trace, or lower the budget",
                  name_, format_utc(clock_zero_ + begin_), format_utc(clock_zero_ + end()),
                  finite ? format_utc(clock_zero_ + outside) : "a time beyond the calendar"));
}

}  // namespace tonne
