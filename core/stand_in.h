#pragma once
// Recipes that choose another strategy for each problem.

#include <string>

#include "core/strategy.h"

namespace tonne {

/// What a StrategyRecipe may be beside: one that runs a strategy of the catalogue under a name of its own. Its draws are then named by that strategy, so that both make the same search, draw for draw, and are compared without
/// the chance of different draws.
class StandIn {
 public:
  virtual ~StandIn() = default;
  /// The strategy that it is on that problem, by its name in the catalogue.
  [[nodiscard]] virtual std::string stands_for(const StrategyContext& context) const = 0;
};

}  // namespace tonne
