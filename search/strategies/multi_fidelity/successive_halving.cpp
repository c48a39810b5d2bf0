// Successive halving: Jamieson and Talwalkar 2016, "Non-stochastic Best Arm Identification and Hyperparameter
// Optimization", AISTATS (algorithm SuccessiveHalving), with the eta of Li et al. 2018.
//
// n configurations are trained for r; the best n / eta of them go on, from their checkpoints, to eta r, of
// these the best 1 / eta, and so on, until the last are trained in full (R). The paper ends there; here
// another run follows with new configurations while there is budget.
//
// Where the paper is silent, or this differs:
// - Workers: while the last trials of a rung run, free workers begin the next run (or wait: `barrier`).
// - R is met exactly: the rungs are R / eta^k, rounded down to amounts of training that the problem has.
// - Failed configurations are never promoted, ties are broken by age.

#include <cmath>

#include "search/strategies/multi_fidelity/source_brackets.h"

namespace tonne {
namespace {

/// Defaults: eta of Li et al. 2018 (Jamieson and Talwalkar halve: 2).
struct SuccessiveHalvingSettings {
  double eta = 3.0;
  /// n; none: as many as leave one in the last rung, eta^s_max.
  std::optional<std::int64_t> start;
  std::optional<double> min_fidelity;  ///< r, in the problem's unit; none: the least that the problem has
  Barrier barrier = Barrier::next_bracket;
  std::int64_t rounds = 0;  ///< runs; 0: until the budget is used up

  void visit(SettingsVisitor& visitor) {
    visitor.number("eta", eta, Bounds::between(1.1, 1e6),
                   "reduction factor: 1 in eta is promoted, with eta times the training");
    visitor.optional_integer(
        "start", start, Bounds::between(1, 1e7),
        "configurations in the first rung; default: as many as leave one in the last rung");
    visitor.optional_number("min_fidelity", min_fidelity, Bounds::above(0.0),
                            "minimum training of the lowest rung, in the problem's fidelity unit; default: "
                            "the problem's lowest fidelity");
    visit_barrier(visitor, barrier);
    visitor.integer("rounds", rounds, Bounds::between(0, 1e9),
                    "number of halving runs; 0: until the budget runs out");
  }

  [[nodiscard]] std::vector<Bracket> brackets(const StrategyContext& context) const {
    const FidelityTraits& fidelity = context.traits.fidelity;
    const auto r = rung_fidelities(fidelity, min_fidelity.value_or(fidelity.lowest), context.fidelity, eta);
    const double s_max = static_cast<double>(r.size() - 1);
    constexpr double kRounding = 1e-9;
    const double all = std::ceil(std::pow(eta, s_max) - kRounding);
    const double n = start ? static_cast<double>(*start) : all;
    return {halving(static_cast<std::size_t>(n), eta, r)};
  }
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const {
    return refuses_least(min_fidelity, context);
  }
};

}  // namespace

std::unique_ptr<StrategyRecipe> make_successive_halving_recipe() {
  return std::make_unique<SchedulerRecipe<SuccessiveHalvingSettings, SourceBrackets>>();
}

}  // namespace tonne
