// Test functions as problems: what their minimum is, is known, and an evaluation costs what one says it
// costs.

#include <algorithm>
#include <boost/container/static_vector.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/random.h"
#include "core/recipe.h"
#include "core/settings.h"
#include "core/units.h"
#include "search/problems/functions/evaluation_work.h"
#include "search/problems/functions/functions.h"

namespace tonne {
namespace {

struct FunctionSettings {
  TestFunction function = TestFunction::branin;
  /// Of the functions in any dimension; absent: that of facts_of().
  std::optional<std::int64_t> dimension;
  /// Moves the minimiser of a function in any dimension towards a side of the box, by this fraction of the
  /// way that is left. The side is the nearer one (levy: upper, rosenbrock: lower); from the centre of the
  /// box (ackley, rastrigin: the fraction is one of the half-width) it is the upper one in the 1st, 3rd, ..
  /// coordinate and the lower one in the others. The function is moved as it is, f(x - move), so the minimum
  /// keeps its value. 0: the published function, whose minimiser a strategy may meet by trying the centre.
  double shift = 0.0;
  /// sd of the normal noise of an evaluation.
  double noise = 0.0;
  Work flops = kSmallTraining;

  [[nodiscard]] std::size_t dimensions() const {
    return dimension ? static_cast<std::size_t>(*dimension) : facts_of(function).dimension;
  }
  void visit(SettingsVisitor& visitor);
};

void FunctionSettings::visit(SettingsVisitor& visitor) {
  visitor.choice("function", function, kTestFunctionNames, "function to minimise");
  std::string usual;
  for (std::size_t i = 0; i < kTestFunctionNames.size(); ++i)
    if (const TestFunctionFacts& facts = facts_of(static_cast<TestFunction>(i)); facts.any_dimension)
      usual += (usual.empty() ? "" : ", ") + std::to_string(facts.dimension) + " for " +
               std::string(kTestFunctionNames[i]);
  visitor.optional_integer("dimension", dimension, Bounds::between(1, kMostFunctionDimensions),
                           "number of parameters; default: " + usual);
  visitor.number("shift", shift, Bounds::between(0, 1),
                 "moves the optimum of ackley, levy, rastrigin or rosenbrock this fraction of the way to the "
                 "bounds; below 1");
  visitor.number("noise", noise, Bounds::at_least(0), "sd of the normal noise per evaluation");
  visitor.quantity("flops", flops, Bounds::at_least(0), "work per evaluation");

  const TestFunctionFacts& facts = facts_of(function);
  const std::string name(kTestFunctionNames[static_cast<std::size_t>(function)]);
  visitor.require(facts.any_dimension || dimensions() == facts.dimension, "dimension",
                  name + " has " + std::to_string(facts.dimension) + " dimensions");
  visitor.require(dimensions() >= facts.least, "dimension",
                  name + " needs at least " + std::to_string(facts.least) + " dimensions");
  visitor.require(facts.any_dimension || shift == 0.0, "shift", name + " cannot be shifted");
  visitor.require(shift < 1.0, "shift", "must be below 1");
}

/// How far the minimiser moves in coordinate i.
double move_of(const FunctionSettings& settings, std::size_t i) {
  const TestFunctionFacts& facts = facts_of(settings.function);
  const double up = facts.high_at(i) - facts.minimiser_at(i);
  const double down = facts.minimiser_at(i) - facts.low_at(i);
  const bool upwards = up < down || (up == down && i % 2 == 0);
  return settings.shift * (upwards ? up : -down);
}

SearchSpace make_space(const FunctionSettings& settings) {
  const TestFunctionFacts& facts = facts_of(settings.function);
  std::vector<Parameter> parameters;
  for (std::size_t i = 0; i < settings.dimensions(); ++i)
    parameters.push_back({"x" + std::to_string(i + 1), Real{facts.low_at(i), facts.high_at(i)}});
  return SearchSpace(std::move(parameters));
}

class FunctionProblem final : public Problem {
 public:
  explicit FunctionProblem(const FunctionSettings& settings)
      : value_(facts_of(settings.function).value),
        minimum_(facts_of(settings.function).minimum),
        noise_(settings.noise),
        flops_(settings.flops),
        space_(make_space(settings)) {
    traits_.name = "function/" + std::string(kTestFunctionNames[static_cast<std::size_t>(settings.function)]);
    if (facts_of(settings.function).any_dimension) traits_.name += std::to_string(space_.size());
    traits_.objectives = {{"value", "", Direction::minimise}};
    for (std::size_t i = 0; i < space_.size(); ++i) moves_.push_back(move_of(settings, i));
  }

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  [[nodiscard]] std::optional<double> optimum() const override { return minimum_; }

  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    boost::container::static_vector<double, kMostFunctionDimensions> x;
    for (std::size_t i = 0; i < moves_.size(); ++i) x.push_back(configuration[i] - moves_[i]);
    // Rounding may fall a last digit below the minimum; a regret is never negative.
    return std::max(value_({x.data(), x.size()}), minimum_);
  }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random random) const override {
    Outcome outcome;
    const double noise = noise_ > 0.0 ? noise_ * random.normal() : 0.0;
    outcome.objectives.push_back(true_value(evaluation.configuration) + noise);
    outcome.workload.flops = flops_ * (evaluation.to - evaluation.from);
    return outcome;
  }

 private:
  double (*value_)(std::span<const double>);
  double minimum_;
  double noise_;
  Work flops_;
  SearchSpace space_;
  std::vector<double> moves_;
  ProblemTraits traits_;
};

}  // namespace

std::unique_ptr<ProblemRecipe> make_function_recipe() {
  return std::make_unique<BasicProblemRecipe<FunctionSettings, FunctionProblem>>();
}

}  // namespace tonne
