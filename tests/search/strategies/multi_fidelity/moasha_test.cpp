#include <gtest/gtest.h>

#include <algorithm>

#include "core/pareto.h"
#include "search/strategies/multi_fidelity/front_rung.h"
#include "tests/search/strategies/multi_fidelity/multi_fidelity_helpers.h"

namespace tonne {
namespace {

// On a line from (0, 10) to (10, 0): the first end, the other end, the middle, then the quarters by index.
TEST(EpsilonNet, SpreadsOverAFront) {
  const std::vector<Objectives> front = {{2.5, 7.5}, {10.0, 0.0}, {5.0, 5.0}, {0.0, 10.0}, {7.5, 2.5}};
  EXPECT_EQ(epsilon_net_order(front), (std::vector<std::size_t>{3, 1, 2, 0, 4}));
  // Scales do not matter.
  std::vector<Objectives> scaled = front;
  for (Objectives& point : scaled) point[1] *= 1e6;
  EXPECT_EQ(epsilon_net_order(scaled), epsilon_net_order(front));
  EXPECT_TRUE(epsilon_net_order({}).empty());
  EXPECT_EQ(epsilon_net_order({{1.0, 1.0}, {1.0, 1.0}}), (std::vector<std::size_t>{0, 1}));
}

class FrontRungTest : public ::testing::Test {
 protected:
  void enter(const Objectives& losses) {
    const CandidatePool::Number candidate = pool_.add(Configuration(1), entered_);
    rung_.enter(candidate, losses, rule_, pool_);
    ++entered_;
  }
  // The first trial of the candidate that is taken.
  std::optional<TrialId> take() {
    const auto candidate = rung_.take(rule_);
    return candidate ? std::optional(pool_.first(*candidate)) : std::nullopt;
  }

  SearchSpace space_{{{"x", Real{}}}};
  CandidatePool pool_{space_};
  RungRule rule_{2.0, true};
  FrontRung rung_{100};
  TrialId entered_ = 0;
};

// eta 2. Two fronts: {0, 1, 2}, {3, 4}, and a failure. Three of six go on: 1 (least first objective), 2 (farthest from it), 0.
TEST_F(FrontRungTest, PromotesByFrontThenByTheNet) {
  enter({2.0, 2.0});
  EXPECT_FALSE(take());
  enter({1.0, 4.0});
  enter({4.0, 1.0});
  enter({3.0, 5.0});
  enter({5.0, 3.0});
  enter({});
  for (const TrialId id : {1U, 2U, 0U}) EXPECT_EQ(take(), id);
  EXPECT_FALSE(take());
}

TEST_F(FrontRungTest, StoppingDecidesAtOnce) {
  rule_.pauses = false;
  enter({2.0, 2.0});
  EXPECT_FALSE(take());  // alone: floor(1 / 2)
  enter({1.0, 1.0});
  EXPECT_EQ(take(), 1U);
  enter({3.0, 3.0});
  enter({4.0, 4.0});  // two of four now, but 0 was stopped
  EXPECT_FALSE(take());
}

TEST_F(FrontRungTest, OnlyTheLatestAreComparedAndKept) {
  rung_ = FrontRung(4);
  for (TrialId id = 0; id < 4; ++id) enter({0.0, 0.0});
  for (TrialId id = 4; id < 8; ++id) enter({1.0, 1.0 + static_cast<double>(id)});
  EXPECT_EQ(take(), 4U);
  // Those that left the window were let go: their numbers are given again.
  EXPECT_LT(pool_.add(Configuration(1), 8), 4U);
}

// With equal objectives all in line it is ASHA: one front for each.
TEST(Moasha, RefusesOneObjective) {
  EXPECT_TRUE(testing::Scripted("moasha", "{}", 9.0).refuses());
  EXPECT_FALSE(testing::Scripted("moasha", "{cost_objective: co2e}", 9.0).refuses());
}

// Two objectives that both need training: hypervolume of the full trainings' true values below (1.2, 1.2).
class TwoSided final : public Problem {
 public:
  TwoSided() {
    traits_.name = "two_sided";
    traits_.objectives = {{"left", "", Direction::minimise}, {"right", "", Direction::minimise}};
    traits_.fidelity = {"epochs", 1.0, 27.0, true};
  }
  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random random) const override {
    Outcome outcome;
    outcome.objectives = truth(evaluation.configuration);
    for (double& value : outcome.objectives) value += (0.3 + 0.05 * random.normal()) / std::sqrt(evaluation.to);
    outcome.workload.steps = evaluation.to - evaluation.from;
    return outcome;
  }
  [[nodiscard]] double true_value(const Configuration& x) const override { return truth(x)[0]; }
  [[nodiscard]] static Objectives truth(const Configuration& x) {
    const double height = x[1] * x[1] + x[2] * x[2];
    return {x[0] + height, 1.0 - std::sqrt(x[0]) + height};
  }

 private:
  SearchSpace space_{{{.name = "x", .domain = Real{0.0, 1.0}},
                      {.name = "y", .domain = Real{-1.0, 1.0}},
                      {.name = "z", .domain = Real{-1.0, 1.0}}}};
  ProblemTraits traits_;
};

class FrontRecorder final : public Recorder {
 public:
  void trial(const Trial& trial) override {
    if (trial.completed() && trial.proposal.fidelity == 27.0)
      points.push_back(TwoSided::truth(trial.proposal.configuration));
  }
  void incumbent(const Incumbent&) override {}
  std::vector<Objectives> points;
};

double mean_hypervolume(std::string_view name, std::uint64_t seeds) {
  const TwoSided problem;
  const auto recipe = testing::strategy_recipe(name, "{}");
  SimulationOptions options;
  options.budget.fidelity = 60 * 27.0;
  double sum = 0.0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto strategy = recipe->make({problem.space(), problem.traits(), 27.0, 1});
    FrontRecorder seen;
    simulate(*strategy, name, problem, testing::SecondPerStep{}, options, Random(seed), seen);
    sum += hypervolume(seen.points, {1.2, 1.2});
  }
  return sum / static_cast<double>(seeds);
}

TEST(MoashaQuality, IsAheadOfRandomSearchAtEqualEpochs) {
  const double moasha = mean_hypervolume("moasha", 20);
  const double random = mean_hypervolume("random", 20);
  std::printf("hypervolume %.3f of moasha, %.3f of random\n", moasha, random);
  EXPECT_GT(moasha, random + 0.03);
}

}  // namespace
}  // namespace tonne
