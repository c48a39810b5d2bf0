#include "search/problems/functions/functions.h"
#include "search/square.h"

#include <cassert>
#include <cmath>
#include <numbers>

namespace tonne {
namespace {

constexpr double pi = std::numbers::pi;

template <std::size_t D>
using Rows = std::array<std::array<double, D>, 4>;

/// Minus a sum of four Gaussian bumps: steepnesses a, centres 1e-4 p.
template <std::size_t D>
double hartmann(std::span<const double> x, const Rows<D>& a, const Rows<D>& p) {
  assert(x.size() == D);
  constexpr std::array<double, 4> heights = {1.0, 1.2, 3.0, 3.2};
  double sum = 0.0;
  for (std::size_t i = 0; i < heights.size(); ++i) {
    double exponent = 0.0;
    for (std::size_t j = 0; j < D; ++j) exponent += a[i][j] * square(x[j] - 1e-4 * p[i][j]);
    sum -= heights[i] * std::exp(-exponent);
  }
  return sum;
}

// The minima and minimisers of both Hartmann functions: Newton's method in 50 decimal digits from the
// published minimisers, rounded to double.
constexpr TestFunctionFacts kBranin = {.value = branin,
                                       .dimension = 2,
                                       .least = 2,
                                       .minimum = 0.39788735772973816,  // 5 / (4 pi)
                                       .low = {-5.0, 0.0},
                                       .high = {10.0, 15.0},
                                       .minimiser = {pi, 2.275}};
constexpr TestFunctionFacts kHartmann3 = {
    .value = hartmann3,
    .dimension = 3,
    .least = 3,
    .minimum = -3.8627797873326624,
    .high = {1.0, 1.0, 1.0},
    .minimiser = {0.11458887665506896, 0.55564889461693, 0.8525469846866774}};
constexpr TestFunctionFacts kHartmann6 = {
    .value = hartmann6,
    .dimension = 6,
    .least = 6,
    .minimum = -3.3223680114155147,
    .high = {1.0, 1.0, 1.0, 1.0, 1.0, 1.0},
    .minimiser = {0.20168951100670543, 0.15001069182345797, 0.476873974221897, 0.2753324304940561,
                  0.31165161660011326, 0.6573005340656203}};
constexpr TestFunctionFacts kAckley = {
    .value = ackley, .dimension = 5, .least = 1, .any_dimension = true, .low = {-32.768}, .high = {32.768}};
constexpr TestFunctionFacts kLevy = {.value = levy,
                                     .dimension = 6,
                                     .least = 1,
                                     .any_dimension = true,
                                     .low = {-10.0},
                                     .high = {10.0},
                                     .minimiser = {1.0}};
constexpr TestFunctionFacts kRastrigin = {
    .value = rastrigin, .dimension = 10, .least = 1, .any_dimension = true, .low = {-5.12}, .high = {5.12}};
constexpr TestFunctionFacts kRosenbrock = {.value = rosenbrock,
                                           .dimension = 10,
                                           .least = 2,
                                           .any_dimension = true,
                                           .low = {-5.0},
                                           .high = {10.0},
                                           .minimiser = {1.0}};

}  // namespace

double branin(std::span<const double> x) {
  assert(x.size() == 2);
  const double bowl = x[1] - 5.1 / (4.0 * pi * pi) * square(x[0]) + 5.0 / pi * x[0] - 6.0;
  return square(bowl) + 10.0 * (1.0 - 1.0 / (8.0 * pi)) * std::cos(x[0]) + 10.0;
}

double hartmann3(std::span<const double> x) {
  static constexpr Rows<3> a = {{{3, 10, 30}, {0.1, 10, 35}, {3, 10, 30}, {0.1, 10, 35}}};
  static constexpr Rows<3> p = {
      {{3689, 1170, 2673}, {4699, 4387, 7470}, {1091, 8732, 5547}, {381, 5743, 8828}}};
  return hartmann(x, a, p);
}

double hartmann6(std::span<const double> x) {
  static constexpr Rows<6> a = {{{10, 3, 17, 3.5, 1.7, 8},
                                 {0.05, 10, 17, 0.1, 8, 14},
                                 {3, 3.5, 1.7, 10, 17, 8},
                                 {17, 8, 0.05, 10, 0.1, 14}}};
  static constexpr Rows<6> p = {{{1312, 1696, 5569, 124, 8283, 5886},
                                 {2329, 4135, 8307, 3736, 1004, 9991},
                                 {2348, 1451, 3522, 2883, 3047, 6650},
                                 {4047, 8828, 8732, 5743, 1091, 381}}};
  return hartmann(x, a, p);
}

// Written with expm1, which keeps the digits near the minimum where 20 + e - 20 exp(..) - exp(..) cancels.
double ackley(std::span<const double> x) {
  double squares = 0.0;
  double dips = 0.0;
  for (const double v : x) {
    squares += square(v);
    dips += std::cos(2.0 * pi * v) - 1.0;
  }
  const auto n = static_cast<double>(x.size());
  return -20.0 * std::expm1(-0.2 * std::sqrt(squares / n)) - std::numbers::e * std::expm1(dips / n);
}

double levy(std::span<const double> x) {
  const auto w = [&](std::size_t i) { return 1.0 + (x[i] - 1.0) / 4.0; };
  const std::size_t last = x.size() - 1;
  double sum =
      square(std::sin(pi * w(0))) + square(w(last) - 1.0) * (1.0 + square(std::sin(2.0 * pi * w(last))));
  for (std::size_t i = 0; i < last; ++i)
    sum += square(w(i) - 1.0) * (1.0 + 10.0 * square(std::sin(pi * w(i) + 1.0)));
  return sum;
}

double rastrigin(std::span<const double> x) {
  double sum = 0.0;
  for (const double v : x) sum += square(v) + 10.0 * (1.0 - std::cos(2.0 * pi * v));
  return sum;
}

double rosenbrock(std::span<const double> x) {
  double sum = 0.0;
  for (std::size_t i = 0; i + 1 < x.size(); ++i)
    sum += 100.0 * square(x[i + 1] - square(x[i])) + square(x[i] - 1.0);
  return sum;
}

const TestFunctionFacts& facts_of(TestFunction function) {
  static constexpr std::array<const TestFunctionFacts*, kTestFunctionNames.size()> facts = {
      &kBranin, &kHartmann3, &kHartmann6, &kAckley, &kLevy, &kRastrigin, &kRosenbrock};
  return *facts[static_cast<std::size_t>(function)];
}

}  // namespace tonne
