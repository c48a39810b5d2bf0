#pragma once
// Energy from readings: of a device between two times.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/meters/meter_log.h"

namespace tonne::meters {

/// Two times of a log, as offsets from its origin.
struct Span {
  Duration from{};
  Duration to{};
  [[nodiscard]] Duration length() const { return to - from; }
  bool operator==(const Span&) const = default;
};

/// What lies between two neighbouring readings: power goes evenly from one value to the other.
struct Slice {
  enum class Kind : std::uint8_t {
    plain,
    gap,      ///< longer than five median steps: power is interpolated
    bridged,  ///< as long, but a counter went on counting: its energy is measured, when it flowed is not
    wrapped,  ///< the counter began again at zero behind its range
    reset,    ///< the counter fell or leapt for another reason: filled with the power before and after
  };
  Span span;
  Power begin{}, end{};
  Kind kind = Kind::plain;

  [[nodiscard]] Energy energy() const { return 0.5 * (begin + end) * span.length(); }
  [[nodiscard]] bool is_guessed() const { return kind == Kind::gap || kind == Kind::reset; }
};

/// The slices of a device: of its counter where it has one, of its power else. Between readings of power,
/// power goes straight from one to the next (the trapezoidal rule), or for PowerKind::interval has the value
/// of the latter. A counter that does not change for a while has not been renewed: its next change counts for
/// all of that time.
[[nodiscard]] std::vector<Slice> slices_of(const Device& device);
/// The same of its power alone; empty where it has none.
[[nodiscard]] std::vector<Slice> power_slices(const Device& device);

/// From the first reading to the last, of the counter where there is one.
[[nodiscard]] Span span_of(const Device& device);
/// Median time between them; zero for one reading.
[[nodiscard]] Duration step_of(const Device& device);
/// Their number, without the one that stands before the first interval.
[[nodiscard]] std::size_t readings_of(const Device& device);

struct Measured {
  Energy energy{};
  Energy guessed{};  ///< of it, in gaps and resets
};
/// Of those parts of the slices that are within `span`.
[[nodiscard]] Measured energy_within(const std::vector<Slice>& slices, const Span& span);
/// Energy of a device within a span, which may go one median step beyond its readings: there the first or
/// last power holds. Throws InputError for more, and for a span that ends before it begins.
[[nodiscard]] Measured energy_between(const MeterLog& log, const Device& device, const Span& span);

/// A time of the log for people: "2024-01-31 10:11:12.5", with Z where the zone is known; "12.5 s".
[[nodiscard]] std::string time_text(const MeterLog& log, Duration offset);
/// A time that a user names, as an offset: as the log writes it, or seconds since its first reading. Throws
/// InputError where it is none, and where it has a zone and the log has not, or the other way round. `what`
/// is the option's name.
[[nodiscard]] Duration offset_of(const MeterLog& log, std::string_view text, const std::string& what);

}  // namespace tonne::meters
