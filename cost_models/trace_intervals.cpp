// From the times of a trace's rows to their intervals.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>

#include "cost_models/time.h"
#include "cost_models/time_zone.h"
#include "cost_models/trace_rows.h"
#include "cost_models/trace_times.h"

namespace tonne::traces {
namespace {

/// Times may be rounded to milliseconds.
constexpr Duration kRounding = 0.002 * second;
/// A step that holds for so many rows is a change of the step; a shorter run, gaps or duplicates.
constexpr std::size_t kShortestRun = 24;
constexpr Duration kShortestMonth = 28.0 * day;

bool is_near(Duration step, Duration other) {
  const Duration tolerance = std::min(kRounding, other / 4.0);
  return step > Duration{} && step - other <= tolerance && other - step <= tolerance;
}

std::string shown_text(const Row& row) { return printable(row.time.substr(0, 40)); }

// "90 minutes", "31 days".
std::string shown_span(Duration span) {
  return span >= 2.0 * day ? fmt::format("{:.6g} days", span / day) : fmt::format("{:.6g} minutes", span / minute);
}

// A row's time on its own clock and since 1970 UTC.
struct Moment {
  Duration local{};
  Duration utc{};
};

// Reads the times of one file.
class TimeReader {
 public:
  TimeReader(const Rows& rows, const TraceSource& source)
      : rows_(rows), order_(date_order(rows, source.dates)) {
    if (!source.time_zone.empty()) zone_ = TimeZone::named(source.time_zone);
    if (zone_ && rows.times_are_utc && zone_->fixed_offset() != Duration{})
      throw InputError({rows.file, 0, 0}, "", "has a column of UTC times, but grid.time_zone says another zone");
  }

  [[nodiscard]] WrittenTime written(const Row& row, std::string_view text) const {
    if (const auto time = parse_trace_time(text, order_)) return *time;
    rows_.refuse(row, fmt::format("'{}' is not a time such as '2021-01-01T00:00Z' or '2021-01-01 00:00:00'",
                                  printable(text.substr(0, 40))));
  }

  // All of them. `whole_days`: the rows are days or longer, and a day whose clocks skip its midnight begins after that.
  [[nodiscard]] std::vector<Moment> moments() {
    std::vector<WrittenTime> times;
    times.reserve(rows_.rows.size());
    for (const Row& row : rows_.rows) times.push_back(written(row, row.time));
    const bool whole_days = times.size() > 1 && times[1].local - times[0].local >= day;
    std::vector<Moment> moments;
    moments.reserve(times.size());
    for (std::size_t i = 0; i < times.size(); ++i) {
      const Row& row = rows_.rows[i];
      if (times[i].offset.has_value() != times[0].offset.has_value())
        rows_.refuse(row, fmt::format("'{}' {} its time zone and the rows before {}: mixed zones", shown_text(row),
                                      times[i].offset ? "says" : "does not say", times[i].offset ? "do not" : "do"));
      moments.push_back({times[i].local, utc_of(row, times[i], whole_days, moments.empty() ? nullptr : &moments.back())});
    }
    return moments;
  }

  // The end of a row's interval, where the row says one.
  [[nodiscard]] Duration end_of(const Row& row, const Moment& begin) {
    return row.length ? begin.utc + *row.length : utc_of(row, written(row, row.until), false, &begin);
  }

  // When the clock of the last row shows a later time, at the first if it does twice.
  [[nodiscard]] Duration later(const Moment& last, Duration local) const {
    return clock_of_place() ? zone_->moments(local).first : local - (last.local - last.utc);
  }

  // Whether the rules of a place's clocks decide the times.
  [[nodiscard]] bool clock_of_place() const { return zone_used_ && !zone_->fixed_offset(); }

 private:
  Duration utc_of(const Row& row, const WrittenTime& time, bool whole_days, const Moment* before) {
    if (time.offset && rows_.times_are_utc && *time.offset != Duration{})
      rows_.refuse(row, fmt::format("'{}' is not UTC, although its column's name says so", shown_text(row)));
    if (time.offset) return time.local - *time.offset;
    if (rows_.times_are_utc) return time.local;
    if (!zone_)
      rows_.refuse(row, fmt::format("'{}' has no time zone: append Z or an offset, name the column datetime_utc, "
                                    "or give grid.time_zone (UTC, an offset such as +02:00, or a place such as Europe/Berlin)",
                                    shown_text(row)));
    zone_used_ = true;
    const TimeZone::Moments found = zone_->moments(time.local);
    if (!found.exists && !whole_days)
      rows_.refuse(row, fmt::format("'{}' does not exist in {}, where clocks go forward then", shown_text(row), zone_->name()));
    if (found.first == found.second || whole_days) return found.first;
    if (!before)
      rows_.refuse(row, fmt::format("'{}' comes twice in {}, where clocks go back then: begin the file with another row, or write its offset",
                                    shown_text(row), zone_->name()));
    return found.first > before->utc ? found.first : found.second;
  }

