#pragma once
// Whether a search pays back: its cost against what each later training and use of its result saves.

#include <optional>
#include <string>
#include <vector>

#include "core/trial.h"
#include "experiments/deployment.h"
#include "experiments/store.h"

namespace tonne {

/// Means over the seeds of one strategy in which both sides are known.
struct PaybackBalance {
  std::size_t seeds = 0;
  std::optional<Usage> winner_training, standard_training;    ///< of one; none where no training is planned
  std::optional<Usage> winner_inference, standard_inference;  ///< of one; none where no use is planned
  double trained_to = 0.0;                                    ///< fidelity of the winner's training
  Carbon search{};                                            ///< of these seeds
  Carbon saved{};  ///< by all planned trainings and uses, the winner's against the default's; negative: costs
                   ///< more
  /// Share of the planned trainings and uses after which the search is paid back, search / saved; none:
  /// never.
  std::optional<double> break_even;
};

/// None where nothing is deployed, or no seed has both sides.
[[nodiscard]] std::optional<PaybackBalance> payback_balance(const std::vector<const CellRecord*>& cells,
                                                            const DeploymentSettings& deployment);

/// "Pays back after": "120 trainings", "3e8 uses", both, or "never".
[[nodiscard]] std::string break_even_text(const PaybackBalance& balance,
                                          const DeploymentSettings& deployment);

}  // namespace tonne
