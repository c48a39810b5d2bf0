#include "core/simulator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <numeric>
#include <stdexcept>

#include <rapidcheck/gtest.h>

#include "core/error.h"

namespace tonne {
namespace {

// A problem of one real: the loss is x, training takes x seconds per epoch on any machine; x > 0.9 diverges halfway.
class LineProblem final : public Problem {
 public:
  LineProblem() {
    traits_.name = "line";
    traits_.objectives = {{"loss", "", Direction::minimise}};
    traits_.fidelity = {"epochs", 1.0, 100.0, true};
  }
  const ProblemTraits& traits() const override { return traits_; }
  const SearchSpace& space() const override { return space_; }
  Outcome evaluate(const Evaluation& e, Random random) const override {
    Outcome outcome;
    const double x = e.configuration[0];
    outcome.objectives.push_back(x + 0.001 * random.uniform());
    outcome.workload.steps = 10.0 * (e.to - e.from);
    outcome.workload.memory = x * 20.0 * gigabyte;
    outcome.workload.measured_time = (e.to - e.from) * x * second;
    if (x > 0.9) {
      outcome.failure = Failure::diverged;
      *outcome.workload.measured_time *= 0.5;
    }
    return outcome;
  }
  double true_value(const Configuration& c) const override { return c[0]; }

 private:
  ProblemTraits traits_;
  SearchSpace space_{{{"x", Real{0.0, 1.0}}}};
};

// Watts and prices that make sums easy to check: busy 1 kW, idle 100 W, 1 kg and 1 USD per kWh.
class PlainCost final : public CostModel {
 public:
  explicit PlainCost(Bytes memory = 1e3 * gigabyte) : memory_(memory) {}
  bool fits(const Workload& w) const override { return w.memory <= memory_; }
  Charge charge(const Workload& w, Duration) const override { return at(*w.measured_time, kilowatt); }
  Charge charge_part(const Workload&, Duration, Duration length) const override { return at(length, kilowatt); }
  Charge charge_idle(Duration length, Duration) const override { return at(length, 100.0 * watt); }
  Charge charge_computing(Work work, Duration) const override {
    return at(work / gigaflop * second, 10.0 * watt);
  }

 private:
  static Charge at(Duration time, Power power) {
    Charge charge;
    charge.time = time;
    Usage& usage = charge[Line::device_dynamic];
    usage.energy = power * time;
    usage.operational = usage.energy * kilogram_per_kilowatt_hour;
    usage.money = usage.energy / kilowatt_hour * dollar;
    return charge;
  }
  Bytes memory_;
};

// Proposes what it is given, in order, then waits for ever.
class Scripted final : public Strategy {
 public:
  explicit Scripted(std::deque<Proposal> script) : script_(std::move(script)) {}
  std::optional<Proposal> ask(TrialId, Random) override {
    if (script_.empty()) return std::nullopt;
    const Proposal next = script_.front();
    script_.pop_front();
    return next;
  }
  void tell(const Trial& trial) override { told.push_back(trial.id); }
  bool may_resume() const override { return true; }
  std::vector<TrialId> told;

 private:
  std::deque<Proposal> script_;
};

// Uniform draws with a fixed amount of computing for each.
class Uniform final : public Strategy {
 public:
  explicit Uniform(const SearchSpace& space, Work work = Work{}) : space_(space), work_(work) {}
  std::optional<Proposal> ask(TrialId, Random random) override {
    computed_ += work_;
    return Proposal{space_.sample(random), 10.0, std::nullopt};
  }
  void tell(const Trial&) override {}
  Work computed() const override { return computed_; }

 private:
  const SearchSpace& space_;
  Work work_;
  Work computed_{};
};

struct Kept final : Recorder {
  std::vector<Trial> trials;
  std::vector<Incumbent> incumbents;
  void trial(const Trial& t) override { trials.push_back(t); }
  void incumbent(const Incumbent& i) override { incumbents.push_back(i); }
};

Proposal at(double x, double fidelity, std::optional<TrialId> resumes = std::nullopt) {
  Configuration c(1);
  c.set(0, x);
  return {c, fidelity, resumes};
}

SimulationOptions evaluations(std::uint64_t count, unsigned workers = 1) {
  SimulationOptions options;
  options.budget.evaluations = count;
  options.workers = workers;
  return options;
}

SearchResult run(Strategy& strategy, const SimulationOptions& options, Kept& kept, const CostModel& cost = PlainCost()) {
  return simulate(strategy, "test", LineProblem(), cost, options, Random(1), kept);
}

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

// --- preemption -------------------------------------------------------------------------------------------------

class SpotCost final : public CostModel {
 public:
  explicit SpotCost(Preemption preemption) : preemption_(preemption) {}
  bool fits(const Workload& w) const override { return plain_.fits(w); }
  Charge charge(const Workload& w, Duration start) const override { return plain_.charge(w, start); }
  Charge charge_part(const Workload& w, Duration start, Duration length) const override {
    return plain_.charge_part(w, start, length);
  }
  std::optional<Preemption> preemption() const override { return preemption_; }
  Charge charge_idle(Duration length, Duration start) const override { return plain_.charge_idle(length, start); }
  Charge charge_computing(Work work, Duration start) const override { return plain_.charge_computing(work, start); }

 private:
  Preemption preemption_;
  PlainCost plain_;
};

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
  const Energy useful = run.result.ledger[Account::search].total().energy + run.result.ledger[Account::failed].total().energy;
  const Energy calm = quiet.ledger[Account::search].total().energy + quiet.ledger[Account::failed].total().energy;
  EXPECT_NEAR(useful / joule, calm / joule, 1e-9 * calm / joule);
}

// Without checkpoints a trial of T against interruptions every M takes M (e^(T/M) - 1) of computing on average; here T
// is uniform on 0..10 s (up to 9; the rest fails at half), so that the mean over T is an integral. 4,000
// trials; the standard error over repetitions is 1.9 %, and 10 % is allowed: false alarms below one in a million.
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

// --- properties over random budgets and worker counts ----------------------------------------------------------

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
    case 0: c.options.budget.evaluations = static_cast<std::uint64_t>(size); break;
    case 1: c.options.budget.fidelity = 10.0 * size; break;
    case 2: c.options.budget.time = size * second; break;
    case 3: c.options.budget.energy = size * 2.0 * kilowatt * second; break;
    default: c.options.budget.money = size * 1e-3 * dollar; break;
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
  // One worker: its waiting while the strategy computes counts too. With more, the strategy may compute once more after
  // the last trial was committed.
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

// The same on interrupted devices: what is lost stands apart, and nothing is charged while a device is replaced.
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
    if (trial.preemptions > 0) gaps += (trial.end - trial.start - trial.charge.time - trial.lost.time) / second;
  }
  RC_ASSERT(search == result.ledger[Account::search]);
  RC_ASSERT(failed == result.ledger[Account::failed]);
  RC_ASSERT(lost == result.ledger[Account::lost]);
  const double workers_time = result.makespan / second * c.options.workers;
  const double booked = (search.time + failed.time + lost.time + result.ledger[Account::idle].time) / second + gaps;
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
