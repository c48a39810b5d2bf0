#include "core/random.h"

#include <cassert>
#include <cmath>
#include <numbers>

#include "core/normal_centre.h"

namespace tonne {
namespace {

// Salmon et al. 2011: multipliers of Philox 4x64, and what its key grows by from round to round.
constexpr std::uint64_t kFirstMultiplier = 0xd2e7470ee14c6c93ULL;
constexpr std::uint64_t kSecondMultiplier = 0xca5a826395121157ULL;
constexpr std::uint64_t kFirstWeyl = 0x9e3779b97f4a7c15ULL;
constexpr std::uint64_t kSecondWeyl = 0xbb67ae8584caa73bULL;
constexpr int kRounds = 10;

struct Product {
  std::uint64_t low;
  std::uint64_t high;
};

// All 128 bits of a product. The instruction by name, for g++ wants the halves of a 128-bit integer in neighbouring
// registers and spends a third of Philox on moving them there.
Product multiply(std::uint64_t a, std::uint64_t b) {
#if defined(__BMI2__)
  Product product;
  asm("mulx %3, %0, %1" : "=r"(product.low), "=r"(product.high) : "d"(a), "r"(b));
  return product;
#else
  const Uint128 product = static_cast<Uint128>(a) * b;
  return {static_cast<std::uint64_t>(product), static_cast<std::uint64_t>(product >> 64U)};
#endif
}

}  // namespace

// Philox 4x64-10 of the counter (counter_, 0, 0, 0), of which the first round leaves little.
void Random::refill() {
  std::uint64_t k0 = key_[0];
  std::uint64_t k1 = key_[1];
  const Product opening = multiply(counter_++, kFirstMultiplier);
  std::uint64_t c0 = k0;
  std::uint64_t c1 = 0;
  std::uint64_t c2 = opening.high ^ k1;
  std::uint64_t c3 = opening.low;
#pragma GCC unroll 9
  for (int round = 1; round < kRounds; ++round) {
    k0 += kFirstWeyl;
    k1 += kSecondWeyl;
    const Product left = multiply(c0, kFirstMultiplier);
    const Product right = multiply(c2, kSecondMultiplier);
    c0 = right.high ^ (c1 ^ k0);
    c1 = right.low;
    c2 = left.high ^ (c3 ^ k1);
    c3 = left.low;
  }
  block_ = {c0, c1, c2, c3};
  available_ = static_cast<unsigned>(block_.size());
}

namespace {

// AS 241, the rational approximations of tails and far tails; that of the centre is in core/normal_centre.h.
constexpr std::array<double, 8> kTailNumerator = {
    7.7454501427834140764e-4, .0227238449892691845833, .24178072517745061177, 1.27045825245236838258,
    3.64784832476320460504,   5.7694972214606914055,   4.6303378461565452959, 1.42343711074968357734};
constexpr std::array<double, 8> kTailDenominator = {
    1.05075007164441684324e-9, 5.475938084995344946e-4, .0151986665636164571966, .14810397642748007459,
    .68976733498510000455,     1.6763848301838038494,   2.05319162663775882187,  1.0};
constexpr std::array<double, 8> kFarNumerator = {
    2.01033439929228813265e-7, 2.71155556874348757815e-5, .0012426609473880784386, .026532189526576123093,
    .29656057182850489123,     1.7848265399172913358,     5.4637849111641143699,   6.6579046435011037772};
constexpr std::array<double, 8> kFarDenominator = {
    2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
    .0148753612908506148525,    .13692988092273580531,    .59983220655588793769,    1.0};

}  // namespace

double normal_quantile(double p) {
  assert(p > 0.0 && p < 1.0);
  const double q = p - 0.5;
  if (std::abs(q) <= kNormalCentre) return centre_quantile(q);
  const double tail = std::sqrt(-std::log(q < 0.0 ? p : 1.0 - p));
  const double x = tail <= 5.0
                       ? polynomial(kTailNumerator, tail - 1.6) / polynomial(kTailDenominator, tail - 1.6)
                       : polynomial(kFarNumerator, tail - 5.0) / polynomial(kFarDenominator, tail - 5.0);
  return q < 0.0 ? -x : x;
}

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

}  // namespace tonne
