#pragma once
// Rows that are runs, by the names of their columns.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/meters/log_text.h"
#include "experiments/meters/meter_log.h"

namespace tonne::meters {

/// A row below a head. Names are in lower case; fields that the row lacks are empty.
class RunRow {
 public:
  RunRow(const std::vector<std::string>& heads, Fields fields, Place place)
      : heads_(heads), fields_(std::move(fields)), place_(place) {}

  [[nodiscard]] const Place& place() const { return place_; }
  [[nodiscard]] std::size_t size() const { return fields_.size(); }
  [[nodiscard]] const Field& at(std::size_t index) const { return fields_[index]; }
  [[nodiscard]] bool has(std::string_view name) const { return find_head(heads_, {name}).has_value(); }
  [[nodiscard]] Field field(std::string_view name) const;
  [[nodiscard]] std::string text(std::string_view name) const { return field(name).text; }

 private:
  const std::vector<std::string>& heads_;
  Fields fields_;
  Place place_;
};

/// Starts as offsets from a whole second; they are given since 1970. Throws InputError for a log without
/// runs, which then says `why` it may have none.
void place_runs(MeterLog& log, const std::string& why);

/// The note on a last line that has no end and too few fields.
[[nodiscard]] std::string cut_off(const Place& place);

/// "and 3 others" behind the first few of a list of names.
[[nodiscard]] std::string some_of(const std::vector<std::string>& names);

}  // namespace tonne::meters
