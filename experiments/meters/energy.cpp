#include "experiments/meters/energy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/error.h"
#include "core/number_text.h"
#include "cost_models/time.h"
#include "experiments/meters/log_builder.h"
#include "experiments/meters/log_text.h"

namespace tonne::meters {
namespace {

constexpr double kGapInSteps = 5.0;
constexpr Power kMostOfOne = 1e6 * watt;
// A wrap that would mean so many times the greatest power of all other steps is none.
constexpr double kMostOfWrap = 3.0;

double median_step_of(const std::vector<Slice>& slices) {
  std::vector<double> times;
  for (const Slice& slice : slices) times.push_back(slice.span.from / second);
  if (!slices.empty()) times.push_back(slices.back().span.to / second);
  return median_step(times);
}

void mark_gaps(std::vector<Slice>& slices, Slice::Kind kind) {
  const double most = kGapInSteps * median_step_of(slices);
  for (Slice& slice : slices)
    if (slice.kind == Slice::Kind::plain && slice.span.length() / second > most) slice.kind = kind;
}

// Readings of a counter that was not renewed in between say nothing new, but for the last.
std::vector<CounterReading> renewed(const std::vector<CounterReading>& readings) {
  std::vector<CounterReading> changes;
  for (std::size_t i = 0; i < readings.size(); ++i)
    if (i == 0 || i + 1 == readings.size() || readings[i].energy != readings[i - 1].energy)
      changes.push_back(readings[i]);
  return changes;
}

// Each reset gets the mean power of the nearest other slices before and after it; zero where there are none.
void fill_resets(std::vector<Slice>& slices) {
  std::vector<std::optional<Power>> before(slices.size());
  std::optional<Power> nearest;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    before[i] = nearest;
    if (slices[i].kind != Slice::Kind::reset) nearest = slices[i].end;
  }
  nearest = std::nullopt;
  for (std::size_t i = slices.size(); i-- > 0;) {
    Slice& slice = slices[i];
    if (slice.kind != Slice::Kind::reset) {
      nearest = slice.begin;
      continue;
    }
    const Power fallback = before[i].value_or(nearest.value_or(Power{}));
    slice.begin = slice.end = 0.5 * (fallback + nearest.value_or(fallback));
  }
}

std::vector<Slice> counter_slices(const Device& device) {
  const std::vector<CounterReading> readings = renewed(device.counter);
  std::vector<Slice> slices;
  Power greatest{};
  for (std::size_t i = 1; i < readings.size(); ++i) {
    const Span span{readings[i - 1].time, readings[i].time};
    const Power power = (readings[i].energy - readings[i - 1].energy) / span.length();
    const bool is_plain = power >= Power{} && power <= kMostOfOne;
    slices.push_back({span, power, power, is_plain ? Slice::Kind::plain : Slice::Kind::reset});
    if (is_plain) greatest = std::max(greatest, power);
  }
  for (std::size_t i = 0; i < slices.size(); ++i) {
    Slice& slice = slices[i];
    if (slice.kind != Slice::Kind::reset || slice.begin > Power{} || !device.counter_range) continue;
    const Energy before = readings[i].energy;
    const Power power = (*device.counter_range - before + readings[i + 1].energy) / slice.span.length();
    if (before > *device.counter_range || power > kMostOfOne ||
        (greatest > Power{} && power > kMostOfWrap * greatest))
      continue;
    slice = {slice.span, power, power, Slice::Kind::wrapped};
  }
  fill_resets(slices);
  mark_gaps(slices, Slice::Kind::bridged);
  return slices;
}

// At a time within the slice.
Power power_at(const Slice& slice, Duration time) {
  const double share = (time - slice.span.from) / slice.span.length();
  return slice.begin + share * (slice.end - slice.begin);
}

// Energy is the counter's where there is one.
bool is_by_counter(const Device& device) {
  return device.counter.size() > 1 || device.power.empty();
}

std::vector<double> times_of(const Device& device) {
  std::vector<double> times;
  if (is_by_counter(device))
    for (const CounterReading& reading : device.counter) times.push_back(reading.time / second);
  else
    for (const PowerReading& reading : device.power) times.push_back(reading.time / second);
  return times;
}

std::string shown_span(const MeterLog& log, const Span& span) {
  return time_text(log, span.from) + " to " + time_text(log, span.to);
}

}  // namespace

