#include "cost_models/time_zone.h"

// Abseil reads tzdata's files and continues their rules beyond the last change that they list. The date library, by
// the author of std::chrono's zones, ignores those rules: it has no summer time after 2037, nor any after 2007 from the
// slim files of other distributions.
#include <absl/time/civil_time.h>
#include <absl/time/time.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "core/error.h"
#include "cost_models/time.h"

namespace tonne {
namespace {

constexpr std::string_view kZoneKey = "cluster.grid.time_zone";

// "Europe/Berlin", "America/Argentina/La_Rioja", "Etc/GMT+5". No path out of the database; right/ counts leap seconds, posix/
// repeats the rest.
bool is_place(std::string_view text) {
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
  if (text.size() > 64 || text.find_first_not_of(kAllowed) != std::string_view::npos) return false;
  const std::size_t slash = text.find('/');
  return slash != std::string_view::npos && slash > 0 && !text.starts_with("right/") && !text.starts_with("posix/");
}

// The library keeps what it has loaded: asking again costs a look-up.
std::optional<absl::TimeZone> load(const std::string& name) {
  absl::TimeZone zone;
  return absl::LoadTimeZone(name, &zone) ? std::optional(zone) : std::nullopt;
}

Duration seconds_of(absl::Time time) { return static_cast<double>(absl::ToUnixSeconds(time)) * second; }

}  // namespace

TimeZone TimeZone::named(const std::string& text) {
  TimeZone zone;
  zone.name_ = text;
  if (text == "UTC" || text == "Z") {
    zone.offset_ = Duration{};
    return zone;
  }
  if (const auto time = parse_time("2000-01-01T00:00" + text); time && time->offset) {
    zone.offset_ = time->offset;
    return zone;
  }
  const std::string shown = printable(text.substr(0, 40));
  if (!is_place(text))
    throw InputError({}, kZoneKey,
                     fmt::format("'{}' is not a time zone: expected UTC, an offset such as +02:00, or a place such as Europe/Berlin", shown));
  if (load(text)) return zone;
  // Every release of the database since 1996 has London.
  if (!load("Europe/London"))
    throw InputError({}, kZoneKey,
                     fmt::format("'{}' needs the time-zone database, which this machine does not have: install the package tzdata", shown));
  throw InputError({}, kZoneKey,
                   fmt::format("'{}' is not in this machine's time-zone database, which has places such as Europe/Berlin or America/New_York", shown));
}

TimeZone::Moments TimeZone::moments(Duration local) const {
  if (offset_) return {local - *offset_, local - *offset_, true};
  const auto zone = load(name_);
  if (!zone) throw InputError({}, kZoneKey, "'" + printable(name_) + "' is no longer in the time-zone database");
  const double whole = std::floor(local / second);
  const Duration fraction = local - whole * second;
  const absl::CivilSecond shown = absl::CivilSecond(1970, 1, 1) + static_cast<std::int64_t>(whole);
  const absl::TimeZone::TimeInfo found = zone->At(shown);
  if (found.kind == absl::TimeZone::TimeInfo::SKIPPED) return {seconds_of(found.trans), seconds_of(found.trans), false};
  return {seconds_of(found.pre) + fraction, seconds_of(found.post) + fraction, true};
}

}  // namespace tonne
