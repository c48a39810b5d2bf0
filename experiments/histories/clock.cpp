#include "experiments/histories/clock.h"

#include <cmath>

#include "core/csv.h"
#include "core/error.h"
#include "cost_models/time.h"
#include "cost_models/trace_times.h"

namespace tonne::histories {
namespace {

// In its own words: the key that TimeZone names is of another file.
std::optional<TimeZone> zone_named(const std::string& text) {
  if (text.empty()) return std::nullopt;
  try {
    return TimeZone::named(text);
  } catch (const InputError& error) {
    throw InputError("the time zone " + error.message());
  }
}

// Seconds, milliseconds, microseconds or nanoseconds since 1970, by their size, between 1980 and 2200.
std::optional<double> counted(std::string_view text) {
  const auto number = parse_number(text);
  if (!number) return std::nullopt;
  for (const double unit : {1.0, 1e3, 1e6, 1e9})
    if (*number >= 3.2e8 * unit && *number < 7.3e9 * unit) return *number / unit;
  return std::nullopt;
}

}  // namespace

Clock::Clock(const std::string& zone) : zone_(zone_named(zone)) {}

std::optional<double> Clock::read(std::string_view text) {
  if (const auto number = counted(text)) {
    zoned_ = true;
    return number;
  }
  auto written = parse_time(text);
  if (!written) written = traces::parse_trace_time(text, DateOrder::automatic);
  if (!written) return std::nullopt;
  if (written->offset) {
    zoned_ = true;
    return (written->local - *written->offset) / second;
  }
  bare_ = true;
  return (zone_ ? zone_->moments(written->local).first : written->local) / second;
}

std::string Clock::description() const {
  if (!bare_) return zoned_ ? "UTC" : "";
  return zone_ ? zone_->name() + ", as told" : "local time, taken as UTC";
}

}  // namespace tonne::histories
