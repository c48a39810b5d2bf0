#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "tests/search/strategies/strategy_helpers.h"
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

// Loss: how many of the last four decisions differ from the first, and 6 where the first is that of the trial before, so that
// it must vary. Returns, over the last 2,000 trials, how much more often the others agree with the first than their own
// frequencies make likely: 0 of independent decisions.
double follow(const std::string& settings, TrialId count, std::uint64_t seed) {
  constexpr TrialId kCounted = 2000;
  const ReinforceWorld world;
  const auto strategy = world.make(settings);
  const Random root(seed);
  std::array<std::array<double, 4>, 5> shares{};
  double agreed = 0.0;
  std::size_t before = 0;
  for (TrialId id = 0; id < count; ++id) {
    Trial trial;
    trial.id = id;
    trial.proposal = strategy->ask(id, root.child(id)).value();
    const Configuration& chosen = trial.proposal.configuration;
    double differing = 0.0;
    for (std::size_t i = 1; i < 5; ++i) differing += chosen.index(i) == chosen.index(0) ? 0.0 : 1.0;
    trial.result = Completed{{differing + (chosen.index(0) == before ? 6.0 : 0.0)}};
    before = chosen.index(0);
    strategy->tell(trial);
    if (id + kCounted < count) continue;
    agreed += (4.0 - differing) / kCounted;
    for (std::size_t i = 0; i < 5; ++i) shares[i][chosen.index(i)] += 1.0 / kCounted;
  }
  for (std::size_t i = 1; i < 5; ++i)
    for (std::size_t v = 0; v < 4; ++v) agreed -= shares[0][v] * shares[i][v];
  return agreed;
}

// Of seeds 1 to 20 sixteen measured 1.3 to 2.7 of at most 3 (all four follow, all values equally often), and four .4 or less: they
// had settled on one value before they learned to follow. So the median of five fails by chance in less than one of 100 such
// tests. Independent decisions measured -.04 to .02.
TEST(Reinforce, TheLstmLearnsWhatDependsOnEarlierDecisions) {
  std::vector<double> lstm;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    lstm.push_back(follow("{controller: lstm, learning_rate: 0.006, hidden: 20, batch: 4}", 12000, seed));
    EXPECT_LT(std::abs(follow("{learning_rate: 0.01, batch: 4}", 12000, seed)), 0.2) << seed;
  }
  EXPECT_GT(testing::median(lstm), 1.0);
}

TEST(Reinforce, TheLstmLearnsAndCountsItsWork) {
  EXPECT_LT(learn("{controller: lstm, learning_rate: 0.01}", 2000), 0.75);
  const ReinforceWorld world;
  const auto strategy = world.make("{controller: lstm}");
  (void)strategy->ask(0, Random(1));
  // Five steps of two layers, 2 x 4 x 35 x 35 multiplications and additions each, and the softmaxes.
  EXPECT_GE(strategy->computed() / flop, 5 * 2 * 2 * 2 * 4 * 35 * 35);
  EXPECT_LE(strategy->computed() / flop, 1.1 * 5 * 2 * 2 * 2 * 4 * 35 * 35);
}

}  // namespace
}  // namespace tonne
