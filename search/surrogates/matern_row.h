#pragma once
// The Gaussian process's kernel of one point with many: for the files that make up the process.

#include <Eigen/Core>

#include "search/surrogates/encoding.h"

namespace tonne {

/// Kernel values between one point and a run of others, in whole packets.
struct KernelRow {
  Eigen::ArrayXd distance;  ///< r = sqrt 5 times the scaled distance
  Eigen::ArrayXd decay;     ///< exp(-r - Hamming distance)

  explicit KernelRow(Eigen::Index size) : distance(size), decay(size) {}

  /// Fills the first `size` entries for the rows first, first + 1, ... of `points`; first and size are
  /// multiples of 4.
  void compute(const KernelLayout& layout, const Eigen::VectorXd& inverse_scale, const PointSet& points,
               Eigen::Index first, Eigen::Index size, const PointSet& others, Eigen::Index row);
};

}  // namespace tonne
