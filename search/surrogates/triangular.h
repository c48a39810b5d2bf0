#pragma once
// Triangular matrices, by recursion over blocks: half the operations of the full product or inverse.

#include <Eigen/Core>

namespace tonne {

/// Fixes the cache sizes that Eigen goes by. Before the first product.
void fix_cache_sizes();

/// Puts the Cholesky factor in place of the lower triangle; false where the matrix is not positive definite.
[[nodiscard]] bool factorise_lower(Eigen::Ref<Eigen::MatrixXd> matrix);
/// out = inverse of the lower triangular matrix, in n^3 / 3 operations; the upper triangle is zeroed.
void invert_lower(const Eigen::Ref<const Eigen::MatrixXd>& lower, Eigen::Ref<Eigen::MatrixXd> out);
/// Lower triangle of out = factor^T factor for a lower triangular factor, in n^3 / 3 operations.
void multiply_lower(const Eigen::Ref<const Eigen::MatrixXd>& factor, Eigen::Ref<Eigen::MatrixXd> out);

}  // namespace tonne
