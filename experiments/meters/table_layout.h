#pragma once
// What the columns of a table of readings mean, by their heads.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "experiments/meters/log_builder.h"
#include "experiments/meters/log_text.h"
#include "experiments/meters/meter_log.h"

namespace tonne::meters {

/// A column of readings.
struct ValueColumn {
  std::size_t index = 0;
  std::size_t quantity = 0;          ///< in TableLayout::quantities
  std::string device;                ///< that all of its readings are of; empty: the row says
  double unit = 1.0;                 ///< in watts or joules
  std::optional<std::size_t> range;  ///< the column that says where the counter wraps, in the same unit
};

struct TableLayout {
  std::size_t width = 0;
  std::optional<std::size_t> time;
  std::optional<std::size_t> device, host, model;
  bool is_numbered = false;  ///< the device column is a GPU's number
  std::vector<Quantity> quantities;
  std::vector<ValueColumn> values;
  std::vector<std::string> notes;
};

/// Names the columns. `column`: the one of power that the user wants; empty: all that are known. Without
/// values where none is known.
[[nodiscard]] TableLayout layout_of(const Fields& head, const std::string& column);
/// Of rows without a head: a time, then the watts of GPU 0, 1, ...
[[nodiscard]] TableLayout bare_layout(std::size_t width);

}  // namespace tonne::meters
