#include "search/strategies/evolution/symmetric_eigen.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tonne {
namespace {

/// Steps of the QL iteration for one eigenvalue; EISPACK's limit. It needs 1.7 in the mean.
constexpr int kMostSweeps = 30;

/// The first lane of the block that holds row i: loops over a column may begin there where what is before it
/// is zero.
std::size_t block_of(std::size_t i) {
  return i / kLaneCount * kLaneCount;
}

/// Rotates the columns x and y.
void rotate(double* __restrict x, double* __restrict y, double c, double s, std::size_t count) {
  for (std::size_t k = 0; k < count; k += kLaneCount)
    for (std::size_t lane = 0; lane < kLaneCount; ++lane) {
      const double old = y[k + lane];
      y[k + lane] = s * x[k + lane] + c * old;
      x[k + lane] = c * x[k + lane] - s * old;
    }
}

}  // namespace

SymmetricEigen::SymmetricEigen(std::size_t n)
    : n_(n),
      work_(n, n),
      vectors_(n, n),
      diagonal_(n, 0.0),
      beside_(n, 0.0),
      betas_(n, 0.0),
      product_(padded(n), 0.0),
      factors_(n, 0.0) {}

void SymmetricEigen::compute(const Columns& a) {
  for (std::size_t j = 0; j < n_; ++j)
    for (std::size_t i = j; i < n_; ++i) work_[j][i] = work_[i][j] = a[j][i];
  reduce();
  form_vectors();
  iterate();
}

// For each column the reflection that leaves of it only the element below the diagonal.
void SymmetricEigen::reduce() {
  for (std::size_t k = 0; k < n_; ++k) {
    double* const v = work_[k];
    diagonal_[k] = v[k];
    std::fill(v, v + k + 1, 0.0);
    betas_[k] = 0.0;
    if (k + 1 == n_) break;
    const double alpha = v[k + 1];
    beside_[k] = alpha;
    v[k + 1] = 0.0;
    if (k + 2 == n_) continue;
    const std::size_t from = block_of(k + 1);
    const double below = squared_norm(v + from, work_.stride() - from);
    if (below == 0.0) continue;
    const double length = std::sqrt(alpha * alpha + below);
    const double reached = alpha > 0.0 ? -length : length;
    v[k + 1] = alpha - reached;  // of one sign: nothing cancels
    beside_[k] = reached;
    betas_[k] = 2.0 / (below + v[k + 1] * v[k + 1]);
    reflect_remainder(k, betas_[k]);
  }
  if (n_ > 0) beside_[n_ - 1] = 0.0;
}

// A <- H A H of rows and columns k + 1 .. n - 1: with p = beta A v and w = p - (beta p.v / 2) v it is A - v
// w^T - w v^T.
void SymmetricEigen::reflect_remainder(std::size_t k, double beta) {
  const double* const v = work_[k];
  double* const w = product_.data();
  const std::size_t from = block_of(k + 1);
  const std::size_t count = work_.stride() - from;
  std::fill(w + from, w + work_.stride(), 0.0);
  for (std::size_t j = k + 1; j < n_; ++j) factors_[j] = beta * v[j];
  add_combination(w + from, &factors_[k + 1], 1, work_[k + 1] + from, work_.stride(), n_ - k - 1, count);
  std::fill(w + from, w + k + 1, 0.0);
  add_scaled(w + from, -0.5 * beta * dot(w + from, v + from, count), v + from, count);
  for (std::size_t j = k + 1; j < n_; ++j) {
    add_two_scaled(work_[j] + from, -w[j], v + from, -v[j], w + from, count);
  }
}

// The product of the reflections, from the last to the first: each meets only the columns behind its own.
void SymmetricEigen::form_vectors() {
  for (std::size_t j = 0; j < n_; ++j) {
    std::fill(vectors_[j], vectors_[j] + vectors_.stride(), 0.0);
    vectors_[j][j] = 1.0;
  }
  for (std::size_t k = n_; k-- > 0;) {
    if (betas_[k] == 0.0) continue;
    const std::size_t from = block_of(k + 1);
    const std::size_t count = work_.stride() - from;
    const double* const v = work_[k] + from;
    for (std::size_t j = k + 1; j < n_; ++j)
      add_scaled(vectors_[j] + from, -betas_[k] * dot(vectors_[j] + from, v, count), v, count);
  }
}

void SymmetricEigen::iterate() {
  for (std::size_t low = 0; low < n_; ++low)
    for (int count = 0; count < kMostSweeps; ++count) {
      const std::size_t high = first_negligible(low);
      if (high == low) break;
      sweep(low, high);
    }
}

std::size_t SymmetricEigen::first_negligible(std::size_t from) const {
  constexpr double kNothing = std::numeric_limits<double>::epsilon();
  std::size_t i = from;
  while (i + 1 < n_ &&
         std::abs(beside_[i]) > kNothing * (std::abs(diagonal_[i]) + std::abs(diagonal_[i + 1])))
    ++i;
  return i;
}

// One implicit QL step of rows low .. high, shifted by the eigenvalue of the leading 2 x 2 block next to its
// corner.
void SymmetricEigen::sweep(std::size_t low, std::size_t high) {
  const double half = (diagonal_[low + 1] - diagonal_[low]) / (2.0 * beside_[low]);
  const double root = std::sqrt(half * half + 1.0);
  double g = diagonal_[high] - diagonal_[low] + beside_[low] / (half + (half >= 0.0 ? root : -root));
  double s = 1.0;
  double c = 1.0;
  double p = 0.0;
  for (std::size_t i = high; i-- > low;) {
    const double f = s * beside_[i];
    const double b = c * beside_[i];
    const double r = std::sqrt(f * f + g * g);
    beside_[i + 1] = r;
    if (r == 0.0) {  // underflow: the matrix falls apart here
      diagonal_[i + 1] -= p;
      beside_[high] = 0.0;
      return;
    }
    s = f / r;
    c = g / r;
    g = diagonal_[i + 1] - p;
    const double t = (diagonal_[i] - g) * s + 2.0 * c * b;
    p = s * t;
    diagonal_[i + 1] = g + p;
    g = c * t - b;
    rotate(vectors_[i], vectors_[i + 1], c, s, vectors_.stride());
  }
  diagonal_[low] -= p;
  beside_[low] = g;
  beside_[high] = 0.0;
}

}  // namespace tonne
