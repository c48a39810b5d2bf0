#pragma once
// What the figures of an estimate are read from.

#include <memory>
#include <optional>

#include "cost_models/catalogue.h"
#include "cost_models/machine_model.h"
#include "experiments/footprint/estimate_request.h"
#include "experiments/plan/estimate_use.h"

namespace tonne {

/// The catalogue's entries that the settings name; null where they name none. The only place where an
/// estimate looks into the catalogue.
struct NamedEntries {
  std::shared_ptr<const Catalogue> catalogue;  ///< keeps the entries alive
  const Device* device = nullptr;
  const Host* host = nullptr;     ///< never null
  std::optional<GridEntry> grid;  ///< none: a trace or an intensity of the user's
  const Facility* facility = nullptr;
};
/// What the figures of an estimate are read from.
struct EstimateBasis {
  const EstimateRequest& request;
  const NamedEntries& entries;
  const MachineParameters& machine;
  const EstimatedUse& use;
};

}  // namespace tonne
