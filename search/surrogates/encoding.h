#pragma once
// Configurations as points for kernels: numbers in the unit cube, codes of categories, explicit inactivity.

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/search_space.h"

namespace tonne {

/// A set of encoded points, one a row. The rows of the storage are padded with zeros to a multiple of four,
/// so that every element-wise loop over points runs in whole packets and a kernel value does not depend on
/// its position.
class PointSet {
 public:
  PointSet() = default;
  PointSet(Eigen::Index count, Eigen::Index columns) { resize(count, columns); }

  /// Contents are lost; storage only grows.
  void resize(Eigen::Index count, Eigen::Index columns);
  /// One more point at the end, with zeros in its columns.
  void append();
  /// Keeps the first `count` points.
  void truncate(Eigen::Index count);

  [[nodiscard]] Eigen::Index count() const { return count_; }
  [[nodiscard]] Eigen::Index columns() const { return values_.cols(); }
  [[nodiscard]] Eigen::Index padded_count() const { return padded(count_); }
  [[nodiscard]] double& operator()(Eigen::Index row, Eigen::Index column) { return values_(row, column); }
  [[nodiscard]] double operator()(Eigen::Index row, Eigen::Index column) const {
    return values_(row, column);
  }
  /// All of the storage: rows beyond count() are padding.
  [[nodiscard]] const Eigen::ArrayXXd& storage() const { return values_; }
  void copy_row(Eigen::Index row, const PointSet& source, Eigen::Index source_row) {
    values_.row(row) = source.values_.row(source_row);
  }

  [[nodiscard]] static constexpr Eigen::Index padded(Eigen::Index count) { return (count + 3) / 4 * 4; }

 private:
  Eigen::ArrayXXd values_;
  Eigen::Index count_ = 0;
};

/// What the kernel knows of the columns of a point.
struct KernelLayout {
  struct Column {
    std::size_t scale = 0;     ///< which length scale divides the column's differences
    bool categorical = false;  ///< Hamming distance instead of a difference
  };
  std::vector<Column> columns;
  std::size_t scales = 0;  ///< number of length scales: one a parameter that has more than one value
};

/// Maps configurations of a search space to points.
///
/// - A real, integer or ordinal parameter is one column with its position in [0, 1] (to_unit: the log scale
/// is
///   undone, steps are even).
/// - A categorical parameter is one column with the code of its choice; inactive has a code of its own (-1).
/// - A conditional numeric parameter has a second column under the same length scale, its activity: active is
///   (u, 0), inactive is (1/2, 1). Two inactive ones are at distance 0, an active and an inactive one at
///   distance 1 to 1.12 whatever u is, and since this is an embedding into a Euclidean space every kernel of
///   the distance stays positive definite.
class PointEncoding {
 public:
  explicit PointEncoding(const SearchSpace& space);

  [[nodiscard]] const KernelLayout& layout() const { return layout_; }
  [[nodiscard]] Eigen::Index columns() const { return static_cast<Eigen::Index>(layout_.columns.size()); }
  /// Column of parameter i; -1 for one with a single value, which has none.
  [[nodiscard]] Eigen::Index column_of(std::size_t i) const { return parameters_[i].column; }
  void encode(const Configuration& configuration, PointSet& points, Eigen::Index row) const;

 private:
  struct Parameter {
    Eigen::Index column = -1;
    bool categorical = false;
    bool conditional = false;
  };
  const SearchSpace& space_;
  std::vector<Parameter> parameters_;
  KernelLayout layout_;
};

}  // namespace tonne
