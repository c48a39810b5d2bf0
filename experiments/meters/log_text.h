#pragma once
// Lines, fields, numbers and times of logs, for the readers. What is wrong is told with file, line and
// column.

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/units.h"
#include "experiments/meters/meter_log.h"

namespace tonne::meters {

/// Goes over the lines of a text, without their ends, from line 1.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  /// Takes the next line that is not blank; false at the end.
  [[nodiscard]] bool next();
  [[nodiscard]] std::string_view line() const { return line_; }
  [[nodiscard]] int number() const { return number_; }
  /// The line has no end and is the last: whoever wrote it may have been stopped within it.
  [[nodiscard]] bool may_be_cut() const { return unended_; }

 private:
  std::string_view rest_;
  std::string_view line_;
  int number_ = 0;
  bool unended_ = false;
};

/// A part of a line, and the column where it begins, from 1.
struct Field {
  std::string text;
  int column = 0;
};
using Fields = std::vector<Field>;

/// Splits at each separator outside of double quotes; blanks around a field and quotes are taken off.
[[nodiscard]] Fields split_fields(std::string_view line, char separator);
/// The names of a header line, in lower case.
[[nodiscard]] std::vector<std::string> lowered_fields(std::string_view line, char separator);
/// Splits at blanks and tabs.
[[nodiscard]] Fields split_words(std::string_view line);

[[nodiscard]] std::string_view trimmed(std::string_view text);
[[nodiscard]] std::string lowered(std::string_view text);
/// Lower case, and without a unit in brackets: "power.draw [W]" and "power.draw (W)" are "power.draw".
[[nodiscard]] std::string column_name(std::string_view head);
/// At most 40 characters of it in quotes, fit for a terminal.
[[nodiscard]] std::string in_quotes(std::string_view text);
/// "1 row", "12 rows".
[[nodiscard]] std::string counted(std::size_t count, std::string_view what);
/// Index of the first head that is one of the names; nullopt: none.
[[nodiscard]] std::optional<std::size_t> find_head(const std::vector<std::string>& heads,
                                                   std::initializer_list<std::string_view> names);

/// Where a reader stands.
struct Place {
  const std::string& file;
  int line = 0;
};
[[noreturn]] void refuse(const Place& place, const Field& field, const std::string& message);
[[noreturn]] void refuse(const Place& place, const std::string& message);

/// Empty, "-", "N/A", "nan" and whatever stands in square brackets ("[Not Supported]").
[[nodiscard]] bool is_missing(std::string_view text);

/// A power, with the unit `unit` or one that stands behind the number (W, mW). nullopt: missing. Throws
/// InputError for what is no number, negative or above 1 MW.
[[nodiscard]] std::optional<Power> power_in(const Place& place, const Field& field, Power unit);
/// An energy, likewise (J, mJ, uJ, kWh); at most 1e18 J. DCGM's blank values (dcgm_structs.h) are missing.
[[nodiscard]] std::optional<Energy> energy_in(const Place& place, const Field& field, Energy unit);
/// A duration in seconds: at least 0, at most 100 years.
[[nodiscard]] Duration seconds_in(const Place& place, const Field& field);

/// A time as logs write it.
struct LogTime {
  Duration since{};  ///< since 1970 or the log's beginning
  TimeBasis basis = TimeBasis::relative;
};
/// "2024/01/31 10:11:12.123" and ISO 8601; a number is seconds, milli-, micro- or nanoseconds since 1970 by
/// its size, or below 1e8 seconds since the log began. nullopt for anything else.
[[nodiscard]] std::optional<LogTime> parse_log_time(std::string_view text);
/// Throws InputError where there is none.
[[nodiscard]] LogTime time_in(const Place& place, const Field& field);

}  // namespace tonne::meters
