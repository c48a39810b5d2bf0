#include "search/strategies/multi_fidelity/stepwise_training.h"

#include <cmath>
#include <utility>

#include "search/strategies/multi_fidelity/brackets.h"

namespace tonne {

void StepSettings::visit(SettingsVisitor& visitor) {
  visitor.optional_number(
      "interval", interval, Bounds::above(0.0),
      "training between reports, in the problem's fidelity unit; default: a tenth of the full training");
  visitor.optional_number(
      "min_fidelity", min_fidelity, Bounds::above(0.0),
      "training before the first report, in the problem's fidelity unit; default: one interval");
}

std::optional<std::string> StepSettings::refuses(const StrategyContext& context) const {
  if (auto reason = refuses_interval(interval, context)) return reason;
  return refuses_least(min_fidelity, context);
}

std::vector<double> StepwiseTraining::steps_of(const StepSettings& settings, const StrategyContext& context) {
  return training_steps(context, settings.interval, settings.min_fidelity);
}

std::optional<Proposal> StepwiseTraining::ask(TrialId id, Random random) {
  pending_.erase(id);  // asked again: what was proposed was turned down, and is given up
  if (!going_on_.empty()) {
    Learner& learner = pending_.emplace(id, std::move(going_on_.front())).first->second;
    going_on_.pop_front();
    return Proposal{.configuration = learner.configuration,
                    .fidelity = steps_[learner.losses.size()],
                    .resumes = learner.checkpoint};
  }
  auto proposal = source_.ask(id, random);
  if (!proposal || proposal->screening) return proposal;
  proposal->fidelity = steps_.front();
  pending_.emplace(id, Learner{proposal->configuration, id, {}, std::nullopt});
  return proposal;
}

void StepwiseTraining::tell(const Trial& trial) {
  if (source_.take_look(trial)) return;
  const auto found = pending_.find(trial.id);
  if (found == pending_.end()) return;
  Learner learner = std::move(found->second);
  pending_.erase(found);
  source_.tell(learner.candidate, trial);
  const auto* completed = std::get_if<Completed>(&trial.result);
  if (completed == nullptr || std::isnan(trial.loss())) return;
  learner.losses.push_back(trial.loss());
  if (learner.losses.size() == steps_.size()) return rule_->complete(learner.losses);
  if (rule_->stops(learner.losses)) return;
  // A cached answer was not trained: there is no checkpoint.
  learner.checkpoint = completed->cached ? std::nullopt : std::optional(trial.id);
  going_on_.push_back(std::move(learner));
}

}  // namespace tonne
