#include <gtest/gtest.h>

#include <cmath>

#include "strategy_helpers.h"
#include "tests/support/test_problems.h"

namespace tonne {
namespace {

SearchSpace decisions(std::size_t count) {
  std::vector<Parameter> parameters;
  for (std::size_t i = 0; i < count; ++i)
    parameters.push_back({.name = "d" + std::to_string(i), .domain = Categorical{testing::names("c", 4)}});
  return SearchSpace(std::move(parameters));
}

struct ReinforceWorld {
  SearchSpace space = decisions(5);
  ProblemTraits traits{.name = "test", .objectives = {{"loss", "", Direction::minimise}}, .fidelity = {}};
  [[nodiscard]] std::unique_ptr<Strategy> make(const std::string& settings) const {
    return testing::strategy_recipe("reinforce", settings)->make({space, traits, 1.0, 1});
  }
};

// Loss: how many of five decisions are not the third choice. Returns the mean of the last 200 of all.
double learn(const std::string& settings, TrialId count, double failing = 0.0) {
  const ReinforceWorld world;
  const auto strategy = world.make(settings);
  const Random root(3);
  double sum = 0.0;
  for (TrialId id = 0; id < count; ++id) {
    Trial trial;
    trial.id = id;
    trial.proposal = strategy->ask(id, root.child(id)).value();
    double loss = 0.0;
    for (std::size_t i = 0; i < 5; ++i) loss += trial.proposal.configuration.index(i) == 2 ? 0.0 : 1.0;
    trial.result = Completed{{loss}};
    if (Random(4).child(id).uniform() < failing) trial.result = Failed{Failure::diverged};
    strategy->tell(trial);
    if (id + 200 >= count) sum += loss / 200.0;
  }
  return sum;
}

// Uniform draws lose 3.75 +- .07 on average over 200.
TEST(Reinforce, Learns) {
  EXPECT_LT(learn("", 2000), 0.75);
  EXPECT_LT(learn("{batch: 8, learning_rate: 0.05}", 3000), 0.75);
  EXPECT_LT(learn("", 3000, 0.2), 1.5);
}

TEST(Reinforce, WithoutALearningRateItStaysUniform) {
  EXPECT_NEAR(learn("{learning_rate: 0}", 2000), 3.75, 0.3);
}

// Worked by hand: two choices, logits 0, rewards -1 then 0; b = -1 at first, so that the first advantage is 0
// and the second 1. Adam's first two steps: gradient 0, then g = +-.5; m = .1 g / .19, v = .001 g^2 /
// .001999; the step is lr * .526316 g / (.707283 |g|) = .744137 lr. With lr = 1 the logits part by 2 *
// .744137, and the second's choice has the odds e^1.488.
TEST(Reinforce, ItsUpdateIsAdamOnTheAdvantage) {
  const SearchSpace space({{.name = "d", .domain = Categorical{{"a", "b"}}}});
  const ProblemTraits traits{
      .name = "test", .objectives = {{"loss", "", Direction::minimise}}, .fidelity = {}};
  const auto strategy =
      testing::strategy_recipe("reinforce", "{learning_rate: 1, initial: 0}")->make({space, traits, 1.0, 1});
  const auto play = [&](TrialId id, double loss) {
    Trial trial;
    trial.id = id;
    trial.proposal = strategy->ask(id, Random(8).child(id)).value();
    trial.result = Completed{{loss}};
    strategy->tell(trial);
    return trial.proposal.configuration.index(0);
  };
  play(0, 1.0);
  const std::size_t chosen = play(1, 0.0);
  const int draws = 20'000;
  int same = 0;
  for (TrialId id = 2; id < 2 + draws; ++id)
    if (strategy->ask(id, Random(9).child(id))->configuration.index(0) == chosen) ++same;
  const double odds = std::exp(2.0 * 0.744137);
  // Five sds of the binomial: a false alarm once in two million seeds; the seed is fixed.
  EXPECT_NEAR(same / static_cast<double>(draws), odds / (1.0 + odds), 5.0 * std::sqrt(0.15 / draws));
}

TEST(Reinforce, RefusesWhatItCannotChoose) {
  const ReinforceWorld world;
  const auto recipe = testing::strategy_recipe("reinforce");
  const SearchSpace real({{.name = "rate", .domain = Real{0.0, 1.0}}});
  const SearchSpace many({{.name = "width", .domain = Integer{1, 5000}}});
  EXPECT_NE(recipe->refuses({real, world.traits, 1.0, 1})->find("rate"), std::string::npos);
  EXPECT_NE(recipe->refuses({many, world.traits, 1.0, 1})->find("5000"), std::string::npos);
  EXPECT_FALSE(recipe->refuses({world.space, world.traits, 1.0, 1}));
}

}  // namespace
}  // namespace tonne
