#pragma once
// Where each figure of an estimate comes from, and what a reader must know of it.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cost_models/catalogue.h"
#include "cost_models/machine_model.h"
#include "experiments/footprint/estimate_request.h"
#include "experiments/plan/estimate_use.h"

namespace tonne {

/// One figure that entered, and where it comes from.
struct EstimateFactor {
  std::string key;  ///< as a user gives it
  std::string meaning;
  std::string value;             ///< with its unit, for people
  std::optional<double> number;  ///< in `unit`
  std::string unit;
  /// Absent: the user gave the figure.
  std::optional<Provenance> provenance;
};

/// The catalogue's entries that the settings name; null where they name none. The only place where an
/// estimate looks into the catalogue.
struct NamedEntries {
  std::shared_ptr<const Catalogue> catalogue;  ///< keeps the entries alive
  const Device* device = nullptr;
  const Host* host = nullptr;     ///< never null
  std::optional<GridEntry> grid;  ///< none: a trace or an intensity of the user's
  const Facility* facility = nullptr;
};
/// Throws InputError with the key.
[[nodiscard]] NamedEntries named_entries(const EstimateSettings& settings);

/// What the figures of an estimate are read from.
struct EstimateBasis {
  const EstimateRequest& request;
  const NamedEntries& entries;
  const MachineParameters& machine;
  const EstimatedUse& use;
};

/// Every figure that entered the estimate, in the order of the reckoning.
[[nodiscard]] std::vector<EstimateFactor> estimate_factors(const EstimateBasis& basis);
/// What is not counted and what is doubtful, in sentences.
[[nodiscard]] std::vector<std::string> estimate_notes(const EstimateBasis& basis,
                                                      const std::vector<EstimateFactor>& factors);

}  // namespace tonne
