// The eigen solver of cma_es: right, and of the same bits with every compiler.

#include "search/strategies/evolution/symmetric_eigen.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/random.h"

namespace tonne {
namespace {

Columns symmetric(std::size_t n, std::uint64_t seed) {
  Columns a(n, n);
  Random random(seed);
  for (std::size_t j = 0; j < n; ++j)
    for (std::size_t i = j; i < n; ++i) a[j][i] = random.normal();
  return a;
}

double element(const Columns& a, std::size_t i, std::size_t j) {
  return i >= j ? a[j][i] : a[i][j];
}

double largest(const Columns& a, std::size_t n) {
  double result = 0.0;
  for (std::size_t j = 0; j < n; ++j)
    for (std::size_t i = j; i < n; ++i) result = std::max(result, std::abs(a[j][i]));
  return result;
}

// A v = lambda v for each pair, and the vectors are orthonormal, to round-off of n operations.
void expect_decomposed(const Columns& a, std::size_t n, const SymmetricEigen& eigen) {
  const double tolerance = 4e-15 * static_cast<double>(n);
  const double size = largest(a, n);
  for (std::size_t k = 0; k < n; ++k) {
    const double* const v = eigen.vectors()[k];
    for (std::size_t i = 0; i < n; ++i) {
      double product = 0.0;
      for (std::size_t j = 0; j < n; ++j) product += element(a, i, j) * v[j];
      EXPECT_NEAR(product, eigen.values()[k] * v[i], tolerance * size * static_cast<double>(n));
    }
    for (std::size_t l = 0; l <= k; ++l)
      EXPECT_NEAR(dot(v, eigen.vectors()[l], eigen.vectors().stride()), k == l ? 1.0 : 0.0, tolerance);
  }
}

TEST(SymmetricEigen, DecomposesMatricesOfEverySize) {
  for (const std::size_t n : {1U, 2U, 3U, 4U, 5U, 7U, 10U, 20U, 33U, 60U}) {
    SymmetricEigen eigen(n);
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      const Columns a = symmetric(n, 100 * n + seed);
      eigen.compute(a);
      expect_decomposed(a, n, eigen);
    }
  }
}

TEST(SymmetricEigen, TakesZerosDiagonalsAndRepeatedValues) {
  constexpr std::size_t n = 6;
  SymmetricEigen eigen(n);
  Columns a(n, n);
  eigen.compute(a);
  expect_decomposed(a, n, eigen);
  for (std::size_t i = 0; i < n; ++i) a[i][i] = i < 3 ? 2.0 : 1e-12;
  eigen.compute(a);
  expect_decomposed(a, n, eigen);
  for (std::size_t j = 0; j < n; ++j)
    for (std::size_t i = j; i < n; ++i) a[j][i] = 1.0;  // n, and 0 five times
  eigen.compute(a);
  expect_decomposed(a, n, eigen);
  EXPECT_NEAR(*std::ranges::max_element(eigen.values()), 6.0, 1e-14);
}

TEST(SymmetricEigen, OfNoRowsIsNothing) {
  SymmetricEigen eigen(0);
  eigen.compute(Columns(0, 0));
  EXPECT_TRUE(eigen.values().empty());
}

// A change here means that a compiler, or a change of the code, rounds differently.
TEST(SymmetricEigen, HasTheSameBitsWithEveryCompiler) {
  std::uint64_t digest = 0;
  for (const std::size_t n : {3U, 10U, 21U}) {
    SymmetricEigen eigen(n);
    eigen.compute(symmetric(n, n));
    for (std::size_t k = 0; k < n; ++k) {
      digest = mix_bits(digest ^ std::bit_cast<std::uint64_t>(eigen.values()[k]));
      for (std::size_t i = 0; i < n; ++i)
        digest = mix_bits(digest ^ std::bit_cast<std::uint64_t>(eigen.vectors()[k][i]));
    }
  }
  EXPECT_EQ(digest, 10477222735296162506U);
}

}  // namespace
}  // namespace tonne
