#pragma once
// The times of rows that may have none: as a row says it, or counted.

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "experiments/meters/log_text.h"
#include "experiments/meters/meter_log.h"

namespace tonne::meters {

class RowClock {
 public:
  /// `advice` ends the sentence to a user whose log has no times: "such as --step '1 s'".
  RowClock(std::optional<Duration> step, std::string advice) : step_(step), advice_(std::move(advice)) {}

  /// `written`: the time of the row; empty where it has none, and the rows of `device` are counted. A time of
  /// day without a date goes on after midnight. Throws InputError for no time and no step.
  [[nodiscard]] LogTime at(const Place& place, const Field& written, std::size_t device);

 private:
  std::optional<Duration> step_;
  std::string advice_;
  std::map<std::size_t, std::size_t> counts_;
  std::optional<double> last_of_day_;
  double midnights_ = 0.0;
};

/// Words from `begin` to before `end` as one field; empty for none.
[[nodiscard]] Field joined_words(const Fields& words, std::size_t begin, std::size_t end);

}  // namespace tonne::meters
