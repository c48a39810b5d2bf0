#pragma once
// Mixed functions of the papers on CMA-ES with margin (Hamano et al. 2022) and CatCMA (2024): the reals in
// [-5, 5], the minimum is 0.

#include <cmath>
#include <string>
#include <vector>

#include "tests/search/strategies/strategy_helpers.h"
#include "tests/support/test_problems.h"

namespace tonne::testing {

enum class Bits { integers, categories };

inline void add_bits(std::vector<Parameter>& parameters, std::size_t count, Bits kind) {
  for (std::size_t i = 0; i < count; ++i) {
    const Domain domain = kind == Bits::integers ? Domain(Integer{0, 1}) : Domain(Categorical{{"0", "1"}});
    parameters.push_back({"z" + std::to_string(i), domain});
  }
}

inline double squares(const std::vector<double>& x, std::size_t count) {
  double sum = 0.0;
  for (std::size_t i = 0; i < count; ++i) sum += x[i] * x[i];
  return sum;
}

/// Sum of squares of n / 2 reals, and the number of zeros of n / 2 bits.
inline FunctionProblem sphere_one_max(std::size_t n, Bits kind) {
  std::vector<Parameter> parameters = box(n / 2, -5.0, 5.0);
  add_bits(parameters, n / 2, kind);
  return {parameters,
          [half = n / 2](const std::vector<double>& x) {
            double sum = squares(x, half);
            for (std::size_t i = half; i < x.size(); ++i) sum += 1.0 - x[i];
            return sum;
          },
          0.0};
}

/// The same with the number of bits behind the leading ones.
inline FunctionProblem sphere_leading_ones(std::size_t n, Bits kind) {
  std::vector<Parameter> parameters = box(n / 2, -5.0, 5.0);
  add_bits(parameters, n / 2, kind);
  return {parameters,
          [half = n / 2](const std::vector<double>& x) {
            double sum = squares(x, half);
            std::size_t first_zero = half;
            while (first_zero < x.size() && x[first_zero] == 1.0) ++first_zero;
            return sum + static_cast<double>(x.size() - first_zero);
          },
          0.0};
}

/// Squares with weights from 1 to 10^6: n / 2 reals, and n / 2 integers in [-10, 10].
inline FunctionProblem ellipsoid_int(std::size_t n) {
  std::vector<Parameter> parameters = box(n / 2, -5.0, 5.0);
  for (std::size_t i = 0; i < n / 2; ++i) parameters.push_back({"z" + std::to_string(i), Integer{-10, 10}});
  return {parameters,
          [n](const std::vector<double>& x) {
            double sum = 0.0;
            for (std::size_t i = 0; i < x.size(); ++i)
              sum += std::pow(1e6, static_cast<double>(i) / static_cast<double>(n - 1)) * x[i] * x[i];
            return sum;
          },
          0.0};
}

/// Squares of n / 2 reals, and the number of n / 2 categories of five choices that have not their first.
inline FunctionProblem sphere_categories(std::size_t n) {
  std::vector<Parameter> parameters = box(n / 2, -5.0, 5.0);
  for (std::size_t i = 0; i < n / 2; ++i)
    parameters.push_back({"c" + std::to_string(i), Categorical{{"a", "b", "c", "d", "e"}}});
  return {parameters,
          [half = n / 2](const std::vector<double>& x) {
            double sum = squares(x, half);
            for (std::size_t i = half; i < x.size(); ++i) sum += x[i] == 0.0 ? 0.0 : 1.0;
            return sum;
          },
          0.0};
}

/// Evaluations until the loss is below `target`, in each of `seeds` searches; `most` where it is not reached.
inline std::vector<double> evaluations_to(std::string_view strategy, const std::string& settings,
                                          const Problem& problem, double target, std::size_t most,
                                          std::uint64_t first_seed, std::uint64_t seeds) {
  const auto recipe = strategy_recipe(strategy, settings);
  std::vector<double> counts;
  for (std::uint64_t seed = first_seed; seed < first_seed + seeds; ++seed) {
    const auto instance = recipe->make({problem.space(), problem.traits(), 1.0, 1});
    const Random root(seed);
    std::size_t count = most;
    for (TrialId id = 0; id < most && count == most; ++id) {
      Trial trial;
      trial.id = id;
      trial.proposal = *instance->ask(id, root.child(id));
      const double loss = problem.true_value(trial.proposal.configuration);
      trial.result = Completed{{loss}};
      instance->tell(trial);
      if (loss < target) count = id + 1;
    }
    counts.push_back(static_cast<double>(count));
  }
  return counts;
}

}  // namespace tonne::testing
