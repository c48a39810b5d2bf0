// The WFG toolkit: Huband, Hingston, Barone and While 2006, "A Review of Multiobjective Test Problems and a Scalable
// Test Problem Toolkit", IEEE Trans. Evol. Comp. 10. The symbols are the paper's: n = k + l parameters z_i in [0, 2 i],
// of which the first k decide the place on the front and the last l the distance to it; y = z / (2 i) goes through a
// function's transformations t1, t2, ... (tables IX and XIV), is reduced to M numbers, and these to M objectives
// f_m = x_M + 2 m h_m(x) by a shape h. Of wfg4 to wfg9 the front is an ellipsoid: sum_m (f_m / 2 m)^2 = 1.

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/recipe.h"
#include "search/problems/functions/evaluation_work.h"

namespace tonne {
namespace {

using Vector = std::vector<double>;
constexpr double kPi = std::numbers::pi;

enum class Wfg : std::uint8_t { wfg1, wfg2, wfg3, wfg4, wfg5, wfg6, wfg7, wfg8, wfg9 };
constexpr std::array<std::string_view, 9> kWfgNames = {"wfg1", "wfg2", "wfg3", "wfg4", "wfg5",
                                                       "wfg6", "wfg7", "wfg8", "wfg9"};

struct WfgSettings {
  Wfg function = Wfg::wfg4;
  std::int64_t objective_count = 3;      ///< M
  std::optional<std::int64_t> position;  ///< k; none: 4, or 2 (M - 1) beyond 2 objectives (section X)
  std::int64_t distance = 20;            ///< l (section X)
  Work flops = kSmallTraining;

