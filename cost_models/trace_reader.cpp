#include "cost_models/trace_reader.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/csv.h"
#include "core/error.h"
#include "core/random.h"
#include "cost_models/trace_rows.h"

namespace tonne {
namespace {

using namespace traces;

constexpr std::size_t kLargestFile = std::size_t{1} << 28U;

// --- what the file says of itself -----------------------------------------------------------------------------

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
  const Declared& declared = rows.declared;
  const auto found = declared.unit;
  if (asked == TraceUnit::automatic) {
    if (!found && !declared.why_asked.empty())
      throw InputError({rows.file, 0, 0}, "",
                       fmt::format("{} {}: set grid.unit to the unit of the values ({})", declared.by, declared.why_asked, kUnitNames));
    return found.value_or(gram_per_kilowatt_hour);
  }
  const Intensity unit = intensity_of(asked);
  const bool same = !found || std::abs(*found / unit - 1.0) < 1e-9;  // kg/MWh is g/kWh, up to rounding
  if (!same)
    throw InputError({rows.file, 0, 0}, "", rows.declared.by + " gives its unit, but grid.unit says another");
  return unit;
}

// --- values ---------------------------------------------------------------------------------------------------

Intensity intensity_of(const Rows& rows, const Row& row, double figure, Intensity unit) {
  constexpr double kHighest = 10'000.0;  // ten times the dirtiest grid: a larger figure has another unit
  const Intensity value = figure * unit;
  if (figure >= 0.0 && value <= kHighest * gram_per_kilowatt_hour) return value;
  rows.refuse(row, fmt::format("the intensity is {}, expected 0 to {:.6g} in its unit (10,000 g CO2e/kWh)", figure,
                               kHighest * gram_per_kilowatt_hour / unit));
}

// A row without a value keeps the one before; the reader of the format lets none pass unless grid.gaps holds.
std::vector<Intensity> values_of(const Rows& rows, Intensity unit) {
  std::vector<Intensity> values;
  values.reserve(rows.rows.size());
  for (const Row& row : rows.rows) {
    if (!row.value && values.empty()) rows.refuse(row, "has no value, and there is none before it that could hold");
    values.push_back(row.value ? intensity_of(rows, row, *row.value, unit) : values.back());
  }
  return values;
}

// --- the signal -----------------------------------------------------------------------------------------------

// Samples stand for the time around them: from half-way to half-way.
std::vector<Duration> edges_around(const std::vector<Duration>& edges) {
  std::vector<Duration> around;
  around.reserve(edges.size());
  const std::size_t count = edges.size() - 1;  // two or more: a single row has a uniform step
  around.push_back(edges[0] - (edges[1] - edges[0]) / 2.0);
  for (std::size_t i = 1; i < count; ++i) around.push_back(edges[i - 1] + (edges[i] - edges[i - 1]) / 2.0);
  around.push_back(edges[count - 1] + (edges[count - 1] - edges[count - 2]) / 2.0);
  return around;
}

GridSignal signal_of(const Intervals& intervals, const std::vector<Intensity>& values, const TraceSource& source) {
  const bool at_point = source.value_at == ValueAt::point;
  const std::string name = source.file.string();
  if (!intervals.step) return GridSignal::trace(at_point ? edges_around(intervals.edges) : intervals.edges, values, source.nature, name);
  const Duration shift = at_point ? *intervals.step / 2.0 : Duration{};
  return GridSignal::trace(intervals.edges.front() - shift, *intervals.step, values, source.nature, name);
}

// Where nobody says the unit, a mean that no grid has is the sign of another: kilograms read as grams.
void check_mean(const Rows& rows, const GridSignal& signal, TraceUnit asked) {
  const double mean = signal.mean(signal.begin(), signal.end()) / gram_per_kilowatt_hour;
  if (asked != TraceUnit::automatic || mean >= 1.0 - 1e-6) return;
  throw InputError({rows.file, 0, 0}, "",
                   fmt::format("the mean intensity would be {:.3g} g/kWh, lower than that of almost any grid: set grid.unit to the unit of the values ({})",
                               mean, kUnitNames));
}

std::uint64_t digest_of(const Rows& rows, const Intervals& intervals) {
  if (!intervals.by_clock_of_place) return rows.digest;
  std::string text = fmt::format("{:016x}", rows.digest);
  for (const Duration edge : intervals.edges) text += fmt::format(" {}", edge / second);
  return hash_text(text);
}

}  // namespace

LoadedTrace read_trace(const TraceSource& source) {
  std::string text = read_text_file(source.file, kLargestFile);
  const std::size_t first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  const bool json = first != std::string::npos && (text[first] == '[' || text[first] == '{');
  Rows rows = json ? read_json(source, text) : read_csv(source, std::move(text));
  check_aspect(rows, "kind", rows.declared.kind, source.nature.kind);
  check_aspect(rows, "scope", rows.declared.scope, source.nature.scope);
  check_aspect(rows, "basis", rows.declared.basis, source.nature.basis);
  const Intensity unit = unit_intensity(rows, source.unit);
  const Intervals intervals = find_intervals(rows, source);
  GridSignal signal = signal_of(intervals, values_of(rows, unit), source);
  check_mean(rows, signal, source.unit);
  return {std::move(signal), digest_of(rows, intervals)};
}

}  // namespace tonne
