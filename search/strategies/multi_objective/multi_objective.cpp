#include "search/strategies/multi_objective/multi_objective.h"

#include <algorithm>
#include <cmath>

namespace tonne {
Objectives losses_of(const Trial& trial, TrialCost cost) {
  Objectives losses = std::get<Completed>(trial.result).losses;
  if (cost != TrialCost::none) losses.push_back(cost_of(trial.charge, cost));
  return losses;
}

std::optional<std::string> refuses_objectives(const ProblemTraits& traits, TrialCost cost, std::size_t most,
                                              std::string_view reason_for_most) {
  const bool with_cost = cost != TrialCost::none;
  const std::size_t count = traits.objectives.size() + (with_cost ? 1 : 0);
  if (count == 1)
    return "the problem has a single objective, and this is a multi-objective strategy; cost_objective: co2e "
           "adds one";
  if (count <= most) return std::nullopt;
  return (with_cost ? "with the cost there would be " : "the problem has ") + std::to_string(count) +
         " objectives: " + std::string(reason_for_most);
}

bool MultiObjectiveLog::begin_ask(TrialId id) {
  const auto turned_down = pending_.find(id);
  if (turned_down == pending_.end()) return false;
  known_.insert(turned_down->second.digest());
  pending_.erase(turned_down);
  return true;
}

bool MultiObjectiveLog::tell(const Trial& trial) {
  pending_.erase(trial.id);
  if (trial.proposal.fidelity != fidelity_ || !told_.insert(trial.id).second) return false;
  known_.insert(trial.proposal.configuration.digest());
  const auto* completed = std::get_if<Completed>(&trial.result);
  if (completed != nullptr && completed->cached) return false;
  Observation observation{trial.proposal.configuration};
  if (completed != nullptr) observation.losses = losses_of(trial, cost_);
  if (!std::ranges::all_of(observation.losses, [](double loss) { return std::isfinite(loss); }))
    observation.losses.clear();
  observations_.push_back(observation);
  if (observation.losses.empty()) return true;
  if (worst_.empty()) best_ = worst_ = observation.losses;
  for (std::size_t j = 0; j < worst_.size(); ++j) {
    best_[j] = std::min(best_[j], observation.losses[j]);
    worst_[j] = std::max(worst_[j], observation.losses[j]);
  }
  return true;
}

bool MultiObjectiveLog::excludes(const Configuration& configuration) const {
  if (known_.contains(configuration.digest())) return true;
  return std::ranges::any_of(pending_, [&](const auto& running) { return running.second == configuration; });
}

}  // namespace tonne
