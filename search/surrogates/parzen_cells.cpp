#include "search/surrogates/parzen_cells.h"

#include <cmath>

namespace tonne {

Cell cell_of(const Domain& domain, std::uint64_t cardinality, double value) {
  const auto* integer = std::get_if<Integer>(&domain);
  if (integer != nullptr && integer->scale == Scale::log) {
    const double low = std::log(static_cast<double>(integer->low) - 0.5);
    const double range = std::log(static_cast<double>(integer->high) + 0.5) - low;
    return {(std::log(value - 0.5) - low) / range, (std::log(value + 0.5) - low) / range};
  }
  const double index = integer != nullptr ? value - static_cast<double>(integer->low) : value;
  const auto count = static_cast<double>(cardinality);
  return {index / count, (index + 1.0) / count};
}

bool has_wide_cells(const Domain& domain, std::uint64_t cardinality) {
  const auto* integer = std::get_if<Integer>(&domain);  // on a log scale its first cell is the widest
  const Cell first =
      cell_of(domain, cardinality, integer != nullptr ? static_cast<double>(integer->low) : 0.0);
  return first.high - first.low > kWideCell;
}

bool has_narrow_cells(const Domain& domain, std::uint64_t cardinality) {
  const auto* integer = std::get_if<Integer>(&domain);
  if (integer == nullptr || integer->scale == Scale::linear) return !has_wide_cells(domain, cardinality);
  const Cell last = cell_of(domain, cardinality, static_cast<double>(integer->high));
  return !(last.high - last.low > kWideCell);
}

}  // namespace tonne
