#include "core/budget_account.h"

#include <algorithm>

namespace tonne {

void BudgetAccount::commit(const Trial& trial, const Usage& charged, const Usage& lost) {
  const Usage before = committed_;
  committed_ += charged;
  committed_ += lost;
  end_ = std::max(end_, trial.end);
  const double trained = trial.proposal.fidelity - trial.trained_from;
  fidelity_ += trained;
  if (!trial.proposal.screening) ++evaluations_;
  const Budget& b = options_.budget;
  const bool moves = (b.evaluations && !trial.proposal.screening) || (b.fidelity && trained > 0.0) ||
                     (b.time && trial.end > trial.start) || (b.energy && committed_.energy > before.energy) ||
                     (b.carbon && committed_.carbon() > before.carbon()) ||
                     (b.money && committed_.money > before.money);
  free_in_a_row_ = moves ? 0 : free_in_a_row_ + 1;
}

void BudgetAccount::occupy(Duration free_since, Duration end) {
  if (counts_waiting()) waiting_base_ += waited_until(end) - waited_until(free_since);
}

bool BudgetAccount::used_up(Duration now) const {
  const Budget& b = options_.budget;
  if (b.evaluations && evaluations_ >= *b.evaluations) return true;
  if (b.fidelity && fidelity_ >= *b.fidelity) return true;
  if (b.time && now >= *b.time) return true;
  if (b.energy && committed_.energy >= *b.energy) return true;
  if (b.carbon && committed_.carbon() >= *b.carbon) return true;
  return b.money && committed_.money >= *b.money;
}

// What only a budget with `deny` on energy, carbon or money has to count.
bool BudgetAccount::counts_waiting() const {
  const Budget& b = options_.budget;
  return options_.overshoot == Overshoot::deny && (b.energy || b.carbon || b.money);
}

// Cost of one worker that waits from the start of the search until `time`; the waiting between two times is
// the difference.
BudgetAccount::Waiting BudgetAccount::waited_until(Duration time) const {
  if (!(time > Duration{})) return {};
  const Usage usage = cost_.charge_idle(time, Duration{}).total();
  return {usage.energy, usage.carbon(), usage.money};
}

bool BudgetAccount::would_cross(const Trial& trial, const Usage& charged, const Usage& lost) const {
  const Budget& b = options_.budget;
  if (b.fidelity && fidelity_ + trial.proposal.fidelity - trial.trained_from > *b.fidelity) return true;
  if (b.time && trial.end > *b.time) return true;
  if (!counts_waiting()) return false;
  Usage projected = committed_;
  projected += charged;
  projected += lost;
  const Waiting until_end = waited_until(std::max(end_, trial.end));
  const auto workers = static_cast<double>(options_.workers);
  Waiting waiting{workers * until_end.energy, workers * until_end.carbon, workers * until_end.money};
  waiting -= waiting_base_;
  waiting += waited_until(trial.start) - waited_until(trial.end);
  if (b.energy && projected.energy + waiting.energy > *b.energy) return true;
  if (b.carbon && projected.carbon() + waiting.carbon > *b.carbon) return true;
  return b.money && projected.money + waiting.money > *b.money;
}

bool BudgetAccount::used() const {
  const Budget& b = options_.budget;
  return (b.fidelity && fidelity_ > 0.0) || (b.time && end_ > Duration{}) ||
         (b.energy && committed_.energy > Energy{}) || (b.carbon && committed_.carbon() > Carbon{}) ||
         (b.money && committed_.money > Money{});
}

}  // namespace tonne
