#pragma once
// Where each figure of an estimate comes from, and what a reader must know of it.

#include <optional>
#include <string>
#include <vector>

#include "cost_models/catalogue.h"
#include "experiments/footprint/estimate_basis.h"
#include "experiments/footprint/estimate_request.h"

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

/// Throws InputError with the key.
[[nodiscard]] NamedEntries named_entries(const EstimateSettings& settings);

/// Every figure that entered the estimate, in the order of the reckoning.
[[nodiscard]] std::vector<EstimateFactor> estimate_factors(const EstimateBasis& basis);
/// What is not counted and what is doubtful, in sentences.
[[nodiscard]] std::vector<std::string> estimate_notes(const EstimateBasis& basis,
                                                      const std::vector<EstimateFactor>& factors);

}  // namespace tonne
