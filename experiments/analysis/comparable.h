#pragma once
// Whether searches of two results folders may stand in one table.

#include <string>
#include <vector>

#include "cost_models/grid.h"
#include "experiments/analysis/board.h"

namespace tonne {

/// Where two boards differ in their settings.
struct BoardDifferences {
  /// What forbids a comparison: another problem or objective, another device, another kind of grid signal,
  /// embodied carbon counted in one only. Each is a clause such as "cluster.device is V100 in before and A100
  /// in after", in the words and units of an experiment file.
  std::vector<std::string> forbidding;
  /// What a reader must know: budget, workers, another grid of the same kind, ...
  std::vector<std::string> to_know;
  std::string seeds;  ///< likewise a clause, where the seeds differ; empty: they do not
};

/// What the results of two boards are called.
struct BoardNames {
  std::string first, second;
};

/// "average, direct, location".
[[nodiscard]] std::string signal_kind(SignalNature nature);
/// What the figures of a place's grid mean, likewise; empty where nothing says it.
[[nodiscard]] std::string signal_kind(const StoredScenario& place);

/// A sentence for whoever compares CO2e counted in several of these ways, life cycle with direct or average
/// with marginal; empty where there is one. Empty kinds do not count.
[[nodiscard]] std::string mixed_kinds_warning(std::vector<std::string> kinds);

[[nodiscard]] BoardDifferences board_differences(const Board& a, const Board& b, const BoardNames& names);

}  // namespace tonne
