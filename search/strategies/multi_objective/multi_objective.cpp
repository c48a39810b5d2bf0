#include "search/strategies/multi_objective/multi_objective.h"

#include <algorithm>
#include <cmath>

#include "core/pareto.h"

namespace tonne {

Objectives losses_of(const Trial& trial, TrialCost cost) {
  Objectives losses = std::get<Completed>(trial.result).losses;
  if (cost != TrialCost::none) losses.push_back(cost_of(trial.charge, cost));
  return losses;
}

std::optional<PopulationStanding> standing_of(const Trial& trial, TrialCost cost) {
  PopulationStanding standing;
  if (trial.completed()) {
    standing.losses = losses_of(trial, cost);
    if (std::ranges::any_of(standing.losses, [](double loss) { return std::isnan(loss); })) return std::nullopt;
    return standing;
  }
  for (const double value : trial.constraints) standing.violation += std::max(0.0, value);
  if (!(standing.violation > 0.0)) return std::nullopt;
  return standing;
}

std::optional<PopulationMember> member_of(const Trial& trial, TrialCost cost) {
  const auto standing = standing_of(trial, cost);
  if (!standing) return std::nullopt;
  return PopulationMember{*standing, trial.proposal.configuration};
}

std::vector<std::uint32_t> constrained_fronts(std::span<const Objectives> losses, std::span<const double> violations) {
  if (std::ranges::none_of(losses, [](const Objectives& of) { return of.empty(); })) return front_numbers(losses);
  std::vector<std::uint32_t> feasible, violating;
  std::vector<Objectives> points;
  for (std::uint32_t i = 0; i < losses.size(); ++i) {
    (losses[i].empty() ? violating : feasible).push_back(i);
    if (!losses[i].empty()) points.push_back(losses[i]);
  }
  const auto numbers = front_numbers(points);
  std::vector<std::uint32_t> fronts(losses.size());
  std::uint32_t next = 0;
  for (std::size_t k = 0; k < feasible.size(); ++k) {
    fronts[feasible[k]] = numbers[k];
    next = std::max(next, numbers[k] + 1);
  }
  std::ranges::sort(violating, [&](std::uint32_t a, std::uint32_t b) {
    return violations[a] != violations[b] ? violations[a] < violations[b] : a < b;
  });
  for (const std::uint32_t i : violating) fronts[i] = next++;
  return fronts;
}

std::optional<std::string> refuses_objectives(const ProblemTraits& traits, TrialCost cost, std::size_t most,
                                              std::string_view reason_for_most) {
  const bool with_cost = cost != TrialCost::none;
  const std::size_t count = objective_count(traits, cost);
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

Objectives MultiObjectiveLog::extent() const {
  Objectives extent = worst_;
  for (std::size_t j = 0; j < extent.size(); ++j) extent[j] -= best_[j];
  return extent;
}

bool MultiObjectiveLog::excludes(const Configuration& configuration) const {
  if (known_.contains(configuration.digest())) return true;
  return std::ranges::any_of(pending_, [&](const auto& running) { return running.second == configuration; });
}

}  // namespace tonne
