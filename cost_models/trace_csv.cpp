// Traces in CSV: which columns hold the time, the value and the zone.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "core/csv.h"
#include "cost_models/trace_rows.h"

namespace tonne::traces {
namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::optional<SignalScope> scope_of(std::string_view name) {
  constexpr auto kLifeCycle =
      std::to_array<std::string_view>({"lca", "life cycle", "life_cycle", "lifecycle", "life-cycle"});
  if (contains(name, "direct")) return SignalScope::direct;
  if (std::ranges::any_of(kLifeCycle, [&](std::string_view part) { return contains(name, part); })) return SignalScope::life_cycle;
  return std::nullopt;
}

Declared declared_by_column(const std::string& column) {
  const std::string name = lower(column);
  Declared declared;
  declared.by = "column '" + printable(column.substr(0, 80)) + "'";
  if (contains(name, "marginal") || contains(name, "moer")) declared.kind = SignalKind::marginal;
  if (contains(name, "average")) declared.kind = SignalKind::average;
  declared.scope = scope_of(name);
  if (contains(name, "market")) declared.basis = SignalBasis::market;
  if (contains(name, "location-based") || contains(name, "location_based")) declared.basis = SignalBasis::location;
  declare_unit(declared, column);
  return declared;
}

// --- the form of the file -------------------------------------------------------------------------------------

// The separators that a header has, quoted names aside.
std::string separators_in(std::string_view text) {
  std::string found;
  bool is_quoted = false;
  for (const char c : text.substr(0, text.find_first_of("\r\n"))) {
    if (c == '"') is_quoted = !is_quoted;
    if (!is_quoted && contains(",;\t", std::string_view(&c, 1)) && !contains(found, std::string_view(&c, 1))) found += c;
  }
  return found;
}

char separator_of(const TraceSource& source, std::string_view text) {
  switch (source.separator) {
    case Separator::comma:
      return ',';
    case Separator::semicolon:
      return ';';
    case Separator::tab:
      return '\t';
    case Separator::automatic:
      break;
  }
  const std::string found = separators_in(text);
  if (found.size() <= 1) return found.empty() ? ',' : found.front();
  throw InputError({source.file.string(), 1, 0}, "",
                   "has more than one of comma, semicolon and tab in its header: set grid.separator to the one between columns");
}

// --- columns --------------------------------------------------------------------------------------------------

std::optional<std::size_t> column_named(const CsvTable& table, std::span<const std::string_view> names) {
  for (std::size_t i = 0; i < table.columns().size(); ++i)
    if (std::ranges::find(names, lower(table.columns()[i])) != names.end()) return i;
  return std::nullopt;
}

std::optional<std::size_t> column_named(const CsvTable& table, std::string_view name) {
  return column_named(table, std::span(&name, 1));
}

// Columns that make up a time: one, or a day's with the hour's or the time's.
struct TimeColumns {
  std::vector<std::size_t> day;  // one, or year, month and day as far as there are
  std::optional<std::size_t> time;
  std::optional<std::size_t> hour;
  bool first_hour_is_one = false;

  [[nodiscard]] bool has(std::size_t column) const {
    return column == time || column == hour || std::ranges::find(day, column) != day.end();
  }
};

// Whether hours count from 1 to 24. Otherwise from 0 to 23.
bool first_hour_is_one(const CsvTable& table, std::size_t hour) {
  bool has_0 = false;
  bool has_24 = false;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto number = parse_number(table.field(row, hour));
    if (!number) return false;  // times of day
    has_0 = has_0 || *number == 0.0;
    has_24 = has_24 || *number == 24.0;
  }
  if (has_0 != has_24) return has_24;
  throw InputError({table.file(), 1, 0}, "",
                   fmt::format("column '{}' has {} an hour 0 {} an hour 24, so it does not say which hour begins a day", printable(table.columns()[hour]),
                               has_0 ? "both" : "neither", has_0 ? "and" : "nor"));
}

