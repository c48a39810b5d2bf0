#include "search/strategies/budget_share.h"

#include <algorithm>

namespace tonne {

void BudgetShare::tell(const Trial& trial) {
  const auto* completed = std::get_if<Completed>(&trial.result);
  if (completed != nullptr && completed->cached) return;
  spent_ += trial.charge.total();
  spent_ += trial.lost.total();
  end_ = std::max(end_, trial.end);
  fidelity_ += std::max(0.0, trial.proposal.fidelity - trial.trained_from);
  evaluations_ += 1.0;
}

double BudgetShare::used() const {
  double most = 0.0;
  const auto consider = [&](double used, double limit) { most = std::max(most, limit > 0.0 ? used / limit : 1.0); };
  if (budget_.evaluations) consider(evaluations_, static_cast<double>(*budget_.evaluations));
  if (budget_.fidelity) consider(fidelity_, *budget_.fidelity);
  if (budget_.time) consider(end_.base(), budget_.time->base());
  if (budget_.energy) consider(spent_.energy.base(), budget_.energy->base());
  if (budget_.carbon) consider(spent_.carbon().base(), budget_.carbon->base());
  if (budget_.money) consider(spent_.money.base(), budget_.money->base());
  return std::min(most, 1.0);
}

}  // namespace tonne
