// Any number of objectives with known fronts: Deb, Thiele, Laumanns and Zitzler 2002, "Scalable
// Multi-Objective Optimization Test Problems" (CEC). The last n - M + 1 parameters decide the distance g to
// the front, the others the place on it.

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

enum class Dtlz : std::uint8_t { dtlz1, dtlz2 };
constexpr std::array<std::int64_t, 2> kBeyond = {
    4, 9};  // parameters beyond one for each objective, in the paper
constexpr std::array<std::string_view, 2> kDtlzNames = {"dtlz1", "dtlz2"};

struct DtlzSettings {
  Dtlz function = Dtlz::dtlz2;
  std::int64_t objective_count = 3;       ///< M
  std::optional<std::int64_t> dimension;  ///< n; absent: M + kBeyond
  Work flops = kSmallTraining;

  void visit(SettingsVisitor& visitor) {
    visitor.choice("function", function, kDtlzNames,
                   "dtlz1: a linear front behind 11^5 - 1 local fronts; dtlz2: a sphere");
    visitor.integer("objective_count", objective_count, Bounds::between(2, kMaxObjectives),
                    "number of objectives");
    visitor.optional_integer("dimension", dimension, Bounds::between(2, 1000),
                             "number of parameters; default: objective_count + " +
                                 std::to_string(kBeyond[0]) + " for dtlz1, + " + std::to_string(kBeyond[1]) +
                                 " for dtlz2");
    visitor.quantity("flops", flops, Bounds::at_least(0), "work per evaluation");
    visitor.require(static_cast<std::int64_t>(dimensions()) >= objective_count, "dimension",
                    "must be at least the number of objectives");
  }
  [[nodiscard]] std::size_t dimensions() const {
    return static_cast<std::size_t>(
        dimension.value_or(objective_count + kBeyond[static_cast<std::size_t>(function)]));
  }
};

class DtlzProblem final : public Problem {
 public:
  explicit DtlzProblem(const DtlzSettings& settings)
      : function_(settings.function),
        m_(static_cast<std::size_t>(settings.objective_count)),
        flops_(settings.flops) {
    std::vector<Parameter> parameters;
    for (std::size_t i = 0; i < settings.dimensions(); ++i)
      parameters.push_back({.name = "x" + std::to_string(i + 1), .domain = Real{0.0, 1.0}});
    space_ = SearchSpace(std::move(parameters));
    traits_.name =
        "dtlz/" + std::string(kDtlzNames[static_cast<std::size_t>(function_)]) + "-" + std::to_string(m_);
    for (std::size_t i = 0; i < m_; ++i)
      traits_.objectives.push_back({"f" + std::to_string(i + 1), "", Direction::minimise});
  }

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  [[nodiscard]] double true_value(const Configuration& x) const override { return values(x).front(); }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random) const override {
    Outcome outcome;
    outcome.objectives = values(evaluation.configuration);
    outcome.workload.flops = flops_ * (evaluation.to - evaluation.from);
    return outcome;
  }

 private:
  [[nodiscard]] Objectives values(const Configuration& x) const {
    double g = 0.0;
    for (std::size_t i = m_ - 1; i < x.size(); ++i) {
      const double z = x[i] - 0.5;
      g += function_ == Dtlz::dtlz1 ? z * z - std::cos(20.0 * std::numbers::pi * z) + 1.0 : z * z;
    }
    if (function_ == Dtlz::dtlz1) g *= 100.0;
    Objectives result;
    for (std::size_t j = 0; j < m_; ++j) {
      double f = function_ == Dtlz::dtlz1 ? 0.5 * (1.0 + g) : 1.0 + g;
      for (std::size_t i = 0; i + 1 + j < m_; ++i)
        f *= function_ == Dtlz::dtlz1 ? x[i] : std::cos(x[i] * std::numbers::pi / 2.0);
      if (j > 0) {
        const double last = x[m_ - 1 - j];
        f *= function_ == Dtlz::dtlz1 ? 1.0 - last : std::sin(last * std::numbers::pi / 2.0);
      }
      result.push_back(f);
    }
    return result;
  }

  Dtlz function_;
  std::size_t m_;
  Work flops_;
  SearchSpace space_;
  ProblemTraits traits_;
};

}  // namespace

std::unique_ptr<ProblemRecipe> make_dtlz_recipe() {
  return std::make_unique<BasicProblemRecipe<DtlzSettings, DtlzProblem>>();
}

}  // namespace tonne
