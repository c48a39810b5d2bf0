#pragma once
// Candidates that are trained step by step until a rule stops them: median_stopping and pruning.

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "core/settings.h"
#include "core/strategy.h"
#include "search/strategies/multi_fidelity/candidate_pool.h"
#include "search/strategies/multi_fidelity/candidate_source.h"
#include "search/strategies/multi_fidelity/stopping_rules.h"
#include "search/strategies/trial_table.h"

namespace tonne {

/// When trials report.
struct StepSettings {
  std::optional<double> interval;      ///< none: a tenth of the full training
  std::optional<double> min_fidelity;  ///< training before the first report; none: one interval

  void visit(SettingsVisitor& visitor);
  [[nodiscard]] std::optional<std::string> refuses(const StrategyContext& context) const;
};

/// Who reports goes on, or a new trial begins, before anything else. Failed trials end.
class StepwiseTraining final : public Strategy {
 public:
  /// `Settings` have `steps` (StepSettings) and `rule(number of steps, context)`.
  template <class Settings>
  StepwiseTraining(const Settings& settings, CandidateSource source, const StrategyContext& context)
      : source_(std::move(source)),
        pool_(context.space),
        steps_(steps_of(settings.steps, context)),
        rule_(settings.rule(steps_.size(), context)) {}

  std::optional<Proposal> ask(TrialId id, Random random) override;
  void tell(const Trial& trial) override;
  [[nodiscard]] Work computed() const override { return source_.computed(); }
  [[nodiscard]] bool may_resume() const override { return true; }

 private:
  [[nodiscard]] static std::vector<double> steps_of(const StepSettings& settings, const StrategyContext& context);

  // Notes what the candidate reports.
  bool goes_on(CandidatePool::Number candidate, const Trial& trial);

  CandidateSource source_;
  CandidatePool pool_;
  std::vector<double> steps_;
  std::unique_ptr<StoppingRule> rule_;
  std::vector<std::vector<double>> losses_;  // of each candidate in the pool at steps 1, 2, ..
  std::deque<CandidatePool::Number> going_on_;
  TrialTable<CandidatePool::Number> pending_;
};

}  // namespace tonne
