#include <gtest/gtest.h>

#include "core/pareto.h"
#include "tests/search/strategies/strategy_helpers.h"
#include "tests/support/test_problems.h"

namespace tonne {
namespace {

class Tpe : public ::testing::Test {
 protected:
  Tpe() : space_({{.name = "x", .domain = Real{0.0, 1.0}}}) {
    traits_.objectives = {{"loss", "", Direction::minimise}};
  }

  [[nodiscard]] std::unique_ptr<Strategy> make(const std::string& settings = "") const {
    return testing::strategy_recipe("tpe", settings)->make({space_, traits_, 1.0, 1});
  }
  static Trial trial(TrialId id, double x, double loss) {
    Trial result;
    result.id = id;
    result.proposal.configuration = Configuration(1);
    result.proposal.configuration.set(0, x);
    result.result = Completed{{loss}};
    return result;
  }
  static Trial failure(TrialId id, double x) {
    Trial result = trial(id, x, 0.0);
    result.result = Failed{Failure::out_of_memory};
    return result;
  }
  // Part of 400 proposals that lie in [low, high].
  static double part_within(Strategy& strategy, double low, double high) {
    int inside = 0;
    for (std::uint64_t stream = 0; stream < 400; ++stream) {
      const double x = strategy.ask(1000, Random(stream))->configuration[0];
      inside += low <= x && x <= high ? 1 : 0;
    }
    return inside / 400.0;
  }
  // 40 trials evenly over [0, 1] in mixed order (age has its weight), best at 0.2.
  static void tell_valley(Strategy& strategy) {
    for (TrialId id = 0; id < 40; ++id) {
      const double x = (static_cast<double>(id * 17 % 40) + 0.5) / 40;
      strategy.tell(trial(id, x, std::abs(x - 0.2)));
    }
  }

