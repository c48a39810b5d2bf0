#pragma once
// Eigenvalues and eigenvectors of a symmetric matrix, with the same bits from every compiler.

#include <cstddef>
#include <vector>

#include "search/strategies/evolution/columns.h"

namespace tonne {

/// Householder's reduction to tridiagonal form and the implicit QL iteration with Wilkinson's shift (Golub
/// and Van Loan, Matrix Computations, sections 8.3.1 and 8.3.5; EISPACK's tred2 and imtql2), in a fixed order
/// of operations. About 9 n^3 of them. Keeps its buffers from one matrix to the next.
class SymmetricEigen {
 public:
  explicit SymmetricEigen(std::size_t n);

  /// Decomposes the n x n matrix `a`, of which the lower triangle of each column is read (a[j][i], i >= j).
  void compute(const Columns& a);

  /// In no particular order.
  [[nodiscard]] const std::vector<double>& values() const { return diagonal_; }
  /// Column j belongs to values()[j]; orthonormal.
  [[nodiscard]] const Columns& vectors() const { return vectors_; }

 private:
  void reduce();
  void reflect_remainder(std::size_t k, double beta);
  void form_vectors();
  void iterate();
  [[nodiscard]] std::size_t first_negligible(std::size_t from) const;
  void sweep(std::size_t low, std::size_t high);

  std::size_t n_;
  Columns work_;  // the part not yet reduced; then Householder's vectors, one in each column
  Columns vectors_;
  std::vector<double> diagonal_;
  std::vector<double> beside_;  // beside_[i] stands between diagonal_[i] and diagonal_[i + 1]
  std::vector<double> betas_;   // the reflection of column k is I - betas_[k] v v^T
  std::vector<double> product_;
  std::vector<double> factors_;
};

}  // namespace tonne
