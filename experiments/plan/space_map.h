#pragma once
// Configurations of one search space in another, by the names of parameters and choices.

#include <cstddef>
#include <optional>
#include <vector>

#include "core/search_space.h"

namespace tonne {

/// Maps configurations of `from` into `to`; both outlive it.
class SpaceMap {
 public:
  SpaceMap(const SearchSpace& from, const SearchSpace& to);

  /// The same configuration in `to`; nothing where it is none there: an active parameter that one of the
  /// spaces lacks, a number outside the other's bounds, a choice that it does not have, a number where it has
  /// choices.
  [[nodiscard]] std::optional<Configuration> operator()(const Configuration& configuration) const;

 private:
  [[nodiscard]] std::optional<double> value_in(std::size_t i, double value) const;

  const SearchSpace& from_;
  const SearchSpace& to_;
  std::vector<std::optional<std::size_t>> position_;         // in `to`, of each parameter of `from`
  std::vector<std::vector<std::optional<double>>> choices_;  // likewise, of each of its choices
};

}  // namespace tonne