  void visit(SettingsVisitor& visitor) {
    visitor.choice("function", function, kWfgNames,
                   "wfg1: biased, mixed front; wfg2: disconnected; wfg3: near a line; wfg4 to wfg9: an ellipsoid, behind "
                   "many local fronts (4), deception (5), parameters that do not separate (6, 9) or depend on each other "
                   "(7, 8, 9)");
    visitor.integer("objective_count", objective_count, Bounds::between(2, kMaxObjectives), "number of objectives");
    visitor.optional_integer("position", position, Bounds::between(1, 1000),
                             "parameters that decide the place on the front, a multiple of objective_count - 1; default: "
                             "4, or 2 x (objective_count - 1) with more than 2 objectives");
    visitor.integer("distance", distance, Bounds::between(2, 1000),
                    "parameters that decide the distance to the front; even for wfg2 and wfg3");
    visitor.quantity("flops", flops, Bounds::at_least(0), "work per evaluation");
    visitor.require(objective_count < 2 || k() % (static_cast<std::size_t>(objective_count) - 1) == 0, "position",
                    "must be a multiple of the number of objectives less one");
    visitor.require((function != Wfg::wfg2 && function != Wfg::wfg3) || distance % 2 == 0, "distance",
                    "must be even for wfg2 and wfg3");
  }
  [[nodiscard]] std::size_t k() const {
    const std::int64_t usual = objective_count == 2 ? 4 : 2 * (objective_count - 1);
    return static_cast<std::size_t>(position.value_or(usual));
  }
};

// --- transformations (table XI), [0, 1] to [0, 1] up to round-off ---

double within(double y) { return std::clamp(y, 0.0, 1.0); }

double b_flat(double y, double a, double b, double c) {
  const double below = std::min(0.0, std::floor(y - b)) * a * (b - y) / b;
  const double above = std::min(0.0, std::floor(c - y)) * (1.0 - a) * (y - c) / (1.0 - c);
  return within(a + below - above);
}

// With the paper's constants for A, B and C: .98 / 49.98, .02 and 50.
double b_param(double y, double u) {
  constexpr double a = 0.98 / 49.98;
  const double v = a - (1.0 - 2.0 * u) * std::abs(std::floor(0.5 - u) + a);
  return within(std::pow(y, 0.02 + (50.0 - 0.02) * v));
}

double s_linear(double y, double a) { return within(std::abs(y - a) / std::abs(std::floor(a - y) + a)); }

double s_decept(double y, double a, double b, double c) {
  const double left = std::floor(y - a + b) * (1.0 - c + (a - b) / b) / (a - b);
  const double right = std::floor(a + b - y) * (1.0 - c + (1.0 - a - b) / b) / (1.0 - a - b);
  return within(1.0 + (std::abs(y - a) - b) * (left + right + 1.0 / b));
}

double s_multi(double y, double a, double b, double c) {
  const double part = std::abs(y - c) / (2.0 * (std::floor(c - y) + c));
  return within((1.0 + std::cos((4.0 * a + 2.0) * kPi * (0.5 - part)) + 4.0 * b * part * part) / (b + 2.0));
}

double mean(std::span<const double> y) {
  double sum = 0.0;
  for (const double value : y) sum += value;
  return within(sum / static_cast<double>(y.size()));
}

// r_sum with the weights 2 i of wfg1; `first` is the index of y[0].
double weighted_mean(std::span<const double> y, std::size_t first) {
  double sum = 0.0;
  double weights = 0.0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double weight = 2.0 * static_cast<double>(first + i + 1);
    sum += weight * y[i];
    weights += weight;
  }
  return within(sum / weights);
}

double r_nonsep(std::span<const double> y, std::size_t degree) {
  double sum = 0.0;
  for (std::size_t j = 0; j < y.size(); ++j) {
    sum += y[j];
    for (std::size_t k = 0; k + 1 < degree; ++k) sum += std::abs(y[j] - y[(j + k + 1) % y.size()]);
  }
  const auto a = static_cast<double>(degree);
  const double half = std::ceil(a / 2.0);
  return within(sum / (static_cast<double>(y.size()) / a * half * (1.0 + 2.0 * a - 2.0 * half)));
}

class WfgProblem final : public Problem {
 public:
  explicit WfgProblem(const WfgSettings& settings)
      : function_(settings.function),
        m_(static_cast<std::size_t>(settings.objective_count)),
        k_(settings.k()),
        flops_(settings.flops) {
    const std::size_t n = k_ + static_cast<std::size_t>(settings.distance);
    std::vector<Parameter> parameters;
    for (std::size_t i = 1; i <= n; ++i)
      parameters.push_back({.name = "z" + std::to_string(i), .domain = Real{0.0, 2.0 * static_cast<double>(i)}});
    space_ = SearchSpace(std::move(parameters));
    traits_.name = "wfg/" + std::string(kWfgNames[static_cast<std::size_t>(function_)]) + "-" + std::to_string(m_);
    for (std::size_t i = 0; i < m_; ++i)
      traits_.objectives.push_back({"f" + std::to_string(i + 1), "", Direction::minimise});
  }

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  [[nodiscard]] double true_value(const Configuration& z) const override { return values(z).front(); }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random) const override {
    Outcome outcome;
    outcome.objectives = values(evaluation.configuration);
    outcome.workload.flops = flops_ * (evaluation.to - evaluation.from);
    return outcome;
  }

 private:
  [[nodiscard]] Objectives values(const Configuration& z) const {
    Vector y(z.size());
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = z[i] / (2.0 * static_cast<double>(i + 1));
    transform(y);
    const Vector t = reduced(y);
    Vector x(m_);
    for (std::size_t i = 0; i + 1 < m_; ++i) {
      const double a = function_ == Wfg::wfg3 && i > 0 ? 0.0 : 1.0;  // A_i: the front of wfg3 degenerates
      x[i] = std::max(t.back(), a) * (t[i] - 0.5) + 0.5;
    }
    x.back() = t.back();
    Objectives f;
    for (std::size_t m = 1; m <= m_; ++m) f.push_back(x.back() + 2.0 * static_cast<double>(m) * shape(x, m));
    return f;
  }

  // --- transformations that keep n ---