  const Rows& rows_;
  DateOrder order_;
  std::optional<TimeZone> zone_;
  bool zone_used_ = false;
};

// Rows that are newest first are turned around.
void turn_around(Rows& rows, const TraceSource& source) {
  if (rows.rows.size() < 2) return;
  const DateOrder order = date_order(rows, source.dates);
  const auto first = parse_trace_time(rows.rows[0].time, order);
  const auto second_row = parse_trace_time(rows.rows[1].time, order);
  const auto utc = [](const WrittenTime& time) { return time.local - time.offset.value_or(Duration{}); };
  if (first && second_row && utc(*first) > utc(*second_row)) std::ranges::reverse(rows.rows);
}

// --- where the intervals end ----------------------------------------------------------------------------------

using Edges = std::vector<Duration>;

Edges begins_of(const std::vector<Moment>& moments) {
  Edges edges;
  edges.reserve(moments.size() + 1);
  for (const Moment& moment : moments) edges.push_back(moment.utc);
  return edges;
}

// The same day of the month and time of day, some months later; nothing where that month has no such day.
std::optional<Duration> months_later(Duration local, int months) {
  namespace chrono = std::chrono;
  const auto days = static_cast<int>(std::floor(local / day));
  const chrono::year_month_day date{chrono::sys_days(chrono::days(days))};
  const chrono::year_month_day moved = date + chrono::months(months);
  if (!moved.ok()) return std::nullopt;
  const auto since_1970 = chrono::sys_days(moved).time_since_epoch().count();
  return static_cast<double>(since_1970) * day + (local - static_cast<double>(days) * day);
}

int months_between(Duration local, Duration later) {
  namespace chrono = std::chrono;
  const auto month_of = [](Duration at) {
    const chrono::year_month_day date{chrono::sys_days(chrono::days(static_cast<int>(std::floor(at / day))))};
    return static_cast<int>(date.year()) * 12 + static_cast<int>(static_cast<unsigned>(date.month()));
  };
  return month_of(later) - month_of(local);
}

// Months, quarters, years: each row begins as many months after the first as it should.
std::optional<Edges> calendar_months(const std::vector<Moment>& moments, const TimeReader& reader) {
  if (moments.size() < 2 || moments[1].local - moments[0].local < kShortestMonth) return std::nullopt;
  const int months = months_between(moments[0].local, moments[1].local);
  const auto begin_of = [&](std::size_t i) { return months_later(moments[0].local, static_cast<int>(i) * months); };
  for (std::size_t i = 1; i < moments.size(); ++i)
    if (months < 1 || begin_of(i) != moments[i].local) return std::nullopt;
  const auto end = begin_of(moments.size());
  if (!end) return std::nullopt;
  Edges edges = begins_of(moments);
  edges.push_back(reader.later(moments.back(), *end));
  return edges;
}

// Days of a clock that is set forward and back: equal on that clock only.
std::optional<Edges> days_of_clock(const std::vector<Moment>& moments, const TimeReader& reader) {
  if (moments.size() < 2) return std::nullopt;
  const Duration step = moments[1].local - moments[0].local;
  if (step < day) return std::nullopt;
  for (std::size_t i = 1; i < moments.size(); ++i)
    if (!is_near(moments[i].local - moments[i - 1].local, step)) return std::nullopt;
  Edges edges = begins_of(moments);
  edges.push_back(reader.later(moments.back(), moments.back().local + step));
  return edges;
}

// Each row says its own end. With gaps held, the next row's beginning is what counts.
Edges told_ends(const Rows& rows, const std::vector<Moment>& moments, TimeReader& reader, bool hold) {
  Edges edges = begins_of(moments);
  for (std::size_t i = 0; i < moments.size(); ++i) {
    const Row& row = rows.rows[i];
    const Duration end = reader.end_of(row, moments[i]);
    if (!(end > moments[i].utc)) rows.refuse(row, "ends before it begins");
    if (i + 1 == moments.size()) {
      edges.push_back(end);
      break;
    }
    const Duration next = moments[i + 1].utc;
    const bool fits = end - next <= kRounding && (hold || next - end <= kRounding);
    if (next > moments[i].utc && fits) continue;
    const std::string times = fmt::format("{} follows {}", format_utc(next), format_utc(moments[i].utc));
    const char* why = next == moments[i].utc ? "a duplicate" : next < moments[i].utc ? "times go backwards" : end > next ? "they overlap" : "a gap";
    rows.refuse(rows.rows[i + 1], fmt::format("{}, which lasts until {}: {}", times, format_utc(end), why));
  }
  return edges;
}

[[noreturn]] void refuse_step(const Rows& rows, std::size_t i, const std::vector<Moment>& moments, Duration step) {
  const Duration found = moments[i].utc - moments[i - 1].utc;
  const std::string times = fmt::format("{} follows {}", format_utc(moments[i].utc), format_utc(moments[i - 1].utc));
  if (found == Duration{}) rows.refuse(rows.rows[i], times + ": a duplicate");
  if (found < Duration{}) rows.refuse(rows.rows[i], times + ": times go backwards");
  rows.refuse(rows.rows[i], fmt::format("{}: {}; the steps are {} (grid.gaps: hold would let each value hold until the next)", times,
                                        found > step ? "a gap" : "a shorter step", shown_span(step)));
}

// Equal steps over runs that are long enough not to be gaps. The last value holds as long as the one before it.
Edges runs_of_steps(const Rows& rows, const std::vector<Moment>& moments) {
  Edges edges = begins_of(moments);
  Duration step = edges[1] - edges[0];
  std::size_t length = 0;
  for (std::size_t i = 1; i < moments.size(); ++i) {
    const Duration found = edges[i] - edges[i - 1];
    if (is_near(found, step)) {
      ++length;
      continue;
    }
    // A run that is too short is told at the row that began it, unless it is the first.
    const bool is_first = i == length + 1;
    if (!(found > Duration{}) || (is_first && length < kShortestRun)) refuse_step(rows, i, moments, step);
    if (length < kShortestRun) refuse_step(rows, i - length, moments, edges[i - length - 1] - edges[i - length - 2]);
    step = found;
    length = 1;
  }
  const bool changed = length + 1 < moments.size();
  if (changed && length < kShortestRun) {
    const std::size_t began = moments.size() - length;
    refuse_step(rows, began, moments, edges[began - 1] - edges[began - 2]);
  }
  edges.push_back(edges.back() + step);
  return edges;
}

// Whatever the steps. The last value holds for the shortest of them.
Edges held_steps(const Rows& rows, const std::vector<Moment>& moments) {
  Edges edges = begins_of(moments);
  Duration shortest = edges[1] - edges[0];
  for (std::size_t i = 1; i < moments.size(); ++i) {
    const Duration found = edges[i] - edges[i - 1];
    if (!(found > Duration{})) refuse_step(rows, i, moments, shortest);
    shortest = std::min(shortest, found);
  }
  edges.push_back(edges.back() + shortest);
  return edges;
}

bool is_uniform(const Edges& edges) {
  for (std::size_t i = 1; i < edges.size(); ++i)
    if (!is_near(edges[i] - edges[i - 1], edges[1] - edges[0])) return false;
  return true;
}

// A place that crosses the date line skips a day: rows of it would have no length.
bool ascends(const Edges& edges) { return std::ranges::adjacent_find(edges, std::greater_equal<>()) == edges.end(); }

Edges find_edges(const Rows& rows, const std::vector<Moment>& moments, TimeReader& reader, const TraceSource& source) {
  const auto says_end = [](const Row& row) { return row.length || !row.until.empty(); };
  const bool hold = source.gaps == TraceGaps::hold;
  if (std::ranges::all_of(rows.rows, says_end)) return told_ends(rows, moments, reader, hold);
  if (rows.rows.size() < 2) throw InputError({rows.file, 0, 0}, "", "has fewer than two rows, so its step is unknown");
  if (auto edges = calendar_months(moments, reader); edges && ascends(*edges)) return *edges;
  if (auto edges = days_of_clock(moments, reader); edges && ascends(*edges)) return *edges;
  return hold ? held_steps(rows, moments) : runs_of_steps(rows, moments);
}

}  // namespace

Intervals find_intervals(Rows& rows, const TraceSource& source) {
  if (rows.rows.empty()) throw InputError({rows.file, 0, 0}, "", "has fewer than two rows, so its step is unknown");
  turn_around(rows, source);
  TimeReader reader(rows, source);
  const std::vector<Moment> moments = reader.moments();
  Intervals intervals;
  intervals.edges = find_edges(rows, moments, reader, source);
  intervals.by_clock_of_place = reader.clock_of_place();
  if (!is_uniform(intervals.edges)) return intervals;
  // Over the whole file rounded times cannot drift.
  const std::size_t count = moments.size();
  intervals.step = count > 1 ? (moments.back().utc - moments.front().utc) / static_cast<double>(count - 1)
                             : intervals.edges.back() - intervals.edges.front();
  return intervals;
}

}  // namespace tonne::traces
