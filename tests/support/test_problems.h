#pragma once
// Problems for tests of strategies: the catalogue's functions, and small ones that a test makes up.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/problem.h"
#include "tests/support/recipes.h"

namespace tonne::testing {

/// A noise-free function over any parameters; losses are simple regrets f(x) - minimum.
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
  [[nodiscard]] std::optional<double> optimum() const override { return 0.0; }

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

/// A function of the catalogue, as in "{function: ackley, shift: 0.3}".
inline std::shared_ptr<const Problem> function_problem(const std::string& settings) {
  return problem_recipe("function", settings)->make();
}

// The functions of the usual comparison. Ackley's optimum is off the centre, at 30 % of the half-width.
inline constexpr const char* kBranin = "{function: branin}";
inline constexpr const char* kHartmann3 = "{function: hartmann3}";
inline constexpr const char* kHartmann6 = "{function: hartmann6}";
inline constexpr const char* kAckley5 = "{function: ackley, dimension: 5, shift: 0.3}";
inline constexpr const char* kLevy6 = "{function: levy, dimension: 6}";

}  // namespace tonne::testing
