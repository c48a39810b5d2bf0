// A strategy within a scheduler: what it is asked and told.

#include "search/strategies/multi_fidelity/candidate_source.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <string>

#include "search/strategies/multi_fidelity/source_brackets.h"
#include "search/strategies/multi_fidelity/stepwise_training.h"
#include "tests/search/strategies/multi_fidelity/multi_fidelity_helpers.h"

namespace tonne {
namespace {

using testing::Scripted;

// What happened, a word each: "ask 0", "report 0 at 1 = 5", "tell 3 at 9 = 2", "fail 4 at 9".
using Log = std::vector<std::string>;

std::string text(double number) {
  std::string digits = std::to_string(number);
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.') digits.pop_back();
  return digits;
}

// Proposes 0.5, 1.5, .. and writes down what it hears.
class Listener final : public Strategy {
 public:
  Listener(Log& log, bool learns, double full, int most = 1000)
      : log_(log), learns_(learns), full_(full), most_(most) {}

  std::optional<Proposal> ask(TrialId id, Random) override {
    if (most_-- == 0) return ++most_, std::nullopt;
    log_.push_back("ask " + std::to_string(id));
    Configuration x(1);
    x.set(0, 0.5 + 0.001 * asked_++);
    return Proposal{.configuration = x, .fidelity = full_};
  }
  void tell(const Trial& trial) override {
    EXPECT_FALSE(trial.proposal.resumes);
    log_.push_back((trial.completed() ? "tell " : "fail ") + line(trial));
  }
  void report(const Trial& trial) override {
    EXPECT_FALSE(trial.proposal.resumes);
    log_.push_back("report " + line(trial));
  }
  [[nodiscard]] bool learns_from_reports() const override { return learns_; }
  [[nodiscard]] Work computed() const override { return 7.0 * flop; }

 private:
  static std::string line(const Trial& trial) {
    return std::to_string(trial.id) + " at " + text(trial.proposal.fidelity) +
           (trial.completed() ? " = " + text(trial.loss()) : "");
  }

  Log& log_;
  bool learns_;
  double full_;
  int most_;
  int asked_ = 0;
};

class Around {
 public:
  Around() {
    traits_.objectives = {{"loss", "", Direction::minimise}};
    traits_.fidelity = {"epochs", 1.0, 9.0, true};
  }
  [[nodiscard]] StrategyContext context() const { return {space_, traits_, 9.0, 1}; }
  [[nodiscard]] CandidateSource source(std::unique_ptr<Strategy> inner) const {
    return {std::move(inner), context(), false};
  }

