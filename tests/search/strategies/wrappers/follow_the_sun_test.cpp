// follow_the_sun: where trials run and what that costs, against sums by hand.

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>
#include <variant>

#include "core/simulator.h"
#include "core/sites.h"
#include "tests/search/strategies/strategy_helpers.h"

namespace tonne {
namespace {

// Trials of an hour at 1 kW on a grid of so many g/kWh from midnight to noon, and from noon to midnight.
struct Grid {
  double morning, evening;

  [[nodiscard]] Intensity mean(Duration start, Duration length) const {
    constexpr int kParts = 60;
    double sum = 0.0;
    for (int i = 0; i < kParts; ++i)
      sum += std::fmod((start + (i + 0.5) / kParts * length) / hour, 24.0) < 12.0 ? morning : evening;
    return sum / kParts * gram_per_kilowatt_hour;
  }
};

class HourlyCost : public CostModel {
 public:
  explicit HourlyCost(Grid grid, std::optional<Duration> horizon = std::nullopt)
      : grid_(grid), horizon_(horizon) {}
  [[nodiscard]] bool fits(const Workload&) const override { return true; }
  [[nodiscard]] Charge charge(const Workload& workload, Duration start) const override {
    return charge_part(workload, start, hour);
  }
  [[nodiscard]] Charge charge_part(const Workload&, Duration start, Duration length) const override {
    Charge charge;
    charge.time = length;
    charge[Line::device_dynamic].energy = kilowatt * length;
    charge[Line::device_dynamic].operational = kilowatt * length * grid_.mean(start, length);
    return charge;
  }
  [[nodiscard]] Charge charge_idle(Duration length, Duration) const override {
    Charge charge;
    charge.time = length;
    return charge;
  }
  [[nodiscard]] Charge charge_computing(Work, Duration) const override { return {}; }
  [[nodiscard]] std::optional<Intensity> intensity(Duration start, Duration length) const override {
    return grid_.mean(start, length);
  }
  [[nodiscard]] std::optional<Duration> horizon() const override { return horizon_; }
  [[nodiscard]] const Grid& grid() const { return grid_; }

 private:
  Grid grid_;
  std::optional<Duration> horizon_;
};

struct Move {
  Energy energy = 0.1 * kilowatt_hour;
  Duration delay{};
  std::optional<std::size_t> workers = std::nullopt;  // at each site but home
};

class Places final : public Sites {
 public:
  Places(std::vector<HourlyCost> places, const Move& move) : places_(std::move(places)), move_(move) {}
  [[nodiscard]] std::size_t count() const override { return places_.size(); }
  [[nodiscard]] const std::string& name(std::size_t) const override { return name_; }
  [[nodiscard]] const CostModel& cost(std::size_t site) const override { return places_[site]; }
  [[nodiscard]] std::optional<std::size_t> workers(std::size_t site) const override {
    return site == 0 ? std::nullopt : move_.workers;
  }
  [[nodiscard]] Intensity intensity(std::size_t site, Duration start, Duration length) const override {
    return places_[site].grid().mean(start, length);
  }
  [[nodiscard]] Charge transfer(std::size_t site, Duration start) const override {
    const Duration from = start - move_.delay;
    Charge charge;
    charge[Line::transfer].energy = move_.energy;
    charge[Line::transfer].operational =
        0.5 * move_.energy * (intensity(0, from, move_.delay) + intensity(site, from, move_.delay));
    return charge;
  }
  [[nodiscard]] Duration delay() const override { return move_.delay; }

 private:
  std::string name_ = "somewhere";
  std::vector<HourlyCost> places_;
  Move move_;
};

// Home is the first of the places.
class SeveralPlaces final : public HourlyCost {
 public:
  SeveralPlaces(const std::vector<HourlyCost>& places, const Move& move)
      : HourlyCost(places.front()), sites_(places, move) {}
  [[nodiscard]] const Sites* sites() const override { return &sites_; }
  [[nodiscard]] std::optional<Preemption> preemption() const override { return preemption_; }
  void interrupt_every(Duration interval) { preemption_ = Preemption{interval, {}, std::nullopt}; }

 private:
  Places sites_;
  std::optional<Preemption> preemption_;
};

constexpr Grid kHome{100.0, 500.0};
constexpr Grid kAbroad{500.0, 100.0};

SeveralPlaces opposite(const Move& move) {
  return {{HourlyCost(kHome), HourlyCost(kAbroad)}, move};
}

// A strategy with a log of what it was asked and told.
class Logged final : public Strategy {
 public:
  struct Asked {
    TrialId id;
    Random random;
    std::optional<Proposal> proposal;
  };
  using Call = std::variant<Asked, Trial>;

