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

/// Times may be rounded to milliseconds.
inline constexpr Duration kRounding = 0.002 * second;

/// What a file says of itself, in a column's name or beside the values; nothing where it is silent.
struct Declared {
  std::string by;  // whose words these are, as a message calls it
  std::optional<SignalKind> kind;
  std::optional<SignalScope> scope;
  std::optional<SignalBasis> basis;
  std::optional<Intensity> unit;
};

struct Row {
  std::string time;
  double value = 0.0;
  int place = 0;  // line of a CSV file, number of a JSON record
};

/// A file's content, whatever its format.
struct Rows {
  std::string file;
  bool is_json = false;
  bool times_are_utc = false;  // by the name of their column
  Declared declared;
  std::optional<Duration> step;  // where each record tells its own
  std::vector<Row> rows;
  std::uint64_t digest = 0;

  [[noreturn]] void refuse(const Row& row, std::string_view message) const {
    if (is_json) throw InputError({file, 0, 0}, fmt::format("record {}", row.place), message);
    throw InputError({file, row.place, 0}, "", message);
  }
};

[[nodiscard]] std::string lower(std::string_view text);
/// "kg CO2eq/kWh", "lbs_co2_per_mwh": the unit that a name gives. Throws when it gives one that is not known:
/// read as another, a figure would be wrong a thousandfold.
[[nodiscard]] std::optional<Intensity> unit_of(const std::string& written, const std::string& file);
/// What WattTime's figures are.
void declare_watttime(Declared& declared);

/// WattTime's JSON, or the Carbon Aware SDK's.
[[nodiscard]] Rows read_json(const TraceSource& source, const std::string& text);

}  // namespace tonne::traces
