#include "search/problems/tabular/tabular_objective.h"

#include <fmt/format.h>

#include <cmath>

#include "search/problems/tabular/tabular_levels.h"

namespace tonne::tabular {

double objective_value(const CsvTable& table, std::size_t row, std::size_t column,
                       const ObjectiveColumns& settings) {
  const double value = table.number(row, column);
  const auto result = transformed(settings.transform, value * settings.scale);
  if (!result && settings.transform == Transform::none) fail_at(table, row, column, "is too large");
  if (!result)
    fail_at(table, row, column,
            fmt::format("is {}, and transform: {} cannot be applied to it", value * settings.scale,
                        kTransformNames[static_cast<std::size_t>(settings.transform)]));
  if (std::abs(*result) > kLargest) fail_at(table, row, column, "is too large");
  return *result;
}

void TrueValues::read(std::size_t row, std::size_t point, const ObjectiveColumns& settings) {
  if (columns_.empty()) return;
  if (means_.size() <= point) means_.resize(point + 1);
  Mean& mean = means_[point];
  mean.row = row;
  for (const std::size_t column : columns_) {
    if (table_->field(row, column).empty()) continue;
    const double value = objective_value(*table_, row, column, settings);
    // Of equal values exactly that value.
    mean.value = ++mean.count == 1 ? value : mean.value + (value - mean.value) / mean.count;
  }
}

std::vector<double> TrueValues::judged(const Rows& rows) const {
  std::vector<double> values;
  if (columns_.empty()) return values;
  for (std::size_t point = 0; point < rows.configurations.size(); ++point) {
    const bool answers = is_present(rows.mean(rows.objectives.front(), point, rows.top()));
    const Mean mean = answers ? means_.at(point) : Mean{};
    if (answers && mean.count == 0)
      fail_at(*table_, mean.row, columns_.front(),
              "is empty where the evaluation succeeded: true_value needs the value that it is judged by");
    values.push_back(mean.value);
  }
  return values;
}

}  // namespace tonne::tabular
