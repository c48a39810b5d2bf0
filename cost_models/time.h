#pragma once
// Points in time: seconds since 1970-01-01T00:00Z, written in ISO 8601.

#include <optional>
#include <string>
#include <string_view>

#include "core/units.h"

namespace tonne {

/// A time as it is written: with its offset from UTC where it says one.
struct WrittenTime {
  Duration local{};                ///< since 1970-01-01T00:00 of its own zone
  std::optional<Duration> offset;  ///< local - UTC; "Z" is zero
};

/// Parses "2021-01-01", "2021-01-01 00:00", "2021-01-01T00:00:00", the latter two also with a fraction of a second, and
/// with "Z", "+02:00", "-0730" or "+02" behind. nullopt for anything else: a day that the month lacks, hour 24, a leap second,
/// blanks around it, an offset beyond a day. Years 1970 to 2199.
[[nodiscard]] std::optional<WrittenTime> parse_time(std::string_view text);

/// Parses a UTC time: "2021-01-01", "2021-01-01 00:00", "2021-01-01T00:00:00", each of the latter also with
/// "Z" or
/// "+00:00" and with a fraction of a second. A time without a zone is UTC. nullopt for anything else: another
/// offset, a day that the month lacks, hour 24, a leap second, blanks around it. Years 1970 to 2199.
[[nodiscard]] std::optional<Duration> parse_utc(std::string_view text);

/// "2021-01-01T00:00:00Z", rounded down to the second.
[[nodiscard]] std::string format_utc(Duration since_1970);

}  // namespace tonne