  void transform(Vector& y) const {
    depend(y);
    switch (function_) {
      case Wfg::wfg4:
        for (double& value : y) value = s_multi(value, 30.0, 10.0, 0.35);
        return;
      case Wfg::wfg5:
        for (double& value : y) value = s_decept(value, 0.35, 0.001, 0.05);
        return;
      case Wfg::wfg9:
        for (std::size_t i = 0; i < y.size(); ++i)
          y[i] = i < k_ ? s_decept(y[i], 0.35, 0.001, 0.05) : s_multi(y[i], 30.0, 95.0, 0.35);
        return;
      default:
        for (std::size_t i = k_; i < y.size(); ++i) y[i] = s_linear(y[i], 0.35);
    }
    if (function_ != Wfg::wfg1) return;
    for (std::size_t i = k_; i < y.size(); ++i) y[i] = b_flat(y[i], 0.8, 0.75, 0.85);
    for (double& value : y) value = std::pow(value, 0.02);  // b_poly
  }

  // Bias by the other parameters: by those that follow (wfg7, wfg9) or those before (wfg8).
  void depend(Vector& y) const {
    if (function_ != Wfg::wfg7 && function_ != Wfg::wfg8 && function_ != Wfg::wfg9) return;
    const Vector before = y;
    const std::span<const double> all(before);
    const std::size_t from = function_ == Wfg::wfg8 ? k_ : 0;
    const std::size_t to = function_ == Wfg::wfg7 ? k_ : function_ == Wfg::wfg8 ? y.size() : y.size() - 1;
    for (std::size_t i = from; i < to; ++i)
      y[i] = b_param(before[i], mean(function_ == Wfg::wfg8 ? all.first(i) : all.subspan(i + 1)));
  }

  // --- reduction to M numbers: M - 1 groups of the first k, and one of the others ---

  [[nodiscard]] Vector reduced(const Vector& y) const {
    Vector joined;
    if (function_ == Wfg::wfg2 || function_ == Wfg::wfg3)
      for (std::size_t i = k_; i + 1 < y.size(); i += 2) joined.push_back(r_nonsep(std::span(y).subspan(i, 2), 2));
    const std::span<const double> all(y);
    const std::span<const double> others = joined.empty() ? all.subspan(k_) : std::span<const double>(joined);
    const std::size_t size = k_ / (m_ - 1);
    Vector t;
    for (std::size_t group = 0; group + 1 < m_; ++group)
      t.push_back(reduced_group(all.subspan(group * size, size), group * size));
    t.push_back(reduced_group(others, k_));
    return t;
  }

  [[nodiscard]] double reduced_group(std::span<const double> y, std::size_t first) const {
    if (function_ == Wfg::wfg1) return weighted_mean(y, first);
    const bool separates = function_ != Wfg::wfg6 && function_ != Wfg::wfg9;
    return separates ? mean(y) : r_nonsep(y, y.size());
  }

  // --- shapes (table X) ---

  // h_m, m = 1 .. M. One parameter of x decides the last factor, those before it the others.
  [[nodiscard]] double shape(const Vector& x, std::size_t m) const {
    if (m == m_ && function_ == Wfg::wfg1)
      return 1.0 - x[0] - std::cos(10.0 * kPi * x[0] + kPi / 2.0) / (10.0 * kPi);
    if (m == m_ && function_ == Wfg::wfg2) {
      const double wave = std::cos(5.0 * x[0] * kPi);
      return 1.0 - x[0] * wave * wave;
    }
    double product = 1.0;
    for (std::size_t i = 0; i < m_ - m; ++i) product *= rising(x[i]);
    return m == 1 ? product : product * falling(x[m_ - m]);
  }
  [[nodiscard]] double rising(double x) const {
    if (function_ == Wfg::wfg3) return x;                                // linear
    if (function_ <= Wfg::wfg2) return 1.0 - std::cos(x * kPi / 2.0);  // convex
    return std::sin(x * kPi / 2.0);                                      // concave
  }
  [[nodiscard]] double falling(double x) const {
    if (function_ == Wfg::wfg3) return 1.0 - x;
    if (function_ <= Wfg::wfg2) return 1.0 - std::sin(x * kPi / 2.0);
    return std::cos(x * kPi / 2.0);
  }

  Wfg function_;
  std::size_t m_;
  std::size_t k_;
  Work flops_;
  SearchSpace space_;
  ProblemTraits traits_;
};

}  // namespace

std::unique_ptr<ProblemRecipe> make_wfg_recipe() {
  return std::make_unique<BasicProblemRecipe<WfgSettings, WfgProblem>>();
}

}  // namespace tonne