  explicit Logged(std::unique_ptr<Strategy> strategy) : strategy_(std::move(strategy)) {}
  std::optional<Proposal> ask(TrialId id, Random random) override {
    auto proposal = strategy_->ask(id, random);
    calls_.emplace_back(Asked{id, random, proposal});
    return proposal;
  }
  void tell(const Trial& trial) override {
    calls_.emplace_back(trial);
    strategy_->tell(trial);
  }
  [[nodiscard]] const std::vector<Call>& calls() const { return calls_; }

 private:
  std::unique_ptr<Strategy> strategy_;
  std::vector<Call> calls_;
};

class Trials final : public Recorder {
 public:
  void trial(const Trial& trial) override { trials.push_back(trial); }
  void incumbent(const Incumbent&) override {}
  std::vector<Trial> trials;
};

struct Search {
  SearchResult result;
  std::vector<Trial> trials;
  std::vector<Logged::Call> calls;

  [[nodiscard]] double kilograms() const { return result.ledger.search_total().total().carbon() / kilogram; }
  [[nodiscard]] std::size_t away() const {
    std::size_t count = 0;
    for (const Trial& trial : trials)
      if (trial.proposal.site != 0) ++count;
    return count;
  }
};

std::unique_ptr<Strategy> make(std::string_view strategy, const std::string& settings, const CostModel& cost,
                               const Problem& problem, unsigned workers) {
  return testing::strategy_recipe(strategy, settings)
      ->make({problem.space(), problem.traits(), 1.0, workers, &cost});
}

Search search(std::string_view strategy, const std::string& settings, const CostModel& cost,
              std::uint64_t evaluations, unsigned workers = 1) {
  const auto problem = testing::problem_recipe("function", "{function: branin}")->make();
  Logged logged(make(strategy, settings, cost, *problem, workers));
  SimulationOptions options;
  options.workers = workers;
  options.budget.evaluations = evaluations;
  Trials log;
  const SearchResult result = simulate(logged, "same", *problem, cost, options, Random(1), log);
  return {result, log.trials, logged.calls()};
}

TEST(FollowTheSun, RunsEachTrialWhereItIsClean) {
  const SeveralPlaces cost = opposite({});
  const Search plain = search("random", "", cost, 24);
  const Search moved = search("follow_the_sun", "{strategy: random}", cost, 24);
  // 24 trials of 1 kWh: 12 in each half of the day. Abroad, each moves 0.1 kWh at the mean of 100 and 500
  // g/kWh.
  EXPECT_NEAR(plain.kilograms(), 12 * 0.1 + 12 * 0.5, 1e-9);
  EXPECT_NEAR(moved.kilograms(), 12 * 0.1 + 12 * (0.1 + 0.03), 1e-9);
  EXPECT_NEAR(moved.result.ledger[Account::search][Line::transfer].energy / kilowatt_hour, 12 * 0.1, 1e-12);
  EXPECT_NEAR(moved.result.makespan / hour, 24.0, 1e-9);
  for (std::size_t i = 0; i < 24; ++i) {
    EXPECT_EQ(moved.trials[i].proposal.site, i < 12 ? 0U : 1U) << i;
    // The same candidates: only where they run differs.
    EXPECT_EQ(moved.trials[i].proposal.configuration, plain.trials[i].proposal.configuration);
  }
}

TEST(FollowTheSun, TheDelayIsWaitedForAndShowsInTheEnd) {
  const SeveralPlaces cost = opposite({.delay = 0.5 * hour});
  const Search moved = search("follow_the_sun", "", cost, 24);
  // From noon on a trial ends every hour and a half: 8 abroad until midnight, and 4 more at home.
  EXPECT_EQ(moved.away(), 8U);
  EXPECT_NEAR(moved.trials[12].start / hour, 12.5, 1e-9);
  EXPECT_NEAR(moved.result.makespan / hour, 28.0, 1e-9);
  EXPECT_NEAR(moved.kilograms(), 16 * 0.1 + 8 * 0.13, 1e-9);
  EXPECT_NEAR(moved.result.ledger[Account::idle].time / hour, 8 * 0.5, 1e-9);
}

TEST(FollowTheSun, StaysWhereMovingCostsMoreThanItSaves) {
  // 1.3 kWh at 300 g/kWh are 0.39 kg, and a trial abroad saves 0.4 kg: 2 % of the 0.5 kg at home.
  const SeveralPlaces dear = opposite({.energy = 1.3 * kilowatt_hour});
  EXPECT_EQ(search("follow_the_sun", "{saving: 0.01}", dear, 24).away(), 12U);
  EXPECT_EQ(search("follow_the_sun", "", dear, 24).away(), 0U);
  const SeveralPlaces dearer = opposite({.energy = 1.4 * kilowatt_hour});
  EXPECT_EQ(search("follow_the_sun", "{saving: 0}", dearer, 24).away(), 0U);
}

// Before a trial has ended the strategy goes by first_energy: 10 Wh save less than the 30 g that moving
// costs.
TEST(FollowTheSun, GoesByTheFirstEnergyUntilATrialHasEnded) {
  const SeveralPlaces cost{{HourlyCost(kAbroad), HourlyCost(kHome)}, {}};  // dirty in the morning
  EXPECT_EQ(search("follow_the_sun", "{first_energy: 10 Wh}", cost, 3).trials[0].proposal.site, 0U);
  EXPECT_EQ(search("follow_the_sun", "{first_energy: 10 Wh}", cost, 3).trials[1].proposal.site, 1U);
  EXPECT_EQ(search("follow_the_sun", "{first_energy: 1 kWh}", cost, 3).trials[0].proposal.site, 1U);
}

TEST(FollowTheSun, AnEqualPlaceChangesNothing) {
  const SeveralPlaces cost{{HourlyCost(kHome), HourlyCost(kHome)}, {.energy = Energy{}}};
  const Search plain = search("random", "", cost, 30, 4);
  const Search moved = search("follow_the_sun", "{saving: 0}", cost, 30, 4);
  ASSERT_EQ(plain.trials.size(), moved.trials.size());
  for (std::size_t i = 0; i < plain.trials.size(); ++i) {
    EXPECT_EQ(moved.trials[i].proposal.site, 0U);
    EXPECT_EQ(moved.trials[i].proposal.configuration, plain.trials[i].proposal.configuration);
    EXPECT_EQ(moved.trials[i].start, plain.trials[i].start);
    EXPECT_EQ(moved.trials[i].charge, plain.trials[i].charge);
  }
}

TEST(FollowTheSun, ChoosesTheBestOfSeveralAndTheFirstOfEquals) {
  const SeveralPlaces cost{{HourlyCost({500.0, 500.0}), HourlyCost({300.0, 50.0}), HourlyCost({200.0, 100.0}),
                            HourlyCost({200.0, 100.0})},
                           {.energy = Energy{}}};
  const Search moved = search("follow_the_sun", "", cost, 24);
  for (std::size_t i = 0; i < 24; ++i) EXPECT_EQ(moved.trials[i].proposal.site, i < 12 ? 2U : 1U) << i;
}

TEST(FollowTheSun, SendsNoMoreThanASiteHasWorkers) {
  const SeveralPlaces cost{{HourlyCost({500.0, 500.0}), HourlyCost({50.0, 50.0})}, {.workers = 3}};
  const Search moved = search("follow_the_sun", "", cost, 40, 8);
  for (const Trial& trial : moved.trials) {
    std::size_t beside = 0;
    for (const Trial& other : moved.trials)
      if (other.proposal.site == 1 && other.start <= trial.start && trial.start < other.end) ++beside;
    EXPECT_EQ(beside, 3U);
  }
}

TEST(FollowTheSun, AvoidsASiteWhoseTraceEnds) {
  const SeveralPlaces cost{{HourlyCost({500.0, 500.0}), HourlyCost({50.0, 50.0}, 5.5 * hour)}, {}};
  EXPECT_EQ(search("follow_the_sun", "", cost, 10).away(), 5U);
}

TEST(FollowTheSun, RefusesASinglePlace) {
  const HourlyCost cost(kHome);
  const auto problem = testing::problem_recipe("function", "{function: branin}")->make();
  const auto reason = testing::strategy_recipe("follow_the_sun", "")
                          ->refuses({problem->space(), problem->traits(), 1.0, 1, &cost});
  ASSERT_TRUE(reason);
  EXPECT_NE(reason->find("cluster.sites"), std::string::npos);
}

TEST(FollowTheSun, AFreshInstanceGoesOnFromTheLog) {
  const SeveralPlaces cost = opposite({.delay = 0.25 * hour, .workers = 2});
  const std::string settings = "{strategy: {regularized_evolution: {population: 5, sample: 2}}}";
  const Search moved = search("follow_the_sun", settings, cost, 200, 5);
  EXPECT_GT(moved.away(), 5U);
  const auto problem = testing::problem_recipe("function", "{function: branin}")->make();
  const auto fresh = make("follow_the_sun", settings, cost, *problem, 5);
  for (const Logged::Call& call : moved.calls) {
    if (const auto* told = std::get_if<Trial>(&call)) {
      fresh->tell(*told);
      continue;
    }
    const auto& asked = std::get<Logged::Asked>(call);
    const auto proposal = fresh->ask(asked.id, asked.random);
    ASSERT_EQ(proposal.has_value(), asked.proposal.has_value());
    ASSERT_EQ(proposal->site, asked.proposal->site);
    ASSERT_EQ(proposal->configuration, asked.proposal->configuration);
  }
}

// What a preemption destroys is charged where it was done, and data move once.
TEST(FollowTheSun, APreemptedTrialIsChargedAtItsSiteToo) {
  SeveralPlaces cost{{HourlyCost({500.0, 500.0}), HourlyCost({50.0, 50.0})}, {}};
  cost.interrupt_every(2.0 * hour);
  const Search moved = search("follow_the_sun", "", cost, 20);
  std::uint32_t preemptions = 0;
  for (const Trial& trial : moved.trials) {
    preemptions += trial.preemptions;
    EXPECT_EQ(trial.proposal.site, 1U);
    const Usage& work = trial.charge[Line::device_dynamic];
    EXPECT_NEAR(work.operational / kilogram, 0.05 * (work.energy / kilowatt_hour), 1e-12);
    EXPECT_NEAR(trial.lost.total().operational / kilogram, 0.05 * (trial.lost.total().energy / kilowatt_hour),
                1e-12);
    EXPECT_NEAR(trial.charge[Line::transfer].energy / kilowatt_hour, 0.1, 1e-12);
  }
  EXPECT_GT(preemptions, 0U);
}

class SendsTo final : public Strategy {
 public:
  SendsTo(const SearchSpace& space, std::uint32_t site) : space_(space), site_(site) {}
  std::optional<Proposal> ask(TrialId, Random random) override {
    Proposal proposal{space_.sample(random)};
    proposal.site = site_;
    return proposal;
  }
  void tell(const Trial&) override {}

