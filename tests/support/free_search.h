#pragma once
// Simulated searches where an epoch takes an hour of one worker and nothing costs anything else.

#include <string>
#include <string_view>
#include <vector>

#include "core/simulator.h"
#include "tests/support/recipes.h"

namespace tonne::testing {

class HourPerEpoch final : public CostModel {
 public:
  [[nodiscard]] bool fits(const Workload&) const override { return true; }
  [[nodiscard]] Charge charge(const Workload& workload, Duration start) const override {
    return charge_part(workload, start, workload.flops / gigaflop * hour);
  }
  [[nodiscard]] Charge charge_part(const Workload&, Duration, Duration length) const override { return lasting(length); }
  [[nodiscard]] Charge charge_idle(Duration length, Duration) const override { return lasting(length); }
  [[nodiscard]] Charge charge_computing(Work, Duration) const override { return {}; }

 private:
  static Charge lasting(Duration length) {
    Charge charge;
    charge.time = length;
    return charge;
  }
};

struct FreeSearch {
  SearchResult result;
  std::vector<Trial> trials;
};

/// One search by a strategy at the problem's highest fidelity, until the budget is used up.
inline FreeSearch free_search(std::string_view strategy, const std::string& settings, const Problem& problem,
                              const Budget& budget, std::uint64_t seed, unsigned workers = 1) {
  class Log final : public Recorder {
   public:
    void trial(const Trial& trial) override { trials.push_back(trial); }
    void incumbent(const Incumbent&) override {}
    std::vector<Trial> trials;
  } log;
  const HourPerEpoch cost;
  StrategyContext context{problem.space(), problem.traits(), problem.traits().fidelity.highest, workers, &cost};
  context.budget = &budget;
  const auto instance = strategy_recipe(strategy, settings)->make(context);
  SimulationOptions options;
  options.workers = workers;
  options.budget = budget;
  SearchResult result = simulate(*instance, strategy, problem, cost, options, Random(seed), log);
  return {std::move(result), std::move(log.trials)};
}

/// The same of so many `evaluations`.
inline FreeSearch free_search(std::string_view strategy, const std::string& settings, const Problem& problem,
                              std::uint64_t evaluations, std::uint64_t seed, unsigned workers = 1) {
  Budget budget;
  budget.evaluations = evaluations;
  return free_search(strategy, settings, problem, budget, seed, workers);
}

}  // namespace tonne::testing
