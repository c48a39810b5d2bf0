#pragma once
// What a store says of a search that was imported: it was real, and its figures are not all modelled.

#include <optional>
#include <string>
#include <vector>

#include "experiments/results/records.h"

namespace tonne {

/// Of the problem of an imported search.
struct ImportedSearch {
  std::string tool;   ///< and its format, for people: "Optuna 3.1 SQLite"
  std::string meter;  ///< what measured the trials' energy; empty: it is modelled
};

/// As it stands beside the settings of a problem (StoredProblem::settings): canonical JSON with it. Settings are `{}` without.
[[nodiscard]] std::string with_import(const std::string& settings, const ImportedSearch& search);
/// None where the problem was simulated.
[[nodiscard]] std::optional<ImportedSearch> imported_search(const StoredProblem& problem);
/// Of the first that was imported.
[[nodiscard]] std::optional<ImportedSearch> imported_search(const std::vector<StoredProblem>& problems);

}  // namespace tonne
