#include "search/surrogates/triangular.h"

#include <Eigen/Cholesky>

namespace tonne {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using MatrixRef = Eigen::Ref<MatrixXd>;
using ConstMatrixRef = Eigen::Ref<const MatrixXd>;

constexpr Index kBlock = 32;  // triangular recursions stop here

Index half(Index n) {
  return (n / 2 + 7) / 8 * 8;
}

}  // namespace

// Eigen chooses its blocking, and with it its order of summation, by the machine's cache sizes. One set of
// sizes for all machines: L1 32 KiB, L2 512 KiB, L3 8 MiB. A function's static is initialised once, by
// whichever thread comes first.
void fix_cache_sizes() {
  static const bool done = [] {
    Eigen::setCpuCacheSizes(32 * 1024, 512 * 1024, 8 * 1024 * 1024);
    return true;
  }();
  static_cast<void>(done);
}

bool factorise_lower(MatrixRef matrix) {
  return Eigen::LLT<MatrixRef>(matrix).info() == Eigen::Success;
}

void invert_lower(const ConstMatrixRef& lower, MatrixRef out) {
  const Index n = lower.rows();
  if (n <= kBlock) {
    out.setIdentity();
    lower.triangularView<Eigen::Lower>().solveInPlace(out);
    return;
  }
  const Index a = half(n);
  const Index c = n - a;
  invert_lower(lower.topLeftCorner(a, a), out.topLeftCorner(a, a));
  invert_lower(lower.bottomRightCorner(c, c), out.bottomRightCorner(c, c));
  const MatrixXd product =
      lower.bottomLeftCorner(c, a) * out.topLeftCorner(a, a).triangularView<Eigen::Lower>();
  out.bottomLeftCorner(c, a) = out.bottomRightCorner(c, c).triangularView<Eigen::Lower>() * (-product);
  out.topRightCorner(a, c).setZero();
}

void multiply_lower(const ConstMatrixRef& factor, MatrixRef out) {
  const Index n = factor.rows();
  if (n <= kBlock) {
    out.noalias() = factor.transpose() * factor;
    return;
  }
  const Index a = half(n);
  const Index c = n - a;
  multiply_lower(factor.topLeftCorner(a, a), out.topLeftCorner(a, a));
  out.topLeftCorner(a, a).selfadjointView<Eigen::Lower>().rankUpdate(
      factor.bottomLeftCorner(c, a).transpose());
  out.bottomLeftCorner(c, a) = factor.bottomRightCorner(c, c).transpose().triangularView<Eigen::Upper>() *
                               factor.bottomLeftCorner(c, a);
  multiply_lower(factor.bottomRightCorner(c, c), out.bottomRightCorner(c, c));
}

}  // namespace tonne
