// Looks at candidates instead of trainings: the scores keep their promised correlation, and the simulator
// books them as what they are.

#include "core/screening.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/simulator.h"
#include "tests/support/recipes.h"

namespace tonne {
namespace {

// One real parameter; the true value is a steep function of it, the work its opposite.
class Slope final : public Problem {
 public:
  Slope() {
    traits_.name = "slope";
    traits_.objectives = {{"error", "%", Direction::minimise}};
    traits_.fidelity = {"epochs", 1.0, 8.0, true};
    traits_.constraints = {"ceiling"};
  }
  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random) const override {
    Outcome outcome;
    outcome.objectives.push_back(true_value(evaluation.configuration));
    outcome.workload.flops = (evaluation.to - evaluation.from) * (2.0 - evaluation.configuration[0]) * gigaflop;
    outcome.constraints.push_back(evaluation.configuration[0] - 0.95);
    return outcome;
  }
  [[nodiscard]] double true_value(const Configuration& c) const override { return std::exp(9.0 * c[0]); }

 private:
  ProblemTraits traits_;
  SearchSpace space_{std::vector<Parameter>{{.name = "x", .domain = Real{0.0, 1.0}}}};
};

class SecondPerGigaflop final : public CostModel {
 public:
  [[nodiscard]] bool fits(const Workload&) const override { return true; }
  [[nodiscard]] Charge charge(const Workload& workload, Duration start) const override {
    return charge_part(workload, start, workload.flops / gigaflop * second);
  }
  [[nodiscard]] Charge charge_part(const Workload&, Duration, Duration length) const override {
    Charge charge;
    charge.time = length;
    return charge;
  }
  [[nodiscard]] Charge charge_idle(Duration length, Duration) const override {
    Charge charge;
    charge.time = length;
    return charge;
  }
  [[nodiscard]] Charge charge_computing(Work, Duration) const override { return {}; }
};

class Collector final : public Recorder {
 public:
  void trial(const Trial& trial) override { trials.push_back(trial); }
  void incumbent(const Incumbent&) override { ++incumbents; }
  std::vector<Trial> trials;
  int incumbents = 0;
};

// Ten looks, then a training of the best, and so on; the training waits for the hour that it is told.
class LooksThenTrains final : public Strategy {
 public:
  LooksThenTrains(const SearchSpace& space, Screening screening) : space_(space), screening_(screening) {}
  std::optional<Proposal> ask(TrialId id, Random random) override {
    if (id % 11 != 10) {
      Proposal look{.configuration = space_.sample(random), .fidelity = 0.0};
      look.screening = screening_;
      return look;
    }
    Proposal training{.configuration = best_, .fidelity = 8.0};
    training.not_before = 1000.0 * second;
    return training;
  }
  void tell(const Trial& trial) override {
    if (!trial.proposal.screening || (trial.id % 11 != 0 && trial.loss() >= loss_)) return;
    best_ = trial.proposal.configuration;
    loss_ = trial.loss();
  }

 private:
  const SearchSpace& space_;
  Screening screening_;
  Configuration best_;
  double loss_ = 0.0;
};

double pearson(const std::vector<double>& a, const std::vector<double>& b) {
  const auto n = static_cast<double>(a.size());
  double sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sa += a[i], sb += b[i], saa += a[i] * a[i], sbb += b[i] * b[i], sab += a[i] * b[i];
  }
  return (sab - sa * sb / n) / std::sqrt((saa - sa * sa / n) * (sbb - sb * sb / n));
}

// Scores and the parameter of 4,000 candidates.
std::pair<std::vector<double>, std::vector<double>> scores(const Screening& screening) {
  const Slope problem;
  const ScreeningScale scale(problem, Random(1));
  std::vector<double> positions, values;
  for (std::uint64_t i = 0; i < 4000; ++i) {
    Random random = Random(2).child(i);
    const Configuration candidate = problem.space().sample(random);
    const Outcome outcome = problem.evaluate({candidate, 0.0, 1.0, 0, 0}, random);
    // The true value grows with x, and x is uniform: this is its normal score.
    positions.push_back(normal_quantile(std::clamp(candidate[0], 1e-6, 1 - 1e-6)));
    values.push_back(scale.score(problem, candidate, outcome, screening, random.child("noise")));
  }
  return {positions, values};
}

