#pragma once
// What Parzen estimators and kernel densities are built on.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/search_space.h"

namespace tonne {

/// Observed configurations by column, in the unit coordinates in which the kernels live.
class ParzenData {
 public:
  /// What the kernels of a parameter are: none (one value only), truncated normals, masses of truncated
  /// normals in the cells of integers and ordinals, or smoothed categories.
  enum class Kind : std::uint8_t { fixed, real, cells, categorical };
  static constexpr std::uint32_t kInactive = 0xffffffff;

  struct Column {
    Kind kind = Kind::fixed;
    std::uint64_t cardinality = 0;         ///< number of values; 0 for reals
    std::vector<double> position = {};     ///< to_unit of the value; 1/2 where inactive
    std::vector<std::uint32_t> code = {};  ///< index of the value (modulo 2^31; 0 for reals), or kInactive
    /// Of a number: the rows in which it is active, by position, then by row.
    std::vector<std::uint32_t> by_position = {};
  };

  explicit ParzenData(const SearchSpace& space);

  [[nodiscard]] const SearchSpace& space() const { return space_; }
  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] const Column& column(std::size_t parameter) const { return columns_[parameter]; }

  /// How many values of rows have changed after they were added.
  [[nodiscard]] std::uint64_t changes() const { return changes_; }

  /// Adds a row and returns its number.
  std::uint32_t append(const Configuration& configuration);
  void assign(std::uint32_t row, const Configuration& configuration);

 private:
  const SearchSpace& space_;
  std::vector<Column> columns_;
  std::size_t rows_ = 0;
  std::uint64_t changes_ = 0;
};

}  // namespace tonne
