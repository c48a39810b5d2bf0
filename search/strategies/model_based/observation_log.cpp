#include "search/strategies/model_based/observation_log.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "search/surrogates/model_settings.h"

namespace tonne {

std::optional<std::uint64_t> ObservationLog::remove_pending(TrialId id) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return std::nullopt;
  const std::uint64_t digest = found->second.digest();
  pending_.erase(found);
  running_.erase(running_.find(digest));
  return digest;
}

void ObservationLog::begin_ask(TrialId id) {
  if (const auto turned_down = remove_pending(id)) known_.insert(*turned_down);
}

void ObservationLog::propose(TrialId id, const Configuration& configuration) {
  pending_.insert_or_assign(id, configuration);
  running_.insert(configuration.digest());
}

bool ObservationLog::tell(const Trial& trial) {
  remove_pending(trial.id);
  if (trial.proposal.fidelity != fidelity_ || !told_.insert(trial.id).second) return false;
  known_.insert(trial.proposal.configuration.digest());
  const auto* completed = std::get_if<Completed>(&trial.result);
  if (completed != nullptr && completed->cached) return false;
  Observation observation{trial.proposal.configuration};
  if (completed != nullptr && std::isfinite(completed->losses.front())) {
    observation.loss = completed->losses.front();
    worst_ = std::max(worst_.value_or(*observation.loss), *observation.loss);
  }
  const double cost = cost_of(trial.charge, cost_);
  if (completed != nullptr && cost > 0.0 && std::isfinite(cost)) observation.log_cost = std::log(cost);
  observations_.push_back(std::move(observation));
  return true;
}

bool ObservationLog::is_better(std::size_t a, std::size_t b) const {
  return std::pair(loss(a), a) < std::pair(loss(b), b);
}

bool ObservationLog::excludes(const Configuration& configuration) const {
  const std::uint64_t digest = configuration.digest();
  return known_.contains(digest) || running_.contains(digest);
}

std::vector<Configuration> ObservationLog::best(std::size_t most) const {
  std::vector<Configuration> configurations;
  for (const std::size_t i :
       best_observations(observations_.size(), most, [this](auto a, auto b) { return is_better(a, b); }))
    configurations.push_back(observations_[i].configuration);
  return configurations;
}

std::vector<std::size_t> ObservationLog::chosen(std::int64_t most) const {
  return fit_points(observations_.size(), most, [this](auto a, auto b) { return is_better(a, b); });
}

void ObservationLog::add(Targets& targets, std::size_t observation, double value) const {
  targets.points.append();
  encoding_.encode(observations_[observation].configuration, targets.points, targets.points.count() - 1);
  targets.values.push_back(value);
}

ObservationLog::Targets ObservationLog::losses_of(const std::vector<std::size_t>& observations) const {
  Targets targets{PointSet(0, encoding_.columns()), {}};
  for (const std::size_t i : observations) add(targets, i, loss(i));
  return targets;
}

ObservationLog::Targets ObservationLog::log_costs_of(const std::vector<std::size_t>& observations) const {
  Targets targets{PointSet(0, encoding_.columns()), {}};
  for (const std::size_t i : observations)
    if (observations_[i].log_cost) add(targets, i, *observations_[i].log_cost);
  return targets;
}

}  // namespace tonne
