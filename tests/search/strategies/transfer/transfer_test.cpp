// zero_shot, bounding_box, quantile_transfer: what their papers define, by hand on small tasks.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "search/strategies/transfer/transfer_tasks.h"
#include "tests/support/recipes.h"

namespace tonne {
namespace {

Configuration of(const std::vector<double>& values) {
  Configuration configuration(values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isnan(values[i])) configuration.set(i, values[i]);
  return configuration;
}

EarlierSearch search_of(const std::string& problem, const std::vector<std::vector<double>>& points,
                        const std::vector<double>& losses) {
  EarlierSearch search{problem, problem, {}};
  for (std::size_t i = 0; i < points.size(); ++i)
    search.trials.push_back({of(points[i]), 1.0, losses[i], Carbon{}});
  return search;
}

// A problem's traits and a context around a space.
struct Stage {
  SearchSpace space;
  std::vector<EarlierSearch> earlier;
  ProblemTraits traits = traits_of_one_objective();

  static ProblemTraits traits_of_one_objective() {
    ProblemTraits traits;
    traits.name = "now";
    traits.objectives = {{"error", "%", Direction::minimise}};
    return traits;
  }
  Stage(SearchSpace the_space, std::vector<EarlierSearch> searches)
      : space(std::move(the_space)), earlier(std::move(searches)) {}
  [[nodiscard]] StrategyContext context() const {
    StrategyContext context{space, traits, 1.0, 1};
    context.earlier = earlier;
    return context;
  }
  [[nodiscard]] std::unique_ptr<Strategy> make(std::string_view strategy,
                                               const std::string& settings = "{}") const {
    return testing::strategy_recipe(strategy, settings)->make(context());
  }
};

Trial told(TrialId id, const Proposal& proposal, double loss) {
  Trial trial;
  trial.id = id;
  trial.proposal = proposal;
  trial.result = Completed{{loss}};
  return trial;
}

std::vector<Configuration> search(Strategy& strategy, std::size_t count, std::uint64_t seed,
                                  const std::function<double(const Configuration&)>& loss) {
  std::vector<Configuration> proposed;
  for (TrialId id = 0; id < count; ++id) {
    const auto proposal = strategy.ask(id, Random(seed).child(id));
    if (!proposal) break;
    proposed.push_back(proposal->configuration);
    strategy.tell(told(id, *proposal, loss(proposal->configuration)));
  }
  return proposed;
}

const double kInactive = std::nan("");

SearchSpace four_choices() {
  return SearchSpace({{.name = "c", .domain = Categorical{{"c0", "c1", "c2", "c3"}}}});
}

TEST(TransferTasks, AreFullTrainingsByProblem) {
  std::vector<EarlierSearch> earlier = {search_of("a", {{0}, {1}}, {0.5, 0.25}), search_of("b", {{2}}, {7.0}),
                                        search_of("a", {{3}, {2}}, {0.75, std::nan("")})};
  earlier[0].trials[1].fidelity = 0.5;  // a partial training
  const auto tasks = transfer_tasks(earlier, 100);
  ASSERT_EQ(tasks.size(), 2U);
  EXPECT_EQ(tasks[0].problem, "a");
  EXPECT_EQ(tasks[0].losses, (std::vector<double>{0.5, 0.75}));
  EXPECT_EQ(tasks[1].losses, std::vector<double>{7.0});
  EXPECT_EQ(transfer_tasks(earlier, 1)[0].losses.size(), 1U);
  EXPECT_EQ(relative_ranks(std::vector<double>{3, 1, 3, 0}),
            (std::vector<double>{2.5 / 3, 1.0 / 3, 2.5 / 3, 0}));
}

TEST(Transfer, RefusesWithoutEarlierResults) {
  const Stage stage(four_choices(), {});
  for (const char* strategy : {"zero_shot", "bounding_box", "quantile_transfer"}) {
    const auto reason = testing::strategy_recipe(strategy)->refuses(stage.context());
    ASSERT_TRUE(reason) << strategy;
    EXPECT_NE(reason->find("warm_start"), std::string::npos);
  }
}

// Ranks / 3: task a 0 1 2 3, task b 3 1 0 2. Means: c1 and c2 have 1/3, of which c2 is the best of a task and
// comes first; then c0 is the only one that lowers the mean; then a new layer among c1 and c3.
TEST(ZeroShot, IsGreedyInTheMeanOfTheLowestRanks) {
  const Stage stage{four_choices(),
                    {search_of("a", {{0}, {1}, {2}, {3}}, {10, 20, 30, 4000}),
                     search_of("b", {{0}, {1}, {2}, {3}}, {0.9, 0.2, 0.1, 0.3})}};
  const auto portfolio =
      search(*stage.make("zero_shot", "{portfolio: 4}"), 4, 1, [](const Configuration&) { return 0.0; });
  EXPECT_EQ(portfolio, (std::vector<Configuration>{of({2}), of({0}), of({1}), of({3})}));
}

// By range c0 to c2 are alike on task a (0, 0.003, 0.005), so that c1 and c2 differ on task b alone.
TEST(ZeroShot, LossesByRange) {
  const Stage stage{four_choices(),
                    {search_of("a", {{0}, {1}, {2}, {3}}, {10, 20, 30, 4000}),
                     search_of("b", {{0}, {1}, {2}, {3}}, {0.9, 0.2, 0.1, 0.3})}};
  const auto strategy = stage.make("zero_shot", "{portfolio: 2, losses: range}");
  EXPECT_EQ(search(*strategy, 1, 1, [](const Configuration&) { return 0.0; }).front(), of({2}));
}

// Two tasks, trained at other points: what is good on both is known from the forests alone.
TEST(ZeroShot, PredictsWhatWasNotTrained) {
  std::vector<std::vector<double>> points[2];
  std::vector<double> losses[2];
  for (int i = 0; i < 60; ++i)
    for (const int task : {0, 1}) {
      const double x = (i + 0.5 * task) / 60.0;
      points[task].push_back({x});
      losses[task].push_back(std::abs(x - (task == 0 ? 0.3 : 0.5)));
    }
  const Stage stage{SearchSpace({{.name = "x", .domain = Real{0.0, 1.0}}}),
                    {search_of("a", points[0], losses[0]), search_of("b", points[1], losses[1])}};
  const auto first = [&](const std::string& settings) {
    return search(*stage.make("zero_shot", settings), 1, 1, [](const Configuration&) { return 0.0; })
        .front()[0];
  };
  EXPECT_NEAR(first("{}"), 0.4, 0.105);  // anywhere between the two optima is as good in the mean of ranks
  EXPECT_NEAR(
      std::min(std::abs(first("{surrogates: false}") - 0.3), std::abs(first("{surrogates: false}") - 0.5)),
      0.0, 0.01);
}

TEST(ZeroShot, HandsOverToTheStrategyWithinWhichKnowsThePortfolio) {
  const Stage stage{four_choices(), {search_of("a", {{0}, {1}}, {1, 2})}};
  const auto alone = stage.make("tpe", "{startup: 2}");
  const auto within = stage.make("zero_shot", "{portfolio: 2, strategy: {tpe: {startup: 2}}}");
  for (TrialId id = 0; id < 2; ++id) {
    const auto proposal = within->ask(id, Random(3).child(id));
    EXPECT_EQ(proposal->configuration, of({static_cast<double>(id)}));
    for (Strategy* strategy : {alone.get(), within.get()})
      strategy->tell(told(id, *proposal, static_cast<double>(id)));
  }
  for (TrialId id = 2; id < 8; ++id)
    EXPECT_EQ(within->ask(id, Random(3).child(id))->configuration,
              alone->ask(id, Random(3).child(id))->configuration);
  EXPECT_GT(within->computed(), alone->computed());
}

// Each is told trials that it did not ask for.
TEST(ZeroShot, HoldsAnyStrategy) {
  Stage stage{SearchSpace({{.name = "x", .domain = Real{0.0, 1.0}},
                           {.name = "c", .domain = Categorical{{"p", "q"}}}}),
              {search_of("a", {{0.1, 0}, {0.2, 1}, {0.9, 1}}, {1, 2, 3})}};
  stage.traits.fidelity = {"epochs", 1.0, 9.0, true};
  for (const auto& entry : strategy_catalogue()) {
    const std::string settings = fmt::format("{{portfolio: 3, strategy: {}}}", entry.name);
    StrategyContext context = stage.context();
    context.fidelity = 9.0;
    const auto recipe = entry.name == "external" ? nullptr : testing::strategy_recipe("zero_shot", settings);
    if (!recipe || recipe->refuses(context)) continue;
    const auto strategy = recipe->make(context);
    for (TrialId id = 0; id < 12; ++id) {
      const auto proposal = strategy->ask(id, Random(2).child(id));
      if (!proposal) break;
      EXPECT_TRUE(stage.space.contains(proposal->configuration)) << entry.name;
      strategy->tell(told(id, *proposal, proposal->configuration[0]));
    }
  }
}

SearchSpace conditional() {
  return SearchSpace({
      {.name = "rate", .domain = Real{1e-5, 1.0, Scale::log}},
      {.name = "momentum", .domain = Real{-1.0, 1.0}},
      {.name = "optimiser", .domain = Categorical{{"sgd", "adam", "lbfgs"}}},
      {.name = "beta", .domain = Real{0.8, 1.0}, .active_when = Condition{2, {1}}},
      {.name = "history", .domain = Integer{1, 50}, .active_when = Condition{2, {0, 2}}},
      {.name = "width", .domain = Integer{-8, 2000}, .default_value = 2000.0},
      {.name = "depth", .domain = Ordinal{{"d0", "d1", "d2", "d3", "d4"}}},
  });
}

// The best of each task: (0.001, adam) and (0.1, adam) of one, (0.01, lbfgs) of the other; all have the
// momentum 0.5.
std::vector<EarlierSearch> conditional_searches() {
  return {
      search_of("a",
                {{0.001, 0.5, 1, 0.9, kInactive, 10, 1},
                 {0.1, 0.5, 1, 0.95, kInactive, 20, 3},
                 {1.0, -1, 0, kInactive, 1, 2000, 4}},
                {1, 2, 50}),
      search_of("b", {{0.01, 0.5, 2, kInactive, 7, -3, 2}, {1.0, 1.0, 0, kInactive, 50, 2000, 0}}, {1, 9})};
}

TEST(BoundingBox, HoldsTheBestOfEachTask) {
  const Stage stage{conditional(), conditional_searches()};
  const auto strategy = stage.make("bounding_box", "{best: 1, strategy: random}");
  std::set<double> optimisers;
  for (const Configuration& c : search(*strategy, 200, 1, [](const Configuration&) { return 0.0; })) {
    ASSERT_TRUE(stage.space.contains(c)) << stage.space.describe(c);
    EXPECT_TRUE(c[0] >= 0.001 && c[0] <= 0.01);
    EXPECT_EQ(c[1], 0.5);
    optimisers.insert(c[2]);
    EXPECT_EQ(c[3], c.is_active(3) ? 0.9 : 0.0);
    EXPECT_EQ(c[4], c.is_active(4) ? 7.0 : 0.0);
    EXPECT_TRUE(c[5] >= -3 && c[5] <= 10);
    EXPECT_TRUE(c[6] == 1 || c[6] == 2);
  }
  EXPECT_EQ(optimisers, (std::set<double>{1, 2}));
}

// Without lbfgs and sgd there is no history to set.
TEST(BoundingBox, LeavesOutWhatCannotBeActive) {
  Stage stage{conditional(), conditional_searches()};
  stage.earlier.pop_back();
  const auto strategy = stage.make("bounding_box", "{best: 2, strategy: random}");
  for (const Configuration& c : search(*strategy, 50, 1, [](const Configuration&) { return 0.0; })) {
    ASSERT_TRUE(stage.space.contains(c));
    EXPECT_EQ(c[2], 1);
    EXPECT_FALSE(c.is_active(4));
    EXPECT_TRUE(c[0] >= 0.001 && c[0] <= 0.1 && c[3] >= 0.9 && c[3] <= 0.95);
  }
}

// The strategy within sees the box as its space: it converges to the best point of it.
TEST(BoundingBox, TheStrategyWithinLearnsInsideIt) {
  const Stage stage{
      SearchSpace({{.name = "x", .domain = Real{0.0, 1.0}}, {.name = "y", .domain = Real{0.0, 1.0}}}),
      {search_of("a", {{0.2, 0.6}, {0.4, 0.8}, {0.9, 0.1}}, {1, 1, 5})}};
  const auto strategy = stage.make("bounding_box", "{best: 2, strategy: {gp: {initial: 4}}}");
  const auto loss = [](const Configuration& c) { return std::hypot(c[0] - 0.3, c[1] - 0.7); };
  double best = 1.0;
  for (const Configuration& c : search(*strategy, 15, 1, loss)) best = std::min(best, loss(c));
  EXPECT_LT(best, 0.01);
}

// Losses enter as ranks: any increasing function of them, of earlier tasks and of the present one, changes
// nothing.
TEST(QuantileTransfer, KnowsNothingOfScales) {
  std::vector<std::vector<double>> points;
  std::vector<double> losses, stretched;
  Random random(4);
  for (int i = 0; i < 40; ++i) {
    points.push_back({random.uniform(), random.uniform()});
    losses.push_back(std::hypot(points.back()[0] - 0.3, points.back()[1] - 0.6));
    stretched.push_back(std::exp(20.0 * losses.back()) - 5e6);
  }
  const SearchSpace space({{.name = "x", .domain = Real{0.0, 1.0}}, {.name = "y", .domain = Real{0.0, 1.0}}});
  const Stage plain{space, {search_of("a", points, losses)}};
  const Stage other{space, {search_of("a", points, stretched)}};
  const auto now = [](const Configuration& c) { return std::hypot(c[0] - 0.35, c[1] - 0.55); };
  for (const char* settings : {"{candidates: 200}", "{model: thompson, candidates: 200}"}) {
    const auto proposed = search(*plain.make("quantile_transfer", settings), 12, 1, now);
    const auto again = search(*other.make("quantile_transfer", settings), 12, 1,
                              [&](const Configuration& c) { return 1e3 * std::pow(now(c), 3.0); });
    EXPECT_EQ(proposed, again) << settings;
  }
}

// The earlier tasks say x = 0.3, the present one 0.45: the first trial believes them, later ones are
// corrected.
TEST(QuantileTransfer, BelievesEarlierTasksUntilCorrected) {
  std::vector<std::vector<double>> points;
  std::vector<double> losses;
  for (int i = 0; i < 200; ++i) {
    points.push_back({(i + 0.5) / 200.0});
    losses.push_back(std::abs(points.back()[0] - 0.3));
  }
  const Stage stage{SearchSpace({{.name = "x", .domain = Real{0.0, 1.0}}}), {search_of("a", points, losses)}};
  const auto loss = [](const Configuration& c) { return std::abs(c[0] - 0.45); };
  const auto proposed = search(*stage.make("quantile_transfer"), 15, 1, loss);
  EXPECT_NEAR(proposed.front()[0], 0.3, 0.02);
  EXPECT_LT(loss(*std::ranges::min_element(proposed, {}, loss)), 0.02);
  const auto drawn = search(*stage.make("quantile_transfer", "{model: thompson}"), 15, 1, loss);
  for (const Configuration& c : drawn) EXPECT_NEAR(c[0], 0.3, 0.05);  // learns nothing of the present task
}

TEST(QuantileTransfer, CountsItsWork) {
  const Stage stage{four_choices(), {search_of("a", {{0}, {1}, {2}, {3}}, {1, 2, 3, 4})}};
  const auto strategy = stage.make("quantile_transfer", "{min_leaf: 1}");
  const Work fitted = strategy->computed();
  EXPECT_GT(fitted, Work{});
  (void)strategy->ask(0, Random(1));
  EXPECT_GT(strategy->computed(), fitted);
}

}  // namespace
}  // namespace tonne