 private:
  const SearchSpace& space_;
  std::uint32_t site_;
};

TEST(FollowTheSun, TheSimulatorKnowsEachSiteAndItsWorkers) {
  const auto problem = testing::problem_recipe("function", "{function: branin}")->make();
  SimulationOptions options;
  options.workers = 3;
  options.budget.evaluations = 3;
  Trials log;
  const auto run = [&](std::uint32_t site, const CostModel& cost) {
    SendsTo strategy(problem->space(), site);
    (void)simulate(strategy, "sends", *problem, cost, options, Random(1), log);
  };
  EXPECT_NO_THROW(run(1, opposite({.workers = 3})));
  EXPECT_THROW(run(1, opposite({.workers = 2})), std::logic_error);
  EXPECT_THROW(run(2, opposite({})), std::logic_error);
  EXPECT_THROW(run(1, HourlyCost(kHome)), std::logic_error);
}

// A tell of a trial that is unknown, or told before, teaches nothing and frees no worker.
TEST(FollowTheSun, StrayTellsChangeNothing) {
  const SeveralPlaces cost{{HourlyCost({500.0, 500.0}), HourlyCost({50.0, 50.0})}, {.workers = 1}};
  const auto problem = testing::problem_recipe("function", "{function: branin}")->make();
  const auto strategy = make("follow_the_sun", "", cost, *problem, 4);
  const Random random(7);
  Trial trial;
  trial.proposal = *strategy->ask(0, random.child(0));
  EXPECT_EQ(trial.proposal.site, 1U);
  trial.result = Completed{{1.0}};
  trial.id = 99;
  strategy->tell(trial);
  EXPECT_EQ(strategy->ask(1, random.child(1))->site, 0U);
  trial.id = 0;
  strategy->tell(trial);
  EXPECT_EQ(strategy->ask(2, random.child(2))->site, 1U);
  strategy->tell(trial);
  EXPECT_EQ(strategy->ask(3, random.child(3))->site, 0U);
  // Turned down and asked again: the first proposal holds no worker.
  EXPECT_EQ(strategy->ask(2, random.child(4))->site, 1U);
}

// Within wait_for_clean: the place first, then its hours.
TEST(FollowTheSun, MovesInSpaceAndTime) {
  const SeveralPlaces cost{{HourlyCost({500.0, 510.0}), HourlyCost({400.0, 50.0})}, {.energy = Energy{}}};
  EXPECT_EQ(search("follow_the_sun", "", cost, 6).trials[0].start, Duration{});
  const Search both = search("wait_for_clean", "{strategy: follow_the_sun}", cost, 6);
  for (const Trial& trial : both.trials) {
    EXPECT_EQ(trial.proposal.site, 1U);
    EXPECT_GE(std::fmod(trial.start / hour, 24.0), 12.0 - 1e-9);
  }
  EXPECT_NEAR(both.kilograms(), 6 * 0.05, 1e-9);
}

}  // namespace
}  // namespace tonne
