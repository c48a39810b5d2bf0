#pragma once
// The cluster of an imported search: what its trials' real hours and energy are charged by.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "experiments/histories/import_request.h"
#include "experiments/histories/measured_energy.h"
#include "experiments/histories/recorded_search.h"
#include "experiments/plan/experiment.h"

namespace tonne::histories {

/// The scenario, and what has to be said of its figures.
struct PricedScenario {
  ScenarioPlan plan;
  std::vector<std::string> notes;  ///< whole sentences: what is measured, what is modelled by what
};

/// Run times are the recorded ones. Where energy was measured it stands for all that the machine drew in a trial, and power of
/// host and idle device is not charged (or for the device, where the meter saw that alone); elsewhere a trial's device draws its idle power and a share (`activity`) of the rest, and
/// its host the catalogue's. Facility, grid, manufacture and rent are modelled in any case. The clock of a grid trace begins
/// when the search began, unless the cluster's file gives another `start`.
/// Throws InputError, with the place in the file: settings that no experiment takes, too; no device or no grid; fewer workers
/// than trials ran at once; lists, sites, preemptions, several devices a worker or a power limit, which a real search cannot
/// be given afterwards; a trace that does not cover the search.
[[nodiscard]] PricedScenario price_search(const RecordedSearch& search, const EnergySource& energy, std::shared_ptr<const Problem> problem,
                                          const PricingRequest& request);

/// The same cluster as a block of an experiment file in `directory`, each line indented by two blanks; what the user has not
/// said is not in it. Throws InputError where the cluster's file cannot be read.
[[nodiscard]] std::string cluster_block(const RecordedSearch& search, const EnergySource& energy, const PricingRequest& request,
                                        const std::filesystem::path& directory);

}  // namespace tonne::histories
