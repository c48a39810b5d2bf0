#include "cost_models/trace_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/csv.h"
#include "core/error.h"
#include "core/random.h"
#include "cost_models/time.h"
#include "cost_models/trace_rows.h"

namespace tonne {
namespace {

using namespace traces;

constexpr std::size_t kLargestFile = std::size_t{1} << 28U;

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

bool contains_any(std::string_view text, std::span<const std::string_view> parts) {
  return std::ranges::any_of(parts, [&](std::string_view part) { return contains(text, part); });
}

std::optional<SignalScope> scope_of(std::string_view name) {
  constexpr auto kLifeCycle =
      std::to_array<std::string_view>({"lca", "life cycle", "life_cycle", "lifecycle", "life-cycle"});
  if (contains(name, "direct")) return SignalScope::direct;
  if (contains_any(name, kLifeCycle)) return SignalScope::life_cycle;
  return std::nullopt;
}

Declared declared_by_column(const std::string& column, const std::string& file) {
  const std::string name = lower(column);
  Declared declared;
  declared.by = "column '" + column + "'";
  if (contains(name, "marginal") || contains(name, "moer")) declared.kind = SignalKind::marginal;
  if (contains(name, "average")) declared.kind = SignalKind::average;
  declared.scope = scope_of(name);
  if (contains(name, "market")) declared.basis = SignalBasis::market;
  if (contains(name, "location-based") || contains(name, "location_based")) declared.basis = SignalBasis::location;
  declared.unit = unit_of(column, file);
  return declared;
}

// --- CSV ------------------------------------------------------------------------------------------------------

std::size_t find_time_column(const CsvTable& table) {
  constexpr auto kNames = std::to_array<std::string_view>({"datetime (utc)", "datetime_utc", "datetime", "timestamp", "timestamp_utc",
                                                           "time", "time_utc", "point_time", "date"});
  for (std::size_t i = 0; i < table.columns().size(); ++i)
    if (std::ranges::find(kNames, lower(table.columns()[i])) != kNames.end()) return i;
  throw InputError(
      {table.file(), 1, 0}, "",
      "has no time column: expected one named 'datetime', 'Datetime (UTC)', 'time' or 'timestamp', found " +
          join_names(table.columns(), 12));
}

std::optional<std::size_t> column_named(const CsvTable& table, std::string_view wanted) {
  for (std::size_t i = 0; i < table.columns().size(); ++i)
    if (lower(table.columns()[i]) == wanted) return i;
  return std::nullopt;
}

bool is_electricity_maps(const CsvTable& table) {
  return std::ranges::any_of(table.columns(), [](const std::string& name) { return contains(lower(name), "carbon intensity"); });
}

std::optional<std::size_t> watttime_column(const CsvTable& table) {
  if (const auto moer = column_named(table, "moer")) return moer;
  return column_named(table, "point_time") ? column_named(table, "value") : std::nullopt;
}

std::size_t named_column(const CsvTable& table, const std::string& name) {
  if (const auto column = table.find(name)) return *column;
  const std::string hint = did_you_mean(name, table.columns());
  throw InputError({table.file(), 1, 0}, "",
                   fmt::format("has no column '{}'.{} It has {}", name, hint.empty() ? "" : " " + hint, join_names(table.columns(), 20)));
}

std::size_t find_value_column(const CsvTable& table, std::size_t time_column, const TraceSource& source) {
  if (!source.column.empty()) return named_column(table, source.column);
  if (source.format == TraceFormat::watttime || source.format == TraceFormat::automatic)
    if (const auto column = watttime_column(table)) return *column;
  std::vector<std::size_t> candidates;
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    const std::string name = lower(table.columns()[i]);
    if (i != time_column && contains(name, "carbon intensity") && scope_of(name).value_or(source.nature.scope) == source.nature.scope)
      candidates.push_back(i);
  }
  if (candidates.size() == 1) return candidates.front();
  if (candidates.empty() && table.columns().size() == 2) return 1 - time_column;
  throw InputError({table.file(), 1, 0}, "",
                   "has several columns: set 'column' to the one with the carbon intensity, one of " +
                       join_names(table.columns(), 20));
}

void check_one_zone(const CsvTable& table) {
  constexpr auto kNames = std::to_array<std::string_view>({"zone name", "zone id", "zone", "ba", "region", "location"});
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    if (std::ranges::find(kNames, lower(table.columns()[i])) == kNames.end()) continue;
    for (std::size_t row = 1; row < table.rows(); ++row)
      if (table.field(row, i) != table.field(0, i))
        throw InputError({table.file(), table.line(row), 0}, "",
                         fmt::format("zone '{}' after zone '{}': a trace must cover one zone",
                                     table.field(row, i), table.field(0, i)));
  }
}

