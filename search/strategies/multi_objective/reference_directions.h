#pragma once
// Directions spread over the simplex, for strategies that split a front among them.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/problem.h"
#include "core/settings.h"

namespace tonne {

/// Every vector of m multiples of 1 / divisions that sum to 1, ascending lexicographically: (divisions + m - 1 choose
/// m - 1) of them (Das and Dennis 1998).
[[nodiscard]] std::vector<Objectives> simplex_lattice(std::size_t m, std::int64_t divisions);

/// How many reference directions there are, and where.
struct ReferenceDirectionSettings {
  /// none: 99, 12, 8 and 6 for 2 to 5 objectives, which make 100, 91, 165 and 210 directions. Deb and Jain 2014, table
  /// I, for 3 and 5; 2 as usual; 4 between its neighbours.
  std::optional<std::int64_t> divisions = {};
  std::int64_t inner_divisions = 0;  ///< 0: one layer, as the paper has it up to 5 objectives

  void visit(SettingsVisitor& visitor);
  /// Why there cannot be directions for m objectives; nullopt when there can.
  [[nodiscard]] std::optional<std::string> refuses(std::size_t m) const;
  /// The lattice; then that of `inner_divisions`, half way to its centre (Deb and Jain 2014, section IV-B).
  [[nodiscard]] std::vector<Objectives> directions(std::size_t m) const;
};

}  // namespace tonne
