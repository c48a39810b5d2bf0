#include "experiments/histories/recorded_problem.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "core/strategy.h"

namespace tonne::histories {
namespace {

class RecordedProblem final : public Problem {
 public:
  RecordedProblem(std::shared_ptr<const RecordedSearch> search, std::string label, std::vector<std::string> notes)
      : search_(std::move(search)) {
    traits_.name = std::move(label);
    traits_.objectives = search_->objectives;
    traits_.fidelity = search_->fidelity;
    traits_.constraints = search_->constraints;
    traits_.notes = std::move(notes);
    for (const RecordedRun& run : search_->runs) trainings_[run.configuration.digest()][run.fidelity].push_back(&run);
    default_ = std::ranges::find_if(search_->runs, [&](const RecordedRun& run) {
                 return !run.failure && run.fidelity == traits_.fidelity.highest;
               })->configuration;
  }

  [[nodiscard]] const ProblemTraits& traits() const override { return traits_; }
  [[nodiscard]] const SearchSpace& space() const override { return search_->space; }

  [[nodiscard]] Outcome evaluate(const Evaluation& evaluation, Random) const override {
    const RecordedRun& run = run_of(evaluation);
    Outcome outcome;
    outcome.workload.measured_time = run.time;
    outcome.workload.measured_energy = run.energy;
    outcome.failure = run.failure;
    outcome.objectives = run.objectives;
    outcome.constraints = run.constraints;
    return outcome;
  }

  [[nodiscard]] double true_value(const Configuration& configuration) const override {
    const bool maximise = traits_.objectives.front().direction == Direction::maximise;
    const auto& levels = trainings_.at(configuration.digest());
    for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
      std::vector<double> values;
      for (const RecordedRun* run : level->second)
        if (!run->failure) values.push_back(run->objectives.front());
      if (!values.empty()) return maximise ? std::ranges::max(values) : std::ranges::min(values);
    }
    throw std::logic_error("a configuration that only failed has no value");
  }
  [[nodiscard]] Configuration default_configuration() const override { return default_; }

 private:
  using Levels = std::map<double, std::vector<const RecordedRun*>>;

  [[nodiscard]] const RecordedRun& run_of(const Evaluation& evaluation) const {
    const Levels& levels = trainings_.at(evaluation.configuration.digest());
    auto level = levels.lower_bound(evaluation.to);
    if (level == levels.end()) --level;
    return *level->second[evaluation.repeat % level->second.size()];
  }

  std::shared_ptr<const RecordedSearch> search_;
  ProblemTraits traits_;
  std::unordered_map<std::uint64_t, Levels> trainings_;  // by the configuration's digest, in the order of their starts
  Configuration default_;
};

class RecordedStrategy final : public Strategy {
 public:
  explicit RecordedStrategy(std::shared_ptr<const RecordedSearch> search) : search_(std::move(search)) {}

  std::optional<Proposal> ask(TrialId id, Random) override {
    if (id >= search_->runs.size()) return std::nullopt;
    const RecordedRun& run = search_->runs[id];
    Proposal proposal;
    proposal.configuration = run.configuration;
    proposal.fidelity = run.fidelity;
    proposal.not_before = run.start;
    return proposal;
  }
  void tell(const Trial&) override {}

 private:
  std::shared_ptr<const RecordedSearch> search_;
};

class RecordedRecipe final : public StrategyRecipe {
 public:
  explicit RecordedRecipe(std::shared_ptr<const RecordedSearch> search) : search_(std::move(search)) {}
  void visit(SettingsVisitor&) override {}
  [[nodiscard]] std::unique_ptr<Strategy> make(const StrategyContext&) const override {
    return std::make_unique<RecordedStrategy>(search_);
  }

 private:
  std::shared_ptr<const RecordedSearch> search_;
};

}  // namespace

std::shared_ptr<const Problem> make_recorded_problem(std::shared_ptr<const RecordedSearch> search, std::string label,
                                                     std::vector<std::string> notes) {
  return std::make_shared<const RecordedProblem>(std::move(search), std::move(label), std::move(notes));
}

std::shared_ptr<const StrategyRecipe> make_recorded_strategy(std::shared_ptr<const RecordedSearch> search) {
  return std::make_shared<const RecordedRecipe>(std::move(search));
}

}  // namespace tonne::histories
