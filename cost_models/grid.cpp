#include "cost_models/grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <optional>

#include "core/csv.h"
#include "core/error.h"
#include "cost_models/time.h"

namespace tonne {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::size_t find_time_column(const CsvTable& table) {
  constexpr std::array<std::string_view, 9> kNames = {"datetime (utc)", "datetime_utc",  "datetime",
                                                      "timestamp",      "timestamp_utc", "time",
                                                      "time_utc",       "point_time",    "date"};
  for (std::size_t i = 0; i < table.columns().size(); ++i)
    if (std::ranges::find(kNames, lower(table.columns()[i])) != kNames.end()) return i;
  throw InputError({table.file(), 1, 0}, "",
                   "has no column of times: expected one named 'datetime', 'Datetime (UTC)', 'time' or "
                   "'timestamp', found " +
                       join_names(table.columns(), 12));
}

// What a column's name says of its scope, if anything.
std::optional<SignalScope> scope_of(std::string_view column) {
  const std::string name = lower(column);
  if (contains(name, "direct")) return SignalScope::direct;
  for (const std::string_view word : {"lca", "life cycle", "life_cycle", "lifecycle", "life-cycle"})
    if (contains(name, word)) return SignalScope::life_cycle;
  return std::nullopt;
}

std::size_t find_value_column(const CsvTable& table, std::size_t time_column, const TraceSource& source) {
  if (!source.column.empty()) {
    const auto column = table.find(source.column);
    if (!column) {
      const std::string hint = did_you_mean(source.column, table.columns());
      throw InputError({table.file(), 1, 0}, "",
                       fmt::format("has no column '{}'.{} It has {}", source.column,
                                   hint.empty() ? "" : " " + hint, join_names(table.columns(), 20)));
    }
    return *column;
  }
  std::vector<std::size_t> candidates;
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    const bool named = contains(lower(table.columns()[i]), "carbon intensity");
    if (i != time_column && named &&
        scope_of(table.columns()[i]).value_or(source.nature.scope) == source.nature.scope)
      candidates.push_back(i);
  }
  if (candidates.size() == 1) return candidates.front();
  if (candidates.empty() && table.columns().size() == 2) return 1 - time_column;
  throw InputError({table.file(), 1, 0}, "",
                   "has several columns: name the one with g CO2e/kWh by 'column', one of " +
                       join_names(table.columns(), 20));
}

void check_scope(const CsvTable& table, std::size_t column, SignalScope asked) {
  const auto found = scope_of(table.columns()[column]);
  if (!found || *found == asked) return;
  throw InputError({table.file(), 1, 0}, "",
                   fmt::format("column '{}' holds {} figures, the settings ask for scope: {}",
                               table.columns()[column], to_string(*found), to_string(asked)));
}

void check_one_zone(const CsvTable& table) {
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    const std::string name = lower(table.columns()[i]);
    if (name != "zone name" && name != "zone id" && name != "zone" && name != "ba") continue;
    for (std::size_t row = 1; row < table.rows(); ++row)
      if (table.field(row, i) != table.field(0, i))
        throw InputError({table.file(), table.line(row), 0}, "",
                         fmt::format("zone '{}' after zone '{}': a trace is of one zone", table.field(row, i),
                                     table.field(0, i)));
  }
}

Duration read_time(const CsvTable& table, std::size_t row, std::size_t column) {
  const std::string_view text = table.field(row, column);
  if (const auto time = parse_utc(text)) return *time;
  throw InputError({table.file(), table.line(row), 0}, "column '" + table.columns()[column] + "'",
                   fmt::format("'{}' is no UTC time such as '2021-01-01 00:00:00' or '2021-01-01T00:00Z'",
                               text.substr(0, 40)));
}

void check_step(const CsvTable& table, std::size_t row, Duration before, Duration now, Duration step) {
  const Duration found = now - before;
  if (found == step && found > Duration{}) return;
  const Location where{table.file(), table.line(row), 0};
  const std::string times = fmt::format("{} follows {}", format_utc(now), format_utc(before));
  if (found == Duration{}) throw InputError(where, "", times + ": a duplicate");
  if (found < Duration{}) throw InputError(where, "", times + ": times go back");
  throw InputError(where, "",
                   fmt::format("{}: {}, the steps are {} minutes", times,
                               found > step ? "a gap" : "a shorter step", step / minute));
}

