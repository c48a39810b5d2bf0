#pragma once
// Where each figure of an estimate comes from, and what a reader must know of it.

#include <string>
#include <vector>

#include "cost_models/catalogue.h"
#include "cost_models/machine_model.h"
#include "experiments/estimate.h"

namespace tonne {

/// The catalogue's entries that the settings name; null where they name none. Throw InputError with the key.
[[nodiscard]] const Device* named_device(const EstimateSettings& settings);
[[nodiscard]] const Facility* named_facility(const EstimateSettings& settings);

/// Every figure that entered the estimate, in the order of the reckoning.
[[nodiscard]] std::vector<Factor> estimate_factors(const EstimateRequest& request,
                                                   const MachineParameters& machine, const EstimatedUse& use);
/// What is not counted and what is doubtful, in sentences.
[[nodiscard]] std::vector<std::string> estimate_notes(const EstimateRequest& request,
                                                      const MachineParameters& machine,
                                                      const EstimatedUse& use);

/// A number for people, to so many significant digits: "1,287,000", "0.0345", "3.15e23".
[[nodiscard]] std::string figure_text(double value, int digits = 4);

}  // namespace tonne
