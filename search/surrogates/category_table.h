#pragma once
// The kernel between points that have nothing but categories: a table over which of them differ.

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "search/surrogates/encoding.h"

namespace tonne {

/// Codes of a set of points, and the kernel's value for each combination of differing columns. A value is the one that
/// KernelRow leads to, to the last bit, at an eighth of its cost.
class CategoryTable {
 public:
  CategoryTable() = default;
  explicit CategoryTable(const KernelLayout& layout);

  /// Whether all columns are categorical, and at most eight.
  [[nodiscard]] bool applies() const { return applies_; }
  /// Whether also all codes of the points are below 254.
  [[nodiscard]] bool usable() const { return applies_ && codes_fit_; }
  /// The table of one set of length scales and one signal variance; an entry for each combination. Precondition:
  /// applies().
  [[nodiscard]] Eigen::ArrayXd values(const Eigen::VectorXd& inverse_scale, double signal) const;

  /// Takes the codes of all points.
  void take(const PointSet& points);
  /// Takes one more: the last of `points`.
  void append(const PointSet& points);
  /// Writes the kernel between a row of `others` and the points first, first + 1, ...: out[0] to out[size - 1].
  /// Preconditions: usable(), size is a multiple of 4, first + size at most the padded number of points.
  void look_up(const Eigen::ArrayXd& values, const PointSet& others, Eigen::Index row, Eigen::Index first,
               Eigen::Index size, double* out) const;

 private:
  static constexpr std::size_t kMostColumns = 8;

  void reserve(Eigen::Index count);
  void set(const PointSet& points, Eigen::Index row);

  bool applies_ = false;
  bool codes_fit_ = true;
  std::size_t columns_ = 0;
  std::size_t capacity_ = 0;          // of a column
  std::vector<std::uint8_t> codes_;  // column by column, each code raised by one
};

}  // namespace tonne