void declare_electricity_maps(Declared& declared) {
  declared.kind = SignalKind::average;
  declared.basis = SignalBasis::location;
}

void check_csv_format(const CsvTable& table, TraceFormat format) {
  const Location place{table.file(), 1, 0};
  if (format == TraceFormat::carbon_aware)
    throw InputError(place, "", "is not JSON of the Carbon Aware SDK, as grid.format says");
  if (format == TraceFormat::electricity_maps && !is_electricity_maps(table))
    throw InputError(place, "", "has no column 'Carbon Intensity ...' of Electricity Maps, as grid.format says");
  if (format == TraceFormat::watttime && !watttime_column(table))
    throw InputError(place, "", "has neither 'MOER' nor 'point_time' and 'value' of WattTime, as grid.format says");
}

Rows read_csv(const TraceSource& source, std::string text) {
  const CsvTable table = CsvTable::parse(std::move(text), source.file.string());
  const std::size_t time_column = find_time_column(table);
  const std::size_t column = find_value_column(table, time_column, source);
  if (is_electricity_maps(table) && !contains(lower(table.columns()[column]), "carbon intensity"))
    throw InputError({table.file(), 1, 0}, "",
                     fmt::format("column '{}' is not a carbon intensity", table.columns()[column]));
  check_one_zone(table);
  Rows rows;
  rows.file = table.file();
  rows.times_are_utc = contains(lower(table.columns()[time_column]), "utc");
  rows.declared = declared_by_column(table.columns()[column], rows.file);
  check_csv_format(table, source.format);
  const bool automatic = source.format == TraceFormat::automatic;
  const bool watttime = source.format == TraceFormat::watttime || (automatic && watttime_column(table) == column);
  if (watttime) declare_watttime(rows.declared);
  if (!watttime && (source.format == TraceFormat::electricity_maps || (automatic && is_electricity_maps(table))))
    declare_electricity_maps(rows.declared);
  rows.digest = table.digest();
  rows.rows.reserve(table.rows());
  for (std::size_t i = 0; i < table.rows(); ++i)
    rows.rows.push_back({std::string(table.field(i, time_column)), table.number(i, column), table.line(i)});
  return rows;
}

// --- checks ---------------------------------------------------------------------------------------------------

template <class Aspect>
void check_aspect(const Rows& rows, std::string_view key, const std::optional<Aspect>& found, Aspect asked) {
  if (!found || *found == asked) return;
  throw InputError(
      {rows.file, 0, 0}, "",
      fmt::format("{} has {} figures, but the settings ask for {}: set grid.{}: {}", rows.declared.by,
                  to_string(*found), to_string(asked), key, to_string(*found)));
}

Intensity intensity_of(TraceUnit unit) {
  switch (unit) {
    case TraceUnit::kilogram_per_kwh:
      return kilogram_per_kilowatt_hour;
    case TraceUnit::pound_per_mwh:
      return pound / (1e3 * kilowatt_hour);
    case TraceUnit::kilogram_per_mwh:
      return kilogram / (1e3 * kilowatt_hour);
    case TraceUnit::automatic:
    case TraceUnit::gram_per_kwh:
      break;
  }
  return gram_per_kilowatt_hour;
}

Intensity unit_intensity(const Rows& rows, TraceUnit asked) {
  const auto found = rows.declared.unit;
  if (asked == TraceUnit::automatic) return found.value_or(gram_per_kilowatt_hour);
  const Intensity unit = intensity_of(asked);
  const bool same = !found || std::abs(*found / unit - 1.0) < 1e-9;  // kg/MWh is g/kWh, up to rounding
  if (!same)
    throw InputError({rows.file, 0, 0}, "", rows.declared.by + " gives its unit, but grid.unit says another");
  return unit;
}

