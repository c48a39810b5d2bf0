#include <gtest/gtest.h>

#include "tests/search/strategies/strategy_helpers.h"

namespace tonne {
namespace {

class Evolution : public ::testing::Test {
 protected:
  Evolution() {
    std::vector<Parameter> parameters;
    for (std::size_t i = 0; i < 15; ++i)
      parameters.push_back({.name = "p" + std::to_string(i), .domain = Categorical{testing::names("c", 5)}});
    space_ = SearchSpace(std::move(parameters));
    traits_.objectives = {{"loss", "", Direction::minimise}};
  }

  [[nodiscard]] std::unique_ptr<Strategy> make(const std::string& settings) const {
    return testing::strategy_recipe("regularized_evolution", settings)->make({space_, traits_, 1.0, 1});
  }
  [[nodiscard]] Configuration all(double choice) const {
    Configuration configuration(space_.size());
    for (std::size_t i = 0; i < space_.size(); ++i) configuration.set(i, choice);
    return configuration;
  }
  [[nodiscard]] Trial trial(double choice, double loss) {
    Trial result;
    result.id = next_++;
    result.proposal.configuration = all(choice);
    result.result = Completed{{loss}};
    return result;
  }
  static Configuration ask(Strategy& strategy, std::uint64_t stream) {
    return strategy.ask(0, Random(stream))->configuration;
  }

  SearchSpace space_;
  ProblemTraits traits_;
  TrialId next_ = 0;
};

// With 64 drawn of 2 members the best is missed with probability 2^-64.
TEST_F(Evolution, TheOldestDies) {
  const auto strategy = make("{population: 2, sample: 64, identity_probability: 1}");
  strategy->tell(trial(0, 0.0));
  strategy->tell(trial(1, 1.0));
  EXPECT_EQ(ask(*strategy, 1), all(0));
  strategy->tell(trial(2, 2.0));
  EXPECT_EQ(ask(*strategy, 2), all(1));
  strategy->tell(trial(3, 3.0));
  EXPECT_EQ(ask(*strategy, 3), all(2));
}

TEST_F(Evolution, WithoutAgingTheWorstDies) {
  const auto strategy = make("{population: 2, sample: 64, identity_probability: 1, remove: worst}");
  strategy->tell(trial(0, 0.0));
  strategy->tell(trial(1, 2.0));
  strategy->tell(trial(2, 1.0));
  strategy->tell(trial(3, -1.0));
  EXPECT_EQ(ask(*strategy, 1), all(3));
  strategy->tell(trial(1, 0.5));  // joins in the place of 0.0, the worst of -1 and 0
  EXPECT_EQ(ask(*strategy, 2), all(3));
}

TEST_F(Evolution, TheFailedAndOtherFidelitiesDoNotJoin) {
  const auto strategy = make("{population: 2, sample: 64, identity_probability: 1}");
  strategy->tell(trial(0, 0.0));
  Trial failed = trial(1, 0.0);
  failed.result = Failed{Failure::diverged};
  strategy->tell(failed);
  Trial partial = trial(1, -1.0);
  partial.proposal.fidelity = 0.5;
  strategy->tell(partial);
  EXPECT_NE(ask(*strategy, 1), all(0));  // still a random one
  strategy->tell(trial(2, 1.0));
  EXPECT_EQ(ask(*strategy, 1), all(0));
}

TEST_F(Evolution, AMutationChangesOneParameter) {
  const auto strategy = make("{population: 1, sample: 1, identity_probability: 0}");
  strategy->tell(trial(2, 0.0));
  for (std::uint64_t stream = 0; stream < 100; ++stream) {
    const Configuration child = ask(*strategy, stream);
    int changed = 0;
    for (std::size_t i = 0; i < space_.size(); ++i) changed += child[i] != 2.0 ? 1 : 0;
    ASSERT_EQ(changed, 1);
  }
}

// Of 10,000 children 500 +- 109 (five standard deviations; false-alarm rate 6e-7).
TEST_F(Evolution, OneInTwentyIsTheParentByDefault) {
  const auto strategy = make("{population: 1}");
  strategy->tell(trial(2, 0.0));
  int same = 0;
  for (std::uint64_t stream = 0; stream < 10000; ++stream) same += ask(*strategy, stream) == all(2) ? 1 : 0;
  EXPECT_NEAR(same, 500, 109);
}

TEST_F(Evolution, GoesOnFromTheLogOfTellsAlone) {
  const auto original = make("{population: 5, sample: 3}");
  const auto fresh = make("{population: 5, sample: 3}");
  for (std::uint64_t id = 0; id < 30; ++id) {
    Trial told;
    told.id = id;
    told.proposal = *original->ask(id, Random(id));
    told.result = Completed{{static_cast<double>(told.proposal.configuration.digest() % 1000)}};
    original->tell(told);
    fresh->tell(told);
  }
  EXPECT_EQ(ask(*original, 99), ask(*fresh, 99));
}

TEST_F(Evolution, RefusesImpossibleSettings) {
  EXPECT_THROW(testing::strategy_recipe("regularized_evolution", "{population: 0}"), InputError);
  EXPECT_THROW(testing::strategy_recipe("regularized_evolution", "{identity_probability: 1.5}"), InputError);
  EXPECT_THROW(testing::strategy_recipe("regularized_evolution", "{remove: youngest}"), InputError);
}

// A separable landscape: each parameter has a best choice. Paired over 20 seeds; if both were as good, 18
// wins or more would come with probability 2e-4.
TEST_F(Evolution, BeatsRandomSearchOnASeparableSpace) {
  const auto best_of = [&](const std::string& name, std::uint64_t seed) {
    const auto strategy = testing::strategy_recipe(name)->make({space_, traits_, 1.0, 1});
    double best = 1e9;
    for (TrialId id = 0; id < 500; ++id) {
      Trial told;
      told.id = id;
      told.proposal = *strategy->ask(id, Random(seed).child("ask").child(id));
      double loss = 0.0;
      for (std::size_t i = 0; i < space_.size(); ++i)
        loss += Random(3).child(i).child(told.proposal.configuration.index(i)).uniform();
      told.result = Completed{{loss}};
      best = std::min(best, loss);
      strategy->tell(told);
    }
    return best;
  };
  int wins = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    wins += best_of("regularized_evolution", seed) < best_of("random", seed) ? 1 : 0;
  EXPECT_GE(wins, 18);
}

}  // namespace
}  // namespace tonne
