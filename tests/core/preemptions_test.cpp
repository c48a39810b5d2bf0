#include "core/preemptions.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "tests/core/simulator_helpers.h"

namespace tonne {
namespace {

using namespace testing;

struct SpotRun {
  SearchResult result;
  double lost_s = 0.0, useful_s = 0.0, gaps_s = 0.0;
  std::uint64_t preemptions = 0;
};

SpotRun run_on_spot(Preemption preemption, std::uint64_t evaluations) {
  const LineProblem problem;
  Uniform strategy(problem.space());
  SimulationOptions options;
  options.workers = 4;
  options.budget.evaluations = evaluations;
  Kept kept;
  SpotRun run;
  run.result = simulate(strategy, "u", problem, SpotCost(preemption), options, Random(5), kept);
  for (const Trial& trial : kept.trials) {
    run.lost_s += trial.lost.time / second;
    run.useful_s += trial.charge.time / second;
    run.gaps_s += (trial.end - trial.start - trial.lost.time - trial.charge.time) / second;
    run.preemptions += trial.preemptions;
  }
  return run;
}

TEST(Preemption, LostWorkHasItsOwnAccountAndTheUsefulWorkStaysTheSame) {
  const SpotRun run = run_on_spot({4.0 * second, 3.0 * second, std::nullopt}, 200);
  ASSERT_GT(run.preemptions, 100U);
  EXPECT_NEAR(run.result.ledger[Account::lost].time / second, run.lost_s, 1e-9 * run.lost_s);
  EXPECT_NEAR(run.gaps_s, 3.0 * static_cast<double>(run.preemptions), 1e-6);
  const LineProblem problem;
  Uniform strategy(problem.space());
  SimulationOptions options;
  options.workers = 4;
  options.budget.evaluations = 200;
  Kept kept;
  const SearchResult quiet = simulate(strategy, "u", problem, PlainCost(), options, Random(5), kept);
  const Energy useful =
      run.result.ledger[Account::search].total().energy + run.result.ledger[Account::failed].total().energy;
  const Energy calm =
      quiet.ledger[Account::search].total().energy + quiet.ledger[Account::failed].total().energy;
  EXPECT_NEAR(useful / joule, calm / joule, 1e-9 * calm / joule);
}

// Without checkpoints a trial of T against interruptions every M takes M (e^(T/M) - 1) of computing on
// average; here T is uniform on 0..10 s (up to 9; the rest fails at half), so that the mean over T is an
// integral. 4,000 trials; the standard error over repetitions is 1.9 %, and 10 % is allowed: false alarms
// below one in a million.
TEST(Preemption, TheMeanComputingTimeIsTheTheorys) {
  constexpr double kInterval = 6.0;
  const SpotRun run = run_on_spot({kInterval * second, {}, std::nullopt}, 4000);
  double expected = 0.0;
  constexpr int kSteps = 10'000;
  for (int i = 0; i < kSteps; ++i) {
    const double x = (i + 0.5) / kSteps;
    const double length = 10.0 * (x > 0.9 ? 0.5 * x : x);
    expected += kInterval * std::expm1(length / kInterval) / kSteps;
  }
  const double measured = (run.lost_s + run.useful_s) / 4000.0;
  EXPECT_NEAR(measured, expected, 0.1 * expected);
}

TEST(Preemption, CheckpointsBoundWhatIsLost) {
  const SpotRun run = run_on_spot({2.0 * second, {}, 0.5 * second}, 500);
  ASSERT_GT(run.preemptions, 500U);
  EXPECT_LT(run.lost_s, 0.5 * static_cast<double>(run.preemptions));
  EXPECT_GT(run.lost_s, 0.1 * static_cast<double>(run.preemptions));
}

TEST(Preemption, ATrialThatCouldHardlyEverEndIsRefused) {
  EXPECT_THROW((void)run_on_spot({0.01 * second, {}, std::nullopt}, 200), InputError);
  EXPECT_THROW((void)run_on_spot({1e-6 * second, {}, 1e-7 * second}, 200), InputError);
}

}  // namespace
}  // namespace tonne
