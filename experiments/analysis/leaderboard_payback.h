#pragma once
// Whether a search pays back: its cost against what each later training and use of its result saves.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/trial.h"
#include "experiments/plan/deployment.h"
#include "experiments/results/records.h"

namespace tonne {

/// Whose uses stand against the default configuration's: the winner's, by the first objective alone, or those
/// of the cheapest candidate on the front of a search for several objectives (Payback::cheapest).
enum class PaybackSide : std::uint8_t { winner, cheapest };

/// Means over the seeds of one strategy in which both sides are known. A search that leaves the default configuration in
/// place, since it found nothing (or nothing as good, of the cheapest), saves nothing, and what it emitted counts.
struct PaybackBalance {
  std::size_t seeds = 0;         ///< with both sides
  std::size_t keep_default = 0;  ///< that leave the default in place
  /// Of one; none where no training is planned. The winner's, or those of the other side that was asked for.
  std::optional<Usage> winner_training, standard_training;
  std::optional<Usage> winner_inference, standard_inference;  ///< of one; none where no use is planned
  double trained_to = 0.0;                                    ///< fidelity of the winner's training
  Carbon search{};                                            ///< mean of both kinds of seeds
  Carbon saved{};  ///< by all planned trainings and uses, the winner's against the default's, mean of both kinds of
                   ///< seeds; negative: costs more
  /// Share of the planned trainings and uses after which the search is paid back, search / saved; none:
  /// never.
  std::optional<double> break_even;
};

/// None where nothing is deployed, or no seed has both sides.
[[nodiscard]] std::optional<PaybackBalance> payback_balance(const std::vector<const CellRecord*>& cells,
                                                            const DeploymentSettings& deployment,
                                                            PaybackSide side = PaybackSide::winner);

/// "Pays back after": "120 trainings", "3e8 uses", both, or "never".
[[nodiscard]] std::string break_even_text(const PaybackBalance& balance,
                                          const DeploymentSettings& deployment);

}  // namespace tonne
