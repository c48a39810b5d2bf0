#include "search/strategies/trial_cost.h"

namespace tonne {

double cost_of(const Charge& charge, TrialCost cost) {
  const Usage used = charge.total();
  switch (cost) {
    case TrialCost::time:
      return charge.time.base();
    case TrialCost::energy:
      return used.energy.base();
    case TrialCost::co2e:
      return used.carbon().base();
    case TrialCost::money:
      return used.money.base();
    case TrialCost::none:
      break;
  }
  return 0.0;
}

}  // namespace tonne
