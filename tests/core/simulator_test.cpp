#include "core/simulator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <numeric>
#include <stdexcept>

#include "core/error.h"
#include "tests/core/simulator_helpers.h"

namespace tonne {
namespace {

using namespace testing;

TEST(Simulator, WorkersRunAsynchronouslyInOrderOfTime) {
  Scripted strategy({at(0.5, 10), at(0.2, 10), at(0.1, 10), at(0.4, 10)});
  Kept kept;
  const SearchResult result = run(strategy, evaluations(4, 2), kept);
  // Worker 0: trial 0 (0..5 s). Worker 1: trial 1 (0..2), trial 2 (2..3), trial 3 (3..7).
  EXPECT_EQ(strategy.told, (std::vector<TrialId>{1, 2, 0, 3}));
  EXPECT_DOUBLE_EQ(result.makespan / second, 7.0);
  EXPECT_EQ(kept.trials[3].worker, 1U);
  // Worker 0 waits from 5 to 7 s at 100 W.
  EXPECT_DOUBLE_EQ(result.ledger[Account::idle].time / second, 2.0);
  EXPECT_DOUBLE_EQ(result.ledger[Account::idle].total().energy / joule, 200.0);
  EXPECT_DOUBLE_EQ(result.ledger[Account::search].time / second, 12.0);
}

TEST(Simulator, SimultaneousEndsAreToldInOrderOfStart) {
  Scripted strategy({at(0.3, 10), at(0.3, 10), at(0.3, 10)});
  Kept kept;
  (void)run(strategy, evaluations(3, 3), kept);
  EXPECT_EQ(strategy.told, (std::vector<TrialId>{0, 1, 2}));
}

TEST(Simulator, AFailedTrialCostsWhatItUsed) {
  Scripted strategy({at(0.95, 10), at(0.5, 10)});
  Kept kept;
  const SearchResult result = run(strategy, evaluations(2), kept);
  EXPECT_EQ(result.failures, 1U);
  EXPECT_DOUBLE_EQ(result.ledger[Account::failed].time / second, 4.75);
  EXPECT_EQ(std::get<Failed>(kept.trials[0].result).reason, Failure::diverged);
  EXPECT_DOUBLE_EQ(result.winner->true_value, 0.5);
}

TEST(Simulator, OutOfMemoryStrikesInTheFirstStep) {
  Scripted strategy({at(0.8, 10), at(0.5, 10)});
  Kept kept;
  const SearchResult result = run(strategy, evaluations(2), kept, PlainCost(12.0 * gigabyte));
  EXPECT_EQ(std::get<Failed>(kept.trials[0].result).reason, Failure::out_of_memory);
  EXPECT_DOUBLE_EQ(result.ledger[Account::failed].time / second, 8.0 / 100.0);
}

TEST(Simulator, AllFailedHasNoWinner) {
  Scripted strategy({at(0.95, 10)});
  Kept kept;
  const SearchResult result = run(strategy, evaluations(1), kept);
  EXPECT_FALSE(result.winner);
  EXPECT_FALSE(result.winner_training);
}

TEST(Simulator, ResumingPaysOnlyForWhatIsNew) {
  for (const auto resuming : {Resuming::from_checkpoint, Resuming::from_scratch}) {
    Scripted strategy({at(0.5, 10), at(0.5, 40, 0)});
    SimulationOptions options = evaluations(2);
    options.resuming = resuming;
    Kept kept;
    const SearchResult result = run(strategy, options, kept);
    const bool checkpoint = resuming == Resuming::from_checkpoint;
    EXPECT_DOUBLE_EQ(result.trained, checkpoint ? 40.0 : 50.0);
    EXPECT_DOUBLE_EQ(result.makespan / second, checkpoint ? 20.0 : 25.0);
    EXPECT_DOUBLE_EQ(kept.trials[1].trained_from, checkpoint ? 10.0 : 0.0);
  }
}

TEST(Simulator, ResumingWhatNeverRanIsAProgrammingError) {
  Scripted strategy({at(0.5, 10), at(0.6, 40, 0)});
  Kept kept;
  EXPECT_THROW((void)run(strategy, evaluations(2), kept), std::logic_error);
}

TEST(Simulator, DuplicatesAreChargedCachedOrForbidden) {
  const std::deque<Proposal> script{at(0.5, 10), at(0.5, 10), at(0.4, 10)};
  SimulationOptions options = evaluations(3);
  {
    Scripted strategy(script);
    Kept kept;
    const SearchResult result = run(strategy, options, kept);
    EXPECT_EQ(result.evaluations, 3U);
    EXPECT_EQ(kept.trials[1].repeat, 1U);
    EXPECT_NE(kept.trials[0].loss(), kept.trials[1].loss());  // another training seed
  }
  {
    options.duplicates = Duplicates::cache;
    Scripted strategy(script);
    Kept kept;
    const SearchResult result = run(strategy, options, kept);
    EXPECT_EQ(result.evaluations, 2U);
    EXPECT_EQ(result.cached, 1U);
    EXPECT_EQ(kept.trials[0].loss(), kept.trials[1].loss());
    EXPECT_EQ(kept.trials[1].charge, Charge{});
  }
  {
    options.duplicates = Duplicates::forbid;
    Scripted strategy(script);
    Kept kept;
    const SearchResult result = run(strategy, options, kept);
    EXPECT_EQ(kept.trials.size(), 2U);
    EXPECT_EQ(result.stop, StopReason::finished);
  }
}

TEST(Simulator, RivalStrategiesSeeTheSameNoise) {
  Scripted first({at(0.5, 10), at(0.3, 10)});
  Scripted second({at(0.3, 10)});
  Kept a;
  Kept b;
  (void)simulate(first, "one", LineProblem(), PlainCost(), evaluations(2), Random(9), a);
  (void)simulate(second, "two", LineProblem(), PlainCost(), evaluations(1), Random(9), b);
  EXPECT_EQ(a.trials[1].loss(), b.trials[0].loss());
}

TEST(Simulator, TheStrategysComputingIsChargedAndTakesTime) {
  const LineProblem problem;
  Uniform strategy(problem.space(), 2.0 * gigaflop);  // 2 s an ask
  Kept kept;
  const SearchResult result = simulate(strategy, "u", problem, PlainCost(), evaluations(3), Random(1), kept);
  EXPECT_DOUBLE_EQ(result.ledger[Account::strategy].time / second, 6.0);
  EXPECT_DOUBLE_EQ(kept.trials[0].start / second, 2.0);
  EXPECT_DOUBLE_EQ(result.ledger[Account::idle].time / second, 6.0);  // the one worker waited for each ask

  Uniform free(problem.space(), 2.0 * gigaflop);
  SimulationOptions options = evaluations(3);
  options.charge_strategy = false;
  Kept other;
  EXPECT_EQ(simulate(free, "u", problem, PlainCost(), options, Random(1), other).ledger[Account::strategy], Charge{});
}

TEST(Simulator, RetrainingIsApartFromTheSearch) {
  Scripted strategy({at(0.5, 10)});
  SimulationOptions options = evaluations(1);
  options.retrain_winner = true;
  Kept kept;
  const SearchResult result = run(strategy, options, kept);
  EXPECT_DOUBLE_EQ(result.ledger[Account::retraining].time / second, 50.0);
  EXPECT_DOUBLE_EQ(result.ledger.search_total().time / second, 5.0);
}

TEST(Simulator, AnIncumbentOfHigherFidelityReplacesALowerOne) {
  Scripted strategy({at(0.2, 10), at(0.5, 100), at(0.1, 10), at(0.4, 100)});
  Kept kept;
  const SearchResult result = run(strategy, evaluations(4), kept);
  EXPECT_DOUBLE_EQ(result.winner->true_value, 0.4);
  EXPECT_EQ(kept.incumbents.size(), 3U);
}

TEST(Simulator, ABudgetThatNothingUsesIsRefused) {
  class Free final : public CostModel {
   public:
    bool fits(const Workload&) const override { return true; }
    Charge charge(const Workload&, Duration) const override { return {}; }
    Charge charge_part(const Workload&, Duration, Duration) const override { return {}; }
    Charge charge_idle(Duration, Duration) const override { return {}; }
    Charge charge_computing(Work, Duration) const override { return {}; }
  };
  const LineProblem problem;
  Uniform strategy(problem.space());
  SimulationOptions options;
  options.budget.carbon = 1.0 * kilogram;
  struct None final : Recorder {
    void trial(const Trial&) override {}
    void incumbent(const Incumbent&) override {}
  } none;
  EXPECT_THROW((void)simulate(strategy, "u", problem, Free(), options, Random(1), none), InputError);
}

// A search that spends a little and then only proposes what costs nothing: it ends, and what it found is kept.
TEST(Simulator, ASearchThatStopsSpendingEnds) {
  class FreeAfterTen final : public Problem {
   public:
    const ProblemTraits& traits() const override { return line_.traits(); }
    const SearchSpace& space() const override { return line_.space(); }
    Outcome evaluate(const Evaluation& e, Random) const override {
      Outcome outcome;
      outcome.objectives.push_back(e.configuration[0]);
      outcome.workload.measured_time = e.configuration[0] < 0.5 ? second : Duration{};
      return outcome;
    }
    double true_value(const Configuration& c) const override { return c[0]; }

   private:
    LineProblem line_;
  } problem;
  class Climber final : public Strategy {
   public:
    explicit Climber(const SearchSpace& space) : space_(space) {}
    std::optional<Proposal> ask(TrialId id, Random) override {
      Configuration c = space_.default_configuration();
      c.set(0, id < 10 ? 0.1 : 0.9);
      return Proposal{std::move(c)};
    }
    void tell(const Trial&) override {}

   private:
    const SearchSpace& space_;
  } strategy(problem.space());
  SimulationOptions options;
  options.budget.energy = 1.0 * kilowatt_hour;
  Kept kept;
  const SearchResult result = simulate(strategy, "c", problem, PlainCost(), options, Random(1), kept);
  EXPECT_EQ(result.stop, StopReason::stalled);
  EXPECT_EQ(result.evaluations, 10'010U);
  ASSERT_TRUE(result.winner);
}

TEST(Simulator, ACostThatIsNoNumberIsRefused) {
  class Endless final : public CostModel {
   public:
    bool fits(const Workload&) const override { return true; }
    Charge charge(const Workload&, Duration) const override { return of(std::numeric_limits<double>::infinity()); }
    Charge charge_part(const Workload&, Duration, Duration) const override { return {}; }
    Charge charge_idle(Duration, Duration) const override { return {}; }
    Charge charge_computing(Work, Duration) const override { return {}; }

   private:
    static Charge of(double seconds) {
      Charge charge;
      charge.time = seconds * second;
      return charge;
    }
  };
  const LineProblem problem;
  Uniform strategy(problem.space());
  SimulationOptions options;
  options.budget.evaluations = 3;
  Kept kept;
  EXPECT_THROW((void)simulate(strategy, "u", problem, Endless(), options, Random(1), kept), InputError);
}

}  // namespace
}  // namespace tonne
