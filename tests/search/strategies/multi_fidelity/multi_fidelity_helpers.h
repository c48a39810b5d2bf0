#pragma once
// What the tests of multi-fidelity strategies share: trials that a test dictates, and searches over learning
// curves.

#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/simulator.h"
#include "tests/search/strategies/strategy_helpers.h"

namespace tonne::testing {

/// One strategy over one real parameter, with trials that the test ends as it likes. Ids count from 0.
class Scripted {
 public:
  Scripted(std::string_view strategy, const std::string& settings, double highest, unsigned workers = 1) {
    traits_.name = "test";
    traits_.objectives = {{"loss", "", Direction::minimise}};
    traits_.fidelity = {"epochs", 1.0, highest, true};
    recipe_ = strategy_recipe(strategy, settings);
    strategy_ = recipe_->make({space_, traits_, highest, workers});
  }
  [[nodiscard]] std::optional<std::string> refuses() const {
    return recipe_->refuses({space_, traits_, traits_.fidelity.highest, 1});
  }

  /// Begins the next trial; its number, or none where the strategy waits or has ended.
  std::optional<TrialId> begin() {
    auto proposal = strategy_->ask(next_, Random(5).child(next_));
    if (!proposal) return std::nullopt;
    trials_[next_] = *std::move(proposal);
    return next_++;
  }
  /// Turns the trial down that was begun last, and asks again.
  void again() {
    const TrialId id = next_ - 1;
    trials_[id] = strategy_->ask(id, Random(6).child(id)).value();
  }
  void end(TrialId id, double loss, bool cached = false) { tell(id, Completed{{loss}, cached}); }
  void fail(TrialId id) { tell(id, Failed{Failure::diverged}); }
  /// Begins a trial and ends it.
  TrialId play(double loss) {
    const TrialId id = begin().value();
    end(id, loss);
    return id;
  }
  [[nodiscard]] const Proposal& of(TrialId id) const { return trials_.at(id); }
  [[nodiscard]] double fidelity(TrialId id) const { return of(id).fidelity; }

 private:
  void tell(TrialId id, std::variant<Completed, Failed> result) {
    Trial trial;
    trial.id = id;
    trial.proposal = trials_.at(id);
    trial.result = std::move(result);
    strategy_->tell(trial);
  }

  SearchSpace space_{{{.name = "x", .domain = Real{0.5, 8.0}}}};
  ProblemTraits traits_;
  std::unique_ptr<StrategyRecipe> recipe_;
  std::unique_ptr<Strategy> strategy_;
  std::map<TrialId, Proposal> trials_;
  TrialId next_ = 0;
};

/// Learning curves over four parameters: loss after t epochs = |x - optimum|^2 + .5 t^-.5 + noise; early
/// ranks predict late ones but for the noise, which falls as t^-.5. One epoch of a candidate takes 1 to
/// `slowest` seconds.
class CurveProblem final : public Problem {
 public:
  explicit CurveProblem(double highest, double noise = 0.05, double slowest = 1.0)
      : space_({{.name = "rate", .domain = Real{1e-5, 1.0, Scale::log}},
                {.name = "dropout", .domain = Real{0.0, 1.0}},
                {.name = "width", .domain = Integer{8, 512, Scale::log}},
                {.name = "kind", .domain = Categorical{{"a", "b", "c"}}}}),
        noise_(noise),
        slowest_(slowest) {
    traits_.name = "curves";
    traits_.objectives = {{"loss", "", Direction::minimise}};
    traits_.fidelity = {"epochs", 1.0, highest, true};
  }
  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return space_; }
  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random random) const override {
    Outcome outcome;
    const double scale = 1.0 / std::sqrt(evaluation.to);
    outcome.objectives = {true_value(evaluation.configuration) + 0.5 * scale +
                          noise_ * scale * random.normal()};
    const double pace = 1.0 + (slowest_ - 1.0) * Random(3).child(evaluation.configuration.digest()).uniform();
    outcome.workload.steps = pace * (evaluation.to - evaluation.from);
    return outcome;
  }
  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    constexpr std::array<double, 3> kCentre = {0.6, 0.3, 0.7};
    double sum = 0.1 * configuration[3];
    for (std::size_t i = 0; i < kCentre.size(); ++i) {
      const double distance = to_unit(space_[i].domain, configuration[i]) - kCentre[i];
      sum += distance * distance;
    }
    return sum;
  }
  [[nodiscard]] std::optional<double> optimum() const override { return 0.0; }

 private:
  SearchSpace space_;
  double noise_;
  double slowest_;
  ProblemTraits traits_;
};

/// A worker's second for each step, and nothing else.
class SecondPerStep final : public CostModel {
 public:
  [[nodiscard]] bool fits(const Workload&) const override { return true; }
  [[nodiscard]] Charge charge(const Workload& workload, Duration) const override {
    return waiting(workload.steps * second);
  }
  [[nodiscard]] Charge charge_part(const Workload&, Duration, Duration length) const override {
    return waiting(length);
  }
  [[nodiscard]] Charge charge_idle(Duration length, Duration) const override { return waiting(length); }
  [[nodiscard]] Charge charge_computing(Work, Duration) const override { return {}; }

 private:
  static Charge waiting(Duration length) {
    Charge charge;
    charge.time = length;
    return charge;
  }
};

/// Counts trials by the fidelity that they reach, and notes the first to be trained in full.
class RungRecorder final : public Recorder {
 public:
  explicit RungRecorder(double highest) : highest_(highest) {}
  void trial(const Trial& trial) override {
    ++reached[trial.proposal.fidelity];
    if (trial.proposal.fidelity == highest_ && !first_full) first_full = trial.end;
    if (!trial.proposal.resumes) return;
    EXPECT_GT(trial.trained_from, 0.0);
  }
  void incumbent(const Incumbent& found) override { incumbents.push_back(found); }

  std::map<double, std::size_t> reached;
  std::vector<Incumbent> incumbents;
  std::optional<Duration> first_full;

 private:
  double highest_;
};

struct Searched {
  SearchResult result;
  RungRecorder seen;
};

inline Searched search(std::string_view name, const std::string& settings, const Problem& problem,
                       const SimulationOptions& options, std::uint64_t seed) {
  const double highest = problem.traits().fidelity.highest;
  const auto recipe = strategy_recipe(name, settings);
  const auto strategy = recipe->make({problem.space(), problem.traits(), highest, options.workers});
  Searched searched{{}, RungRecorder(highest)};
  searched.result = simulate(*strategy, name, problem, SecondPerStep{}, options, Random(seed), searched.seen);
  return searched;
}

/// Median over seeds 1..`seeds` of the winner's regret after so many epochs in all.
inline double median_regret(std::string_view name, const std::string& settings, const Problem& problem,
                            double epochs, std::uint64_t seeds, unsigned workers = 1) {
  SimulationOptions options;
  options.workers = workers;
  options.budget.fidelity = epochs;
  std::vector<double> regrets;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto winner = search(name, settings, problem, options, seed).result.winner;
    regrets.push_back(std::abs(winner.value().true_value - *problem.optimum()));
  }
  return median(regrets);
}

}  // namespace tonne::testing
