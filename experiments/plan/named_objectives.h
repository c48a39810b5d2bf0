#pragma once
// Objectives beside a problem's own: what its result costs to use and to train, on a machine of the user's
// choice.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/cost_model.h"
#include "core/problem.h"

namespace tonne {

/// `latency` (s), `energy_per_use` (J), `co2e_per_use` (g) and `flops_per_use`: of one inference;
/// `parameters`; `training_energy` (kWh) and `training_co2e` (kg): of one full training of the configuration.
/// All minimised.
[[nodiscard]] std::span<const std::string_view> named_objectives();

/// Whether the objective is charged on a machine.
[[nodiscard]] bool needs_machine(std::string_view name);

/// The problem with these objectives, in this order; each is one of its own or of named_objectives(). The
/// first must be its own first one, by which a search is judged. `machine` may be null where no objective
/// needs it. Evaluations see the same noise as without. Throws InputError: an unknown or second name, another
/// first one, more than kMaxObjectives, an objective of a use that the problem does not know, no machine.
[[nodiscard]] std::shared_ptr<const Problem> with_objectives(std::shared_ptr<const Problem> problem,
                                                             const std::vector<std::string>& names,
                                                             std::shared_ptr<const CostModel> machine);

}  // namespace tonne