Intensity read_intensity(const CsvTable& table, std::size_t row, std::size_t column) {
  constexpr double kHighest = 10'000.0;  // ten times the dirtiest grid: a larger figure has another unit
  const double value = table.number(row, column);
  if (value >= 0.0 && value <= kHighest) return value * gram_per_kilowatt_hour;
  throw InputError({table.file(), table.line(row), 0}, "column '" + table.columns()[column] + "'",
                   fmt::format("is {}, expected 0 to {} g CO2e/kWh", value, kHighest));
}

}  // namespace

std::string_view to_string(SignalKind kind) {
  return kind == SignalKind::average ? "average" : "marginal";
}
std::string_view to_string(SignalScope scope) {
  return scope == SignalScope::direct ? "direct" : "life_cycle";
}

GridSignal GridSignal::constant(Intensity level, SignalNature nature) {
  assert(level >= Intensity{});
  return GridSignal(level, nature);
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
  Sum sum;
  steps->sums.push_back(sum);
  for (const Intensity value : values) {
    // Knuth's TwoSum: `error` is exactly what the rounded sum leaves out.
    const double rounded = sum.high + value.base();
    const double part = rounded - sum.high;
    const double error = (sum.high - (rounded - part)) + (value.base() - part);
    sum = {rounded, sum.low + error};
    steps->sums.push_back(sum);
  }
  signal.values_ = steps->values;
  signal.sums_ = steps->sums;
  signal.steps_ = std::move(steps);
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

Intensity GridSignal::trace_mean(Duration from, Duration to) const {
  if (!(from >= begin_) || !(to <= end())) refuse(from, to);
  const Duration low = from - begin_;
  const Duration high = to - begin_;
  const std::size_t first = std::min(step_at(low), values_.size() - 1);
  const std::size_t last = std::min(step_at(high), values_.size());
  if (low >= high || first == last) return values_[first];

  const auto head = values_[first] * (static_cast<double>(first + 1) * step_ - low);
  const double whole = (sums_[last].high - sums_[first + 1].high) + (sums_[last].low - sums_[first + 1].low);
  auto area = head + Intensity::from_base(whole) * step_;
  if (last < values_.size()) area += values_[last] * (high - static_cast<double>(last) * step_);
  return area / (high - low);
}

void GridSignal::refuse(Duration from, Duration to) const {
  const Duration outside = from >= begin_ ? to : from;
  const bool finite = std::isfinite(outside.base()) && std::abs(outside.base()) < 1e12;
  throw InputError(
      fmt::format("the grid trace {} covers {} to {}, and the search needs it at {}: set cluster.start to "
                  "another time, give a longer "
                  "trace, or lower the budget",
                  name_, format_utc(clock_zero_ + begin_), format_utc(clock_zero_ + end()),
                  finite ? format_utc(clock_zero_ + outside) : "a time that no calendar holds"));
}

LoadedTrace read_trace(const TraceSource& source) {
  const CsvTable table = CsvTable::read(source.file);
  const std::size_t time_column = find_time_column(table);
  const std::size_t column = find_value_column(table, time_column, source);
  check_scope(table, column, source.nature.scope);
  if (table.rows() < 2)
    throw InputError({table.file(), 0, 0}, "",
                     "has fewer than two rows: the step of a trace is the time between them");
  check_one_zone(table);

  const Duration begin = read_time(table, 0, time_column);
  const Duration step = read_time(table, 1, time_column) - begin;
  std::vector<Intensity> values;
  values.reserve(table.rows());
  Duration before = begin;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const Duration now = read_time(table, row, time_column);
    if (row > 0) check_step(table, row, before, now, step);
    values.push_back(read_intensity(table, row, column));
    before = now;
  }
  return {GridSignal::trace(begin, step, values, source.nature, table.file()), table.digest()};
}

}  // namespace tonne
