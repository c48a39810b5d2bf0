// perf stat -x, -I 1000 -e power/energy-pkg/: TIME[,SOCKET,CPUS],JOULES,Joules,EVENT,... (man perf-stat, "CSV
// FORMAT").

#include <fmt/format.h>

#include <algorithm>

#include "core/csv.h"
#include "experiments/meters/log_builder.h"
#include "experiments/meters/readers.h"

namespace tonne::meters {
namespace {

char perf_separator(std::string_view line) {
  for (const char c : {',', ';', '\t', '|'})
    if (line.find(std::string(1, c) + "Joules" + c) != std::string_view::npos) return c;
  return ',';
}

}  // namespace

MeterLog read_perf(std::string_view text, const std::string& file, const ReadOptions&) {
  LogBuilder builder(file, Format::perf, {{"energy by interval", PowerKind::interval, false}});
  builder.begins_at(Duration{});
  std::map<std::size_t, double> before;
  for (Lines lines(text); lines.next();) {
    const Place place{file, lines.number()};
    if (trimmed(lines.line()).starts_with('#')) continue;
    const Fields fields = split_fields(lines.line(), perf_separator(lines.line()));
    const auto unit = std::ranges::find(fields, "Joules", &Field::text);
    if (unit == fields.end() || unit == fields.begin()) continue;
    if (unit + 1 == fields.end() || unit - fields.begin() < 2) {
      if (lines.may_be_cut()) continue;
      refuse(place, "has no time: run perf stat with -I 1000, so that it writes readings");
    }
    const Field& written = fields.front();
    const Field& energy = *(unit - 1);
    std::string id = (unit + 1)->text;
    // By socket, core or processor, which stands behind the time.
    if (unit - fields.begin() > 2) id = fields[1].text + " " + id;
    const std::size_t device = builder.device(id, "", place);
    const double time = seconds_in(place, written) / second;
    const double interval = time - before[device];
    if (interval <= 0.0) refuse(place, written, "the time does not go on: one run of perf to a file, please");
    before[device] = time;
    std::optional<double> watts;
    const bool is_counted = !energy.text.starts_with('<');  // "<not counted>", "<not supported>"
    if (const auto joules = is_counted ? energy_in(place, energy, joule) : std::nullopt)
      watts = *joules / (interval * second) / watt;
    if (watts && *watts > 1e6) refuse(place, energy, "is more than 1 MW over its interval");
    builder.add(device, 0, place, {time * second, TimeBasis::relative}, watts);
  }
  return builder.finish();
}

}  // namespace tonne::meters
