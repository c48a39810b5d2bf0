#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/simulator.h"
#include "tests/search/strategies/multi_fidelity/multi_fidelity_helpers.h"
#include "tests/search/strategies/strategy_helpers.h"

namespace tonne {
namespace {

/// One strategy over a space of one choice among many, with trials whose losses the test dictates.
class HurdleGame {
 public:
  explicit HurdleGame(const std::string& settings, double highest = 300.0) : highest_(highest) {
    traits_.name = "test";
    traits_.objectives = {{"loss", "", Direction::minimise}};
    traits_.fidelity = {"steps", 1.0, highest_, true};
    recipe_ = testing::strategy_recipe("progressive_hurdles", settings);
    strategy_ = recipe_->make(context());
  }
  [[nodiscard]] StrategyContext context() const { return {space_, traits_, highest_, 1}; }
  [[nodiscard]] const StrategyRecipe& recipe() const { return *recipe_; }
  [[nodiscard]] const SearchSpace& space() const { return space_; }

  std::optional<Proposal> ask() { return last_ = strategy_->ask(next_, Random(5).child(next_)); }
  std::optional<Proposal> ask_again() { return last_ = strategy_->ask(next_, Random(6).child(next_)); }
  /// Ends the trial that was asked for last.
  void tell(double loss, bool cached = false) { end(Completed{{loss}, cached}); }
  void fail() { end(Failed{Failure::diverged}); }
  /// Asks and tells; returns what was proposed.
  Proposal play(double loss) {
    const auto proposal = ask();
    EXPECT_TRUE(proposal);
    if (!proposal) return {};
    tell(loss);
    return *proposal;
  }
  [[nodiscard]] TrialId last_id() const { return next_ - 1; }

 private:
  void end(std::variant<Completed, Failed> result) {
    Trial trial;
    trial.id = next_++;
    trial.proposal = last_.value();
    trial.result = std::move(result);
    strategy_->tell(trial);
  }

