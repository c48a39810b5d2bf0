#pragma once
// Times of a file that may not say their zone.

#include <optional>
#include <string>
#include <string_view>

#include "cost_models/time_zone.h"

namespace tonne::histories {

/// Reads times, and remembers how it had to understand them.
class Clock {
 public:
  /// `zone`: of times that do not say theirs; empty: they are taken as UTC. Throws InputError for no zone.
  explicit Clock(const std::string& zone);

  /// Seconds since 1970 UTC of a time in ISO 8601, or in another form that cost_models/trace_times.h knows, a
  /// number of seconds or milliseconds included. Of one that comes twice, as clocks go back, the first.
  /// nullopt: not a time.
  [[nodiscard]] std::optional<double> read(std::string_view text);

  /// For History::time_zone: "UTC", "local time, taken as UTC", "Europe/Berlin, as told"; empty where nothing
  /// was read.
  [[nodiscard]] std::string description() const;
  /// Whether times without a zone were taken as UTC, since nobody said one.
  [[nodiscard]] bool guessed() const { return bare_ && !zone_; }

 private:
  std::optional<TimeZone> zone_;
  bool zoned_ = false;  // a time said its own
  bool bare_ = false;   // one did not
};

}  // namespace tonne::histories
