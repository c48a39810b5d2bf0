#pragma once
// Grid traces from the files that people have: plain CSV, Electricity Maps, WattTime, Carbon Aware SDK, Great Britain's
// Carbon Intensity API.

#include <cstdint>
#include <filesystem>
#include <string>

#include "cost_models/grid.h"

namespace tonne {

enum class TraceFormat : std::uint8_t {
  automatic,  ///< told from the content
  csv,        ///< a time column (or a date and an hour) and a value column
  /// CSV with "Carbon Intensity gCO2eq/kWh (direct | LCA | Life cycle)", or JSON of the API's version 3 with
  /// {datetime, carbonIntensity, emissionFactorType} in `history`, `data` or `forecast`; average, location-based.
  electricity_maps,
  watttime,  ///< CSV or JSON with point_time and value, or timestamp and MOER; marginal, direct
  /// Carbon Aware SDK's JSON: [{Location, Time, Rating, Duration}] or {Emissions: [...]}. Never told from the content, for it
  /// does not say whether it is average or marginal.
  carbon_aware,
  /// JSON of carbonintensity.org.uk: {data: [{from, to, intensity: {forecast, actual, index}}]}; average, direct, g/kWh.
  gb_carbon_intensity,
};
enum class TraceUnit : std::uint8_t {
  automatic,  ///< what the column's name or the file says, or else g/kWh, if the mean then is one that grids have
  gram_per_kwh,
  kilogram_per_kwh,
  kilogram_per_mwh,
  pound_per_mwh,
};
enum class ValueAt : std::uint8_t {
  interval,  ///< a value is the mean of the interval that follows its time
  point,     ///< a value is a sample at its time: it stands for half a step before and after
};
enum class Separator : std::uint8_t {
  automatic,  ///< the one of comma, semicolon and tab that the header has
  comma,
  semicolon,
  tab
};
enum class DecimalMark : std::uint8_t { point, comma };
/// Of dates with the year last and slashes or dashes between; with dots the day is first.
enum class DateOrder : std::uint8_t {
  automatic,  ///< what one of the file's dates proves, 28/02/2024 or 02/28/2024
  day_first,
  month_first
};
enum class TraceGaps : std::uint8_t {
  refuse,
  hold  ///< a value holds until the next row that has one
};

/// A file and what the user says of it.
struct TraceSource {
  std::filesystem::path file;
  /// Of a CSV file. Empty: the one value column, or that of Electricity Maps for the scope that is asked. Of Great Britain's
  /// JSON: `actual` (also if empty) or `forecast`.
  std::string column;
  SignalNature nature;
  TraceFormat format = TraceFormat::automatic;
  TraceUnit unit = TraceUnit::automatic;
  /// "UTC", "+02:00" or "Europe/Berlin", for times that do not say theirs. Empty: such times are refused.
  std::string time_zone = {};
  ValueAt value_at = ValueAt::interval;
  std::string location = {};  ///< the zone to read of a file with several; empty: there must be one
  Separator separator = Separator::automatic;
  DecimalMark decimal = DecimalMark::point;
  DateOrder dates = DateOrder::automatic;
  TraceGaps gaps = TraceGaps::refuse;
};

struct LoadedTrace {
  GridSignal signal;
  /// Of the file's bytes; with the rules of a place's clocks, of the moments that they gave too: another release of the
  /// time-zone database may give others.
  std::uint64_t digest = 0;
};

/// Reads a trace. Steps are those of the rows: all equal, days of a place's clock, months or years, as long as each row says,
/// or equal over runs of at least 24 steps. Rows may be newest first. Throws InputError, with file and line (of JSON: the
/// record's number), for: no time or value column, a name that says another kind, scope, basis or unit than is asked, a unit
/// that has to be asked for (a mass without an energy, WattTime without its unit, a mean below 1 g/kWh), a time without a
/// zone or that its zone's clocks skip, dates of which day or month may be first, a gap, a duplicate, a time that goes back,
/// two grid zones in one file, a value that is no number, negative, or above 10,000 g/kWh; a single row whose step is not
/// known.
[[nodiscard]] LoadedTrace read_trace(const TraceSource& source);

}  // namespace tonne
