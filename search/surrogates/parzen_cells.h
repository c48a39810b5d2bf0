#pragma once
// Discrete numbers as cells of the unit interval.

#include <cstdint>

#include "core/search_space.h"

namespace tonne {

/// The part of [0, 1] that from_unit maps to one value of an integer or ordinal.
struct Cell {
  double low;
  double high;
};
[[nodiscard]] Cell cell_of(const Domain& domain, std::uint64_t cardinality, double value);

/// Cells wider than this part of the range get the exact mass of a kernel in them.
inline constexpr double kWideCell = 1.0 / 256.0;
/// Whether any cell of the domain is.
[[nodiscard]] bool has_wide_cells(const Domain& domain, std::uint64_t cardinality);
/// Whether any cell of the domain is not.
[[nodiscard]] bool has_narrow_cells(const Domain& domain, std::uint64_t cardinality);

}  // namespace tonne
