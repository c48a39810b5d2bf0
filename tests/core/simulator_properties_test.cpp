// Properties of the simulator over random budgets and worker counts.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/simulator.h"
#include "tests/core/simulator_helpers.h"

namespace tonne {
namespace {

using namespace testing;

struct Case {
  SimulationOptions options;
  std::uint64_t seed = 0;
};

Case random_case() {
  Case c;
  c.options.workers = *rc::gen::inRange(1U, 9U);
  c.seed = *rc::gen::inRange<std::uint64_t>(0, 1000);
  const double size = *rc::gen::inRange(1, 200);
  switch (*rc::gen::inRange(0, 5)) {
    case 0:
      c.options.budget.evaluations = static_cast<std::uint64_t>(size);
      break;
    case 1:
      c.options.budget.fidelity = 10.0 * size;
      break;
    case 2:
      c.options.budget.time = size * second;
      break;
    case 3:
      c.options.budget.energy = size * 2.0 * kilowatt * second;
      break;
    default:
      c.options.budget.money = size * 1e-3 * dollar;
      break;
  }
  c.options.budget.carbon = *rc::gen::inRange(1, 100) * 2.0 * gram;
  c.options.overshoot = *rc::gen::element(Overshoot::allow, Overshoot::deny);
  c.options.duplicates = *rc::gen::element(Duplicates::charge, Duplicates::cache, Duplicates::forbid);
  return c;
}

RC_GTEST_PROP(SimulatorProperties, DenyNeverCrossesTheBudget, ()) {
  Case c = random_case();
  c.options.overshoot = Overshoot::deny;
  const LineProblem problem;
  // One worker: its waiting while the strategy computes counts too. With more, the strategy may compute once
  // more after the last trial was committed.
  Uniform strategy(problem.space(), c.options.workers == 1 ? 0.3 * gigaflop : Work{});
  Kept kept;
  const SearchResult result = simulate(strategy, "u", problem, PlainCost(), c.options, Random(c.seed), kept);
  const Usage total = result.ledger.search_total().total();
  const double slack = 1.0 + 1e-9;
  const Budget& b = c.options.budget;
  if (b.evaluations) RC_ASSERT(result.evaluations <= *b.evaluations);
  if (b.fidelity) RC_ASSERT(result.trained <= *b.fidelity * slack);
  if (b.time) RC_ASSERT(result.makespan <= *b.time * slack);
  if (b.energy) RC_ASSERT(total.energy <= *b.energy * slack);
  if (b.carbon) RC_ASSERT(total.carbon() <= *b.carbon * slack);
  if (b.money) RC_ASSERT(total.money <= *b.money * slack);
}

RC_GTEST_PROP(SimulatorProperties, TheLedgerIsTheSumOfTheTrials, ()) {
  const Case c = random_case();
  const LineProblem problem;
  Uniform strategy(problem.space(), 0.1 * gigaflop);
  Kept kept;
  const SearchResult result = simulate(strategy, "u", problem, PlainCost(), c.options, Random(c.seed), kept);
  Charge search;
  Charge failed;
  for (const Trial& trial : kept.trials) (trial.completed() ? search : failed) += trial.charge;
  RC_ASSERT(search == result.ledger[Account::search]);
  RC_ASSERT(failed == result.ledger[Account::failed]);
  // Every second of every worker until the end is a trial's or waiting.
  const double workers_time = result.makespan / second * c.options.workers;
  const double booked = (search.time + failed.time + result.ledger[Account::idle].time) / second;
  RC_ASSERT(std::abs(workers_time - booked) <= 1e-9 * (1.0 + workers_time));
}

// The same on interrupted devices: what is lost stands apart, and nothing is charged while a device is
// replaced.
RC_GTEST_PROP(SimulatorProperties, PreemptionsConserveTheLedger, ()) {
  const Case c = random_case();
  const LineProblem problem;
  Uniform strategy(problem.space(), 0.1 * gigaflop);
  Kept kept;
  const SpotCost cost({*rc::gen::inRange(2, 50) * second, *rc::gen::inRange(0, 5) * second, 1.0 * second});
  const SearchResult result = simulate(strategy, "u", problem, cost, c.options, Random(c.seed), kept);
  Charge search;
  Charge failed;
  Charge lost;
  double gaps = 0.0;
  for (const Trial& trial : kept.trials) {
    (trial.completed() ? search : failed) += trial.charge;
    if (trial.preemptions > 0) lost += trial.lost;
    RC_ASSERT((trial.lost.time > Duration{}) <= (trial.preemptions > 0));
    if (trial.preemptions > 0)
      gaps += (trial.end - trial.start - trial.charge.time - trial.lost.time) / second;
  }
  RC_ASSERT(search == result.ledger[Account::search]);
  RC_ASSERT(failed == result.ledger[Account::failed]);
  RC_ASSERT(lost == result.ledger[Account::lost]);
  const double workers_time = result.makespan / second * c.options.workers;
  const double booked =
      (search.time + failed.time + lost.time + result.ledger[Account::idle].time) / second + gaps;
  RC_ASSERT(std::abs(workers_time - booked) <= 1e-9 * (1.0 + workers_time));
}

RC_GTEST_PROP(SimulatorProperties, NoWorkerRunsTwoTrialsAtOnce, ()) {
  const Case c = random_case();
  const LineProblem problem;
  Uniform strategy(problem.space());
  Kept kept;
  (void)simulate(strategy, "u", problem, PlainCost(), c.options, Random(c.seed), kept);
  std::vector<Duration> free(c.options.workers);
  Duration last{};
  for (const Trial& trial : kept.trials) {
    RC_ASSERT(trial.end >= last);
    last = trial.end;
  }
  std::vector<Trial> by_start = kept.trials;
  std::ranges::sort(by_start, {}, &Trial::id);
  for (const Trial& trial : by_start) {
    RC_ASSERT(trial.start >= free[trial.worker]);
    free[trial.worker] = trial.end;
  }
}

RC_GTEST_PROP(SimulatorProperties, TheSameSeedGivesTheSameSearch, ()) {
  const Case c = random_case();
  const LineProblem problem;
  Kept first;
  Kept second_run;
  for (Kept* kept : {&first, &second_run}) {
    Uniform strategy(problem.space());
    (void)simulate(strategy, "u", problem, PlainCost(), c.options, Random(c.seed), *kept);
  }
  RC_ASSERT(first.trials.size() == second_run.trials.size());
  for (std::size_t i = 0; i < first.trials.size(); ++i) {
    RC_ASSERT(first.trials[i].proposal.configuration == second_run.trials[i].proposal.configuration);
    RC_ASSERT(first.trials[i].charge == second_run.trials[i].charge);
  }
}

}  // namespace
}  // namespace tonne
