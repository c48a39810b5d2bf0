// carbon_budget, marginal_stop, wait_for_clean: what they promise, in simulated searches.

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "core/simulator.h"
#include "tests/search/strategies/strategy_helpers.h"

namespace tonne {
namespace {

// Every trial takes an hour at 1 kW of a grid that is 400 g/kWh by night and 100 by day (from 8 to 16 o'clock); without a
// trace 400 at all hours.
class DayAndNight final : public CostModel {
 public:
  explicit DayAndNight(bool varies) : varies_(varies) {}
  [[nodiscard]] bool fits(const Workload&) const override { return true; }
  [[nodiscard]] Charge charge(const Workload& workload, Duration start) const override {
    return charge_part(workload, start, 1.0 * hour);
  }
  [[nodiscard]] Charge charge_part(const Workload&, Duration start, Duration length) const override {
    Charge charge;
    charge.time = length;
    charge[Line::device_dynamic].energy = 1000.0 * watt * length;
    charge[Line::device_dynamic].operational = charge[Line::device_dynamic].energy * mean(start, length);
    return charge;
  }
  [[nodiscard]] Charge charge_idle(Duration length, Duration) const override {
    Charge charge;
    charge.time = length;
    return charge;
  }
  [[nodiscard]] Charge charge_computing(Work, Duration) const override { return {}; }
  [[nodiscard]] std::optional<Intensity> intensity(Duration start, Duration length) const override {
    return varies_ ? std::optional(mean(start, length)) : std::nullopt;
  }

