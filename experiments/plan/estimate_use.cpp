#include "experiments/plan/estimate_use.h"

namespace tonne {

std::optional<Money> EstimatedUse::money() const {
  if (!rent && !electricity && !levies) return std::nullopt;
  return rent.value_or(Money{}) + electricity.value_or(Money{}) + levies.value_or(Money{});
}

}  // namespace tonne