// Seconds since 1970 UTC. `zone`: of times that do not say theirs; `first_says`: whether the first row's time does, for in one
// file all do or none.
Duration time_of(const Rows& rows, const Row& row, const std::optional<Duration>& zone, bool first_says) {
  const auto time = parse_time(row.time);
  const std::string shown = row.time.substr(0, 40);
  if (!time)
    rows.refuse(
        row, fmt::format("'{}' is not a time such as '2021-01-01T00:00Z' or '2021-01-01 00:00:00'", shown));
  if (time->offset.has_value() != first_says)
    rows.refuse(row, fmt::format("'{}' {} its time zone and the rows before {}: mixed zones", shown, time->offset ? "says" : "does not say",
                                 time->offset ? "do not" : "do"));
  if (time->offset && rows.times_are_utc && *time->offset != Duration{})
    rows.refuse(row, fmt::format("'{}' is not UTC, although its column's name says so", shown));
  if (time->offset) return time->local - *time->offset;
  if (rows.times_are_utc) return time->local;
  if (zone) return time->local - *zone;
  rows.refuse(row, fmt::format("'{}' has no time zone: append Z or an offset, name the column datetime_utc, "
                               "or give grid.time_zone (UTC, or an offset such as +02:00)",
                               shown));
}

std::optional<Duration> zone_of(const TraceSource& source) {
  if (source.time_zone.empty()) return std::nullopt;
  if (source.time_zone == "UTC" || source.time_zone == "Z") return Duration{};
  const auto time = parse_time("2000-01-01T00:00" + source.time_zone);
  if (time && time->offset) return *time->offset;
  throw InputError({}, "cluster.grid.time_zone",
                   "'" + source.time_zone.substr(0, 40) +
                       "' is not a time zone: expected UTC or an offset such as +02:00");
}

void check_step(const Rows& rows, const Row& row, Duration before, Duration now, Duration step) {
  const Duration found = now - before;
  const Duration tolerance = std::min(kRounding, step / 4.0);
  if (found > Duration{} && found - step <= tolerance && step - found <= tolerance) return;
  const std::string times = fmt::format("{} follows {}", format_utc(now), format_utc(before));
  if (found == Duration{}) rows.refuse(row, times + ": a duplicate");
  if (found < Duration{}) rows.refuse(row, times + ": times go backwards");
  rows.refuse(row, fmt::format("{}: {}; the steps are {:.6g} minutes", times,
                               found > step ? "a gap" : "a shorter step", step / minute));
}

Intensity intensity_of(const Rows& rows, const Row& row, Intensity unit) {
  constexpr double kHighest = 10'000.0;  // ten times the dirtiest grid: a larger figure has another unit
  const Intensity value = row.value * unit;
  if (row.value >= 0.0 && value <= kHighest * gram_per_kilowatt_hour) return value;
  rows.refuse(row, fmt::format("the intensity is {}, expected 0 to {:.6g} in its unit (10,000 g CO2e/kWh)", row.value,
                               kHighest * gram_per_kilowatt_hour / unit));
}

}  // namespace

LoadedTrace read_trace(const TraceSource& source) {
  std::string text = read_text_file(source.file, kLargestFile);
  const std::size_t first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  const bool json = first != std::string::npos && (text[first] == '[' || text[first] == '{');
  const Rows rows = json ? read_json(source, text) : read_csv(source, std::move(text));
  check_aspect(rows, "kind", rows.declared.kind, source.nature.kind);
  check_aspect(rows, "scope", rows.declared.scope, source.nature.scope);
  check_aspect(rows, "basis", rows.declared.basis, source.nature.basis);
  const Intensity unit = unit_intensity(rows, source.unit);
  const auto zone = zone_of(source);
  if (zone && *zone != Duration{} && rows.times_are_utc)
    throw InputError({rows.file, 0, 0}, "",
                     "has a column of UTC times, but grid.time_zone says another zone");
  const std::size_t count = rows.rows.size();
  if (count == 0 || (count == 1 && !rows.step))
    throw InputError({rows.file, 0, 0}, "", "has fewer than two rows, so its step is unknown");

  const auto first_time = parse_time(rows.rows.front().time);
  const bool says_zone = first_time && first_time->offset;
  const Duration begin = time_of(rows, rows.rows.front(), zone, says_zone);
  const Duration told = rows.step.value_or(count > 1 ? time_of(rows, rows.rows[1], zone, says_zone) - begin : Duration{});
  std::vector<Intensity> values;
  values.reserve(count);
  Duration before = begin;
  for (std::size_t i = 0; i < count; ++i) {
    const Duration now = time_of(rows, rows.rows[i], zone, says_zone);
    if (i > 0) check_step(rows, rows.rows[i], before, now, told);
    values.push_back(intensity_of(rows, rows.rows[i], unit));
    before = now;
  }
  // Over the whole file rounded times cannot drift.
  const Duration step = count > 1 ? (before - begin) / static_cast<double>(count - 1) : told;
  const Duration shift = source.value_at == ValueAt::point ? step / 2.0 : Duration{};
  return {GridSignal::trace(begin - shift, step, values, source.nature, rows.file), rows.digest};
}

}  // namespace tonne
