#include "search/surrogates/trial_history.h"

#include <algorithm>
#include <cmath>

namespace tonne {
namespace {

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

}  // namespace

void visit_partial_losses(SettingsVisitor& visitor, PartialLosses& partial) {
  static constexpr std::array<std::string_view, 2> kNames = {"last", "shifted"};
  visitor.choice("partial_trainings", partial, kNames,
                 "under a scheduler, model the last loss of each candidate as it is, or shifted by the median gain of "
                 "those that trained on");
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
  if (completed && (!ended || !levels_.empty())) levels_[observation.fidelity][row] = trial.loss();
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

// What is added to a loss at each fidelity: the sum of the median changes from there to the next fidelities, of those that
// were observed at both.
std::map<double, double> TrialHistory::shifts() const {
  std::map<double, double> result;
  double sum = 0.0;
  const std::map<std::size_t, double>* next = nullptr;
  for (auto level = levels_.rbegin(); level != levels_.rend(); ++level) {
    std::vector<double> changes;
    for (const auto& [row, loss] : level->second) {
      if (next == nullptr) break;
      if (const auto later = next->find(row); later != next->end()) changes.push_back(later->second - loss);
    }
    if (!changes.empty()) sum += median(std::move(changes));
    result[level->first] = sum;
    next = &level->second;
  }
  return result;
}

std::vector<double> TrialHistory::losses(PartialLosses partial) const {
  const std::map<double, double> shift = partial == PartialLosses::shifted ? shifts() : std::map<double, double>{};
  std::vector<double> result;
  std::optional<double> worst;
  for (const Observation& observation : observations_) {
    double loss = observation.loss.value_or(0.0);
    if (const auto known = shift.find(observation.fidelity); known != shift.end()) loss += known->second;
    result.push_back(loss);
    if (observation.loss) worst = std::max(worst.value_or(loss), loss);
  }
  for (std::size_t i = 0; i < result.size(); ++i)
    if (!observations_[i].loss) result[i] = *worst;
  return result;
}

}  // namespace tonne
