#pragma once
// The quantile of the standard normal distribution near its centre: Wichura 1988, algorithm AS 241, PPND16. For who computes
// many at once; normal_quantile() (core/random.h) holds everywhere.

#include <array>
#include <cstddef>

namespace tonne {

/// Horner's rule, highest coefficient first.
template <std::size_t N>
[[nodiscard]] inline double polynomial(const std::array<double, N>& coefficients, double x) {
  double sum = 0.0;
#pragma GCC unroll 8
  for (std::size_t i = 0; i < N; ++i) sum = sum * x + coefficients[i];
  return sum;
}

/// How far from 1/2 a probability may be.
inline constexpr double kNormalCentre = 0.425;

/// Quantile of the probability 1/2 + q. Precondition: |q| <= kNormalCentre.
[[nodiscard]] inline double centre_quantile(double q) {
  constexpr std::array<double, 8> kNumerator = {
      2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
      13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608};
  constexpr std::array<double, 8> kDenominator = {
      5226.495278852545925,  28729.085735721942674, 39307.89580009271061,  21213.794301586595867,
      5394.1960214247511077, 687.1870074920579083,  42.313330701600911252, 1.0};
  const double r = 0.180625 - q * q;
  return q * polynomial(kNumerator, r) / polynomial(kDenominator, r);
}

}  // namespace tonne
