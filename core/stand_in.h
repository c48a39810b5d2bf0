#pragma once
// Recipes that choose another strategy for each problem.

#include <optional>
#include <string>

#include "core/strategy.h"

namespace tonne {

/// What a StrategyRecipe may be beside: one that runs a strategy of the catalogue, with that one's defaults, under a name of its
/// own. Its draws are then named by that strategy, so that both make the same search, draw for draw, and are compared without
/// the chance of different draws.
class StandIn {
 public:
  virtual ~StandIn() = default;
  /// The strategy that it is on that problem; nullopt: a mixture, which draws under its own name.
  [[nodiscard]] virtual std::optional<std::string> stands_for(const StrategyContext& context) const = 0;
};

}  // namespace tonne
