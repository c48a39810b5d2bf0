#pragma once
// Values of an objective in a table, and those that configurations are judged by.

#include <cstddef>
#include <vector>

#include "core/csv.h"
#include "search/problems/tabular/tabular_rows.h"
#include "search/problems/tabular/tabular_settings.h"

namespace tonne::tabular {

/// In magnitude, so that sums and squares of values stay finite.
inline constexpr double kLargest = 1e100;

/// Scaled and transformed. Throws InputError with the place of a field that is no number or cannot be
/// transformed.
[[nodiscard]] double objective_value(const CsvTable& table, std::size_t row, std::size_t column,
                                     const ObjectiveColumns& settings);

/// The columns of `true_value`: a configuration's mean over those that are not empty.
class TrueValues {
 public:
  /// None: the mean of the objective judges.
  TrueValues() = default;
  /// Columns at the highest fidelity. `table` must outlive it.
  TrueValues(const CsvTable& table, std::vector<std::size_t> columns)
      : table_(&table), columns_(std::move(columns)) {}

  /// One row of a configuration that succeeded at the highest fidelity.
  void read(std::size_t row, std::size_t point, const ObjectiveColumns& settings);
  /// The value of each configuration that the objective answers for, kAbsent of others; empty without
  /// columns. Throws InputError where one that answers has none.
  [[nodiscard]] std::vector<double> judged(const Rows& rows) const;

 private:
  struct Mean {
    double value = kAbsent;
    int count = 0;
    std::size_t row = 0;  // the last that was read
  };

  const CsvTable* table_ = nullptr;
  std::vector<std::size_t> columns_;
  std::vector<Mean> means_;  // by configuration
};

}  // namespace tonne::tabular
