#include "experiments/meters/row_clock.h"

#include <algorithm>

namespace tonne::meters {
namespace {

// "10:11:12" as seconds of the day.
std::optional<double> time_of_day(std::string_view text) {
  const auto time = parse_log_time("1970-01-01 " + std::string(text));
  if (!time || text.find(':') == std::string_view::npos) return std::nullopt;
  return time->since / second;
}

// "20240131 10:11:12", as nvidia-smi dmon -o DT writes it, with hyphens.
Field with_hyphens(Field field) {
  const std::size_t digits = std::min(field.text.find_first_not_of("0123456789"), field.text.size());
  if (digits == 8 && field.text.size() > 8)
    field.text = field.text.substr(0, 4) + "-" + field.text.substr(4, 2) + "-" + field.text.substr(6);
  return field;
}

}  // namespace

LogTime RowClock::at(const Place& place, const Field& written, std::size_t device) {
  if (written.text.empty()) {
    if (!step_) refuse(place, "the rows have no times: say how far apart they are, " + advice_);
    return {static_cast<double>(counts_[device]++) * *step_, TimeBasis::relative};
  }
  const auto seconds = time_of_day(written.text);
  if (!seconds) return time_in(place, with_hyphens(written));
  const double a_day = day / second;
  if (last_of_day_ && *seconds < *last_of_day_ - 0.5 * a_day) midnights_ += a_day;
  last_of_day_ = *seconds;
  return {(*seconds + midnights_) * second, TimeBasis::relative};
}

Field joined_words(const Fields& words, std::size_t begin, std::size_t end) {
  if (begin >= end) return {};
  Field field = words[begin];
  for (std::size_t i = begin + 1; i < end; ++i) field.text += " " + words[i].text;
  return field;
}

}  // namespace tonne::meters
