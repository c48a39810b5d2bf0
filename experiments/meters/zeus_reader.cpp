// ZeusMonitor(log_file=...): start_time,window_name,elapsed_time,gpu0_energy,... in seconds since 1970,
// seconds and joules (ml-energy/zeus, zeus/monitor/energy.py).

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "experiments/meters/readers.h"
#include "experiments/meters/run_rows.h"

namespace tonne::meters {
namespace {

constexpr std::size_t kBeforeEnergies = 3;

// "gpu0_energy" is "GPU 0".
std::string component_of(std::string_view head) {
  constexpr std::string_view kSuffix = "_energy";
  if (head.ends_with(kSuffix)) head.remove_suffix(kSuffix.size());
  return head.starts_with("gpu") ? "GPU " + std::string(head.substr(3)) : std::string(head);
}

// A window's name is not quoted and may have commas.
Fields with_whole_name(Fields fields, std::size_t width) {
  if (fields.size() <= width) return fields;
  const auto behind = fields.begin() + 2 + static_cast<std::ptrdiff_t>(fields.size() - width);
  for (auto part = fields.begin() + 2; part != behind; ++part) fields[1].text += "," + part->text;
  fields.erase(fields.begin() + 2, behind);
  return fields;
}

bool overlap(const std::vector<Run>& runs) {
  std::vector<std::pair<Duration, Duration>> spans;
  for (const Run& run : runs)
    if (run.start) spans.emplace_back(*run.start, *run.start + run.time);
  std::ranges::sort(spans);
  for (std::size_t i = 1; i < spans.size(); ++i)
    if (spans[i].first < spans[i - 1].second - 1e-3 * second) return true;
  return false;
}

}  // namespace

MeterLog read_zeus_windows(std::string_view text, const std::string& file) {
  MeterLog log;
  log.file = file;
  log.format = Format::zeus_windows;
  log.basis = TimeBasis::utc;
  Lines lines(text);
  if (!lines.next()) throw InputError({file, 1, 0}, "", "is empty");
  const std::vector<std::string> heads = lowered_fields(lines.line(), ',');
  if (heads.size() <= kBeforeEnergies)
    refuse({file, lines.number()}, "has no column of a GPU's energy behind elapsed_time");
  std::vector<std::string> zero;
  while (lines.next()) {
    const Place place{file, lines.number()};
    const Fields fields = with_whole_name(split_fields(lines.line(), ','), heads.size());
    if (fields.size() < heads.size()) {
      if (lines.may_be_cut()) {
        log.notes.push_back(cut_off(place));
        break;
      }
      refuse(place, fmt::format("has {} fields, the header has {}", fields.size(), heads.size()));
    }
    const LogTime start = time_in(place, fields[0]);
    if (start.basis != TimeBasis::utc)
      refuse(place, fields[0], in_quotes(fields[0].text) + " is no time: expected seconds since 1970");
    Run run{fields[1].text, start.since, seconds_in(place, fields[2]), {}, place.line};
    for (std::size_t i = kBeforeEnergies; i < heads.size(); ++i)
      if (const auto energy = energy_in(place, fields[i], joule))
        run.parts.push_back({component_of(heads[i]), *energy});
    if (run.time <= Duration{} || run.energy() <= Energy{})
      zero.push_back(fmt::format("{} in line {}", run.name, run.line));
    else
      log.runs.push_back(std::move(run));
  }
  if (!zero.empty())
    log.notes.push_back(
        "windows of no energy were left out, since they are shorter than the counter's step: " +
        some_of(zero));
  place_runs(log, ": all windows are of 0 J");
  if (overlap(log.runs)) log.notes.emplace_back("windows overlap: do not add them up");
  return log;
}

}  // namespace tonne::meters
