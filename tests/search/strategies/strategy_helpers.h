#pragma once
// What the tests of strategies share: making one from YAML text, spaces, and classical functions as problems.

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <memory>
#include <numbers>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/yaml.h"
#include "search/catalogue.h"
#include "tests/support/search_loop.h"

namespace tonne::testing {

/// The recipe of a strategy of the catalogue, with settings in YAML ("{population: 10}"; empty: the
/// defaults).
inline std::unique_ptr<StrategyRecipe> strategy_recipe(std::string_view name,
                                                       const std::string& settings = "") {
  for (const auto& entry : strategy_catalogue()) {
    if (entry.name != name) continue;
    auto recipe = entry.make();
    const YamlNode node = parse_yaml(settings, "test.yaml");
    const YamlSource source{"test.yaml", "."};
    SettingsReader reader(node, source, std::string(name));
    recipe->visit(reader);
    reader.finish();
    return recipe;
  }
  throw std::invalid_argument("no strategy '" + std::string(name) + "'");
}

inline std::vector<std::string> names(const char* prefix, std::size_t count) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < count; ++i) result.push_back(prefix + std::to_string(i));
  return result;
}

/// A function on a box as a problem, without noise.
class FunctionProblem final : public Problem {
 public:
  using Function = std::function<double(const std::vector<double>&)>;

  FunctionProblem(std::string name, const std::vector<std::pair<double, double>>& box, double optimum,
                  Function f)
      : optimum_(optimum), f_(std::move(f)) {
    std::vector<Parameter> parameters;
    for (std::size_t i = 0; i < box.size(); ++i)
      parameters.push_back({.name = "x" + std::to_string(i), .domain = Real{box[i].first, box[i].second}});
    space_ = SearchSpace(std::move(parameters));
    traits_.name = std::move(name);
    traits_.objectives = {{"value", "", Direction::minimise}};
  }

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random) const override {
    return {.objectives = {true_value(evaluation.configuration)}, .workload = {}};
  }
  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    std::vector<double> x;
    for (std::size_t i = 0; i < configuration.size(); ++i) x.push_back(configuration[i]);
    return f_(x);
  }
  [[nodiscard]] std::optional<double> optimum() const override { return optimum_; }

 private:
  ProblemTraits traits_;
  SearchSpace space_;
  double optimum_;
  Function f_;
};

inline FunctionProblem branin() {
  return {"branin", {{-5, 10}, {0, 15}}, 0.397887357729738, [](const std::vector<double>& x) {
            constexpr double pi = std::numbers::pi;
            const double a = x[1] - 5.1 / (4 * pi * pi) * x[0] * x[0] + 5 / pi * x[0] - 6;
            return a * a + 10 * (1 - 1 / (8 * pi)) * std::cos(x[0]) + 10;
          }};
}

template <std::size_t D>
double hartmann(const std::array<std::array<double, D>, 4>& a, const std::array<std::array<double, D>, 4>& p,
                const std::vector<double>& x) {
  constexpr std::array<double, 4> alpha = {1.0, 1.2, 3.0, 3.2};
  double sum = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    double distance = 0;
    for (std::size_t j = 0; j < D; ++j) distance += a[i][j] * (x[j] - p[i][j]) * (x[j] - p[i][j]);
    sum -= alpha[i] * std::exp(-distance);
  }
  return sum;
}

inline FunctionProblem hartmann3() {
  constexpr std::array<std::array<double, 3>, 4> a = {{{3, 10, 30}, {.1, 10, 35}, {3, 10, 30}, {.1, 10, 35}}};
  constexpr std::array<std::array<double, 3>, 4> p = {
      {{.3689, .1170, .2673}, {.4699, .4387, .7470}, {.1091, .8732, .5547}, {.03815, .5743, .8828}}};
  return {"hartmann3", std::vector<std::pair<double, double>>(3, {0, 1}), -3.86278214782076,
          [a, p](const std::vector<double>& x) { return hartmann(a, p, x); }};
}

inline FunctionProblem hartmann6() {
  constexpr std::array<std::array<double, 6>, 4> a = {{{10, 3, 17, 3.5, 1.7, 8},
                                                       {.05, 10, 17, .1, 8, 14},
                                                       {3, 3.5, 1.7, 10, 17, 8},
                                                       {17, 8, .05, 10, .1, 14}}};
  constexpr std::array<std::array<double, 6>, 4> p = {{{.1312, .1696, .5569, .0124, .8283, .5886},
                                                       {.2329, .4135, .8307, .3736, .1004, .9991},
                                                       {.2348, .1451, .3522, .2883, .3047, .6650},
                                                       {.4047, .8828, .8732, .5743, .1091, .0381}}};
  return {"hartmann6", std::vector<std::pair<double, double>>(6, {0, 1}), -3.32236801141551,
          [a, p](const std::vector<double>& x) { return hartmann(a, p, x); }};
}

/// Ackley in five dimensions with its optimum off the centre of the box, at +-30 % of the half-width.
inline FunctionProblem ackley5() {
  return {"ackley5", std::vector<std::pair<double, double>>(5, {-32.768, 32.768}), 0.0,
          [](const std::vector<double>& x) {
            double squares = 0;
            double cosines = 0;
            for (std::size_t i = 0; i < x.size(); ++i) {
              const double z = x[i] - (i % 2 == 0 ? 0.3 : -0.3) * 32.768;
              squares += z * z / static_cast<double>(x.size());
              cosines += std::cos(2 * std::numbers::pi * z) / static_cast<double>(x.size());
            }
            return -20 * std::exp(-0.2 * std::sqrt(squares)) - std::exp(cosines) + 20 + std::numbers::e;
          }};
}

inline FunctionProblem levy6() {
  return {"levy6", std::vector<std::pair<double, double>>(6, {-10, 10}), 0.0,
          [](const std::vector<double>& x) {
            constexpr double pi = std::numbers::pi;
            const auto w = [&](std::size_t i) { return 1 + (x[i] - 1) / 4; };
            const auto square = [](double v) { return v * v; };
            double sum = square(std::sin(pi * w(0)));
            const std::size_t last = x.size() - 1;
            for (std::size_t i = 0; i < last; ++i)
              sum += square(w(i) - 1) * (1 + 10 * square(std::sin(pi * w(i) + 1)));
            return sum + square(w(last) - 1) * (1 + square(std::sin(2 * pi * w(last))));
          }};
}

inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/// Median over seeds 1..`seeds` of the simple regret after each of `counts` evaluations (ascending).
inline std::vector<double> median_regrets(std::string_view strategy, const std::string& settings,
                                          const Problem& problem, const std::vector<std::size_t>& counts,
                                          std::uint64_t seeds) {
  const auto recipe = strategy_recipe(strategy, settings);
  std::vector<std::vector<double>> regrets(counts.size());
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto instance = recipe->make({problem.space(), problem.traits(), 1.0, 1});
    const LoopResult result = search_loop(*instance, problem, counts.back(), seed);
    for (std::size_t i = 0; i < counts.size(); ++i)
      regrets[i].push_back(result.best_true_value[counts[i] - 1] - *problem.optimum());
  }
  std::vector<double> medians;
  for (const auto& values : regrets) medians.push_back(median(values));
  return medians;
}

}  // namespace tonne::testing
