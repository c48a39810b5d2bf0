#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/search/strategies/strategy_helpers.h"
#include "tests/support/free_search.h"

namespace tonne {
namespace {

constexpr const char* kSmallOneShot = "{supernet_epochs: 7, samples: 30, retrain: 3}";

TEST(OneShot, TrainsTheSupernetJudgesAndRetrainsTheBest) {
  const auto problem = testing::problem_recipe("macro_nas", "{layers: 4, epochs: 20, sharing: 0.5}")->make();
  const auto strategy = testing::strategy_recipe("one_shot", kSmallOneShot)
                            ->make({problem->space(), problem->traits(), 20.0, 1});
  const auto trials = testing::search_loop(*strategy, *problem, 1000, 1).trials;
  ASSERT_EQ(trials.size(), 40U);
  std::vector<double> judged;
  for (std::size_t i = 0; i < 40; ++i) {
    const double fidelity = trials[i].proposal.fidelity;
    if (i < 7) {
      EXPECT_EQ(fidelity, 1.0);
    }
    if (i >= 7 && i < 37) {
      EXPECT_EQ(fidelity, problem->traits().fidelity.lowest);
      judged.push_back(trials[i].loss());
    }
    if (i >= 37) {
      EXPECT_EQ(fidelity, 20.0);
    }
  }
  std::ranges::sort(judged);
  for (std::size_t k = 0; k < 3; ++k) {
    const auto& retrained = trials[37 + k].proposal.configuration;
    const auto found = std::ranges::find_if(trials, [&](const Trial& t) {
      return t.id >= 7 && t.id < 37 && t.proposal.configuration == retrained;
    });
    EXPECT_EQ(found->loss(), judged[k]);
  }
}

TEST(OneShot, AnEpochIsAsLongAsTheProblemCounts) {
  const auto problem = testing::problem_recipe("evolved_transformer", "{}")->make();
  const auto strategy = testing::strategy_recipe("one_shot", "{supernet_epochs: 3, epoch: 1e4, samples: 2, retrain: 1}")
                            ->make({problem->space(), problem->traits(), 3e5, 1});
  const auto trials = testing::search_loop(*strategy, *problem, 1000, 1).trials;
  ASSERT_EQ(trials.size(), 6U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(trials[i].proposal.fidelity, 1e4);
}

// The costliest cell of NAS-Bench-201's shape has a 3x3 convolution on each edge; the supernet is trained at its cost.
TEST(OneShot, TheSupernetMayCostWhatItsLargestPathCosts) {
  const auto problem = testing::problem_recipe("cell_nas", "")->make();
  const auto recipe = testing::strategy_recipe("one_shot", "{supernet_epochs: 2, samples: 5, retrain: 1, supernet_path: largest}");
  StrategyContext context{problem->space(), problem->traits(), 200.0, 1};
  EXPECT_TRUE(recipe->refuses(context));
  context.work = [&](const Configuration& c) { return problem->evaluate({c, 0.0, 1.0, 0}, Random(0)).workload.flops; };
  EXPECT_FALSE(recipe->refuses(context));
  const auto strategy = recipe->make(context);
  const Configuration first = strategy->ask(0, Random(1)).value().configuration;
  for (std::size_t edge = 0; edge < 6; ++edge) EXPECT_EQ(problem->space().value_text(edge, first[edge]), "nor_conv_3x3");
  EXPECT_EQ(strategy->ask(1, Random(2)).value().configuration, first);
}

// A supernet of 20 epochs costs 20 epochs of its largest path, also where the simulator repeats no evaluation: it
// refuses a second epoch (forbid) or answers it from the cache, for nothing.
TEST(OneShot, EveryEpochOfTheLargestPathIsPaid) {
  const auto problem = testing::problem_recipe("cell_nas", "")->make();
  const auto recipe =
      testing::strategy_recipe("one_shot", "{supernet_epochs: 20, samples: 10, retrain: 2, supernet_path: largest, rank_correlation: 1}");
  class Log final : public Recorder {
   public:
    void trial(const Trial& trial) override { trials.push_back(trial); }
    void incumbent(const Incumbent&) override {}
    std::vector<Trial> trials;
  };
  const testing::HourPerEpoch cost;
  for (const unsigned workers : {1U, 3U}) {
    StrategyContext context{problem->space(), problem->traits(), 200.0, workers, &cost};
    context.work = [&](const Configuration& c) { return problem->evaluate({c, 0.0, 1.0, 0}, Random(0)).workload.flops; };
    for (const Duplicates duplicates : {Duplicates::charge, Duplicates::cache, Duplicates::forbid}) {
      const auto strategy = recipe->make(context);
      const Configuration largest = recipe->make(context)->ask(0, Random(1)).value().configuration;
      SimulationOptions options;
      options.workers = workers;
      options.budget.evaluations = 1000;
      options.duplicates = duplicates;
      Log log;
      const SearchResult result = simulate(*strategy, "one_shot", *problem, cost, options, Random(1), log);
      EXPECT_EQ(result.stop, StopReason::finished);
      double epochs = 0.0;
      std::size_t retrained = 0;
      for (const Trial& trial : log.trials) {
        const Proposal& proposal = trial.proposal;
        if (proposal.fidelity == 200.0) ++retrained;
        if (!proposal.screening && proposal.fidelity < 200.0 && proposal.configuration == largest)
          epochs += trial.workload.flops / context.work(largest);
      }
      EXPECT_NEAR(epochs, 20.0, 1e-9) << static_cast<int>(duplicates) << " with " << workers;
      EXPECT_EQ(retrained, 2U);
    }
  }
}

// Six candidates cannot be judged 50 times: the phase ends, and the best are retrained.
TEST(OneShot, ASpaceThatIsSmallerThanItsPhasesEndsThem) {
  const SearchSpace space({{.name = "only", .domain = Integer{1, 6}}});
  ProblemTraits traits;
  traits.objectives = {{"loss", "", Direction::minimise}};
  traits.fidelity = {"epochs", 1.0, 9.0, true};
  const auto strategy =
      testing::strategy_recipe("one_shot", "{supernet_epochs: 0, samples: 50, retrain: 2}")->make({space, traits, 9.0, 1});
  std::vector<std::pair<double, double>> seen;  // value and fidelity
  for (TrialId id = 0; id < 100; ++id) {
    std::optional<Proposal> proposal;
    std::pair<double, double> key;
    for (std::uint64_t attempt = 0; attempt < 1000; ++attempt) {
      proposal = strategy->ask(id, Random(3).child(id).child(attempt));
      if (!proposal) break;
      key = {proposal->configuration[0], proposal->fidelity};
      if (std::ranges::find(seen, key) == seen.end()) break;
      proposal.reset();
    }
    if (!proposal) break;
    seen.push_back(key);
    Trial trial;
    trial.id = id;
    trial.proposal = *proposal;
    trial.result = Completed{{key.first}};
    strategy->tell(trial);
  }
  ASSERT_EQ(seen.size(), 8U);
  EXPECT_EQ(seen[6], std::pair(1.0, 9.0));
  EXPECT_EQ(seen[7], std::pair(2.0, 9.0));
}

// The same where the simulator refuses: that nothing is left at the supernet's fidelity does not end the search.
TEST(OneShot, GoesOnWhereTheSimulatorRefusesWhatASmallSpaceHas) {
  class SixPoints final : public Problem {
   public:
    SixPoints() {
      traits_.name = "six";
      traits_.objectives = {{"loss", "", Direction::minimise}};
      traits_.fidelity = {"epochs", 1.0, 9.0, true};
      traits_.fidelity.levels = {1.0, 2.0, 9.0};
    }
    const ProblemTraits& traits() const override { return traits_; }
    const SearchSpace& space() const override { return space_; }
    Outcome evaluate(const Evaluation& e, Random) const override {
      Outcome outcome;
      outcome.objectives.push_back(e.configuration[0]);
      outcome.workload.measured_time = e.to * second;
      return outcome;
    }
    double true_value(const Configuration& c) const override { return c[0]; }

   private:
    ProblemTraits traits_;
    SearchSpace space_{{{.name = "only", .domain = Integer{1, 6}}}};
  };
  class Nothing final : public Recorder {
   public:
    void trial(const Trial&) override {}
    void incumbent(const Incumbent&) override {}
  };
  const SixPoints problem;
  const testing::HourPerEpoch cost;
  const auto strategy = testing::strategy_recipe("one_shot", "{supernet_epochs: 50, samples: 50, retrain: 2, rank_correlation: 1}")
                            ->make({problem.space(), problem.traits(), 9.0, 1});
  SimulationOptions options;
  options.budget.evaluations = 1000;
  options.duplicates = Duplicates::forbid;
  Nothing recorder;
  const SearchResult result = simulate(*strategy, "one_shot", problem, cost, options, Random(1), recorder);
  EXPECT_EQ(result.stop, StopReason::finished);
  EXPECT_EQ(result.evaluations, 8U);  // six epochs of the supernet, and the two best in full
  EXPECT_EQ(result.screenings, 6U);
}

TEST(OneShot, APhaseWaitsForTheOneBefore) {
  const auto problem = testing::problem_recipe("macro_nas", "{layers: 4, sharing: 0.5}")->make();
  const auto strategy = testing::strategy_recipe("one_shot", "{supernet_epochs: 1, samples: 1, retrain: 1}")
                            ->make({problem->space(), problem->traits(), 50.0, 8});
  Trial trial;
  trial.proposal = strategy->ask(0, Random(1)).value();
  EXPECT_FALSE(strategy->ask(1, Random(2)));
  trial.result = Failed{Failure::diverged};
  strategy->tell(trial);
  EXPECT_TRUE(strategy->ask(1, Random(2)));
}

// The mean truth of the five retrained, over 20 seeds: with a faithful ranking they are better by more than a
// point. Sds of the difference of means are about .3 points.
TEST(OneShot, IsAsGoodAsTheRankingOfSharedWeights) {
  const auto mean_truth = [](const std::string& sharing) {
    const auto problem =
        testing::problem_recipe("macro_nas", "{layers: 6, sharing: " + sharing + "}")->make();
    double sum = 0.0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const auto strategy =
          testing::strategy_recipe("one_shot", "{supernet_epochs: 0, samples: 200, retrain: 5}")
              ->make({problem->space(), problem->traits(), 50.0, 1});
      const auto trials = testing::search_loop(*strategy, *problem, 1000, seed).trials;
      for (std::size_t i = trials.size() - 5; i < trials.size(); ++i)
        sum += problem->true_value(trials[i].proposal.configuration) / 100.0;
    }
    return sum;
  };
  const double blind = mean_truth("0");
  EXPECT_GT(mean_truth("0.9"), blind + 1.0);
  EXPECT_LT(mean_truth("-0.9"), blind - 1.0);
}

}  // namespace
}  // namespace tonne
