#include "experiments/meters/run_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tonne::meters {

Field RunRow::field(std::string_view name) const {
  const auto at = find_head(heads_, {name});
  return at && *at < fields_.size() ? fields_[*at] : Field{};
}

void place_runs(MeterLog& log, const std::string& why) {
  if (log.runs.empty()) throw InputError({log.file, 0, 0}, "", "has no run with a measured energy" + why);
  std::optional<Duration> first;
  for (const Run& run : log.runs)
    if (run.start) first = first ? std::min(*first, *run.start) : *run.start;
  log.origin = log.basis == TimeBasis::relative || !first ? Duration{} : std::floor(*first / second) * second;
  for (Run& run : log.runs)
    if (run.start) *run.start = std::round((*run.start - log.origin) / second * 1e6) / 1e6 * second;
}

std::string cut_off(const Place& place) {
  return fmt::format("the last line, {}, is cut off and was left out", place.line);
}

std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i)
    text += (i > 0 ? ", " : "") + printable(names[i]);
  return names.size() > kShown ? fmt::format("{} and {} more", text, names.size() - kShown) : text;
}

}  // namespace tonne::meters