TEST(Screening, TheScoreHasTheCorrelationThatWasAskedFor) {
  for (const double correlation : {1.0, 0.8, 0.3, 0.0, -0.5}) {
    const auto [positions, values] = scores({.correlation = correlation});
    // Six standard errors of a correlation of 4,000 pairs are below .1 for all of these.
    EXPECT_NEAR(pearson(positions, values), correlation, 0.06) << correlation;
  }
}

TEST(Screening, TheBiasDrawsTowardsCheapCandidates) {
  // Work falls with x here, and the loss rises with it: without correlation a bias of 1 prefers large x.
  const auto [positions, values] = scores({.correlation = 0.0, .cheap_bias = 1.0});
  EXPECT_NEAR(pearson(positions, values), -1.0 / std::sqrt(2.0), 0.06);
}

TEST(Screening, NormalScoresKeepTheOrderBeyondTheSample) {
  std::vector<double> sample;
  for (int i = 0; i < 101; ++i) sample.push_back(i * i);
  const NormalScores scores(sample);
  EXPECT_NEAR(scores(2500.0), 0.0, 1e-12);
  EXPECT_LT(scores(-5.0), scores(-1.0));
  EXPECT_LT(scores(-1.0), scores(0.0));
  EXPECT_LT(scores(10000.0), scores(10001.0));
  EXPECT_EQ(NormalScores(std::vector{3.0, 3.0, 3.0})(7.0), 0.0);
  EXPECT_EQ(NormalScores(std::vector<double>{})(7.0), 0.0);
}

TEST(Screening, TheSimulatorBooksLooksApartAndWaitsAsTold) {
  const Slope problem;
  const SecondPerGigaflop cost;
  SimulationOptions options;
  options.budget.evaluations = 3;
  LooksThenTrains strategy(problem.space(), {.correlation = 0.9, .epochs = 0.25});
  Collector collector;
  const SearchResult result = simulate(strategy, "looks", problem, cost, options, Random(5), collector);
  EXPECT_EQ(result.evaluations, 3U);
  EXPECT_EQ(result.screenings, 30U);
  EXPECT_DOUBLE_EQ(result.trained, 24.0);
  ASSERT_EQ(collector.trials.size(), 33U);
  const Trial& look = collector.trials[0];
  EXPECT_NEAR(look.charge.time / second, 0.25 * (2.0 - look.proposal.configuration[0]), 1e-12);
  EXPECT_DOUBLE_EQ(collector.trials[10].start / second, 1000.0);
  EXPECT_EQ(result.winner->configuration, [&] {
    const Trial* best = nullptr;
    for (const Trial& trial : collector.trials)
      if (!trial.proposal.screening && (!best || trial.loss() < best->loss())) best = &trial;
    return best->proposal.configuration;
  }());
  EXPECT_GT(result.ledger[Account::idle].time / second, 900.0);
}

TEST(Screening, AViolatedConstraintFailsTheCandidateAndTellsItsValue) {
  class High final : public Strategy {
   public:
    std::optional<Proposal> ask(TrialId id, Random) override {
      Configuration configuration(1);
      configuration.set(0, id == 0 ? 0.5 : 0.99);
      return Proposal{.configuration = configuration, .fidelity = 8.0};
    }
    void tell(const Trial&) override {}
  } strategy;
  const Slope problem;
  SimulationOptions options;
  options.budget.evaluations = 2;
  Collector collector;
  const SearchResult result = simulate(strategy, "high", problem, SecondPerGigaflop(), options, Random(5), collector);
  EXPECT_EQ(result.failures, 1U);
  ASSERT_FALSE(collector.trials[1].completed());
  EXPECT_EQ(std::get<Failed>(collector.trials[1].result).reason, Failure::infeasible);
  EXPECT_NEAR(collector.trials[1].constraints.front(), 0.04, 1e-12);
  EXPECT_DOUBLE_EQ(result.winner->configuration[0], 0.5);
}

}  // namespace
}  // namespace tonne