 private:
  SearchSpace space_{{{.name = "x", .domain = Real{0.5, 8.0}}}};
  ProblemTraits traits_;
};

// Begins the trial `id` of a scheduler and ends it.
Trial play(Strategy& scheduler, TrialId id, std::optional<double> loss) {
  Trial trial;
  trial.id = id;
  trial.proposal = scheduler.ask(id, Random(1).child(id)).value();
  trial.result = Failed{Failure::diverged};
  if (loss) trial.result = Completed{{*loss}};
  scheduler.tell(trial);
  return trial;
}

struct MedianOfOne {
  StepSettings steps{.interval = 3.0, .min_fidelity = {}};
  [[nodiscard]] std::unique_ptr<StoppingRule> rule(std::size_t count, const StrategyContext&) const {
    return std::make_unique<PercentileRule>(count, 50.0, 1, ComparedValues::reported);
  }
};

TEST(CandidateSource, ALearnerHearsOfEveryPartialTraining) {
  Log log;
  const Around around;
  StepwiseTraining scheduler(MedianOfOne{}, around.source(std::make_unique<Listener>(log, true, 9.0)), around.context());
  for (TrialId id = 0; id < 3; ++id) play(scheduler, id, 5.0 - static_cast<double>(id));  // to the full training
  play(scheduler, 3, 6.0);                                                                // stopped
  play(scheduler, 4, std::nullopt);
  EXPECT_EQ(log, (Log{"ask 0", "report 0 at 3 = 5", "report 0 at 6 = 4", "tell 0 at 9 = 3", "ask 3",
                      "report 3 at 3 = 6", "ask 4", "fail 4 at 9"}));
  EXPECT_EQ(scheduler.computed(), 7.0 * flop);
}

TEST(CandidateSource, AnybodyElseIsToldTheFirstTrainingAsIfItWereTheResult) {
  Log log;
  const Around around;
  StepwiseTraining scheduler(MedianOfOne{}, around.source(std::make_unique<Listener>(log, false, 9.0)), around.context());
  play(scheduler, 0, 5.0);
  play(scheduler, 1, std::nullopt);  // fails later: nothing more is told
  play(scheduler, 2, std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(log, (Log{"ask 0", "tell 0 at 9 = 5", "ask 2", "tell 2 at 9 = nan"}));
}

struct OneBracket {
  Barrier barrier = Barrier::next_bracket;
  std::int64_t rounds = 0;
  [[nodiscard]] std::vector<Bracket> brackets(const StrategyContext&) const { return {{{6, 1.0}, {2, 9.0}}}; }
};

// A source that ends after four candidates: the rung of six closes, and the best 4 * 2 / 6 = 1 goes on.
TEST(CandidateSource, ARungThatCannotBeFilledGoesOnWithWhatItHas) {
  Log log;
  const Around around;
  SourceBrackets scheduler(OneBracket{}, around.source(std::make_unique<Listener>(log, true, 9.0, 4)), around.context());
  for (TrialId id = 0; id < 3; ++id) play(scheduler, id, 5.0 - static_cast<double>(id));
  Trial fourth;
  fourth.id = 3;
  fourth.proposal = scheduler.ask(3, Random(1)).value();
  fourth.result = Completed{{9.0}};
  EXPECT_FALSE(scheduler.ask(4, Random(1)));  // the fourth is running
  scheduler.tell(fourth);
  const Trial fifth = play(scheduler, 4, 1.0);
  EXPECT_EQ(fifth.proposal.resumes, 2U);
  EXPECT_EQ(fifth.proposal.fidelity, 9.0);
  EXPECT_FALSE(scheduler.ask(5, Random(1)));
  EXPECT_EQ(log.back(), "tell 2 at 9 = 1");
}

TEST(CandidateSource, WhatIsTurnedDownIsAskedForAgainUnderTheSameId) {
  Log log;
  const Around around;
  SourceBrackets scheduler(OneBracket{}, around.source(std::make_unique<Listener>(log, true, 9.0)), around.context());
  const auto first = scheduler.ask(0, Random(1)).value();
  const auto second = scheduler.ask(0, Random(2)).value();
  EXPECT_NE(first.configuration, second.configuration);
  EXPECT_EQ(log, (Log{"ask 0", "ask 0"}));
}

// Proposes the same again and again, and something new every third time.
class Parrot final : public Strategy {
 public:
  explicit Parrot(int& asked) : asked_(asked) {}
  std::optional<Proposal> ask(TrialId, Random) override {
    Configuration x(1);
    x.set(0, ++asked_ % 3 == 0 ? 0.5 + 0.001 * asked_ : 0.5);
    return Proposal{.configuration = x, .fidelity = 9.0};
  }
  void tell(const Trial&) override {}

 private:
  int& asked_;
};

TEST(CandidateSource, TurnsDownWhatWasProposedBefore) {
  const Around around;
  int asked = 0;
  CandidateSource source(std::make_unique<Parrot>(asked), around.context(), false);
  std::set<double> seen;
  for (TrialId id = 0; id < 4; ++id) seen.insert(source.ask(id, Random(1))->configuration[0]);
  EXPECT_EQ(seen.size(), 4U);
  EXPECT_EQ(asked, 9);  // new: the first, third, sixth and ninth
  CandidateSource repeating(std::make_unique<Parrot>(asked), around.context(), true);
  EXPECT_EQ(repeating.ask(0, Random(1))->configuration, repeating.ask(1, Random(1))->configuration);
}

// In the end a repeat is better than none.
TEST(CandidateSource, TakesARepeatWhereNothingElseComes) {
  const SearchSpace one({{.name = "x", .domain = Categorical{{"only"}}}});
  const Around around;
  const auto strategy = testing::strategy_recipe("asha", "{strategy: tpe}")->make({one, around.context().traits, 9.0, 1});
  for (TrialId id = 0; id < 5; ++id) EXPECT_TRUE(strategy->ask(id, Random(id)));
}

// A grid of five under asha: all are tried, the best goes on, and then the search ends.
TEST(CandidateSource, AGridUnderAshaEnds) {
  Scripted game("asha", "{strategy: {grid: {levels: 5}}}", 9.0);
  std::size_t trials = 0;
  while (const auto id = game.begin()) {
    game.end(*id, static_cast<double>(*id));
    ASSERT_LT(++trials, 20U);
  }
  EXPECT_EQ(trials, 6U);  // five, of which floor(5 / 3) = 1 goes on; one is too few to go further
}

TEST(CandidateSource, LooksPassThrough) {
  Scripted game("hyperband", "{strategy: zero_cost}", 9.0);
  const TrialId look = game.play(0.3);
  EXPECT_TRUE(game.of(look).screening);
  EXPECT_EQ(game.fidelity(look), 0.0);
  const TrialId training = game.play(0.3);
  EXPECT_FALSE(game.of(training).screening);
  EXPECT_EQ(game.fidelity(training), 1.0);
  EXPECT_EQ(game.of(training).configuration, game.of(look).configuration);
}

TEST(CandidateSource, RefusesAStrategyThatResumes) {
  for (const char* inner : {"asha", "pbt", "{in_sequence: {strategy: asha}}", "{external: {command: [python3]}}"}) {
    const auto reason = Scripted("asha", std::string("{strategy: ") + inner + "}", 9.0).refuses();
    ASSERT_TRUE(reason) << inner;
    EXPECT_NE(reason->find("resumes trainings itself"), std::string::npos) << *reason;
  }
  EXPECT_TRUE(Scripted("median_stopping", "{strategy: nsga2}", 9.0).refuses());  // one objective
  EXPECT_FALSE(Scripted("asha", "{strategy: gp}", 9.0).refuses());
}

// The default is what it always was: random search, draw for draw.
TEST(CandidateSource, RandomWithinIsTheDefault) {
  for (const char* name : {"asha", "hyperband", "successive_halving", "median_stopping", "pruning", "pasha"}) {
    Scripted plain(name, "{}", 9.0);
    Scripted around(name, "{strategy: random}", 9.0);
    for (int i = 0; i < 10; ++i) {
      const double loss = (i * 7) % 10;
      EXPECT_EQ(plain.of(plain.play(loss)).configuration, around.of(around.play(loss)).configuration) << name;
    }
    EXPECT_EQ(Scripted(name, "{}", 9.0).begin(), 0U);
  }
}

}  // namespace
}  // namespace tonne