std::vector<Slice> power_slices(const Device& device) {
  std::vector<Slice> slices;
  for (std::size_t i = 1; i < device.power.size(); ++i) {
    const PowerReading& before = device.power[i - 1];
    const PowerReading& after = device.power[i];
    const Power begin = device.kind == PowerKind::interval ? after.power : before.power;
    slices.push_back({{before.time, after.time}, begin, after.power, Slice::Kind::plain});
  }
  mark_gaps(slices, Slice::Kind::gap);
  return slices;
}

std::vector<Slice> slices_of(const Device& device) {
  return device.counter.size() > 1 ? counter_slices(device) : power_slices(device);
}

Span span_of(const Device& device) {
  if (is_by_counter(device)) return {device.counter.front().time, device.counter.back().time};
  return {device.power.front().time, device.power.back().time};
}

Duration step_of(const Device& device) {
  return median_step(times_of(device)) * second;
}

std::size_t readings_of(const Device& device) {
  if (is_by_counter(device)) return device.counter.size();
  const bool has_anchor = device.kind == PowerKind::interval && device.power.size() > 1;
  return device.power.size() - (has_anchor ? 1 : 0);
}

Measured energy_within(const std::vector<Slice>& slices, const Span& span) {
  Measured measured;
  for (const Slice& slice : slices) {
    const Span common{std::max(slice.span.from, span.from), std::min(slice.span.to, span.to)};
    if (common.to <= common.from) continue;
    const bool is_whole = common == slice.span;
    const Energy energy =
        is_whole ? slice.energy()
                 : 0.5 * (power_at(slice, common.from) + power_at(slice, common.to)) * common.length();
    measured.energy += energy;
    if (slice.is_guessed()) measured.guessed += energy;
  }
  return measured;
}

Measured energy_between(const MeterLog& log, const Device& device, const Span& span) {
  if (span.to <= span.from)
    throw InputError({log.file, 0, 0}, "", "the span " + shown_span(log, span) + " ends before it has begun");
  const std::vector<Slice> slices = slices_of(device);
  const Span known = span_of(device);
  const Duration margin = step_of(device);
  if (slices.empty())
    throw InputError({log.file, 0, 0}, "", device.id + " has one reading only: energy needs two");
  if (span.from < known.from - margin || span.to > known.to + margin)
    throw InputError({log.file, 0, 0}, "",
                     fmt::format("{} has readings from {}, but {} is asked for", device.id,
                                 shown_span(log, known), shown_span(log, span)));
  Measured measured = energy_within(slices, span);
  if (span.from < known.from)
    measured.energy += slices.front().begin * (std::min(known.from, span.to) - span.from);
  if (span.to > known.to) measured.energy += slices.back().end * (span.to - std::max(known.to, span.from));
  return measured;
}

std::string time_text(const MeterLog& log, Duration offset) {
  if (log.basis == TimeBasis::relative) return shortest_text(std::round(offset / second * 1e6) / 1e6) + " s";
  const double whole = std::floor(offset / second + 5e-7);
  const auto micros = std::max(0.0, std::round((offset / second - whole) * 1e6));
  std::string text = format_utc(log.origin + whole * second);
  text.pop_back();
  std::string fraction = fmt::format("{:06.0f}", micros);
  while (fraction.ends_with('0')) fraction.pop_back();
  if (!fraction.empty()) text += "." + fraction;
  if (log.basis == TimeBasis::utc) return text + "Z";
  std::ranges::replace(text, 'T', ' ');
  return text;
}

Duration offset_of(const MeterLog& log, std::string_view text, const std::string& what) {
  const auto time = parse_log_time(text);
  if (!time)
    throw InputError(what + ": " + in_quotes(text) +
                     " is no time: expected one as in the log, or seconds since its first reading");
  if (time->basis == TimeBasis::relative) {
    // Of a log of relative times the first reading may not be at 0.
    Duration first = log.devices.empty() ? Duration{} : span_of(log.devices.front()).from;
    for (const Device& device : log.devices) first = std::min(first, span_of(device).from);
    return first + time->since;
  }
  if (log.basis == TimeBasis::relative)
    throw InputError(what + ": the log has no dates: expected seconds since its first reading, not " +
                     in_quotes(text));
  if (time->basis != log.basis)
    throw InputError(what + ": " + in_quotes(text) +
                     (log.basis == TimeBasis::utc
                          ? " has no zone, but the log's times have: write Z or +02:00 behind it"
                          : " has a zone, but the log's times have none: write it as the log does"));
  return time->since - log.origin;
}

}  // namespace tonne::meters
