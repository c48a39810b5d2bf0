#pragma once
// Test functions of global optimisation as problems, for the tests and benchmarks of this strategy alone.

#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "core/problem.h"

namespace tonne::testing {

/// A noise-free function over real parameters; losses are simple regrets f(x) - minimum.
class FunctionProblem final : public Problem {
 public:
  using Function = std::function<double(const std::vector<double>&)>;
  FunctionProblem(std::vector<Parameter> parameters, Function function, double minimum)
      : space_(std::move(parameters)), function_(std::move(function)), minimum_(minimum) {
    traits_.name = "test";
    traits_.objectives = {{"regret", "", Direction::minimise}};
  }
  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random) const override {
    Outcome outcome;
    outcome.objectives = {true_value(evaluation.configuration)};
    return outcome;
  }
  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    std::vector<double> x(configuration.size());
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = configuration[i];
    return function_(x) - minimum_;
  }

 private:
  SearchSpace space_;
  Function function_;
  double minimum_;
  ProblemTraits traits_;
};

inline std::vector<Parameter> box(std::size_t dimensions, double low, double high) {
  std::vector<Parameter> parameters;
  for (std::size_t i = 0; i < dimensions; ++i)
    parameters.push_back({"x" + std::to_string(i), Real{low, high}});
  return parameters;
}

inline double square(double x) {
  return x * x;
}

inline FunctionProblem branin() {
  return {{{"x0", Real{-5.0, 10.0}}, {"x1", Real{0.0, 15.0}}},
          [](const std::vector<double>& x) {
            constexpr double pi = std::numbers::pi;
            return square(x[1] - 5.1 / (4 * pi * pi) * x[0] * x[0] + 5 / pi * x[0] - 6) +
                   10 * (1 - 1 / (8 * pi)) * std::cos(x[0]) + 10;
          },
          0.39788735772973816};
}

template <std::size_t D>
double hartmann(const std::vector<double>& x, const std::array<std::array<double, D>, 4>& a,
                const std::array<std::array<double, D>, 4>& p) {
  constexpr std::array<double, 4> alpha = {1.0, 1.2, 3.0, 3.2};
  double sum = 0.0;
  for (std::size_t i = 0; i < 4; ++i) {
    double exponent = 0.0;
    for (std::size_t j = 0; j < D; ++j) exponent += a[i][j] * square(x[j] - 1e-4 * p[i][j]);
    sum -= alpha[i] * std::exp(-exponent);
  }
  return sum;
}

inline FunctionProblem hartmann3() {
  return {box(3, 0.0, 1.0),
          [](const std::vector<double>& x) {
            return hartmann<3>(
                x, {{{3, 10, 30}, {.1, 10, 35}, {3, 10, 30}, {.1, 10, 35}}},
                {{{3689, 1170, 2673}, {4699, 4387, 7470}, {1091, 8732, 5547}, {381, 5743, 8828}}});
          },
          -3.86277978589217};
}

inline FunctionProblem hartmann6() {
  return {box(6, 0.0, 1.0),
          [](const std::vector<double>& x) {
            return hartmann<6>(x,
                               {{{10, 3, 17, 3.5, 1.7, 8},
                                 {.05, 10, 17, .1, 8, 14},
                                 {3, 3.5, 1.7, 10, 17, 8},
                                 {17, 8, .05, 10, .1, 14}}},
                               {{{1312, 1696, 5569, 124, 8283, 5886},
                                 {2329, 4135, 8307, 3736, 1004, 9991},
                                 {2348, 1451, 3522, 2883, 3047, 6650},
                                 {4047, 8828, 8732, 5743, 1091, 381}}});
          },
          -3.32236801141551};
}

inline FunctionProblem ackley5() {
  return {box(5, -32.768, 32.768),
          [](const std::vector<double>& x) {
            // Off centre by shares of the half width that no design point meets.
            constexpr std::array<double, 5> shift = {10.3, -7.9, 13.1, -17.7, 4.7};
            double squares = 0.0;
            double cosines = 0.0;
            for (std::size_t i = 0; i < 5; ++i) {
              squares += square(x[i] - shift[i]);
              cosines += std::cos(2 * std::numbers::pi * (x[i] - shift[i]));
            }
            return -20 * std::exp(-0.2 * std::sqrt(squares / 5)) - std::exp(cosines / 5) + 20 +
                   std::numbers::e;
          },
          0.0};
}

inline FunctionProblem levy6() {
  return {box(6, -10.0, 10.0),
          [](const std::vector<double>& x) {
            constexpr double pi = std::numbers::pi;
            const auto w = [&](std::size_t i) { return 1 + (x[i] - 1) / 4; };
            double sum =
                square(std::sin(pi * w(0))) + square(w(5) - 1) * (1 + square(std::sin(2 * pi * w(5))));
            for (std::size_t i = 0; i < 5; ++i)
              sum += square(w(i) - 1) * (1 + 10 * square(std::sin(pi * w(i) + 1)));
            return sum;
          },
          0.0};
}

}  // namespace tonne::testing
