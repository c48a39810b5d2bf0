#pragma once
// What is read of a trace's file, whatever its format: for the files that make up the reader.

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/units.h"
#include "cost_models/grid.h"
#include "cost_models/trace_reader.h"

namespace tonne::traces {

/// What a file says of itself, in a column's name or beside the values; nothing where it is silent.
struct Declared {
  std::string by;  // whose words these are, as a message calls it
  std::optional<SignalKind> kind;
  std::optional<SignalScope> scope;
  std::optional<SignalBasis> basis;
  std::optional<Intensity> unit;
  std::string why_asked;  // why grid.unit has to say the unit, where it does: "names kilograms but not per what"
};

struct Row {
  std::string time;
  std::optional<double> value;  // none: a cell without one, which is read only where gaps are held
  int place = 0;                // line of a CSV file, number of a JSON record
  std::string until = {};       // the end of its interval, where it says one
  std::optional<Duration> length = {};  // likewise
};

/// A file's content, whatever its format.
struct Rows {
  std::string file;
  bool is_json = false;
  bool times_are_utc = false;  // by the name of their column
  Declared declared;
  std::vector<Row> rows;
  std::uint64_t digest = 0;

  [[noreturn]] void refuse(const Row& row, std::string_view message) const {
    if (is_json) throw InputError({file, 0, 0}, fmt::format("record {}", row.place), message);
    throw InputError({file, row.place, 0}, "", message);
  }
};

/// What grid.unit may say, for messages.
inline constexpr std::string_view kUnitNames = "g/kWh, kg/kWh, kg/MWh or lb/MWh";

[[nodiscard]] std::string lower(std::string_view text);
[[nodiscard]] std::string_view trimmed(std::string_view text);
/// Whether a cell says that it has no value: empty, "nan", "null", "n/a" and the like.
[[nodiscard]] bool says_nothing(std::string_view cell);
/// What the name of a column says of its unit, into `unit` or `why_asked`: "kg CO2eq/kWh", "kg_co2_kwh",
/// "lbs_co2_per_mwh". A name with a mass or an energy that does not make a known unit has to be asked for: read as
/// another, a figure would be wrong a thousandfold.
void declare_unit(Declared& declared, std::string_view name);
/// What WattTime's figures are. Their unit they have to say: grams in one product, kilograms or pounds in others.
void declare_watttime(Declared& declared);

/// A CSV file.
[[nodiscard]] Rows read_csv(const TraceSource& source, std::string text);
/// JSON of Electricity Maps, WattTime, the Carbon Aware SDK or Great Britain's API.
[[nodiscard]] Rows read_json(const TraceSource& source, const std::string& text);

/// The intervals of the rows: edges[i] to edges[i + 1] is that of row i.
struct Intervals {
  std::vector<Duration> edges;    // since 1970 UTC
  std::optional<Duration> step;   // of all rows, where they are equal
  bool by_clock_of_place = false;  // whether the rules of a place's clocks decided them
};
/// Turns rows that are newest first around, and finds their intervals. Throws as read_trace().
[[nodiscard]] Intervals find_intervals(Rows& rows, const TraceSource& source);

}  // namespace tonne::traces
