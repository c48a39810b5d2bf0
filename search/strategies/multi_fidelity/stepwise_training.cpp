#include "search/strategies/multi_fidelity/stepwise_training.h"

#include <cmath>
#include <optional>

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
  if (const auto given_up = pending_.take(id)) pool_.release(*given_up);  // asked again: it was turned down
  if (!going_on_.empty()) {
    const CandidatePool::Number candidate = pending_.put(id, going_on_.front());
    going_on_.pop_front();
    return Proposal{.configuration = pool_.configuration(candidate),
                    .fidelity = steps_[losses_[candidate].size()],
                    .resumes = pool_.checkpoint(candidate)};
  }
  auto proposal = source_.ask(id, random);
  if (!proposal || proposal->screening) return proposal;
  proposal->fidelity = steps_.front();
  const CandidatePool::Number candidate = pending_.put(id, pool_.add(proposal->configuration, id));
  if (candidate >= losses_.size()) losses_.resize(candidate + 1);
  losses_[candidate].clear();
  return proposal;
}

void StepwiseTraining::tell(const Trial& trial) {
  if (source_.take_look(trial)) return;
  const std::optional<CandidatePool::Number> candidate = pending_.take(trial.id);
  if (!candidate) return;
  source_.tell(pool_.first(*candidate), trial);
  if (!goes_on(*candidate, trial)) return pool_.release(*candidate);
  // A cached answer was not trained: there is no checkpoint.
  const bool trained = !std::get<Completed>(trial.result).cached;
  pool_.set_checkpoint(*candidate, trained ? std::optional(trial.id) : std::nullopt);
  going_on_.push_back(*candidate);
}

bool StepwiseTraining::goes_on(CandidatePool::Number candidate, const Trial& trial) {
  if (!trial.completed() || std::isnan(trial.loss())) return false;
  std::vector<double>& losses = losses_[candidate];
  losses.push_back(trial.loss());
  if (losses.size() < steps_.size()) return !rule_->stops(losses);
  rule_->complete(losses);
  return false;
}

}  // namespace tonne
