#include "search/surrogates/matern_row.h"

#include <cstddef>

namespace tonne {

using Eigen::Index;
using Eigen::VectorXd;

void KernelRow::compute(const KernelLayout& layout, const VectorXd& inverse_scale, const PointSet& points,
                        Index first, Index size, const PointSet& others, Index row) {
  auto r = distance.head(size);
  auto e = decay.head(size);
  r.setZero();
  e.setZero();
  for (Index c = 0; c < points.columns(); ++c) {
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
