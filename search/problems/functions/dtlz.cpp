// Any number of objectives with known fronts: Deb, Thiele, Laumanns and Zitzler 2002, "Scalable
// Multi-Objective Optimization Test Problems" (CEC). The last n - M + 1 parameters decide the distance g to
// the front, the others the place on it. The front of dtlz5 and dtlz6 is a curve with 3 objectives; with more, points
// of larger g are on it too (Huband et al. 2006, section VII).

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

enum class Dtlz : std::uint8_t { dtlz1, dtlz2, dtlz3, dtlz4, dtlz5, dtlz6, dtlz7 };
constexpr std::array<std::int64_t, 7> kBeyond = {4, 9, 9, 9,
                                                 9, 9, 19};  // parameters beyond one for each objective, in the paper
constexpr std::array<std::string_view, 7> kDtlzNames = {"dtlz1", "dtlz2", "dtlz3", "dtlz4",
                                                        "dtlz5", "dtlz6", "dtlz7"};

struct DtlzSettings {
  Dtlz function = Dtlz::dtlz2;
  std::int64_t objective_count = 3;       ///< M
  std::optional<std::int64_t> dimension;  ///< n; absent: M + kBeyond
  Work flops = kSmallTraining;

  void visit(SettingsVisitor& visitor) {
    visitor.choice("function", function, kDtlzNames,
                   "dtlz1: a linear front behind 11^5 - 1 local fronts; dtlz2: a sphere; dtlz3: a sphere behind 3^10 - 1 "
                   "local fronts; dtlz4: a sphere whose middle is rarely met; dtlz5: a curve; dtlz6: a curve, far from "
                   "where a search begins; dtlz7: 2^(objective_count - 1) pieces");
    visitor.integer("objective_count", objective_count, Bounds::between(2, kMaxObjectives),
                    "number of objectives");
    visitor.optional_integer("dimension", dimension, Bounds::between(2, 1000),
                             "number of parameters; default: objective_count + 4 for dtlz1, + 19 for dtlz7, + 9 for the "
                             "others");
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
  [[nodiscard]] bool is(Dtlz a, Dtlz b) const { return function_ == a || function_ == b; }

  [[nodiscard]] Objectives values(const Configuration& x) const {
    const double g = this->g(x);
    if (function_ == Dtlz::dtlz7) return pieces(x, g);
    return function_ == Dtlz::dtlz1 ? plane(x, g) : sphere(x, g);
  }

  [[nodiscard]] double g(const Configuration& x) const {
    double sum = 0.0;
    for (std::size_t i = m_ - 1; i < x.size(); ++i) {
      const double z = x[i] - 0.5;
      if (is(Dtlz::dtlz1, Dtlz::dtlz3)) {
        sum += z * z - std::cos(20.0 * std::numbers::pi * z) + 1.0;
      } else if (function_ == Dtlz::dtlz6) {
        sum += std::pow(x[i], 0.1);
      } else {
        sum += function_ == Dtlz::dtlz7 ? x[i] : z * z;
      }
    }
    if (function_ == Dtlz::dtlz7) return 1.0 + 9.0 * sum / static_cast<double>(x.size() - m_ + 1);
    return is(Dtlz::dtlz1, Dtlz::dtlz3) ? 100.0 * sum : sum;
  }

  [[nodiscard]] Objectives plane(const Configuration& x, double g) const {
    Objectives result;
    for (std::size_t j = 0; j < m_; ++j) {
      double f = 0.5 * (1.0 + g);
      for (std::size_t i = 0; i + 1 + j < m_; ++i) f *= x[i];
      result.push_back(j > 0 ? f * (1.0 - x[m_ - 1 - j]) : f);
    }
    return result;
  }

  [[nodiscard]] Objectives sphere(const Configuration& x, double g) const {
    Objectives result;
    for (std::size_t j = 0; j < m_; ++j) {
      double f = 1.0 + g;
      for (std::size_t i = 0; i + 1 + j < m_; ++i) f *= std::cos(angle(x, i, g));
      result.push_back(j > 0 ? f * std::sin(angle(x, m_ - 1 - j, g)) : f);
    }
    return result;
  }

  [[nodiscard]] double angle(const Configuration& x, std::size_t i, double g) const {
    if (function_ == Dtlz::dtlz4) return std::pow(x[i], 100.0) * std::numbers::pi / 2.0;
    if (is(Dtlz::dtlz5, Dtlz::dtlz6) && i > 0)
      return std::numbers::pi / (4.0 * (1.0 + g)) * (1.0 + 2.0 * g * x[i]);
    return x[i] * std::numbers::pi / 2.0;
  }

  [[nodiscard]] Objectives pieces(const Configuration& x, double g) const {
    Objectives result;
    auto h = static_cast<double>(m_);
    for (std::size_t i = 0; i + 1 < m_; ++i) {
      result.push_back(x[i]);
      h -= x[i] / (1.0 + g) * (1.0 + std::sin(3.0 * std::numbers::pi * x[i]));
    }
    result.push_back((1.0 + g) * h);
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
