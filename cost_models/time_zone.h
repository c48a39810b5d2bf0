#pragma once
// Time zones of places, with their daylight-saving rules, from the machine's IANA database (Debian's tzdata).

#include <optional>
#include <string>

#include "core/units.h"

namespace tonne {

/// A fixed offset from UTC, or the clocks of a place.
class TimeZone {
 public:
  /// "UTC", an offset such as "+02:00", or a place's name such as "Europe/Berlin". Throws InputError, at
  /// cluster.grid.time_zone, for anything else: an abbreviation such as CET, which is an offset to some and a zone with
  /// summer time to others; a name that the database does not have; a machine without the database.
  [[nodiscard]] static TimeZone named(const std::string& text);

  /// When the clocks show a time.
  struct Moments {
    /// Since 1970 UTC. Of a time that comes twice, as clocks go back: the first and the second. Of one that never
    /// comes, as clocks go forward: both are the moment of the jump.
    Duration first{};
    Duration second{};
    bool exists = true;
  };
  /// `local`: since 1970-01-01T00:00 of the zone; within the years 1970 to 2200.
  [[nodiscard]] Moments moments(Duration local) const;

  /// The offset from UTC that never changes; nothing for a place.
  [[nodiscard]] std::optional<Duration> fixed_offset() const { return offset_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::optional<Duration> offset_;
};

}  // namespace tonne
