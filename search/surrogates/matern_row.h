#pragma once
// The Gaussian process's kernel of one point with many: for the files that make up the process.

#include <Eigen/Core>
#include <cstddef>

#include "search/surrogates/encoding.h"

namespace tonne {

/// Least posterior variance, as a share of the signal variance: about what the difference of two sums of
/// squares loses to round-off. It has to stay far below the noise floor: where it does not, a search that has
/// come near the optimum sees the same deviation everywhere and proposes the same point again and again.
inline constexpr double kLeastPosteriorVariance = 1e-14;

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

inline void KernelRow::compute(const KernelLayout& layout, const Eigen::VectorXd& inverse_scale, const PointSet& points,
                        Eigen::Index first, Eigen::Index size, const PointSet& others, Eigen::Index row) {
  auto r = distance.head(size);
  auto e = decay.head(size);
  r.setZero();
  e.setZero();
  for (Eigen::Index c = 0; c < points.columns(); ++c) {
    const auto column = points.storage().col(c).segment(first, size);
    if (layout.columns[static_cast<std::size_t>(c)].categorical) {
      e += inverse_scale[c] * (column - others(row, c)).abs().min(1.0);
    } else {
      r += (column - others(row, c)).square();
    }
  }
  r = (5.0 * r).sqrt();
  e = (-r - e).exp();
}

}  // namespace tonne
