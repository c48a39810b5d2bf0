#include "search/surrogates/trial_history.h"

#include <algorithm>
#include <cmath>

namespace tonne {
void visit_partial_losses(SettingsVisitor& visitor, PartialLosses& partial) {
  static constexpr std::array<std::string_view, 2> kNames = {"last", "ranked"};
  visitor.choice("partial_trainings", partial, kNames,
                 "under a scheduler, model the last loss of each candidate as it is, or by ranks within each "
                 "amount of training");
}

bool TrialHistory::turned_down(TrialId id) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return false;
  known_.insert(found->second.digest());
  forget_pending(id);
  return true;
}

void TrialHistory::propose(TrialId id, const Configuration& configuration) {
  pending_.emplace(id, configuration);
  ++running_[configuration.digest()];
}

void TrialHistory::forget_pending(TrialId id) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;
  const auto count = running_.find(found->second.digest());
  if (--count->second == 0) running_.erase(count);
  pending_.erase(found);
}

void TrialHistory::tell(const Trial& trial) {
  forget_pending(trial.id);
  if (trial.proposal.fidelity == fidelity_) enter(trial, true);
}

void TrialHistory::report(const Trial& trial) {
  forget_pending(trial.id);
  enter(trial, false);
}

void TrialHistory::enter(const Trial& trial, bool ended) {
  const Configuration& configuration = trial.proposal.configuration;
  const auto found = rows_.find(trial.id);
  if (found == rows_.end() && !known_.insert(configuration.digest()).second) return;
  const std::size_t row = found == rows_.end() ? observations_.size() : found->second;
  if (found == rows_.end()) {
    rows_.emplace(trial.id, row);
    observations_.push_back({configuration});
  }
  Observation& observation = observations_[row];
  if (observation.ended) return;
  const bool completed = trial.completed() && std::isfinite(trial.loss());
  observation.loss = completed ? std::optional(trial.loss()) : std::nullopt;
  observation.fidelity = trial.proposal.fidelity;
  observation.ended = ended;
  ++updates_;
  if (completed) levels_[observation.fidelity][row] = trial.loss();
}

bool TrialHistory::is_known(const Configuration& configuration) const {
  const std::uint64_t digest = configuration.digest();
  return known_.contains(digest) || running_.contains(digest);
}

std::optional<double> TrialHistory::worst() const {
  std::optional<double> worst;
  for (const Observation& observation : observations_)
    if (observation.loss) worst = std::max(worst.value_or(*observation.loss), *observation.loss);
  return worst;
}

std::vector<std::optional<double>> TrialHistory::ranked() const {
  std::vector<std::optional<double>> values(observations_.size());
  for (const auto& [fidelity, losses] : levels_) {
    std::vector<std::pair<double, std::size_t>> order;  // loss, row
    for (const auto& [row, loss] : losses) order.emplace_back(loss, row);
    std::ranges::sort(order);
    const auto known =
        std::ranges::find_if(order, [&](const auto& entry) { return values[entry.second].has_value(); });
    const bool lowest = known == order.end();
    double before = lowest ? 0.0 : *values[known->second];
    std::vector<double> present;
    for (const auto& [loss, row] : order) {
      // Who begins here stands next to whom it is just behind.
      if (!values[row]) values[row] = lowest ? loss : before;
      before = *values[row];
      present.push_back(before);
    }
    std::ranges::sort(present);
    for (std::size_t i = 0; i < order.size(); ++i) values[order[i].second] = present[i];
  }
  return values;
}

std::vector<double> TrialHistory::losses(PartialLosses partial) const {
  const bool by_rank = partial == PartialLosses::ranked && levels_.size() > 1;
  std::vector<std::optional<double>> values;
  if (by_rank) values = ranked();
  std::vector<double> result;
  std::optional<double> worst;
  for (std::size_t i = 0; i < observations_.size(); ++i) {
    const auto& loss = observations_[i].loss;
    result.push_back(loss && by_rank ? *values[i] : loss.value_or(0.0));
    if (loss) worst = std::max(worst.value_or(result.back()), result.back());
  }
  for (std::size_t i = 0; i < result.size(); ++i)
    if (!observations_[i].loss) result[i] = *worst;
  return result;
}

}  // namespace tonne