 private:
  [[nodiscard]] Intensity mean(Duration start, Duration length) const {
    if (!varies_) return 400.0 * gram_per_kilowatt_hour;
    double sum = 0.0;
    constexpr int kParts = 60;
    for (int i = 0; i < kParts; ++i) {
      const double at = std::fmod((start + (i + 0.5) / kParts * length) / hour, 24.0);
      sum += at >= 8.0 && at < 16.0 ? 100.0 : 400.0;
    }
    return sum / kParts * gram_per_kilowatt_hour;
  }
  bool varies_;
};

class Log final : public Recorder {
 public:
  void trial(const Trial& trial) override { trials.push_back(trial); }
  void incumbent(const Incumbent&) override {}
  std::vector<Trial> trials;
};

struct Search {
  SearchResult result;
  std::vector<Trial> trials;
};

Search search(std::string_view strategy, const std::string& settings, const CostModel& cost, std::uint64_t evaluations,
              unsigned workers = 1) {
  const auto problem = testing::problem_recipe("function", "{function: branin}")->make();
  const auto recipe = testing::strategy_recipe(strategy, settings);
  const auto instance = recipe->make({problem->space(), problem->traits(), 1.0, workers, &cost});
  SimulationOptions options;
  options.workers = workers;
  options.budget.evaluations = evaluations;
  Log log;
  const SearchResult result = simulate(*instance, "same", *problem, cost, options, Random(1), log);
  return {result, log.trials};
}

TEST(WaitForClean, MovesTrialsIntoTheCleanHours) {
  const DayAndNight cost(true);
  const Search plain = search("random", "", cost, 24);
  const Search waiting = search("wait_for_clean", "{strategy: random}", cost, 24);
  for (const Trial& trial : waiting.trials) {
    const double start = std::fmod(trial.start / hour, 24.0);
    EXPECT_GE(start, 8.0 - 1e-9);
    EXPECT_LE(start, 15.0 + 1e-9);
  }
  // 24 trials of 1 kWh: 8 of them by day without waiting, all of them with it, on three days.
  EXPECT_NEAR(plain.result.ledger.search_total().total().carbon() / kilogram, 8 * 0.1 + 16 * 0.4, 1e-9);
  EXPECT_NEAR(waiting.result.ledger.search_total().total().carbon() / kilogram, 24 * 0.1, 1e-9);
  EXPECT_NEAR(plain.result.makespan / hour, 24.0, 1e-9);
  EXPECT_NEAR(waiting.result.makespan / hour, 48.0 + 16.0, 1e-9);
  // The same candidates: only when they run differs.
  for (std::size_t i = 0; i < 24; ++i)
    EXPECT_EQ(plain.trials[i].proposal.configuration, waiting.trials[i].proposal.configuration);
}

TEST(WaitForClean, KeepsItsDeadlineAndItsPatience) {
  const DayAndNight cost(true);
  const Search hurried = search("wait_for_clean", "{deadline: 20 h}", cost, 14);
  EXPECT_LE(hurried.result.makespan / hour, 22.0);  // 8 by day, the others as soon as they can
  const Search impatient = search("wait_for_clean", "{patience: 3 h}", cost, 2);
  EXPECT_DOUBLE_EQ(impatient.trials[0].start / hour, 0.0);  // the day is out of reach
  const Search choosy = search("wait_for_clean", "{saving: 0.8}", cost, 2);
  EXPECT_DOUBLE_EQ(choosy.trials[0].start / hour, 0.0);  // by day it is only 75 % less
}

// A picosecond is below the last bit of an hour's seconds: a sum of such steps would never arrive.
TEST(WaitForClean, TakesStepsBelowTheLastBitOfTheTime) {
  const DayAndNight cost(true);
  const Search search_of_three = search("wait_for_clean", "{patience: 1e-9 s, step: 1e-13 s}", cost, 3);
  EXPECT_EQ(search_of_three.trials.size(), 3U);
}

TEST(WaitForClean, RefusesAGridThatNeverChanges) {
  const DayAndNight cost(false);
  const auto problem = testing::problem_recipe("function", "{function: branin}")->make();
  const auto reason =
      testing::strategy_recipe("wait_for_clean", "")->refuses({problem->space(), problem->traits(), 1.0, 1, &cost});
  ASSERT_TRUE(reason);
  EXPECT_NE(reason->find("intensity is constant"), std::string::npos);
}

TEST(CarbonBudget, SpendsNoFasterThanItsAllowance) {
  const DayAndNight cost(false);
  for (const unsigned workers : {1U, 4U}) {
    const Search rationed = search("carbon_budget", "{amount: 2 kg, per: 10 h}", cost, 40, workers);
    for (const Trial& trial : rationed.trials) {
      // Spent by all trials that have started by then, this one included.
      double spent = 0.0;
      for (const Trial& other : rationed.trials)
        if (other.start <= trial.start) spent += other.charge.total().carbon() / kilogram;
      // The first ones start before the cost of a trial is known.
      const double allowance = 2.0 * (1.0 + trial.start / hour / 10.0);
      EXPECT_LE(trial.id >= workers ? spent : 0.0, allowance + 1e-9);
    }
    // 16 kg at 0.2 kg/h after a start of 2 kg: 70 hours until the last trial starts.
    EXPECT_NEAR(rationed.result.makespan / hour, 71.0, 1e-6) << workers;
  }
}

TEST(CarbonBudget, ALeastAllowanceStillGivesFiniteTimes) {
  const DayAndNight cost(false);
  const Search starved = search("carbon_budget", "{amount: 1e-9 kg, per: 876600 h}", cost, 20);
  EXPECT_EQ(starved.trials.size(), 20U);
  EXPECT_TRUE(std::isfinite(starved.result.makespan.base()));
  EXPECT_THROW(testing::strategy_recipe("carbon_budget", "{amount: 1e-310 kg}"), InputError);
  EXPECT_THROW(testing::strategy_recipe("carbon_budget", "{per: 1e300 h}"), InputError);
}

TEST(MarginalStop, EndsWhenAKilogramBuysTooLittle) {
  const DayAndNight cost(false);
  const Search patient = search("marginal_stop", "{gain: 0, window: 20, startup: 20}", cost, 300);
  EXPECT_EQ(patient.result.evaluations, 300U);
  // Random search on Branin stops improving by 0.1 per kilogram within some dozens of trials.
  const Search wise = search("marginal_stop", "{gain: 0.1, window: 20, startup: 20}", cost, 300);
  EXPECT_EQ(wise.result.stop, StopReason::finished);
  EXPECT_GE(wise.result.evaluations, 21U);
  EXPECT_LT(wise.result.evaluations, 200U);
  // What it stopped at is what it says: the last 20 trials gained less than 0.1 per kilogram of their 8 kg.
  double before = 1e9, after = 1e9;
  for (std::size_t i = 0; i < wise.trials.size(); ++i) {
    after = std::min(after, wise.trials[i].loss());
    if (i + 20 < wise.trials.size()) before = after;
  }
  EXPECT_LT(before - after, 0.1 * 20 * 0.4);
}

// A look of zero_cost costs, but is no trial that could have gained.
TEST(MarginalStop, LooksAreNoTrials) {
  const auto problem = testing::problem_recipe("function", "{function: branin}")->make();
  const StrategyContext context{problem->space(), problem->traits(), 1.0, 1};
  for (const bool looks : {false, true}) {
    const auto strategy = testing::strategy_recipe("marginal_stop", "{gain: 1e6, window: 5, startup: 5}")->make(context);
    TrialId id = 0;
    for (; id < 50; ++id) {
      const auto proposal = strategy->ask(id, Random(1).child(id));
      if (!proposal) break;
      Trial trial;
      trial.id = id;
      trial.proposal = *proposal;
      if (looks && id > 0) trial.proposal.screening = Screening{};
      trial.charge[Line::device_dynamic].operational = 1.0 * kilogram;
      trial.result = Completed{{1.0}};
      strategy->tell(trial);
    }
    EXPECT_EQ(id, looks ? 50U : 6U);
  }
}

}  // namespace
}  // namespace tonne
