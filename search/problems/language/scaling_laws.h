#pragma once
// Published laws of a language model's loss, in nats per token.

#include <cmath>

namespace tonne {

/// Hoffmann et al. 2022 ("Chinchilla"), equation 10 with approach 3's constants: N parameters with
/// embeddings, D tokens.
namespace hoffmann {
inline constexpr double kE = 1.69;
inline constexpr double kA = 406.4;
inline constexpr double kB = 410.7;
inline constexpr double kAlpha = 0.34;
inline constexpr double kBeta = 0.28;

[[nodiscard]] inline double loss(double n, double d) {
  return kE + kA * std::pow(n, -kAlpha) + kB * std::pow(d, -kBeta);
}

/// The N of least loss for a compute C = 6 N D: equation 4, N = G (C / 6)^a with a = beta / (alpha + beta)
/// and G = (alpha A / (beta B))^(1 / (alpha + beta)).
[[nodiscard]] inline double best_parameters(double compute) {
  const double g = std::pow(kAlpha * kA / (kBeta * kB), 1.0 / (kAlpha + kBeta));
  return g * std::pow(compute / 6.0, kBeta / (kAlpha + kBeta));
}
}  // namespace hoffmann

/// Kaplan et al. 2020, equation 1.5 with the constants of equations 1.1, 1.2 and 1.4: N parameters without
/// embeddings, D tokens.
namespace kaplan {
inline constexpr double kNc = 8.8e13;
inline constexpr double kAlphaN = 0.076;
inline constexpr double kDc = 5.4e13;
inline constexpr double kAlphaD = 0.095;
inline constexpr double kBatchStar = 2.1e8;  // B*, tokens
inline constexpr double kAlphaB = 0.21;

[[nodiscard]] inline double loss(double n, double d) {
  return std::pow(std::pow(kNc / n, kAlphaN / kAlphaD) + kDc / d, kAlphaD);
}

/// Equation 1.4: the batch, in tokens, from which on twice the batch no longer halves the steps.
[[nodiscard]] inline double critical_batch(double loss) {
  return kBatchStar * std::pow(loss, -1.0 / kAlphaB);
}
}  // namespace kaplan

}  // namespace tonne
