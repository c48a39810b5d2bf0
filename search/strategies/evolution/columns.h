#pragma once
// Columns of doubles in loops whose bits are the same with every compiler: sums run in a written order, in
// four lanes, so that they are fast without a compiler's licence to reorder them.

#include <cstddef>
#include <vector>

#include "search/surrogates/lanes.h"

namespace tonne {

[[nodiscard]] inline std::size_t padded(std::size_t n) {
  return (n + kLaneCount - 1) / kLaneCount * kLaneCount;
}

/// Columns of n doubles, each padded with zeros to a multiple of kLaneCount.
class Columns {
 public:
  Columns() = default;
  Columns(std::size_t n, std::size_t count) : stride_(padded(n)), values_(stride_ * count, 0.0) {}

  [[nodiscard]] double* operator[](std::size_t column) { return values_.data() + column * stride_; }
  [[nodiscard]] const double* operator[](std::size_t column) const {
    return values_.data() + column * stride_;
  }
  [[nodiscard]] std::size_t stride() const { return stride_; }

 private:
  std::size_t stride_ = 0;
  std::vector<double> values_;
};

/// y += factor x; `count` a multiple of kLaneCount, as in the functions below.
inline void add_scaled(double* __restrict y, double factor, const double* __restrict x, std::size_t count) {
  for (std::size_t k = 0; k < count; k += kLaneCount)
    for (std::size_t lane = 0; lane < kLaneCount; ++lane) y[k + lane] += factor * x[k + lane];
}

/// y += sum of factors[i step] x_i, where column x_i begins at x + i stride: as add_scaled() for one after
/// the other, but the sums of twelve rows stay in registers.
inline void add_combination(double* __restrict y, const double* factors, std::size_t step, const double* x,
                            std::size_t stride, std::size_t terms, std::size_t count) {
  std::size_t k = 0;
  for (; k + 3 * kLaneCount <= count; k += 3 * kLaneCount) {
    Lanes a = lanes_at(y + k), b = lanes_at(y + k + kLaneCount), c = lanes_at(y + k + 2 * kLaneCount);
    const double* column = x + k;
    for (std::size_t i = 0; i < terms; ++i, column += stride) {
      const double factor = factors[i * step];
      a += factor * lanes_at(column);
      b += factor * lanes_at(column + kLaneCount);
      c += factor * lanes_at(column + 2 * kLaneCount);
    }
    put_lanes(y + k, a);
    put_lanes(y + k + kLaneCount, b);
    put_lanes(y + k + 2 * kLaneCount, c);
  }
  for (; k < count; k += kLaneCount) {
    Lanes sums = lanes_at(y + k);
    const double* column = x + k;
    for (std::size_t i = 0; i < terms; ++i, column += stride) sums += factors[i * step] * lanes_at(column);
    put_lanes(y + k, sums);
  }
}

/// y += factor x, and then y += other_factor other
inline void add_two_scaled(double* __restrict y, double factor, const double* __restrict x,
                           double other_factor, const double* __restrict other, std::size_t count) {
  for (std::size_t k = 0; k < count; k += kLaneCount)
    for (std::size_t lane = 0; lane < kLaneCount; ++lane)
      y[k + lane] = (y[k + lane] + factor * x[k + lane]) + other_factor * other[k + lane];
}

/// y *= factor
inline void scale(double* y, double factor, std::size_t count) {
  for (std::size_t k = 0; k < count; k += kLaneCount)
    for (std::size_t lane = 0; lane < kLaneCount; ++lane) y[k + lane] *= factor;
}

/// x . y: one sum for each lane, then the lanes in pairs.
[[nodiscard]] inline double dot(const double* __restrict x, const double* __restrict y, std::size_t count) {
  double sums[kLaneCount] = {0.0, 0.0, 0.0, 0.0};
  for (std::size_t k = 0; k < count; k += kLaneCount)
    for (std::size_t lane = 0; lane < kLaneCount; ++lane) sums[lane] += x[k + lane] * y[k + lane];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/// x . x
[[nodiscard]] inline double squared_norm(const double* x, std::size_t count) {
  double sums[kLaneCount] = {0.0, 0.0, 0.0, 0.0};
  for (std::size_t k = 0; k < count; k += kLaneCount)
    for (std::size_t lane = 0; lane < kLaneCount; ++lane) sums[lane] += x[k + lane] * x[k + lane];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

}  // namespace tonne