  double highest_;
  SearchSpace space_{{{.name = "a", .domain = Categorical{testing::names("c", 50)}, .default_value = 7.0},
                      {.name = "b", .domain = Categorical{testing::names("c", 50)}, .default_value = 9.0}}};
  ProblemTraits traits_;
  std::unique_ptr<StrategyRecipe> recipe_;
  std::unique_ptr<Strategy> strategy_;
  std::optional<Proposal> last_;
  TrialId next_ = 0;
};

// Worked by hand: population 4, a hurdle after every 4 children, 60 + 60 + 120 steps.
//   children 1-4 end at 60 steps with losses 4, 2, 3, 3: h0 = 3
//   child 5: 3 does not beat 3
//   child 6: 2.9 does, goes on to 120 from its checkpoint and ends with 2.5 (there is no h1 yet)
//   child 7: 1.0 passes, ends with 0.5 at 120
//   child 8: fails; 8 have ended: h1 = (2.5 + .5) / 2 = 1.5, the mean of those at 120 steps
//   child 9: 2.9 passes h0, 1.6 at 120 does not beat h1
//   child 10: 2.0, 1.4, goes on to 240
TEST(ProgressiveHurdles, AreThoseOfAHandComputedExample) {
  // Of 1000 draws from 4 one is the worst (all but once in 10^124), so that both at 120 steps stay.
  HurdleGame game(
      "{population: 4, sample: 1000, children: 11, hurdle_every: 4, increments: [60, 60, 120], retrain: 0}");
  for (const double loss : {4.0, 2.0, 3.0, 3.0}) EXPECT_EQ(game.play(loss).fidelity, 60.0);

  EXPECT_EQ(game.play(3.0).fidelity, 60.0);
  const Proposal sixth = game.play(2.9);
  const TrialId sixth_id = game.last_id();
  const Proposal resumed = game.play(2.5);
  EXPECT_EQ(resumed.fidelity, 120.0);
  EXPECT_EQ(resumed.resumes, sixth_id);
  EXPECT_EQ(resumed.configuration, sixth.configuration);

  EXPECT_EQ(game.play(1.0).fidelity, 60.0);
  EXPECT_EQ(game.play(0.5).fidelity, 120.0);
  ASSERT_TRUE(game.ask());
  game.fail();

  EXPECT_EQ(game.play(2.9).fidelity, 60.0);
  EXPECT_EQ(game.play(1.6).fidelity, 120.0);
  EXPECT_EQ(game.play(2.0).fidelity, 60.0);
  EXPECT_EQ(game.play(1.4).fidelity, 120.0);
  const TrialId tenth_at_120 = game.last_id();
  const Proposal last = game.play(1.3);
  EXPECT_EQ(last.fidelity, 240.0);
  EXPECT_EQ(last.resumes, tenth_at_120);

  EXPECT_EQ(game.play(9.0).fidelity, 60.0);  // the 11th child
  EXPECT_FALSE(game.ask());
}

TEST(ProgressiveHurdles, TheDefaultStartsTheSearchAndItsMutantsFollow) {
  HurdleGame game("{population: 5}");
  EXPECT_EQ(game.play(1.0).configuration, game.space().default_configuration());
  for (int i = 0; i < 4; ++i) {
    const Configuration child = game.play(1.0).configuration;
    EXPECT_NE(child, game.space().default_configuration());
    // Two fields with mutation .025: both change once in some hundred children.
    EXPECT_TRUE(child[0] == 7.0 || child[1] == 9.0);
  }
}

TEST(ProgressiveHurdles, WithoutAWarmStartTheFirstAreRandom) {
  HurdleGame game("{population: 20, warm_start: false}");
  std::set<double> values;
  for (int i = 0; i < 20; ++i) values.insert(game.play(1.0).configuration[0]);
  EXPECT_GT(values.size(), 8U);  // of 20 draws among 50; 8 or fewer: under 10^-6
}

TEST(ProgressiveHurdles, DefaultIncrementsAreSharesOfTheFidelity) {
  HurdleGame game("{population: 2, children: 3, hurdle_every: 1, retrain: 0}", 240.0);
  EXPECT_EQ(game.play(3.0).fidelity, 60.0);
  EXPECT_EQ(game.play(1.0).fidelity, 60.0);
  EXPECT_EQ(game.play(1.0).fidelity, 120.0);  // beat the mean of one member
}

TEST(ProgressiveHurdles, TheBestAreTrainedInFullAtTheEndEachOnce) {
  HurdleGame game(
      "{population: 3, sample: 2, children: 6, hurdle_every: 100, increments: [60, 60], retrain: 2}");
  std::map<double, Configuration> by_loss;
  for (const double loss : {4.0, 1.0, 3.0, 2.0, 6.0, 5.0}) by_loss[loss] = game.play(loss).configuration;
  std::vector<Proposal> final;
  while (const auto proposal = game.ask()) {
    final.push_back(*proposal);
    game.tell(0.0);
  }
  ASSERT_EQ(final.size(), 2U);
  for (const Proposal& proposal : final) {
    EXPECT_EQ(proposal.fidelity, 300.0);
    EXPECT_FALSE(proposal.resumes);
  }
  EXPECT_EQ(final[0].configuration, by_loss[1.0]);
  EXPECT_NE(final[0].configuration, final[1].configuration);
}

TEST(ProgressiveHurdles, AChildThatFailsBeyondAHurdleIsLost) {
  HurdleGame game("{population: 2, children: 4, hurdle_every: 2, increments: [60, 60], retrain: 4}");
  game.play(3.0);
  game.play(3.0);
  const Configuration lost = game.play(1.0).configuration;
  EXPECT_EQ(game.ask()->fidelity, 120.0);
  game.fail();
  game.play(9.0);
  while (const auto proposal = game.ask()) {
    EXPECT_NE(proposal->configuration, lost);
    game.tell(0.0);
  }
}

// Turned down, an increment is given up and the child stands as it was; a child does not count.
TEST(ProgressiveHurdles, ATurnedDownProposalIsTakenBack) {
  HurdleGame game("{population: 2, children: 4, hurdle_every: 2, increments: [60, 60], retrain: 1}");
  game.play(3.0);
  game.play(3.0);
  const Configuration third = game.play(1.0).configuration;
  EXPECT_EQ(game.ask()->fidelity, 120.0);
  EXPECT_EQ(game.ask_again()->fidelity, 60.0);  // the fourth child
  EXPECT_EQ(game.ask_again()->fidelity, 60.0);  // still the fourth
  game.tell(9.0);
  const auto best = game.ask();
  ASSERT_TRUE(best);
  EXPECT_EQ(best->fidelity, 300.0);
  EXPECT_EQ(best->configuration, third);
}

TEST(ProgressiveHurdles, ACachedAnswerHasNoCheckpoint) {
  HurdleGame game("{population: 2, children: 4, hurdle_every: 2, increments: [60, 60]}");
  game.play(3.0);
  game.play(3.0);
  ASSERT_TRUE(game.ask());
  game.tell(1.0, true);
  const auto on = game.ask();
  ASSERT_TRUE(on);
  EXPECT_EQ(on->fidelity, 120.0);
  EXPECT_FALSE(on->resumes);
}

TEST(ProgressiveHurdles, RefusesIncrementsThatTheProblemDoesNotHave) {
  const auto reason = [](const std::string& increments) {
    const HurdleGame game("{increments: " + increments + "}");
    return game.recipe().refuses(game.context());
  };
  EXPECT_FALSE(reason("[100, 200]"));
  EXPECT_NE(reason("[100, 201]")->find("add up to 301 steps"), std::string::npos);
  EXPECT_NE(reason("[0.5, 99.5]")->find("0.5 steps"), std::string::npos);
  EXPECT_ANY_THROW(HurdleGame("{increments: [60, many]}"));
  EXPECT_ANY_THROW(HurdleGame("{increments: [60, -1]}"));
}

// --- through the simulator ---

/// Counts trials by the fidelity that they reach, and checks what is resumed.
class HurdleRecorder final : public Recorder {
 public:
  void trial(const Trial& trial) override {
    const auto* completed = std::get_if<Completed>(&trial.result);
    if (completed != nullptr && completed->cached) return;
    ++reached[trial.proposal.fidelity];
    trained += trial.proposal.fidelity - trial.trained_from;
    if (trial.proposal.resumes) {
      EXPECT_GT(trial.trained_from, 0.0);
    }
  }
  void incumbent(const Incumbent&) override {}
  std::map<double, std::size_t> reached;
  double trained = 0.0;
};

HurdleRecorder search(const std::string& settings, std::uint64_t seed,
                      Duplicates duplicates = Duplicates::charge) {
  const auto problem = testing::problem_recipe("evolved_transformer")->make();
  const auto recipe = testing::strategy_recipe("progressive_hurdles", settings);
  const auto strategy = recipe->make({problem->space(), problem->traits(), 300'000.0, 20});
  SimulationOptions options;
  options.workers = 20;
  options.budget.evaluations = 100'000;
  options.duplicates = duplicates;
  HurdleRecorder recorder;
  const SearchResult result = simulate(*strategy, "progressive_hurdles", *problem, testing::SecondPerStep{},
                                       options, Random(seed), recorder);
  EXPECT_EQ(result.stop, StopReason::finished);
  EXPECT_DOUBLE_EQ(result.trained, recorder.trained);
  return recorder;
}

// Each child pays s0, who passes a hurdle pays on, the best are trained in full: the published totals' identity.
TEST(ProgressiveHurdles, StepsAddUpFromWhoPassed) {
  HurdleRecorder found = search("{increments: [60000, 60000, 120000], children: 1500, hurdle_every: 500}", 1);
  EXPECT_EQ(found.reached[60'000], 1500U);
  EXPECT_GT(found.reached[120'000], 0U);
  EXPECT_LT(found.reached[120'000], 1000U);  // the first 500 have no hurdle to pass
  EXPECT_LE(found.reached[240'000], found.reached[120'000]);
  EXPECT_EQ(found.reached[300'000], 20U);
  const auto passed = [&](double steps) { return static_cast<double>(found.reached[steps]); };
  EXPECT_DOUBLE_EQ(found.trained,
                   1500.0 * 60e3 + passed(120e3) * 60e3 + passed(240e3) * 120e3 + 20.0 * 300e3);
}

// Published: 3.6B steps for 15K children without hurdles.
TEST(ProgressiveHurdles, WithoutHurdlesEveryChildTrainsInFull) {
  EXPECT_DOUBLE_EQ(search("{increments: [240000], children: 1500, retrain: 0}", 1).trained * 10.0, 3.6e9);
}

TEST(ProgressiveHurdles, WorksUnderEveryRuleForDuplicates) {
  for (const Duplicates rule : {Duplicates::charge, Duplicates::cache, Duplicates::forbid})
    EXPECT_GT(
        search("{children: 300, hurdle_every: 100, population: 20, sample: 5, retrain: 3}", 2, rule).trained,
        0.0);
}

}  // namespace
}  // namespace tonne
