#pragma once
// What happens after a search: its result is trained and used, many times. A search is paid once; it pays
// back where each training or use of what it found costs less than of the default configuration.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/problem.h"
#include "core/trial.h"

namespace tonne {

class CostModel;
class SettingsVisitor;

/// How long the winner is trained after the search. full: to the problem's highest fidelity, for its better
/// value. default_quality: until it is as good as the default configuration after a full training, which is
/// what So et al. 2019 compare (The Evolved Transformer, table 1: equal BLEU for less work).
enum class TrainUntil : std::uint8_t { full, default_quality };
inline constexpr std::array<std::string_view, 2> kTrainUntilNames = {"full", "default_quality"};

/// `deployment:` of an experiment, without its cluster.
struct DeploymentSettings {
  double trainings = 0.0;   ///< of the result, after the search
  double inferences = 0.0;  ///< uses of the trained result
  TrainUntil train_until = TrainUntil::full;

  [[nodiscard]] bool given() const { return trainings > 0.0 || inferences > 0.0; }
  void visit(SettingsVisitor& visitor);
};

/// What one training and one use of a configuration cost; none where it cannot be told: the training fails or
/// does not fit, or the problem does not know its inference.
struct Uses {
  std::optional<Usage> training;
  double trained_to = 0.0;  ///< fidelity of that training
  std::optional<Usage> inference;
};

/// Of the winner of a search and of the default configuration, at the same prices.
struct Payback {
  Uses winner, standard;
  /// Of the cheapest that a search for several objectives found (cheapest_uses()); none of a single
  /// objective.
  std::optional<Uses> cheapest = std::nullopt;
};

/// Charges training and inference on `cost` at its beginning; where the grid's intensity changes, operational
/// carbon is that of the mean intensity over all that is known, for uses go on for years. An inference is
/// charged without a trial's fixed costs. `fidelity` is how far to train.
[[nodiscard]] Uses uses_of(const Problem& problem, const Configuration& configuration, double fidelity,
                           const CostModel& cost);

/// The least fidelity at which the first objective of `configuration`, a mean over training seeds, is as good
/// as the default configuration's true value; the highest where it never is.
[[nodiscard]] double fidelity_of_default_quality(const Problem& problem, const Configuration& configuration);

/// Both sides of the balance.
[[nodiscard]] Payback payback_of(const Problem& problem, const Configuration& winner, TrainUntil until,
                                 const CostModel& cost);

/// Of the candidate whose planned trainings, in full, and uses emit least, among those that are no worse in
/// true value than the default configuration: a saving that costs no quality. The first of equals. None where
/// no candidate is as good, or what the plan needs of those is not known.
[[nodiscard]] std::optional<Uses> cheapest_uses(const Problem& problem,
                                                std::span<const Configuration> candidates,
                                                const DeploymentSettings& deployment, const CostModel& cost);

/// The work of one use, as a cost model has to be asked about it. None where the problem does not know it.
[[nodiscard]] std::optional<Workload> work_of_use(const Problem& problem, const Configuration& configuration);

/// One use: its part of a forward pass, and how long its answer takes, which is the whole pass.
struct UseCharge {
  Charge charge;
  Duration latency{};
};
/// One use of a workload, as uses_of() charges it. Throws InputError where the grid trace ends before.
[[nodiscard]] UseCharge charge_of_use(const Workload& workload, const CostModel& cost);

}  // namespace tonne