  SearchSpace space_;
  ProblemTraits traits_;
};

TEST_F(Tpe, StartsAtRandom) {
  const auto strategy = make();
  for (TrialId id = 0; id < 9; ++id) strategy->tell(trial(id, 0.5, 0.0));
  Random random(3);
  EXPECT_EQ(strategy->ask(9, Random(3))->configuration, space_.sample(random));
  EXPECT_EQ(strategy->computed(), Work{});
  strategy->tell(trial(9, 0.5, 0.0));
  Random again(3);
  EXPECT_NE(strategy->ask(10, Random(3))->configuration, space_.sample(again));
  EXPECT_GT(strategy->computed(), Work{});
}

// Bounds far from what a uniform strategy gives (0.2) and from the values measured (0.8 to 1).
TEST_F(Tpe, ProposesWhereItWasGood) {
  for (const char* settings : {"", "{multivariate: false}"}) {
    const auto strategy = make(settings);
    tell_valley(*strategy);
    EXPECT_GT(part_within(*strategy, 0.1, 0.3), 0.6) << settings;
  }
}

// gamma = 0.1 of 40 trials: the 4 best. Losses beyond the first four do not matter; the fourth does.
TEST_F(Tpe, PartsAtTheQuantile) {
  const auto proposals = [&](std::size_t lifted) {
    const auto strategy = make();
    for (TrialId id = 0; id < 40; ++id) {
      const double x = (static_cast<double>(id) + 0.5) / 40;
      const double loss = static_cast<double>(id) + (id >= lifted ? 100.0 : 0.0);
      strategy->tell(trial(id, x, id == lifted ? 1000.0 : loss));
    }
    std::vector<double> xs;
    for (std::uint64_t stream = 0; stream < 20; ++stream)
      xs.push_back(strategy->ask(40, Random(stream))->configuration[0]);
    return xs;
  };
  EXPECT_EQ(proposals(4), proposals(30));
  EXPECT_NE(proposals(3), proposals(30));
}

TEST_F(Tpe, TheOrderOfTellsDoesNotMatter) {
  const auto forward = make();
  const auto backward = make();
  for (TrialId id = 0; id < 40; ++id) {
    forward->tell(trial(id, static_cast<double>(id) / 40, static_cast<double>(id * 17 % 5)));
    const TrialId other = 39 - id;
    backward->tell(trial(other, static_cast<double>(other) / 40, static_cast<double>(other * 17 % 5)));
  }
  EXPECT_EQ(forward->ask(40, Random(1))->configuration, backward->ask(40, Random(1))->configuration);
}

TEST_F(Tpe, GoesOnFromTheLogOfTellsAlone) {
  for (const char* settings : {"", "{multivariate: false}", "{constant_liar: true}"}) {
    const auto original = make(settings);
    const auto fresh = make(settings);
    for (TrialId id = 0; id < 30; ++id) {
      const double x = original->ask(id, Random(id))->configuration[0];
      original->tell(trial(id, x, std::abs(x - 0.4)));
      fresh->tell(trial(id, x, std::abs(x - 0.4)));
    }
    EXPECT_EQ(original->ask(30, Random(1))->configuration, fresh->ask(30, Random(1))->configuration)
        << settings;
  }
}

TEST_F(Tpe, OtherFidelitiesAreNotItsBusiness) {
  const auto with = make();
  const auto without = make();
  tell_valley(*with);
  tell_valley(*without);
  for (TrialId id = 50; id < 90; ++id) {
    Trial partial = trial(id, 0.9, -1.0);
    partial.proposal.fidelity = 0.5;
    with->tell(partial);
  }
  EXPECT_EQ(with->ask(99, Random(1))->configuration, without->ask(99, Random(1))->configuration);
}

// What fails beside the best point keeps proposals away from there, unless failures are forgotten.
TEST_F(Tpe, LearnsFromFailures) {
  const auto learns = make();
  const auto forgets = make("{learn_from_failures: false}");
  tell_valley(*learns);
  tell_valley(*forgets);
  for (TrialId id = 40; id < 60; ++id) {
    learns->tell(failure(id, 0.25));
    forgets->tell(failure(id, 0.25));
  }
  EXPECT_LT(part_within(*learns, 0.2, 0.3), 0.5 * part_within(*forgets, 0.2, 0.3));
}

// 20 workers who ask at once: with the liar their proposals spread out.
TEST_F(Tpe, TheConstantLiarKeepsWorkersApart) {
  const auto spread = [&](const char* settings) {
    const auto strategy = make(settings);
    tell_valley(*strategy);
    double low = 1.0;
    double high = 0.0;
    for (TrialId id = 40; id < 60; ++id) {
      const double x = strategy->ask(id, Random(id))->configuration[0];
      low = std::min(low, x);
      high = std::max(high, x);
    }
    return high - low;
  };
  EXPECT_GT(spread("{constant_liar: true}"), 1.5 * spread("{constant_liar: false}"));
}

TEST_F(Tpe, RefusesImpossibleSettings) {
  EXPECT_THROW(testing::strategy_recipe("tpe", "{candidates: 0}"), InputError);
  EXPECT_THROW(testing::strategy_recipe("tpe", "{gamma: 0}"), InputError);
  EXPECT_THROW(testing::strategy_recipe("tpe", "{prior_weight: 0}"), InputError);
  EXPECT_THROW(testing::strategy_recipe("tpe", "{multivariate: false, bandwidth: range}"), InputError);
  EXPECT_NO_THROW(testing::strategy_recipe("tpe", "{multivariate: true, bandwidth: range}"));
}

// Medians over seeds 1..20 of the simple regret after 100 and 200 evaluations, against Optuna 5 (the default)
// or Optuna 4.7: of what that reaches no more than twice (medians of 20 seeds vary by a factor of two from
// one set of seeds to the next), and far below random search.
struct Reference {
  const char* problem;
  const char* settings;
  double after_100;
  double after_200;
  friend void PrintTo(const Reference& r, std::ostream* out) { *out << r.problem << r.settings; }
};

class TpeQuality : public ::testing::TestWithParam<Reference> {};

TEST_P(TpeQuality, IsThatOfTheReference) {
  const Reference& reference = GetParam();
  const auto problem = testing::function_problem(reference.problem);
  const auto regrets = testing::median_regrets("tpe", reference.settings, *problem, {100, 200}, 20);
  EXPECT_LT(regrets[0], 2 * reference.after_100);
  EXPECT_LT(regrets[1], 2 * reference.after_200);
  const auto random = testing::median_regrets("random", "", *problem, {100, 200}, 20);
  EXPECT_LT(regrets[1], 0.6 * random[1]);
}

INSTANTIATE_TEST_SUITE_P(
    Functions, TpeQuality,
    ::testing::Values(
        Reference{testing::kBranin, "", 0.026, 0.0032}, Reference{testing::kHartmann3, "", 0.014, 0.0036},
        // 0.032; but a third of the searches end in the second-best basin (0.12): the median of 20 may, too.
        Reference{testing::kHartmann6, "", 0.10, 0.064}, Reference{testing::kAckley5, "", 6.4, 4.4},
        Reference{testing::kLevy6, "", 1.0, 0.28},
        Reference{testing::kBranin, "{bandwidth: range}", 0.072, 0.030},  // Optuna 3.1, multivariate
        Reference{testing::kBranin, "{multivariate: false}", 0.03, 0.008},
        Reference{testing::kHartmann6, "{multivariate: false}", 0.36, 0.15},
        // The lower ends of what the two variants of Optuna 4.7 reach.
        Reference{testing::kBranin, "{bandwidth: deviation}", 0.012, 0.003},
        Reference{testing::kHartmann6, "{bandwidth: deviation}", 0.23, 0.08}));

// Hypervolume below 1.1 after `evaluations`, mean of 10 seeds.
double mean_hypervolume(const char* strategy, const char* settings, const Problem& problem,
                        TrialId evaluations) {
  const auto recipe = testing::strategy_recipe(strategy, settings);
  double sum = 0.0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto instance = recipe->make({problem.space(), problem.traits(), 1.0, 1});
    const Random root(seed);
    std::vector<Objectives> losses;
    for (TrialId id = 0; id < evaluations; ++id) {
      Trial trial;
      trial.id = id;
      trial.proposal = *instance->ask(id, root.child("ask").child(id));
      losses.push_back(
          problem.evaluate({trial.proposal.configuration, 0.0, 1.0, 0}, root.child(id)).objectives);
      trial.result = Completed{losses.back()};
      instance->tell(trial);
    }
    sum += hypervolume(losses, Objectives(problem.traits().objectives.size(), 1.1));
  }
  return sum / 10.0;
}

// NSGA-II with a population of 20 reaches 0.38 +- 0.04 and 0.14 +- 0.01 after 300 evaluations; TPE 0.62 +-
// 0.02 and 0.20 +- 0.03 (docs/strategies.md).
TEST(TpeFrontQuality, IsAheadOfNsga2AfterFewEvaluations) {
  const auto zdt1 = testing::problem_recipe("zdt", "{function: zdt1, dimension: 6}")->make();
  EXPECT_GT(mean_hypervolume("tpe", "{}", *zdt1, 300), 0.5);
  const auto dtlz2 = testing::problem_recipe("dtlz", "{function: dtlz2}")->make();
  EXPECT_GT(mean_hypervolume("tpe", "{}", *dtlz2, 200),
            mean_hypervolume("nsga2", "{population: 20}", *dtlz2, 200));
}

// With the first objective alone, it is the search that it is on a problem with that objective.
TEST_F(Tpe, TheFirstObjectiveAloneIsASingleObjective) {
  ProblemTraits two = traits_;
  two.objectives.push_back({"other", "", Direction::minimise});
  const auto first = testing::strategy_recipe("tpe", "{objectives: first}")->make({space_, two, 1.0, 1});
  const auto both = testing::strategy_recipe("tpe", "{}")->make({space_, two, 1.0, 1});
  const auto single = make();
  for (TrialId id = 0; id < 40; ++id) {
    const double x = (static_cast<double>(id * 17 % 40) + 0.5) / 40;
    single->tell(trial(id, x, std::abs(x - 0.2)));
    Trial told = trial(id, x, std::abs(x - 0.2));
    told.result = Completed{{std::abs(x - 0.2), std::abs(x - 0.8)}};
    first->tell(told);
    both->tell(told);
  }
  EXPECT_EQ(first->ask(40, Random(1))->configuration, single->ask(40, Random(1))->configuration);
  EXPECT_GT(part_within(*both, 0.5, 0.85), 0.25);  // the front is all of 0.2 to 0.8
  EXPECT_LT(part_within(*first, 0.5, 0.85), 0.1);
}

TEST_F(Tpe, RefusesMoreObjectivesThanThereCanBe) {
  ProblemTraits many = traits_;
  while (many.objectives.size() < kMaxObjectives)
    many.objectives.push_back({"more", "", Direction::minimise});
  const StrategyContext context{space_, many, 1.0, 1};
  EXPECT_EQ(testing::strategy_recipe("tpe", "{}")->refuses(context), std::nullopt);
  EXPECT_NE(testing::strategy_recipe("tpe", "{cost_objective: co2e}")->refuses(context), std::nullopt);
  EXPECT_EQ(testing::strategy_recipe("tpe", "{cost_objective: co2e, objectives: first}")->refuses(context),
            std::nullopt);
}

// What a scheduler reports of a training that it may never finish is worth a trial: before any is finished,
// proposals go where trainings went well.
TEST_F(Tpe, LearnsFromReports) {
  const auto strategy = make();
  EXPECT_TRUE(strategy->learns_from_reports());
  for (TrialId id = 0; id < 40; ++id) {
    const double x = (static_cast<double>(id * 17 % 40) + 0.5) / 40;
    Trial partial = trial(id, x, std::abs(x - 0.2));
    partial.proposal.fidelity = 0.25;
    strategy->report(partial);
  }
  EXPECT_GT(part_within(*strategy, 0.1, 0.3), 0.6);
}

// b is active under a1 alone: with groups its density is of the trials that have it. Under a1 the optimum is
// at b = 0.9.
TEST_F(Tpe, GroupsLearnConditionalParametersFromThoseThatHaveThem) {
  const SearchSpace space({{.name = "a", .domain = Categorical{{"a0", "a1"}}},
                           {.name = "x", .domain = Real{0.0, 1.0}},
                           {.name = "b", .domain = Real{0.0, 1.0}, .active_when = Condition{0, {1}}},
                           {.name = "c", .domain = Real{0.0, 1.0}, .active_when = Condition{0, {1}}}});
  const auto strategy =
      testing::strategy_recipe("tpe", "{multivariate: group}")->make({space, traits_, 1.0, 1});
  const Random root(2);
  for (TrialId id = 0; id < 80; ++id) {
    Random random = root.child(id);
    Trial told;
    told.id = id;
    told.proposal.configuration = space.sample(random);
    const Configuration& drawn = told.proposal.configuration;
    const double b = drawn.is_active(2) ? std::abs(drawn[2] - 0.9) : 1.0;
    told.result = Completed{{b + std::abs(drawn[1] - 0.4)}};
    strategy->tell(told);
  }
  int near = 0;
  for (std::uint64_t stream = 0; stream < 100; ++stream) {
    const Configuration proposal = strategy->ask(1000, Random(stream))->configuration;
    ASSERT_TRUE(space.contains(proposal));
    near += proposal.is_active(2) && std::abs(proposal[2] - 0.9) < 0.2 ? 1 : 0;
  }
  EXPECT_GT(near, 60);
}

// As Optuna orders them: the feasible by loss, then the others by how much they violate. All of x < .5
// violates, by .5 - x, and has the better losses: the good ones are the feasible ones, or, where there are
// too few, those that violate least.
TEST_F(Tpe, ConstraintsComeBeforeLosses) {
  const auto tell = [&](Strategy& strategy, double limit) {
    for (TrialId id = 0; id < 60; ++id) {
      const double x = (static_cast<double>(id * 17 % 60) + 0.5) / 60;
      Trial told = trial(id, x, x);
      told.constraints = {limit - x};
      if (limit > x) told.result = Failed{Failure::infeasible};
      strategy.tell(told);
    }
  };
  const auto half = make();
  tell(*half, 0.5);
  EXPECT_GT(part_within(*half, 0.45, 0.7), 0.6);
  const auto none = make();
  tell(*none, 2.0);
  EXPECT_GT(part_within(*none, 0.75, 1.0), 0.6);
}

}  // namespace
}  // namespace tonne
