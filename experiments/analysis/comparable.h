#pragma once
// Whether searches of two results folders may stand in one table.

#include <string>
#include <vector>

#include "experiments/analysis/board.h"

namespace tonne {

/// Where two boards differ in their settings.
struct BoardDifferences {
  /// What forbids a comparison: another problem or objective, another device, another kind of grid signal,
  /// embodied carbon counted in one only. Each is a clause such as "device is V100 in one and A100 in the
  /// other".
  std::vector<std::string> forbidding;
  /// What a reader must know: budget, workers, another grid of the same kind, ...
  std::vector<std::string> to_know;
};

/// What the figures of a place's grid mean: "average, direct, location"; empty where nothing says it.
[[nodiscard]] std::string signal_kind(const StoredScenario& place);

[[nodiscard]] BoardDifferences board_differences(const Board& a, const Board& b);

}  // namespace tonne
