// Two objectives with known fronts: Zitzler, Deb and Thiele 2000, "Comparison of Multiobjective Evolutionary Algorithms: Empirical
// Results", Evolutionary Computation 8. f2 = g h(f1, g); the front is at g = 1.

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>
#include <string>
#include <vector>

#include "core/recipe.h"
#include "search/problems/functions/evaluation_work.h"

namespace tonne {
namespace {

enum class Zdt : std::uint8_t { zdt1, zdt2, zdt3, zdt4, zdt6 };
// Parameters in the paper; of zdt4 and zdt6 fewer.
constexpr std::int64_t kUsual = 30;
constexpr std::int64_t kFewer = 10;
constexpr std::array<std::string_view, 5> kZdtNames = {"zdt1", "zdt2", "zdt3", "zdt4", "zdt6"};

struct ZdtSettings {
  Zdt function = Zdt::zdt1;
  std::optional<std::int64_t> dimension;  ///< absent: the paper's
  Work flops = kSmallTraining;

  void visit(SettingsVisitor& visitor) {
    visitor.choice("function", function, kZdtNames,
                   "zdt1: convex front; zdt2: concave; zdt3: disconnected; zdt4: 21^9 local fronts; zdt6: "
                   "non-uniform density");
    visitor.optional_integer("dimension", dimension, Bounds::between(2, 1000),
                             "number of parameters; default: " + std::to_string(kUsual) + ", or " +
                                 std::to_string(kFewer) + " for zdt4 and zdt6");
    visitor.quantity("flops", flops, Bounds::at_least(0), "work per evaluation");
  }
  [[nodiscard]] std::size_t dimensions() const {
    return static_cast<std::size_t>(
        dimension.value_or(function == Zdt::zdt4 || function == Zdt::zdt6 ? kFewer : kUsual));
  }
};

SearchSpace make_space(const ZdtSettings& settings) {
  std::vector<Parameter> parameters;
  for (std::size_t i = 0; i < settings.dimensions(); ++i) {
    const bool wide = settings.function == Zdt::zdt4 && i > 0;
    parameters.push_back({.name = "x" + std::to_string(i + 1), .domain = wide ? Real{-5.0, 5.0} : Real{0.0, 1.0}});
  }
  return SearchSpace(std::move(parameters));
}

class ZdtProblem final : public Problem {
 public:
  explicit ZdtProblem(const ZdtSettings& settings)
      : function_(settings.function), flops_(settings.flops), space_(make_space(settings)) {
    traits_.name = "zdt/" + std::string(kZdtNames[static_cast<std::size_t>(function_)]);
    traits_.objectives = {{"f1", "", Direction::minimise}, {"f2", "", Direction::minimise}};
  }

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  [[nodiscard]] double true_value(const Configuration& x) const override { return f1(x); }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random) const override {
    const Configuration& x = evaluation.configuration;
    const double first = f1(x);
    const double g = this->g(x);
    Outcome outcome;
    outcome.objectives = {first, g * h(first, g)};
    outcome.workload.flops = flops_ * (evaluation.to - evaluation.from);
    return outcome;
  }

 private:
  [[nodiscard]] double f1(const Configuration& x) const {
    if (function_ != Zdt::zdt6) return x[0];
    return 1.0 - std::exp(-4.0 * x[0]) * std::pow(std::sin(6.0 * std::numbers::pi * x[0]), 6.0);
  }
  [[nodiscard]] double g(const Configuration& x) const {
    const auto others = static_cast<double>(x.size() - 1);
    double sum = 0.0;
    for (std::size_t i = 1; i < x.size(); ++i)
      sum += function_ == Zdt::zdt4 ? x[i] * x[i] - 10.0 * std::cos(4.0 * std::numbers::pi * x[i]) : x[i];
    if (function_ == Zdt::zdt4) return 1.0 + 10.0 * others + sum;
    if (function_ == Zdt::zdt6) return 1.0 + 9.0 * std::pow(sum / others, 0.25);
    return 1.0 + 9.0 * sum / others;
  }
  [[nodiscard]] double h(double f1, double g) const {
    const double ratio = f1 / g;
    if (function_ == Zdt::zdt2 || function_ == Zdt::zdt6) return 1.0 - ratio * ratio;
    if (function_ == Zdt::zdt3) return 1.0 - std::sqrt(ratio) - ratio * std::sin(10.0 * std::numbers::pi * f1);
    return 1.0 - std::sqrt(ratio);
  }

  Zdt function_;
  Work flops_;
  SearchSpace space_;
  ProblemTraits traits_;
};

}  // namespace

std::unique_ptr<ProblemRecipe> make_zdt_recipe() {
  return std::make_unique<BasicProblemRecipe<ZdtSettings, ZdtProblem>>();
}

}  // namespace tonne
