#pragma once
// Grid traces from the files that people have: plain CSV, Electricity Maps, WattTime, Carbon Aware SDK.

#include <cstdint>
#include <filesystem>
#include <string>

#include "cost_models/grid.h"

namespace tonne {

enum class TraceFormat : std::uint8_t {
  automatic,         ///< told from the content
  csv,               ///< a time column and a value column
  electricity_maps,  ///< CSV with "Carbon Intensity gCO2eq/kWh (direct | LCA | Life cycle)"; average, location-based
  watttime,          ///< CSV or JSON with point_time and value, or timestamp and MOER; marginal, direct, in lb/MWh
  carbon_aware,      ///< Carbon Aware SDK's JSON: [{Location, Time, Rating, Duration}] or {Emissions: [...]}
};
enum class TraceUnit : std::uint8_t {
  automatic,  ///< what the column's name says, or else g/kWh
  gram_per_kwh,
  kilogram_per_kwh,
  kilogram_per_mwh,
  pound_per_mwh,
};
enum class ValueAt : std::uint8_t {
  interval,  ///< a value is the mean of the interval that follows its time
  point,     ///< a value is a sample at its time: it stands for half a step before and after
};

/// A file and what the user says of it.
struct TraceSource {
  std::filesystem::path file;
  /// Of a CSV file. Empty: the one value column, or that of Electricity Maps for the scope that is asked.
  std::string column;
  SignalNature nature;
  TraceFormat format = TraceFormat::automatic;
  TraceUnit unit = TraceUnit::automatic;
  /// "UTC" or "+02:00", for times that do not say theirs. Empty: such times are refused.
  std::string time_zone = {};
  ValueAt value_at = ValueAt::interval;
};

struct LoadedTrace {
  GridSignal signal;
  std::uint64_t digest = 0;  ///< of the file's bytes
};

/// Reads a trace of uniform steps. Throws InputError, with file and line (of JSON: the record's number), for: no time
/// or value column, a name that says another kind, scope, basis or unit than is asked, a time without a zone, a gap,
/// a duplicate, a time that goes back, two grid zones in one file, a value that is no number, negative, or above
/// 10,000 g/kWh; a single row whose step is not known.
[[nodiscard]] LoadedTrace read_trace(const TraceSource& source);

}  // namespace tonne
