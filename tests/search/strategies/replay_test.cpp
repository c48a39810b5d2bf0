// Strategies that go on from the answers of a killed run: the same proposals and the same counted work as
// undisturbed, and nothing computed again.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/replayable.h"
#include "tests/search/strategies/strategy_helpers.h"

namespace tonne {
namespace {

struct ReplayCase {
  std::string label, strategy, settings;
};

std::vector<ReplayCase> replay_cases() {
  const std::string quick = "candidates: 64, local_starts: 2";
  return {
      {"gp", "gp", "{initial: 4, " + quick + "}"},
      {"gp_cooling", "gp", "{acquisition: ei, cost_aware: time, cooling: 20, initial: 4, " + quick + "}"},
      {"gp_thompson", "gp", "{acquisition: thompson, initial: 4, candidates: 64}"},
      {"hebo", "hebo", "{initial: 6, population: 8, generations: 3}"},
      {"carbo", "carbo", "{initial_share: 0.05, design_candidates: 20, " + quick + "}"},
      {"gittins", "gittins", "{stop: false, decay: 0.5, " + quick + "}"},
      {"parego", "parego", "{initial: 4, s: 3, max_fit_points: 20, " + quick + "}"},
      {"ehvi", "ehvi", "{initial: 4, max_fit_points: 20, " + quick + "}"},
      {"qnehvi", "qnehvi", "{initial: 4, samples: 3, max_fit_points: 20, " + quick + "}"},
  };
}

// Every kind of parameter, one under a condition.
SearchSpace replayed_space() {
  return SearchSpace({{.name = "rate", .domain = Real{1e-5, 1.0, Scale::log}},
                      {.name = "optimiser", .domain = Categorical{{"sgd", "adam", "lbfgs"}}},
                      {.name = "beta", .domain = Real{0.8, 1.0}, .active_when = Condition{1, {1}}},
                      {.name = "width", .domain = Integer{1, 200}}});
}

struct Answer {
  TrialId id = 0;
  Proposal proposal;
  std::vector<double> left;
  Work computed;
};

// Says which asks reach the strategy within.
class Watched final : public Strategy {
 public:
  Watched(Strategy& inner, Replayable& replayable, std::vector<Answer> known)
      : inner_(inner), replayable_(replayable), known_(std::move(known)) {}
  std::optional<Proposal> ask(TrialId id, Random random) override {
    if (answers.size() < known_.size()) {
      const Answer& known = known_[answers.size()];
      replayable_.replay(id, random, known.proposal, known.left);
      answers.push_back({id, known.proposal, replayable_.left_by_ask(id), inner_.computed()});
      return known.proposal;
    }
    const auto proposal = inner_.ask(id, random);
    if (proposal) answers.push_back({id, *proposal, replayable_.left_by_ask(id), inner_.computed()});
    return proposal;
  }
  void tell(const Trial& trial) override { inner_.tell(trial); }

  std::vector<Answer> answers;

 private:
  Strategy& inner_;
  Replayable& replayable_;
  std::vector<Answer> known_;
};

class Replay : public ::testing::TestWithParam<ReplayCase> {
 protected:
  static constexpr unsigned kWorkers = 3;
  static constexpr TrialId kTrials = 26;

  void SetUp() override {
    traits_.name = "replayed";
    traits_.objectives = {{"error", "%", Direction::minimise}};
    traits_.fidelity = {"epochs", 1.0, 9.0, true};
    recipe_ = testing::strategy_recipe(GetParam().strategy, GetParam().settings);
    if (recipe_->refuses(context())) traits_.objectives.push_back({"size", "", Direction::minimise});
    ASSERT_FALSE(recipe_->refuses(context()));
  }
  [[nodiscard]] StrategyContext context() const { return {space_, traits_, 9.0, kWorkers}; }

  [[nodiscard]] Trial evaluate(TrialId id, const Proposal& proposal) const {
    Trial trial;
    trial.id = id;
    trial.proposal = proposal;
    Random random = Random(7).child(proposal.configuration.digest());
    trial.charge.time = random.uniform(1.0, 9.0) * hour;
    if (random.bernoulli(0.15)) {
      trial.result = Failed{Failure::diverged};
      return trial;
    }
    double loss = 0.1 * random.uniform();
    for (std::size_t i = 0; i < space_.size(); ++i)
      if (proposal.configuration.is_active(i)) {
        const double distance = to_unit(space_[i].domain, proposal.configuration[i]) - 0.3;
        loss += distance * distance;
      }
    Completed completed{{loss}};
    if (traits_.objectives.size() == 2) completed.losses.push_back(std::abs(1.0 - loss));
    trial.result = completed;
    return trial;
  }

  // Several trials run at once and end in any order; every fifth proposal is turned down at first.
  [[nodiscard]] std::vector<Answer> run(std::vector<Answer> known) const {
    const auto strategy = recipe_->make(context());
    auto* const replayable = dynamic_cast<Replayable*>(strategy.get());
    if (replayable == nullptr) return {};
    Watched watched(*strategy, *replayable, std::move(known));
    Random order(3);
    std::vector<Trial> running;
    const Random asks = Random(11).child("ask");
    for (TrialId next = 0; next < kTrials || !running.empty();) {
      if (next < kTrials && running.size() < kWorkers) {
        auto proposal = watched.ask(next, asks.child(next));
        if (proposal && next % 5 == 4) proposal = watched.ask(next, asks.child(next).child("again"));
        if (!proposal) break;
        running.push_back(evaluate(next++, *proposal));
        continue;
      }
      const auto ended = running.begin() + static_cast<std::ptrdiff_t>(order.below(running.size()));
      const Trial trial = *ended;
      running.erase(ended);
      watched.tell(trial);
    }
    return std::move(watched.answers);
  }

  SearchSpace space_ = replayed_space();
  ProblemTraits traits_;
  std::unique_ptr<StrategyRecipe> recipe_;
};

TEST_P(Replay, GoesOnAsTheUndisturbedSearch) {
  const std::vector<Answer> whole = run({});
  ASSERT_GT(whole.size(), kTrials);
  Random random(5);
  for (std::size_t killed :
       {std::size_t{2}, static_cast<std::size_t>(random.below(whole.size())), whole.size() - 1}) {
    const auto end = whole.begin() + static_cast<std::ptrdiff_t>(killed);
    const std::vector<Answer> resumed = run(std::vector<Answer>(whole.begin(), end));
    ASSERT_EQ(resumed.size(), whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i) {
      ASSERT_EQ(resumed[i].id, whole[i].id);
      ASSERT_EQ(resumed[i].proposal.configuration, whole[i].proposal.configuration)
          << "ask " << i << ", killed at " << killed;
      ASSERT_EQ(resumed[i].computed, whole[i].computed) << "ask " << i << ", killed at " << killed;
      ASSERT_EQ(resumed[i].left.size(), whole[i].left.size());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Strategies, Replay, ::testing::ValuesIn(replay_cases()),
                         [](const ::testing::TestParamInfo<ReplayCase>& tested) {
                           return tested.param.label;
                         });

}  // namespace
}  // namespace tonne
