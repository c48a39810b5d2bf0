// What ends a search when a finite space has nothing new left, and what a strategy that draws afresh leaves unremembered.

#include <gtest/gtest.h>

#include <vector>

#include "core/simulator.h"
#include "tests/core/simulator_helpers.h"

namespace tonne {
namespace {

using namespace testing;

// Seconds and losses by the choice, at any fidelity up to 100; the noise is drawn.
class SmallProblem final : public Problem {
 public:
  explicit SmallProblem(std::vector<Parameter> parameters) : space_(std::move(parameters)) {
    traits_.name = "small";
    traits_.objectives = {{"loss", "", Direction::minimise}};
    traits_.fidelity = {"epochs", 1.0, 100.0, true};
  }
  const ProblemTraits& traits() const override { return traits_; }
  const SearchSpace& space() const override { return space_; }
  Outcome evaluate(const Evaluation& e, Random random) const override {
    Outcome outcome;
    outcome.objectives.push_back(e.configuration[0] + random.uniform());
    outcome.workload.measured_time = (e.to - e.from) * second;
    return outcome;
  }
  double true_value(const Configuration& c) const override { return c[0]; }

 private:
  ProblemTraits traits_;
  SearchSpace space_;
};

std::vector<Parameter> three_by_two() {
  return {{"a", Categorical{{"x", "y", "z"}}}, {"b", Ordinal{{"low", "high"}}}};
}

// Uniform draws at a fidelity that may depend on how often it was asked, which it counts.
class Counting final : public Strategy {
 public:
  Counting(const SearchSpace& space, std::vector<double> fidelities, bool afresh = false)
      : space_(space), fidelities_(std::move(fidelities)), afresh_(afresh) {}
  std::optional<Proposal> ask(TrialId, Random random) override {
    const double fidelity = fidelities_[asked++ % fidelities_.size()];
    return Proposal{.configuration = space_.sample(random), .fidelity = fidelity};
  }
  void tell(const Trial&) override {}
  bool draws_afresh() const override { return afresh_; }
  std::size_t asked = 0;

 private:
  const SearchSpace& space_;
  std::vector<double> fidelities_;
  bool afresh_;
};

SimulationOptions forbidding() {
  SimulationOptions options = evaluations(1000, 2);
  options.duplicates = Duplicates::forbid;
  return options;
}

TEST(ExhaustedSpace, EndsSoonerThanOneWithSomethingLeft) {
  const SmallProblem problem(three_by_two());
  Counting strategy(problem.space(), {10.0});
  Kept kept;
  const SearchResult result = simulate(strategy, "s", problem, PlainCost(), forbidding(), Random(3), kept);
  EXPECT_EQ(result.stop, StopReason::duplicates);
  EXPECT_EQ(result.evaluations, 6U);
  EXPECT_LT(strategy.asked, 300U);  // 1,000 refusals without knowing the size of the space
}

// A strategy that has proposed several fidelities may have others left.
TEST(ExhaustedSpace, GoesOnAtAnotherFidelity) {
  const SmallProblem problem(three_by_two());
  Counting strategy(problem.space(), {10.0, 20.0, 30.0});
  Kept kept;
  const SearchResult result = simulate(strategy, "s", problem, PlainCost(), forbidding(), Random(3), kept);
  EXPECT_EQ(result.stop, StopReason::duplicates);
  EXPECT_EQ(result.evaluations, 18U);
}

TEST(ExhaustedSpace, IsNoneWhereDuplicatesAreTrainedAgain) {
  const SmallProblem problem(three_by_two());
  Counting strategy(problem.space(), {10.0});
  Kept kept;
  const SearchResult result = simulate(strategy, "s", problem, PlainCost(), evaluations(100), Random(3), kept);
  EXPECT_EQ(result.stop, StopReason::budget);
  EXPECT_EQ(result.evaluations, 100U);
}

// Repeats are counted in a finite space, whatever the strategy says; in one of reals nothing changes.
TEST(DrawsAfresh, ChangeNoResult) {
  for (const bool reals : {false, true}) {
    const SmallProblem problem(reals ? std::vector<Parameter>{{"a", Real{0.0, 1.0}}, {"b", Real{1.0, 9.0, Scale::log}}}
                                     : three_by_two());
    Counting remembered(problem.space(), {10.0});
    Counting afresh(problem.space(), {10.0}, true);
    Kept a;
    Kept b;
    (void)simulate(remembered, "s", problem, PlainCost(), evaluations(200, 3), Random(4), a);
    (void)simulate(afresh, "s", problem, PlainCost(), evaluations(200, 3), Random(4), b);
    ASSERT_EQ(a.trials.size(), b.trials.size());
    std::uint32_t most = 0;
    for (std::size_t i = 0; i < a.trials.size(); ++i) {
      EXPECT_EQ(a.trials[i].repeat, b.trials[i].repeat);
      EXPECT_EQ(a.trials[i].loss(), b.trials[i].loss());
      most = std::max(most, a.trials[i].repeat);
    }
    EXPECT_EQ(most > 10, !reals);
  }
}

TEST(DrawsAfresh, NeverMeetWhereTwoRealsAreWideAndAlwaysActive) {
  const Parameter wide{"wide", Real{-1.0, 1.0}};
  const Parameter narrow{"narrow", Real{1000.0, 1000.5}};
  const Parameter choice{"choice", Categorical{{"p", "q"}}};
  const Parameter conditional{"conditional", Real{0.0, 1.0}, Condition{0, {1}}};
  const auto named = [](Parameter parameter, const char* name) {
    parameter.name = name;
    return parameter;
  };
  EXPECT_TRUE(SearchSpace({choice, wide, named(wide, "other")}).draws_never_meet());
  EXPECT_FALSE(SearchSpace({choice, wide}).draws_never_meet());
  EXPECT_FALSE(SearchSpace({choice, wide, narrow}).draws_never_meet());
  EXPECT_FALSE(SearchSpace({choice, wide, conditional}).draws_never_meet());
  EXPECT_FALSE(SearchSpace({choice}).draws_never_meet());
}

}  // namespace
}  // namespace tonne
