#pragma once
// A real search as a table: the landscape that it saw, for other strategies to search.

#include <filesystem>

#include "experiments/histories/import_request.h"
#include "experiments/histories/measured_energy.h"
#include "experiments/histories/recorded_search.h"

namespace tonne::histories {

/// Writes an experiment file with a `tabular` problem, and its CSV beside it (FILE.csv of FILE.yaml). Rows are its trials, at
/// each fidelity that all full trainings reported (ten at most); a pruned trial's last value stands for its full training, too. A
/// random forest answers for what no row has. What the answers are worth stands in the file's head. Levels of parameters are the values that the search
/// tried, and a parameter that was inactive has the level "inactive".
/// Throws InputError for too few trials, and for what an experiment file cannot say (devices_per_trial), StoreError where a file cannot be written.
void write_search_table(const RecordedSearch& search, const EnergySource& energy, const PricingRequest& request,
                        const std::filesystem::path& file);

}  // namespace tonne::histories
