// A budget with `deny` on an hourly grid: the waiting of workers is priced at the hours in which they wait.

#include <gtest/gtest.h>

#include "core/error.h"
#include "core/simulator.h"
#include "cost_models/machine_model.h"

namespace tonne {
namespace {

class DayLongTrials final : public Problem {
 public:
  DayLongTrials() {
    traits_.name = "days";
    traits_.objectives = {{"loss", "", Direction::minimise}};
  }
  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  [[nodiscard]] Outcome evaluate(const Evaluation& e, Random) const override {
    Outcome outcome;
    outcome.objectives.push_back(e.configuration[0]);
    outcome.workload.measured_time = (0.5 + e.configuration[0]) * day;
    return outcome;
  }
  [[nodiscard]] double true_value(const Configuration& c) const override { return c[0]; }

 private:
  ProblemTraits traits_;
  SearchSpace space_{{{"x", Real{0.0, 1.0}}}};
};

class Draws final : public Strategy {
 public:
  explicit Draws(const SearchSpace& space) : space_(space) {}
  std::optional<Proposal> ask(TrialId, Random random) override { return Proposal{space_.sample(random)}; }
  void tell(const Trial&) override {}

 private:
  const SearchSpace& space_;
};

class Ignores final : public Recorder {
 public:
  void trial(const Trial&) override {}
  void incumbent(const Incumbent&) override {}
};

MachineCostModel on_trace(std::size_t days) {
  ClusterSettings settings;
  MachineParameters machine = resolve_machine(settings);
  std::vector<Intensity> hourly;
  for (std::size_t h = 0; h < 24 * days; ++h)
    hourly.push_back((h % 24 < 12 ? 600.0 : 50.0) * gram_per_kilowatt_hour);
  machine.grid = GridSignal::trace(Duration{}, hour, hourly, SignalNature{}, "test");
  return MachineCostModel(machine);
}

SearchResult search_with(const CostModel& cost, Carbon budget, std::uint64_t evaluations, unsigned workers) {
  const DayLongTrials problem;
  Draws strategy(problem.space());
  SimulationOptions options;
  options.workers = workers;
  options.overshoot = Overshoot::deny;
  options.budget.carbon = budget;
  options.budget.evaluations = evaluations;
  Ignores recorder;
  return simulate(strategy, "draws", problem, cost, options, Random(3), recorder);
}

// A hundred workers wait for less than 20 days each, though for more than 20 days together.
TEST(DenyOnATrace, WaitingWorkersDoNotOutlastTheTrace) {
  const SearchResult result = search_with(on_trace(20), 5.0 * tonne_co2e, 100, 100);
  EXPECT_EQ(result.evaluations, 100U);
}

TEST(DenyOnATrace, TheBudgetIsKeptAndNearlyUsed) {
  for (const unsigned workers : {1U, 7U, 40U}) {
    const Carbon budget = 60.0 * kilogram * (workers < 7 ? 1.0 : 3.0);
    const SearchResult result = search_with(on_trace(400), budget, 100'000, workers);
    const Carbon spent = result.ledger.search_total().total().carbon();
    EXPECT_LE(spent / kilogram, budget / kilogram * (1.0 + 1e-9)) << workers << " workers";
    EXPECT_GE(spent / kilogram, 0.5 * budget / kilogram) << workers << " workers";
  }
}

}  // namespace
}  // namespace tonne
