#pragma once
// Configurations as a random forest takes them.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/search_space.h"

namespace tonne {

/// Configurations as rows for a forest: numbers and ordinals by their position in [0, 1] (to_unit) and -1
/// where inactive; categories by their code, inactive being a further category. Parameters with one value
/// have no column, unless it may be inactive.
class ForestEncoding {
 public:
  explicit ForestEncoding(const SearchSpace& space);

  [[nodiscard]] const std::vector<std::uint32_t>& categories() const { return categories_; }
  [[nodiscard]] std::size_t columns() const { return categories_.size(); }
  /// The parameter that a column holds.
  [[nodiscard]] std::size_t parameter_of(std::size_t column) const { return parameters_[column]; }
  /// Writes columns() values.
  void encode(const Configuration& configuration, double* row) const;

 private:
  const SearchSpace& space_;
  std::vector<std::size_t> parameters_;  // of each column
  std::vector<std::uint32_t> categories_;
};

}  // namespace tonne