TimeColumns find_time_columns(const CsvTable& table) {
  constexpr auto kWhole = std::to_array<std::string_view>(
      {"datetime (utc)", "datetime_utc", "datetime", "date_time", "timestamp", "timestamp_utc", "utc_timestamp", "time_utc", "point_time"});
  constexpr auto kDays = std::to_array<std::string_view>({"date", "date_utc", "date (utc)"});
  constexpr auto kHours = std::to_array<std::string_view>({"hour", "hour_utc", "hour (utc)"});
  TimeColumns columns;
  if (const auto whole = column_named(table, kWhole)) {
    columns.day = {*whole};
    return columns;
  }
  if (const auto date = column_named(table, kDays)) columns.day = {*date};
  if (const auto year = column_named(table, "year"); year && columns.day.empty()) {
    columns.day = {*year};
    if (const auto month = column_named(table, "month")) columns.day.push_back(*month);
    if (const auto number = column_named(table, "day"); number && columns.day.size() == 2) columns.day.push_back(*number);
  }
  const auto time = column_named(table, "time");
  if (!columns.day.empty()) {
    columns.time = time;
    if (!time) columns.hour = column_named(table, kHours);
    if (columns.hour) columns.first_hour_is_one = first_hour_is_one(table, *columns.hour);
    return columns;
  }
  const auto alone = time ? time : column_named(table, "month");
  const bool has_index = table.columns().front().empty();
  if (!alone && !has_index)
    throw InputError({table.file(), 1, 0}, "",
                     "has no time column: expected one named 'datetime', 'Datetime (UTC)', 'time' or 'timestamp', or 'date' and 'hour', found " +
                         join_names(table.columns(), 12));
  columns.day = {alone.value_or(0)};  // pandas writes an index of times without a name
  return columns;
}

std::string time_text(const CsvTable& table, std::size_t row, const TimeColumns& columns) {
  std::string text(table.field(row, columns.day.front()));
  for (std::size_t i = 1; i < columns.day.size(); ++i) text += "-" + std::string(table.field(row, columns.day[i]));
  if (columns.time) text += " " + std::string(table.field(row, *columns.time));
  if (!columns.hour) return text;
  const std::string_view hour = table.field(row, *columns.hour);
  const auto number = parse_number(hour);
  const bool is_hour = number && *number >= 0.0 && *number <= 24.0 && *number == static_cast<double>(static_cast<int>(*number));
  if (!is_hour) return text + " " + std::string(hour);
  return fmt::format("{} {:02}:00", text, static_cast<int>(*number) - (columns.first_hour_is_one ? 1 : 0));
}

bool is_electricity_maps(const CsvTable& table) {
  return std::ranges::any_of(table.columns(), [](const std::string& name) { return contains(lower(name), "carbon intensity"); });
}

// "MOER", alone or with its unit: "MOER (lbs CO2/MWh)".
std::optional<std::size_t> watttime_column(const CsvTable& table) {
  if (const auto moer = column_named(table, "moer")) return moer;
  for (std::size_t i = 0; i < table.columns().size(); ++i)
    if (lower(table.columns()[i]).starts_with("moer") && declared_by_column(table.columns()[i]).unit) return i;
  return column_named(table, "point_time") ? column_named(table, "value") : std::nullopt;
}

std::size_t named_column(const CsvTable& table, const std::string& name) {
  if (const auto column = table.find(name)) return *column;
  const std::string hint = did_you_mean(name, table.columns());
  throw InputError({table.file(), 1, 0}, "",
                   fmt::format("has no column '{}'.{} It has {}", name, hint.empty() ? "" : " " + hint, join_names(table.columns(), 20)));
}

std::vector<std::size_t> zone_columns(const CsvTable& table, bool and_countries) {
  constexpr auto kNames = std::to_array<std::string_view>({"zone name", "zone id", "zone", "ba", "region", "location"});
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    const std::string name = lower(table.columns()[i]);
    if (std::ranges::find(kNames, name) != kNames.end() || (and_countries && name == "country")) columns.push_back(i);
  }
  return columns;
}

std::size_t find_value_column(const CsvTable& table, const TimeColumns& time, const TraceSource& source) {
  if (!source.column.empty()) return named_column(table, source.column);
  if (source.format == TraceFormat::watttime || source.format == TraceFormat::automatic)
    if (const auto column = watttime_column(table)) return *column;
  const auto zones = zone_columns(table, true);
  std::vector<std::size_t> candidates;
  std::vector<std::size_t> others;
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    const std::string name = lower(table.columns()[i]);
    const bool is_index = name.empty() || name == "unnamed: 0";  // pandas' names of a row's number
    if (time.has(i) || is_index || std::ranges::find(zones, i) != zones.end()) continue;
    others.push_back(i);
    if (contains(name, "carbon intensity") && scope_of(name).value_or(source.nature.scope) == source.nature.scope) candidates.push_back(i);
  }
  if (candidates.size() == 1) return candidates.front();
  if (candidates.empty() && others.size() == 1) return others.front();
  throw InputError({table.file(), 1, 0}, "",
                   "has several columns: set 'column' to the one with the carbon intensity, one of " +
                       join_names(table.columns(), 20));
}

// --- zones ----------------------------------------------------------------------------------------------------

