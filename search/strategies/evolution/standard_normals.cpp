#include "search/strategies/evolution/standard_normals.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "search/strategies/evolution/columns.h"

namespace tonne {
namespace {

// Wichura 1988, algorithm AS 241, the approximation of the centre, highest power first: the same numbers as
// in core/random.cpp, which tests hold against one another.
constexpr std::array<double, 8> kNumerator = {
    2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
    13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608};
constexpr std::array<double, 8> kDenominator = {
    5226.495278852545925,  28729.085735721942674, 39307.89580009271061,  21213.794301586595867,
    5394.1960214247511077, 687.1870074920579083,  42.313330701600911252, 1.0};
constexpr double kCentre = 0.425;  // so far from 1/2 it holds

/// The centre's quantiles of four probabilities.
void centre_quantiles(const double* __restrict p, double* __restrict z) {
  for (std::size_t lane = 0; lane < kLaneCount; ++lane) {
    const double q = p[lane] - 0.5;
    const double r = 0.180625 - q * q;
    double above = kNumerator[0];
    above = above * r + kNumerator[1];
    above = above * r + kNumerator[2];
    above = above * r + kNumerator[3];
    above = above * r + kNumerator[4];
    above = above * r + kNumerator[5];
    above = above * r + kNumerator[6];
    above = above * r + kNumerator[7];
    double below = kDenominator[0];
    below = below * r + kDenominator[1];
    below = below * r + kDenominator[2];
    below = below * r + kDenominator[3];
    below = below * r + kDenominator[4];
    below = below * r + kDenominator[5];
    below = below * r + kDenominator[6];
    below = below * r + kDenominator[7];
    z[lane] = q * above / below;
  }
}

}  // namespace

// First all probabilities, then the quantiles: what was just written in parts is slow to read as a whole.
void draw_normals(Random& random, double* z, std::size_t count) {
  std::array<double, 64> p;
  for (std::size_t first = 0; first < count; first += p.size()) {
    const std::size_t some = std::min(count - first, p.size());
    for (std::size_t k = 0; k < some; ++k)
      p[k] = (static_cast<double>(random.next() >> 12U) + 0.5) * 0x1.0p-52;
    for (std::size_t k = some; k < padded(some); ++k) p[k] = 0.5;
    for (std::size_t k = 0; k < some; k += kLaneCount) centre_quantiles(&p[k], z + first + k);
    for (std::size_t k = 0; k < some; ++k)
      if (std::abs(p[k] - 0.5) > kCentre) z[first + k] = normal_quantile(p[k]);
  }
}

}  // namespace tonne