// The rows of the zone that is asked, or all where they are of one zone.
std::vector<std::size_t> rows_of_zone(const CsvTable& table, const std::string& location) {
  const auto columns = zone_columns(table, !location.empty());
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto is_asked = [&](std::size_t column) { return table.field(row, column) == location; };
    if (location.empty() || std::ranges::any_of(columns, is_asked)) rows.push_back(row);
  }
  if (!location.empty() && rows.empty())
    throw InputError({table.file(), 0, 0}, "", fmt::format("has no rows of zone '{}', which grid.location names", printable(location)));
  if (!location.empty()) return rows;
  for (const std::size_t column : columns)
    for (const std::size_t row : rows)
      if (table.field(row, column) != table.field(0, column))
        throw InputError({table.file(), table.line(row), 0}, "",
                         fmt::format("zone '{}' after zone '{}': a trace must cover one zone, set grid.location to it",
                                     printable(table.field(row, column)), printable(table.field(0, column))));
  return rows;
}

// --- values ---------------------------------------------------------------------------------------------------

std::optional<double> number_with_comma(std::string_view text) {
  if (contains(text, ".")) return std::nullopt;
  std::string with_point(text);
  std::ranges::replace(with_point, ',', '.');
  return parse_number(with_point);
}

// A number; nothing for a cell without one where gaps are held.
std::optional<double> cell_value(const CsvTable& table, std::size_t row, std::size_t column, const TraceSource& source) {
  const std::string_view text = table.field(row, column);
  const bool is_nothing = says_nothing(text);
  if (is_nothing && source.gaps == TraceGaps::hold) return std::nullopt;
  const auto with_comma = number_with_comma(text);
  if (source.decimal == DecimalMark::comma && with_comma) return with_comma;
  if (source.decimal == DecimalMark::point)
    if (const auto number = parse_number(text)) return number;
  std::string hint;
  if (is_nothing) hint = " (grid.gaps: hold would keep the value before)";
  if (source.decimal == DecimalMark::comma) hint = " with a decimal comma and without points, as grid.decimal says";
  else if (with_comma) hint = " (grid.decimal: comma reads decimal commas)";
  throw InputError({table.file(), table.line(row), 0}, "column '" + printable(table.columns()[column]) + "'",
                   fmt::format("is {}, expected a number{}", text.empty() ? "empty" : "'" + printable(text.substr(0, 40)) + "'", hint));
}

void declare_electricity_maps(Declared& declared) {
  declared.kind = SignalKind::average;
  declared.basis = SignalBasis::location;
}

void check_csv_format(const CsvTable& table, TraceFormat format) {
  const Location place{table.file(), 1, 0};
  if (format == TraceFormat::carbon_aware)
    throw InputError(place, "", "is not JSON of the Carbon Aware SDK, as grid.format says");
  if (format == TraceFormat::gb_carbon_intensity)
    throw InputError(place, "", "is not JSON of carbonintensity.org.uk, as grid.format says");
  if (format == TraceFormat::electricity_maps && !is_electricity_maps(table))
    throw InputError(place, "", "has no column 'Carbon Intensity ...' of Electricity Maps, as grid.format says");
  if (format == TraceFormat::watttime && !watttime_column(table))
    throw InputError(place, "", "has neither 'MOER' nor 'point_time' and 'value' of WattTime, as grid.format says");
}

void declare_format(Declared& declared, const CsvTable& table, std::size_t column, TraceFormat format) {
  const bool automatic = format == TraceFormat::automatic;
  if (format == TraceFormat::watttime || (automatic && watttime_column(table) == column)) return declare_watttime(declared);
  if (format == TraceFormat::electricity_maps || (automatic && is_electricity_maps(table))) declare_electricity_maps(declared);
}

}  // namespace

Rows read_csv(const TraceSource& source, std::string text) {
  const char separator = separator_of(source, text);
  const CsvTable table = CsvTable::parse(std::move(text), source.file.string(), {separator, true, true});
  const TimeColumns time = find_time_columns(table);
  const std::size_t column = find_value_column(table, time, source);
  if (is_electricity_maps(table) && !contains(lower(table.columns()[column]), "carbon intensity"))
    throw InputError({table.file(), 1, 0}, "",
                     fmt::format("column '{}' is not a carbon intensity", printable(table.columns()[column])));
  check_csv_format(table, source.format);
  Rows rows;
  rows.file = table.file();
  const auto says_utc = [&](std::size_t i) { return contains(lower(table.columns()[i]), "utc"); };
  rows.times_are_utc = std::ranges::any_of(time.day, says_utc) || (time.hour && says_utc(*time.hour));
  rows.declared = declared_by_column(table.columns()[column]);
  declare_format(rows.declared, table, column, source.format);
  rows.digest = table.digest();
  const auto chosen = rows_of_zone(table, source.location);
  rows.rows.reserve(chosen.size());
  for (const std::size_t i : chosen) rows.rows.push_back({time_text(table, i, time), cell_value(table, i, column, source), table.line(i)});
  return rows;
}

}  // namespace tonne::traces
